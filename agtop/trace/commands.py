"""`agtop trace`: events of transcripts, or the output of a process, printed as they come."""

from __future__ import annotations

import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import TextIO

from msgspec import field

from agtop.errors import UsageError
from agtop.model import Event, Record, Session, Snapshot
from agtop.text import line, printable
from agtop.trace.choice import Choice
from agtop.trace.colours import Colours
from agtop.trace.descriptors import CannotTailError, Stream, resolve
from agtop.trace.follow import Follower, Open, transcripts
from agtop.trace.line import Part, Tone, document, parts, shortened
from agtop.trace.output import OutputTail, liveness
from agtop.trace.target import session_of

PAUSE = 0.25
"""Seconds between two looks at the transcripts."""
OUTPUT_PAUSE = 0.1
LOOK_AROUND = 2.0
"""Seconds between two looks for new sessions and subagents."""
OK = 0
_SGR: dict[Tone, str] = {
    "plain": "",
    "quiet": "2",
    "strong": "1",
    "accent": "36",
    "warn": "33",
    "alarm": "31",
    "good": "32",
}

Sleep = Callable[[float], None]


class Tracing(Record):
    """What is traced, and what is shown of it."""

    target: str | None
    """None traces every live session."""
    stream: Stream | None = None
    choice: Choice = field(default_factory=Choice)
    last: int = 20
    readers: Mapping[str, Open] = field(default_factory=dict[str, Open])


class Printer:
    """Writes events and remarks."""

    def __init__(
        self,
        out: TextIO,
        colour: bool = False,
        cells: int | None = None,
        as_json: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """
        Args:
            cells: the width of a terminal's line; None does not shorten.
        """
        self._out = out
        self.colour = colour
        self._cells = cells
        self._as_json = as_json
        self._clock = clock

    def events(self, events: Iterable[Event], who: bool) -> None:
        for event in events:
            self._out.write(self._text(event, who) + "\n")
        self._out.flush()

    def _text(self, event: Event, who: bool) -> str:
        if self._as_json:
            return json.dumps(document(event), separators=(",", ":"))
        shown = parts(event, self._clock(), who)
        if self._cells is not None:
            shown = shortened(shown, self._cells)
        return "".join(map(self._painted, shown)).rstrip()

    def _painted(self, part: Part) -> str:
        code = _SGR[part.tone] if self.colour else ""
        return f"\x1b[{code}m{part.text}\x1b[0m" if code else part.text

    def remark(self, text: str) -> None:
        """A line of agtop's own; JSON lines are kept free of it."""
        if not self._as_json:
            self._out.write(self._painted(Part(line(printable(text)), "quiet")) + "\n")
            self._out.flush()

    def writes_to(self, path: str) -> bool:
        """What is printed goes to that very file."""
        try:
            return os.path.samestat(os.stat(path), os.fstat(self._out.fileno()))
        except (OSError, ValueError):
            return False

    def text(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def trace(
    asked: Tracing,
    look: Callable[[], Snapshot],
    printer: Printer,
    say: Callable[[str], None],
    sleep: Sleep,
) -> int:
    """Follow what was asked for until Ctrl+C, or until the process whose output it is ends.

    Raises:
        UsageError: the target is no session, or several.
        CannotTailError: the output of its process cannot be followed.
    """
    sessions = look().sessions
    if asked.target is None:
        printer.remark("trace of every live session · Ctrl+C to stop")
        return _until_interrupted(printer, lambda: _follow(asked, None, look, printer, say, sleep))
    session = session_of(asked.target, sessions)
    if asked.stream is not None:
        if session.process is None:
            raise CannotTailError(f"cannot trace {session.key}: no process serves it")
        tail = tail_of(session.process.pid, asked.stream, session.key, printer.writes_to)
        return follow_output(printer, tail, sleep)
    if session.agent not in asked.readers:
        raise UsageError(
            f"transcripts of {session.agent_label} are not told as events yet; "
            "--stdout follows its process where that writes to a file"
        )
    printer.remark(f"trace {session.key} · {session.name or 'untitled'} · Ctrl+C to stop")
    key = session.key
    return _until_interrupted(printer, lambda: _follow(asked, key, look, printer, say, sleep))


def _follow(
    asked: Tracing,
    key: str | None,
    look: Callable[[], Snapshot],
    printer: Printer,
    say: Callable[[str], None],
    sleep: Sleep,
) -> None:
    follower = Follower(asked.readers)
    told: set[str] = set()
    first: deque[Event] | None = deque(maxlen=asked.last)
    waited = LOOK_AROUND
    while True:
        if waited >= LOOK_AROUND:
            waited = 0.0
            follower.watch(each for s in _chosen(look(), key) for each in transcripts(s))
        found = [event for event in follower.poll() if asked.choice.matches(event)]
        if first is not None:
            first.extend(found)
            found = [] if follower.is_behind else list(first)
            first = first if follower.is_behind else None
        printer.events(found, who=key is None)
        for problem in follower.problems:
            if problem.message not in told:
                told.add(problem.message)
                say(problem.message)
        if not follower.is_behind:
            sleep(PAUSE)
            waited += PAUSE


def _chosen(snapshot: Snapshot, key: str | None) -> Iterable[Session]:
    if key is None:
        return [session for session in snapshot.sessions if session.is_live]
    return [session for session in snapshot.sessions if session.key == key]


# ---- the output of a process


def tail_of(pid: int, stream: Stream, label: str, is_ours: Callable[[str], bool]) -> OutputTail:
    """Raises CannotTailError, which says whose output cannot be traced and why."""
    try:
        output = resolve(pid, stream)
        if is_ours(output.opened):
            raise CannotTailError(
                f"{stream} goes to {output.path}, where this trace is written too and would "
                "follow itself; write it elsewhere"
            )
        return OutputTail(output, liveness(pid))
    except CannotTailError as error:
        raise CannotTailError(f"cannot trace {label}: {error}") from None


def follow_output(printer: Printer, tail: OutputTail, sleep: Sleep) -> int:
    """Print what the process writes, from now until it ends or Ctrl+C."""
    output = tail.output
    printer.remark(f"trace {output.pid} {output.stream} → {output.path} · Ctrl+C to stop")
    try:
        return _until_interrupted(printer, lambda: _pass_on(printer, tail, sleep))
    finally:
        tail.close()


def _pass_on(printer: Printer, tail: OutputTail, sleep: Sleep) -> None:
    colours = Colours(printer.colour)
    ends_in_line = True
    try:
        while True:
            truncations = tail.truncations
            text = colours.clean(tail.read())
            if tail.truncations != truncations:
                printer.text("\n" if not ends_in_line else "")
                printer.remark("· the file was truncated")
                ends_in_line = True
            if text:
                printer.text(text)
                ends_in_line = text.endswith("\n")
            if tail.has_ended:
                break
            if not text:
                sleep(OUTPUT_PAUSE)
    finally:
        printer.text(("\x1b[0m" if printer.colour else "") + ("" if ends_in_line else "\n"))
    printer.remark("· process exited")


def _until_interrupted(printer: Printer, run: Callable[[], None]) -> int:
    try:
        run()
    except KeyboardInterrupt:
        pass
    printer.remark("· trace ended")
    return OK
