"""States: every rule with its boundary."""

from __future__ import annotations

from typing import Literal

import pytest

from agtop.model import Activity, Match, Phase, Process, Recognition, Registration, Tree, replace
from agtop.states import Situation, resolve

NOW = 1_000_000.0


def situation(
    phase: Phase = "done",
    silent: float = 10.0,
    liveness: Literal["live", "stopped"] | None = "live",
    until: float | None = None,
    cpu: float | None = None,
    children: tuple[Process, ...] = (),
    status: str | None = None,
    status_age: float = 5.0,
    waiting_for: str | None = None,
    match: Match = Match(),
    is_subagent: bool = False,
    parent_is_live: bool = False,
    is_read: bool = True,
    loop: str | None = None,
    is_stopped: bool = False,
) -> Situation:
    last = NOW - silent
    process = None
    if liveness == "live" or parent_is_live:
        process = Process(7, last - 100, 1, "claude", tree=Tree(1, cpu, 0), children=children)
        process = replace(process, status="stopped" if is_stopped else "sleeping")
    registration = None
    if status is not None:
        registration = Registration(
            "claude", 7, "s", "/x/sessions/7.json", status=status, waiting_for=waiting_for,
            status_at=NOW - status_age,
        )  # fmt: skip
    return Situation(
        Activity(phase, last, "the evidence", until),
        NOW,
        last,
        liveness,
        process,
        registration,
        match,
        is_subagent,
        parent_is_live,
        is_read,
        loop,
    )


def state(**given: object) -> str:
    found = resolve(situation(**given))  # pyright: ignore[reportArgumentType]
    return f"{found.name}:{found.reason}" if found.reason else found.name


@pytest.mark.parametrize(
    ("phase", "expected"),
    [("new", "idle"), ("requested", "working"), ("tool", "working"), ("question", "waiting:question"),
     ("done", "idle"), ("asks", "waiting:input"), ("interrupted", "idle"), ("error", "error"),
     ("limited", "limited")],
)  # fmt: skip
def test_a_live_session_does_what_its_records_say(phase: Phase, expected: str) -> None:
    assert state(phase=phase) == expected


def test_a_fresh_word_of_the_pid_file_breaks_the_silence() -> None:
    assert state(phase="requested", silent=900.0, status="busy", status_age=10.0) == "working"
    assert state(phase="requested", silent=900.0, status="busy", status_age=800.0) == "stalled"


@pytest.mark.parametrize(("silent", "expected"), [(299.0, "working"), (300.0, "stalled")])
def test_work_that_is_silent_for_five_minutes_is_stalled(silent: float, expected: str) -> None:
    assert state(phase="requested", silent=silent) == expected


def test_a_busy_process_or_a_child_started_for_the_call_is_no_stall() -> None:
    compiler = Process(9, NOW - 599, 7, "cc")
    server = Process(8, NOW - 5000, 7, "mcp")

    assert state(phase="tool", silent=600.0, cpu=50.0) == "working"
    assert state(phase="tool", silent=600.0, children=(compiler,)) == "working"
    assert state(phase="tool", silent=600.0, children=(server,)) == "stalled"


@pytest.mark.parametrize(("silent", "expected"), [(29.0, "working"), (30.0, "ended")])
def test_without_a_process_work_ends_after_thirty_seconds(silent: float, expected: str) -> None:
    assert state(phase="requested", silent=silent, liveness=None) == expected


@pytest.mark.parametrize(("silent", "expected"), [(299.0, "idle"), (300.0, "ended")])
def test_without_a_process_idle_ends_after_five_minutes(silent: float, expected: str) -> None:
    assert state(phase="done", silent=silent, liveness=None) == expected


@pytest.mark.parametrize("phase", ["requested", "done", "error", "question"])
def test_a_session_whose_process_has_ended_is_ended(phase: Phase) -> None:
    assert state(phase=phase, silent=0.0, liveness="stopped") == "ended"


