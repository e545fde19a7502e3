"""What is remembered of the processes that calls have begun."""

from __future__ import annotations

from agtop.collector.begun import Begun
from agtop.collector.host import Host
from agtop.model import Activity, Process, replace

CALLED = 1_000.0
CALL = Activity("tool", CALLED, "a call", at_once=True)
IDLE = Process(7, 100.0, 1, "codex", children=(Process(8, 200.0, 7, "an MCP server"),))
BUSY = replace(IDLE, children=(*IDLE.children, Process(9, CALLED, 7, "bash")))


def looked(begun: Begun, activity: Activity, process: Process) -> bool:
    return begun.look("a", activity, Host(process, is_live=True))


def test_a_process_that_is_over_stays_known_as_long_as_its_call() -> None:
    begun = Begun()

    assert not looked(begun, CALL, IDLE)
    assert looked(begun, CALL, BUSY)
    assert looked(begun, CALL, IDLE)


def test_the_next_call_has_begun_nothing() -> None:
    begun = Begun()
    assert looked(begun, CALL, BUSY)

    assert not looked(begun, replace(CALL, since=CALLED + 20), IDLE)


def test_nothing_is_remembered_of_what_is_done() -> None:
    begun = Begun()
    assert looked(begun, CALL, BUSY)

    assert not looked(begun, Activity("done", CALLED), IDLE)
    assert not looked(begun, CALL, IDLE)
