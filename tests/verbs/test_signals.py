"""kill, pause and resume: the one that was meant, or a sentence and nobody."""

from __future__ import annotations

import pytest

from agtop.control import SIGNALS
from agtop.errors import RefusedError, UsageError
from agtop.model import Match
from agtop.registry import Entry
from agtop.verbs.signals import kill, pause, resume, signal
from tests.snapshots import session
from tests.verbs.conftest import Stage

ID = "0f3c9a1e-5b7d-4c1a-9e55-1234567890ab"


def ends_on(stage: Stage, wanted: str) -> None:
    def obey(name: str, pid: int) -> None:
        if name == wanted:
            stage.paper.vital.pop(pid, None)

    stage.on_signal = obey


def test_kill_asks_and_tells_how_it_went(stage: Stage):
    stage.agent(7)
    ends_on(stage, "TERM")

    assert kill(["7"], stage.means) == 0
    assert stage.said == ["asked claude (pid 7) to end (TERM)", "it ended after 0.0s"]


def test_kill_forces_what_does_not_end(stage: Stage):
    stage.agent(7)
    ends_on(stage, "KILL")

    assert kill(["7"], stage.means) == 0
    assert stage.sent == [("TERM", 7), ("KILL", 7)]


def test_what_survives_force_is_a_failure(stage: Stage):
    stage.agent(7)

    assert kill(["7"], stage.means, patience=1.0) == 1
    assert "not ended within 1s" in stage.said[1]


def test_pause_and_resume_reach_the_tree_unless_alone(stage: Stage):
    stage.agent(7)
    stage.paper.add(8, 7)

    pause(["7"], stage.means)
    resume(["7"], stage.means)
    pause(["7"], stage.means, tree=False)

    assert stage.sent == [("STOP", 7), ("STOP", 8), ("CONT", 8), ("CONT", 7), ("STOP", 7)]


def test_any_signal_of_the_menu_is_sent_once(stage: Stage):
    stage.agent(7)

    assert signal(["7"], SIGNALS["HUP"], stage.means) == 0
    assert stage.sent == [("HUP", 7)]
    assert stage.said == ["sent HUP to claude (pid 7)"]


def test_a_launchers_pid_means_the_session(stage: Stage):
    stage.paper.add(6)
    stage.agent(7, ppid=6, wrappers=(6,))

    pause(["6"], stage.means)

    assert stage.sent == [("STOP", 6), ("STOP", 7)]


def test_something_below_an_agent_may_be_signalled_by_itself(stage: Stage):
    stage.paper.add(7)
    stage.paper.add(8, 7)
    stage.agents.append(stage.paper.process(7, below=(stage.paper.process(8, "mcp"),)))

    pause(["8"], stage.means)

    assert stage.sent == [("STOP", 8)]


def test_a_process_that_is_no_agents_needs_a_name_first(stage: Stage):
    stage.paper.add(7)

    with pytest.raises(RefusedError, match=r"\(pid 7\) is no agent; agtop register 7 makes it one"):
        kill(["7"], stage.means)

    stage.means.registry.register([Entry("mine", 7, 10.0, 1000)])
    pause(["7"], stage.means)
    pause(["mine-7"], stage.means)
    pause(["mine"], stage.means)
    assert stage.sent == [("STOP", 7)] * 3


def test_a_name_does_not_pass_to_the_next_owner_of_its_pid(stage: Stage):
    stage.paper.add(7)
    stage.means.registry.register([Entry("mine", 7, 10.0, 999)])

    with pytest.raises(UsageError, match='"mine-7" is no pid, no registered name and no session'):
        pause(["mine-7"], stage.means)

    assert stage.means.registry.read().entries == ()


def test_a_label_of_two_names_is_ambiguous(stage: Stage):
    for pid in (7, 8):
        stage.agent(pid)
        stage.means.registry.register([Entry("claude", pid, 10.0, 1000)])

    with pytest.raises(UsageError, match='"claude" could be claude-7 or claude-8; name one'):
        pause(["claude"], stage.means)


@pytest.mark.parametrize("word", [ID, ID[:4], "claude:0f3c", "567890ab", ID.upper()])
def test_a_session_goes_by_its_id(stage: Stage, word: str):
    stage.sessions.append(session(ID, process=stage.agent(7)))

    pause([word], stage.means)

    assert stage.sent == [("STOP", 7)]


def test_a_pid_never_needs_the_transcripts(stage: Stage):
    stage.agent(7)

    pause(["7"], stage.means)

    assert stage.looked == 0


def test_of_several_sessions_the_one_that_runs_is_meant(stage: Stage):
    stage.sessions.append(session("0f3c-old", process=None, liveness=None))
    stage.sessions.append(session("0f3c-new", process=stage.agent(7)))

    pause(["0f3c"], stage.means)

    assert stage.sent == [("STOP", 7)]


def test_two_sessions_that_run_are_ambiguous(stage: Stage):
    stage.sessions.append(session("0f3c-one", process=stage.agent(7)))
    stage.sessions.append(session("0f3c-two", process=stage.agent(8)))

    with pytest.raises(UsageError, match="could be claude:0f3c-one or claude:0f3c-two; write more"):
        pause(["0f3c"], stage.means)


def test_a_session_that_may_be_any_of_several_processes_is_refused(stage: Stage):
    doubt = Match("ambiguous", ("one directory",), (7, 8))
    stage.sessions.append(session(ID, process=None, match=doubt))

    with pytest.raises(RefusedError, match="could be any of pids 7 or 8; write the one you mean"):
        kill([ID], stage.means)


def test_a_session_that_is_over_is_refused(stage: Stage):
    stage.sessions.append(session(ID, process=None, match=Match(), liveness=None))

    with pytest.raises(RefusedError, match="has no process; it is not running"):
        kill([ID], stage.means)


def test_a_server_is_refused_with_the_reason(stage: Stage):
    stage.sessions.append(session(ID, process=stage.agent(7, "server")))

    with pytest.raises(RefusedError, match="is a server that other sessions may share"):
        kill([ID], stage.means)


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("50", "is agtop itself"),
        ("40", "agtop itself runs under"),
        ("1", "the system's first process"),
        ("999", "there is no process 999"),
        ("0", '"0" is no pid'),
        ("9" * 500, "is no pid"),
        ("0f3", "is too short"),
        ("", "is too short"),
        ("nothing", "is no pid, no registered name and no session; agtop scan lists"),
    ],
)
def test_what_means_nobody_is_a_sentence(stage: Stage, word: str, why: str):
    with pytest.raises((RefusedError, UsageError), match=why):
        kill([word], stage.means)

    assert stage.sent == []


def test_of_several_targets_all_are_good_or_nothing_is_sent(stage: Stage):
    stage.agent(7)

    with pytest.raises(RefusedError):
        kill(["7", "999"], stage.means)

    assert stage.sent == []


def test_one_process_named_twice_is_signalled_once(stage: Stage):
    stage.agent(7)

    pause(["7", "7"], stage.means)

    assert stage.sent == [("STOP", 7)]


def test_a_name_is_forgotten_with_its_process(stage: Stage):
    stage.agent(7)
    stage.means.registry.register([Entry("claude", 7, 10.0, 1000)])
    ends_on(stage, "TERM")

    kill(["claude-7"], stage.means)

    assert stage.means.registry.read().entries == ()