@pytest.mark.parametrize(
    ("waiting_for", "expected"),
    [("permission to use Bash", "waiting:permission"), ("tool approval", "waiting:permission"),
     ("a question", "waiting:question"), ("plan review", "waiting:question"),
     (None, "waiting:input"), ("your reply", "waiting:input"),
     ("permission prompt", "waiting:permission"), ("sandbox request", "waiting:permission"),
     ("worker request", "waiting:permission"), ("goal proposal", "waiting:permission"),
     ("input needed", "waiting:question"), ("dialog open", "waiting:input")],
)  # fmt: skip
def test_the_pid_file_says_what_is_waited_for(waiting_for: str | None, expected: str) -> None:
    assert state(phase="tool", status="waiting", waiting_for=waiting_for) == expected


def test_a_question_put_by_a_tool_is_no_permission() -> None:
    assert state(phase="question", status="waiting", waiting_for="permission prompt") == (
        "waiting:question"
    )


def test_the_pid_files_busy_beats_an_older_final_answer() -> None:
    assert state(phase="done", silent=60.0, status="busy", status_age=5.0) == "working"


def test_the_pid_files_idle_beats_an_older_open_request() -> None:
    assert state(phase="requested", silent=60.0, status="idle", status_age=5.0) == "idle"


def test_records_newer_than_the_pid_file_win() -> None:
    assert state(phase="requested", silent=1.0, status="idle", status_age=50.0) == "working"
    assert state(phase="limited", silent=1.0, status="busy", status_age=50.0) == "limited"


def test_an_idle_pid_file_leaves_questions_and_errors_visible() -> None:
    assert state(phase="asks", status="idle") == "waiting:input"
    assert state(phase="error", status="idle") == "error"


def test_a_rate_limit_ends_at_its_reset() -> None:
    assert state(phase="limited", until=NOW + 1) == "limited"
    assert state(phase="limited", until=NOW) == "idle"


def test_an_ambiguous_session_is_never_called_idle_while_it_may_work() -> None:
    doubt = Match("ambiguous", ("two",), (1, 2))

    assert state(phase="requested", silent=10.0, liveness=None, match=doubt) == "working"
    assert state(phase="requested", silent=900.0, liveness=None, match=doubt) == "unknown"
    assert "1, 2" in resolve(situation(liveness=None, match=doubt)).evidence


def test_a_subagent_works_while_its_parent_lives() -> None:
    assert state(phase="tool", silent=100.0, is_subagent=True, liveness=None, parent_is_live=True) == "working"  # fmt: skip
    assert state(phase="tool", silent=100.0, is_subagent=True, liveness=None) == "ended"
    assert state(phase="done", silent=1.0, is_subagent=True, liveness=None, parent_is_live=True) == "ended"  # fmt: skip


def test_a_record_from_the_future_is_no_negative_age() -> None:
    found = resolve(situation(phase="requested", silent=-5000.0))

    assert found.name == "working"
    assert found.since == NOW


@pytest.mark.parametrize(("ahead", "expected"), [(300.0, "working"), (301.0, "ended")])
def test_a_record_dated_far_ahead_is_no_sign_of_life(ahead: float, expected: str) -> None:
    assert state(phase="requested", silent=-ahead, liveness=None) == expected


def test_a_live_session_of_which_nothing_could_be_read_is_not_called_idle() -> None:
    assert state(phase="new", is_read=False) == "unknown"
    assert state(phase="new", is_read=False, status="idle") == "idle"
    assert state(phase="new", is_read=False, status="busy") == "working"


def test_an_unheard_of_word_in_the_pid_file_is_not_taken_for_idle() -> None:
    assert state(phase="requested", silent=60.0, status="compacting", status_age=5.0) == "working"
    assert state(phase="new", is_read=False, status="compacting") == "unknown"


