"""scan, register and forget."""

from __future__ import annotations

import pytest

from agtop.errors import AgtopError, RefusedError, UsageError
from agtop.model import Recognition
from agtop.registry import Entry
from agtop.verbs.names import forget, register, scan
from tests.verbs.conftest import Stage


def names(stage: Stage) -> list[str]:
    return [entry.name for entry in stage.means.registry.read().entries]


def test_a_scan_lists_sessions_and_with_all_the_rest(stage: Stage):
    stage.agent(7, argv=("claude", "--resume"), cwd="/srv/shop")
    stage.agent(8, "mcp")

    scan(stage.means)
    assert [line.split()[0] for line in stage.said] == ["PID", "7"]
    assert stage.said[1].split() == [
        "7",
        "–",
        "claude",
        "session",
        "16m",
        "/srv/shop",
        "claude",
        "--resume",
    ]

    stage.said.clear()
    scan(stage.means, everything=True)
    assert [line.split()[0] for line in stage.said] == ["PID", "7", "8"]


def test_a_scan_that_finds_nobody_says_so(stage: Stage):
    scan(stage.means)

    assert stage.said == ["no agent is running; scan --all shows helpers and servers too"]


def test_a_scan_registers_what_it_shows_once(stage: Stage):
    stage.agent(7)
    stage.agent(8, "server")

    scan(stage.means, register=True)
    assert names(stage) == ["claude-7"]
    assert stage.said[-1] == "registered claude-7"

    scan(stage.means, register=True)
    assert stage.said[-1] == "there was nothing new to register"


def test_a_scan_keeps_the_name_the_user_gave(stage: Stage):
    stage.agent(7)
    register("7", "mine", stage.means)

    scan(stage.means, register=True)

    assert names(stage) == ["mine-7"]
    assert any(line.split()[:2] == ["7", "mine-7"] for line in stage.said)


def test_processes_of_others_get_no_name(stage: Stage):
    stage.agent(7)
    stage.paper.owners[7] = "0"

    scan(stage.means, register=True)

    assert names(stage) == []


def test_a_scan_shows_what_was_registered_by_hand(stage: Stage):
    stage.paper.add(7, name="make")
    register("7", None, stage.means)

    scan(stage.means)

    assert stage.said[-1].split()[:4] == ["7", "make-7", "make", "–"]


def test_a_scan_sweeps_the_dead(stage: Stage):
    stage.agent(7)
    stage.means.registry.register([Entry("claude", 7, 10.0, 1000), Entry("claude", 8, 10.0, 1000)])

    scan(stage.means)

    assert names(stage) == ["claude-7"]


def test_a_scan_tells_of_lines_that_make_no_sense(stage: Stage):
    stage.agent(7)
    register("7", None, stage.means)
    stage.means.registry.path.write_bytes(b"{\n" + stage.means.registry.path.read_bytes())

    scan(stage.means)

    assert stage.said[-1].endswith("registry.jsonl: 1 line skipped that make no sense")


def test_hostile_arguments_stay_on_their_line(stage: Stage):
    stage.agent(7, argv=("claude", "a\nb\x1b[2Jc" + "x" * 500), cwd="/a\x1b]0;b")

    scan(stage.means)

    assert len(stage.said) == 2
    assert "\x1b" not in stage.said[1]
    assert len(stage.said[1]) < 250


def test_registering_says_the_name(stage: Stage):
    stage.agent(7, recognition=Recognition("codex", "session", "why", "0199"))

    register("7", None, stage.means)

    assert stage.said == ["registered codex-7: codex, pid 7"]
    (entry,) = stage.means.registry.read().entries
    assert (entry.agent, entry.session_id, entry.origin) == ("codex", "0199", "hand")
    assert (entry.started_at, entry.start_ticks, entry.registered_at) == (10.0, 1000, 1000.0)


@pytest.mark.parametrize(
    ("pid", "why"),
    [
        ("1", "first process"),
        ("50", "is agtop itself"),
        ("40", "runs under"),
        ("9", "no process 9"),
    ],
)
def test_what_can_never_be_signalled_gets_no_name(stage: Stage, pid: str, why: str):
    with pytest.raises(RefusedError, match=why):
        register(pid, None, stage.means)

    assert names(stage) == []


def test_a_bad_name_is_refused(stage: Stage):
    stage.agent(7)

    with pytest.raises(UsageError, match='"my agent" cannot be a name'):
        register("7", "my agent", stage.means)


@pytest.mark.parametrize("word", ["claude-7", "7", "claude"])
def test_a_name_is_forgotten_by_name_or_pid(stage: Stage, word: str):
    stage.agent(7)
    register("7", None, stage.means)

    forget([word], stage.means)

    assert names(stage) == []
    assert stage.said[-1] == "forgot claude-7"


def test_forgetting_what_is_not_there_lists_what_is(stage: Stage):
    stage.agent(7)
    register("7", None, stage.means)

    with pytest.raises(AgtopError, match='nothing is registered as "x"; there are: claude-7'):
        forget(["claude-7", "x"], stage.means)

    assert names(stage) == ["claude-7"]
