"""`agtop trace`, driven by hand."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agtop.agents import AGENTS
from agtop.errors import UsageError
from agtop.model import Session, Snapshot
from agtop.trace.choice import Choice
from agtop.trace.commands import Printer, Tracing, follow_output, tail_of, trace
from agtop.trace.descriptors import CannotTailError, Output
from agtop.trace.output import OutputTail
from tests.claude_rows import SESSION, encode, prompt, write
from tests.trace.events import session

READERS = {agent.name: agent.events for agent in AGENTS if agent.events is not None}


class Steps:
    """Runs one step at each pause, then presses Ctrl+C."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self._steps = list(steps)

    def __call__(self, _seconds: float) -> None:
        if not self._steps:
            raise KeyboardInterrupt
        self._steps.pop(0)()


def run(
    asked: Tracing,
    sessions: tuple[Session, ...],
    *steps: Callable[[], object],
    as_json: bool = False,
) -> tuple[list[str], list[str]]:
    out, said = io.StringIO(), list[str]()
    snapshot = Snapshot(1.0, sessions)
    trace(asked, lambda: snapshot, Printer(out, as_json=as_json), said.append, Steps(*steps))
    return out.getvalue().splitlines(), said


def add(path: Path, text: str, second: float) -> Callable[[], object]:
    def step() -> None:
        with path.open("ab") as file:
            file.write(encode(prompt(text, second)))

    return step


def test_the_last_events_come_first_then_what_is_added_until_ctrl_c(home: Path) -> None:
    path = write(home, SESSION, *(prompt(f"p{n}", n) for n in range(9)))
    asked = Tracing("claude", last=2, readers=READERS)

    lines, _ = run(asked, (session(path),), add(path, "new", 10))

    assert lines[0].startswith("trace claude:1111")
    assert [line.split()[-1] for line in lines[1:-1]] == ["p7", "p8", "new"]
    assert lines[-1] == "· trace ended"


def test_json_lines_hold_nothing_but_events(home: Path) -> None:
    path = write(home, SESSION, prompt("Hello", 1))

    lines, _ = run(Tracing("claude", readers=READERS), (session(path),), as_json=True)

    assert [json.loads(line)["title"] for line in lines] == ["Hello"]


def test_only_what_was_chosen_is_printed(home: Path) -> None:
    path = write(home, SESSION, prompt("Fix it", 1), prompt("Test it", 2))
    asked = Tracing("claude", choice=Choice(text="test"), readers=READERS)

    lines, _ = run(asked, (session(path),), add(path, "Fix more", 3))

    assert [line.split()[-2:] for line in lines[1:-1]] == [["Test", "it"]]


def test_all_tells_every_live_session_and_whose_line_it_is(home: Path) -> None:
    one = session(write(home, SESSION, prompt("One", 1)), pid=1)
    two = session(write(home, "b", prompt("Two", 2)), id="bbbbbbbb", pid=2)
    past = session(write(home, "c", prompt("Three", 3)), id="cccccccc")

    lines, _ = run(Tracing(None, readers=READERS), (one, two, past))

    assert ["claude 55abcd" in lines[1], "claude bbbbbb" in lines[2]] == [True, True]
    assert len(lines) == 4


def test_a_transcript_that_is_gone_is_told_once(home: Path) -> None:
    lines, said = run(
        Tracing("claude", readers=READERS), (session(home / "x.jsonl"),), lambda: None, lambda: None
    )

    assert said == [f"{home}/x.jsonl is gone; it is tried again"]
    assert len(lines) == 2


def test_an_agent_without_events_is_refused_with_what_to_do() -> None:
    with pytest.raises(UsageError, match="not told as events yet; --stdout follows"):
        run(Tracing("claude"), (session(),))


def test_the_output_of_a_session_without_a_process_is_refused() -> None:
    with pytest.raises(CannotTailError, match=r"cannot trace claude:.*: no process serves it"):
        run(Tracing("claude", stream="stdout"), (session(),))


def test_output_is_passed_on_until_the_process_exits(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text("before\n")
    alive = [True]

    def die() -> None:
        path.write_bytes(path.read_bytes() + b"last \x1b[2Jwords")
        alive[0] = False

    tail = OutputTail(Output(42, "stdout", str(path), str(path)), lambda: alive[0])
    out = io.StringIO()

    follow_output(Printer(out), tail, Steps(die))

    assert out.getvalue().splitlines() == [
        f"trace 42 stdout → {path} · Ctrl+C to stop",
        "last words",
        "· process exited",
        "· trace ended",
    ]


def test_a_burst_is_told_by_its_last_events(home: Path) -> None:
    path = write(home, SESSION, *(prompt(f"p{n}", n % 60) for n in range(1200)))

    lines, _ = run(Tracing("claude", last=3, readers=READERS), (session(path),))

    assert len(lines) == 5


def test_output_that_goes_where_the_trace_is_written_would_follow_itself(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    with path.open("w") as own:
        code = "import sys; sys.stdin.read()"
        writer = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=own)
        try:
            printer = Printer(own)
            with pytest.raises(CannotTailError, match="would follow itself; write it elsewhere"):
                tail_of(writer.pid, "stdout", "it", printer.writes_to)
            elsewhere = Printer(io.StringIO())
            tail_of(writer.pid, "stdout", "it", elsewhere.writes_to).close()
        finally:
            writer.communicate()