def test_a_subagent_is_stalled_only_while_nothing_is_at_work_for_it() -> None:
    below: dict[str, object] = {"is_subagent": True, "liveness": None, "parent_is_live": True}
    compiler = Process(9, NOW - 599, 7, "cc")

    assert state(phase="tool", silent=600.0, **below) == "stalled"
    assert state(phase="tool", silent=600.0, cpu=50.0, **below) == "working"
    assert state(phase="tool", silent=600.0, children=(compiler,), **below) == "working"


@pytest.mark.parametrize("phase", ["error", "limited"])
def test_a_subagents_failure_is_told_while_its_parent_lives(phase: Phase) -> None:
    assert state(phase=phase, is_subagent=True, liveness=None, parent_is_live=True) == phase
    assert state(phase=phase, is_subagent=True, liveness=None) == "ended"


@pytest.mark.parametrize("phase", ["new", "requested", "done", "limited", "error"])
@pytest.mark.parametrize("liveness", ["live", "stopped", None])
def test_every_state_says_how_it_is_known(
    phase: Phase, liveness: Literal["live", "stopped"] | None
) -> None:
    assert resolve(situation(phase=phase, liveness=liveness)).evidence


def after_words(**given: object) -> str:
    """Of a live session whose last record may be the last word or not."""
    it = situation(**given)  # pyright: ignore[reportArgumentType]
    found = resolve(replace(it, activity=replace(it.activity, may_go_on=True)))
    return f"{found.name}:{found.reason}" if found.reason else found.name


def test_words_that_a_child_runs_since_were_not_the_last() -> None:
    tool = Process(8, NOW - 9, 7, "bash")
    older = Process(9, NOW - 50, 7, "server")

    assert after_words(children=(older, tool)) == "working"
    assert after_words(children=(older,)) == "idle"
    assert after_words(phase="asks", children=(tool,)) == "working"
    assert after_words(phase="asks") == "waiting:input"
    assert state(children=(tool,)) == "idle"


def test_words_that_something_was_written_since_were_not_the_last() -> None:
    it = situation(silent=40)
    answered = replace(it.activity, may_go_on=True)

    assert resolve(replace(it, activity=answered, last_active=NOW - 5)).name == "working"
    assert resolve(replace(it, activity=answered, last_active=NOW - 35)).name == "idle"


def test_a_process_that_began_after_the_words_has_nothing_left_of_them_to_do() -> None:
    it = situation(children=(Process(8, NOW - 1, 7, "bash"),))
    late = Process(7, NOW - 5, 1, "gemini", children=(Process(8, NOW - 1, 7, "server"),))
    answered = replace(it.activity, may_go_on=True)

    assert resolve(replace(it, activity=answered, process=late)).name == "idle"


def test_an_agent_whose_records_tell_nothing_is_never_called_idle() -> None:
    assert state(phase="new", cpu=0.5, is_read=False) == "unknown"
    assert state(phase="new", cpu=40.0, is_read=False) == "working"
    assert "40 %" in resolve(situation(phase="new", cpu=40.0, is_read=False)).evidence


def test_a_call_that_the_user_has_to_allow_waits_for_permission() -> None:
    assert state(phase="permission") == "waiting:permission"


def test_calls_that_go_in_circles_are_a_loop_only_while_it_works() -> None:
    assert state(phase="tool", loop="the call make came 4 times") == "looping"
    assert state(phase="requested", silent=4000, loop="the call make came 4 times") == "looping"
    assert state(phase="done", loop="the call make came 4 times") == "idle"
    assert state(phase="tool", liveness=None, silent=4000, loop="again") == "ended"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"phase": "tool"}, "stalled:stopped"),
        ({"phase": "requested", "silent": 400.0}, "stalled"),
        ({"phase": "tool", "loop": "the same call 5 times"}, "stalled:stopped"),
        ({"phase": "tool", "status": "busy"}, "stalled:stopped"),
        ({"phase": "tool", "is_subagent": True, "parent_is_live": True}, "stalled:stopped"),
        ({"phase": "done", "is_subagent": True, "parent_is_live": True}, "ended"),
        ({"phase": "done"}, "idle"),
        ({"phase": "question"}, "waiting:question"),
    ],
)
def test_what_ctrl_z_holds_does_not_work(given: dict[str, object], expected: str) -> None:
    found = resolve(situation(is_stopped=True, **given))  # pyright: ignore[reportArgumentType]

    assert (f"{found.name}:{found.reason}" if found.reason else found.name) == expected
    assert ("is stopped" in found.evidence) == (expected != "ended")


# Every rule in one table: who says what, how old it is, and what that comes to

OPEN_CALL: dict[str, object] = {"phase": "tool"}
COMPILER = Process(9, NOW - 899, 7, "cc1plus")
SERVER = Process(8, NOW - 90_000, 7, "mcp-github")
DOUBT = Match("ambiguous", ("two",), (1, 2))
CHILD: dict[str, object] = {"is_subagent": True, "liveness": None, "parent_is_live": True}

RULES: dict[str, tuple[dict[str, object], str]] = {
    # its agent's own file
    "the file waits for a permission": (
        {"phase": "tool", "status": "waiting", "waiting_for": "permission prompt"},
        "waiting:permission",
    ),
    "the file waits for an answer": (
        {"phase": "tool", "status": "waiting", "waiting_for": "input needed"},
        "waiting:question",
    ),
    "the file waits, however long": (
        {"phase": "tool", "silent": 9e4, "status": "waiting", "status_age": 9e4,
         "waiting_for": "permission prompt"},
        "waiting:permission",
    ),
    "the file says busy after the answer": (
        {"phase": "done", "silent": 60.0, "status": "busy"}, "working",
    ),
    "the user runs a command of their own": ({"phase": "done", "status": "shell"}, "working"),
    "the file says busy and nothing moves": (
        {"phase": "requested", "silent": 900.0, "status": "busy", "status_age": 900.0}, "stalled",
    ),
    "the file is idle after a stop without a record": (
        {"phase": "tool", "silent": 60.0, "status": "idle"}, "idle",
    ),
    "the file is idle and an error stands": ({"phase": "error", "status": "idle"}, "error"),
    "a new error after the file's busy": (
        {"phase": "error", "silent": 1.0, "status": "busy", "status_age": 9.0}, "error",
    ),
    "a permission asked for after the file's busy": (
        {"phase": "permission", "silent": 1.0, "status": "busy", "status_age": 9.0},
        "waiting:permission",
    ),
    "busy again after a limit that has passed": (
        {"phase": "limited", "silent": 1.0, "until": NOW - 1, "status": "busy", "status_age": 9.0},
        "working",
    ),
    # its last records
    "nothing asked yet": ({"phase": "new"}, "idle"),
    "a request without an answer": ({"phase": "requested"}, "working"),
    "a call without a result": (OPEN_CALL, "working"),
    "a question put by a tool": ({"phase": "question", "silent": 9e4}, "waiting:question"),
    "a call to be allowed": ({"phase": "permission", "silent": 9e4}, "waiting:permission"),
    "an answer that asks": ({"phase": "asks", "silent": 9e4}, "waiting:input"),
    "an answer that does not": ({"phase": "done", "silent": 9e4}, "idle"),
    "stopped by the user": ({"phase": "interrupted"}, "idle"),
    "an API error": ({"phase": "error"}, "error"),
    "a rate limit before its reset": ({"phase": "limited", "until": NOW + 60}, "limited"),
    "a rate limit without a reset": ({"phase": "limited"}, "limited"),
    "a rate limit after its reset": ({"phase": "limited", "until": NOW - 60}, "idle"),
    "the same call again and again": ({"phase": "tool", "loop": "make 4 times"}, "looping"),
    # its processes
    "a long silent compile": (
        {"phase": "tool", "silent": 900.0, "children": (SERVER, COMPILER)}, "working",
    ),
    "a long thought with CPU": ({"phase": "requested", "silent": 900.0, "cpu": 3.0}, "working"),
    "a thought of four minutes without CPU": ({"phase": "requested", "silent": 240.0}, "working"),
    "long silence beside an old server": (
        {"phase": "tool", "silent": 900.0, "cpu": 0.4, "children": (SERVER,)}, "stalled",
    ),
    "Ctrl+Z at work": ({"phase": "tool", "is_stopped": True}, "stalled:stopped"),
    "Ctrl+Z at rest": ({"phase": "done", "is_stopped": True}, "idle"),
    "killed in the middle of a call": ({"phase": "tool", "liveness": "stopped"}, "ended"),
    "killed while it waited": (
        {"phase": "tool", "liveness": "stopped", "status": "waiting"}, "ended",
    ),
    "two processes could be its own": (
        {"phase": "tool", "silent": 900.0, "liveness": None, "match": DOUBT}, "unknown",
    ),
    "a limit that passed, two processes": (
        {"phase": "limited", "until": NOW - 1, "liveness": None, "match": DOUBT}, "idle",
    ),
    "nothing to read, and nothing at work": ({"phase": "new", "is_read": False}, "unknown"),
    # time alone
    "no process, a fresh record": ({"phase": "tool", "silent": 5.0, "liveness": None}, "working"),
    "no process, an old record": ({"phase": "tool", "silent": 60.0, "liveness": None}, "ended"),
    "no process, a limit that passed": (
        {"phase": "limited", "until": NOW - 1, "silent": 60.0, "liveness": None}, "idle",
    ),
    # subagents
    "a subagent that asks": ({**CHILD, "phase": "question"}, "waiting:question"),
    "a subagent that needs to be allowed": ({**CHILD, "phase": "permission"}, "waiting:permission"),
    "a subagent whose answer asks its parent": ({**CHILD, "phase": "asks"}, "ended"),
    "a subagent that was limited": ({**CHILD, "phase": "limited", "until": NOW - 1}, "ended"),
    "a subagent in a circle": ({**CHILD, "phase": "tool", "loop": "make 4 times"}, "looping"),
    "a subagent of a dead parent": (
        {"is_subagent": True, "liveness": None, "phase": "question"}, "ended",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), RULES.values(), ids=RULES.keys())
def test_each_situation_comes_to_its_state(given: dict[str, object], expected: str) -> None:
    found = resolve(situation(**given))  # pyright: ignore[reportArgumentType]

    assert (f"{found.name}:{found.reason}" if found.reason else found.name) == expected
    assert found.evidence
    assert found.since is None or found.since <= NOW


def test_a_pid_file_dated_ahead_waits_since_now() -> None:
    found = resolve(situation(phase="tool", status="waiting", status_age=-3600.0))

    assert (found.name, found.since) == ("waiting", NOW)


@pytest.mark.parametrize(("awake", "expected"), [(5.0, "working"), (299.0, "working"), (300.0, "stalled")])  # fmt: skip
def test_nobody_is_stalled_for_the_hours_the_machine_slept(awake: float, expected: str) -> None:
    it = situation(phase="requested", silent=28_800.0)

    assert resolve(replace(it, woke_at=NOW - awake)).name == expected
    assert resolve(it).name == "stalled"


# A call that would be over at once, or have begun a process, if nothing held it up


def held(**given: object) -> str:
    it = situation(**{"phase": "tool", "silent": 5.0, **given})  # pyright: ignore[reportArgumentType]
    return _told(replace(it, activity=replace(it.activity, at_once=True)))


def _told(it: Situation) -> str:
    found = resolve(it)
    return f"{found.name}:{found.reason}" if found.reason else found.name


@pytest.mark.parametrize(("silent", "expected"), [(2.9, "working"), (3.0, "waiting:permission")])
def test_a_call_that_does_not_begin_waits_to_be_allowed(silent: float, expected: str) -> None:
    assert held(silent=silent) == expected


def test_a_call_that_began_a_process_is_allowed() -> None:
    tool, server = Process(8, NOW - 4, 7, "bash"), Process(9, NOW - 900, 7, "mcp")

    assert held(children=(server, tool)) == "working"
    assert held(children=(server,)) == "waiting:permission"


def test_a_call_waits_for_nobody_where_it_was_started_to_ask_nobody() -> None:
    it = situation(phase="tool", silent=5.0)
    assert it.process is not None
    found = Recognition("qwen", "session", "it is", is_unasked=True)
    unasked = replace(it.process, recognition=found)
    it = replace(it, activity=replace(it.activity, at_once=True))

    assert _told(it) == "waiting:permission"
    assert _told(replace(it, process=unasked)) == "working"


def test_a_call_that_a_daemon_runs_is_allowed_too() -> None:
    daemon = Process(3, NOW - 900, 1, "codex", children=(Process(8, NOW - 4, 3, "bash"),))
    it = situation(phase="tool", silent=400.0)
    it = replace(it, activity=replace(it.activity, at_once=True, since=NOW - 5))

    assert _told(replace(it, servers=(daemon,))) == "working"
    assert _told(it) == "waiting:permission"


def test_a_call_whose_process_is_over_or_became_a_daemon_was_allowed() -> None:
    it = situation(phase="tool", silent=100.0)
    it = replace(it, activity=replace(it.activity, at_once=True))

    assert _told(replace(it, has_begun=True)) == "working"
    assert _told(it) == "waiting:permission"


def test_a_long_command_of_a_daemon_is_no_stall() -> None:
    daemon = Process(3, NOW - 9000, 1, "codex", children=(Process(8, NOW - 899, 3, "cc"),))
    it = situation(phase="tool", silent=900.0)

    assert (_told(replace(it, servers=(daemon,))), _told(it)) == ("working", "stalled")


def test_nothing_is_held_up_where_the_pid_file_says_it_works_or_no_process_is_known() -> None:
    assert held(status="busy", status_age=4.0) == "working"
    assert held(liveness=None) == "working"


def test_nothing_is_held_up_by_a_sleep_of_the_machine() -> None:
    it = situation(phase="tool", silent=28_800.0)
    it = replace(it, activity=replace(it.activity, at_once=True), woke_at=NOW - 1)

    assert _told(it) == "working"


@pytest.mark.parametrize(
    ("word", "expected"),
    [(None, "waiting:permission"), ("waiting", "waiting:permission"), ("busy", "working")],
)
def test_a_subagents_call_waits_unless_the_pid_file_says_that_all_is_well(
    word: str | None, expected: str
) -> None:
    it = situation(**CHILD, phase="tool", silent=5.0)  # pyright: ignore[reportArgumentType]
    it = replace(it, activity=replace(it.activity, at_once=True), host_word=word)

    assert _told(it) == expected


@pytest.mark.parametrize(
    ("is_unasked", "expected"), [(False, "waiting:permission"), (True, "idle")]
)
def test_words_that_were_not_all_wait_to_be_allowed_where_it_asks(
    is_unasked: bool, expected: str
) -> None:
    it = situation(silent=5.0)
    assert it.process is not None
    found = Recognition("gemini", "session", "it is", is_unasked=is_unasked)
    activity = replace(it.activity, at_once=True, may_go_on=True)

    it = replace(it, activity=activity, process=replace(it.process, recognition=found))

    assert _told(it) == expected


def test_an_end_in_the_middle_says_of_what() -> None:
    killed = resolve(situation(phase="tool", liveness="stopped"))
    left = resolve(situation(phase="done", liveness="stopped"))

    assert killed.evidence == "its process has ended in the middle of its work: the evidence"
    assert left.evidence == "its process has ended"
