"""What the readers of events share: lines taken forward, calls matched with their results."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, cast

import msgspec

from agtop.model import Author, Event, EventKind
from agtop.tail import Tail

TITLE = 240
"""Characters of a title: more fits on no screen."""
BODY = 16_384
"""Characters of a body that are kept."""
_OPEN_CALLS = 512
"""Calls waited for: what was killed with its process is never answered."""
_TELLING = ("text", "content", "output", "stdout", "result", "message", "value", "error")
"""Where agents put the text of an object, best first."""


def one_line(text: str) -> str:
    """The beginning of `text` on one line."""
    words = " ".join(text[: 4 * TITLE].split())
    return words if len(words) <= TITLE and len(text) <= 4 * TITLE else words[: TITLE - 1] + "…"


def shortened(text: str) -> str:
    """`text` as far as it is kept."""
    if len(text) <= BODY:
        return text
    return f"{text[:BODY]}\n… {len(text) - BODY} more characters"


def mapping(value: object) -> Mapping[str, object]:
    """A JSON object; an empty one for anything else."""
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def text_in(value: object, depth: int = 0) -> str:
    """The text that a content block, a list of them or any answer of a tool holds."""
    if isinstance(value, str) or value is None or depth > 8:
        return value if isinstance(value, str) else ""
    if isinstance(value, list):
        parts = [text_in(each, depth + 1) for each in cast("list[object]", value)]
        return "\n".join(part for part in parts if part)
    values = mapping(value)
    for name in _TELLING:
        if found := text_in(values.get(name), depth + 1):
            return found
    return ""


def spelled(value: object) -> str:
    """Arguments of a tool, to be read: a line for each, several for long ones."""
    if isinstance(value, str):
        return value
    values = mapping(value)
    if not values:
        return "" if value in (None, {}) else _json(value)
    return "\n".join(
        f"{name}: {each if isinstance(each, str) else _json(each)}" for name, each in values.items()
    )


def _json(value: object) -> str:
    try:
        return msgspec.json.encode(value).decode("utf-8", "replace")
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError):
        return ""


class _Call(NamedTuple):
    tool: str
    at: float | None


class Teller:
    """Makes the events of one transcript."""

    def __init__(self, author: Author) -> None:
        self.author = author
        self._open: dict[str, _Call] = {}

    def event(
        self,
        kind: EventKind,
        at: float | None,
        title: str,
        body: str = "",
        *,
        call: str | None = None,
        tool: str | None = None,
        duration: float | None = None,
        failed: bool = False,
        scope: str | None = None,
    ) -> Event:
        told = one_line(title)
        rest = shortened(body).rstrip()
        return Event(
            at,
            self.author.agent,
            self.author.session,
            self.author.scope or scope or "",
            kind,
            told,
            "" if rest == told else rest,
            call,
            tool,
            duration,
            failed,
        )

    def said(
        self, kind: EventKind, at: float | None, text: str, scope: str | None = None
    ) -> Iterator[Event]:
        """A prompt, an answer, a thought; nothing where it has no text."""
        if text and (shown := text.strip()):
            yield self.event(kind, at, shown, shown, scope=scope)

    def called(
        self,
        call: str | None,
        tool: str,
        best: str,
        at: float | None,
        body: str = "",
        scope: str | None = None,
    ) -> Event:
        """A tool was called; `best` says on what."""
        if call:
            if len(self._open) >= _OPEN_CALLS:
                self._open.pop(next(iter(self._open)))
            self._open[call] = _Call(tool, at)
        title = f"{tool}: {best}" if best else tool
        return self.event("tool call", at, title, body, call=call, tool=tool, scope=scope)

    def answered(
        self,
        call: str | None,
        text: str,
        at: float | None,
        failed: bool,
        scope: str | None = None,
        tool: str | None = None,
    ) -> Event:
        """A tool's result; told once for each call."""
        asked = self._open.pop(call or "", None)
        took = None
        if asked is not None and asked.at is not None and at is not None:
            took = max(0.0, at - asked.at)
        text = text.strip()
        return self.event(
            "result",
            at,
            text or ("failed without a word" if failed else "no output"),
            text,
            call=call,
            tool=tool or (asked.tool if asked else None),
            duration=took,
            failed=failed,
            scope=scope,
        )

    def wrote(
        self,
        path: str,
        at: float | None,
        added: int | None = None,
        removed: int | None = None,
        call: str | None = None,
        tool: str | None = None,
        scope: str | None = None,
    ) -> Event:
        """A file was written, proven by the tool's result."""
        lines = "" if added is None and removed is None else f" (+{added or 0} −{removed or 0})"
        return self.event("file written", at, f"{path}{lines}", call=call, tool=tool, scope=scope)

    def is_open(self, call: str) -> bool:
        return call in self._open

    def forget_calls(self) -> None:
        self._open.clear()


class Once:
    """What was told already, of records that are written again and again."""

    def __init__(self) -> None:
        self._told: set[object] = set()

    def is_new(self, *key: object) -> bool:
        """Whether `key` is asked about for the first time."""
        if key in self._told:
            return False
        self._told.add(key)
        return True


def newest(events: Iterable[Event], backlog: int) -> Iterator[Event]:
    """The last of `events`, of which the text takes about `backlog` bytes."""
    kept: deque[Event] = deque()
    size = 0
    for event in events:
        kept.append(event)
        size += _weight(event)
        while size > backlog and len(kept) > 1:
            size -= _weight(kept.popleft())
    return iter(kept)


def _weight(event: Event) -> int:
    return len(event.title) + len(event.body) + 200


class LineEvents(ABC):
    """Reads a file forward. An agent's reader says what a line tells, in `_tell`."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        self._tail = Tail(path)
        self._teller = Teller(author)
        self._backlog = backlog
        self._is_new = True
        self._restarts = 0
        self._told_until: float | None = None
        """The newest instant told of; a rewritten transcript begins with what was told before."""
        self._again_until: float | None = None

    @property
    def path(self) -> str:
        return self._tail.path

    def changed(self) -> bool:
        return self._is_new or self._tail.changed()

    def pass_over(self, most: int) -> int:
        return 0 if self._is_new else self._tail.pass_over(most)

    def read(self) -> Iterator[Event]:
        if self._is_new:
            self._tail.begin_near_end(self._backlog)
            self._is_new = False
        for line in self._tail.lines():
            if self._tail.restarts != self._restarts:
                self._begin_again()
            for event in self._tell(line):
                if self._is_told(event):
                    continue
                yield event

    def _begin_again(self) -> None:
        self._restarts = self._tail.restarts
        self._again_until = self._told_until
        self._teller.forget_calls()
        self._forget()

    def _is_told(self, event: Event) -> bool:
        if event.at is None:
            return self._again_until is not None
        if self._again_until is not None and event.at <= self._again_until:
            return True
        self._again_until = None
        self._told_until = max(self._told_until or event.at, event.at)
        return False

    @abstractmethod
    def _tell(self, line: bytes) -> Iterable[Event]:
        """The events of one line; none for a line that cannot be read."""

    def _forget(self) -> None:  # noqa: B027 - most have nothing to forget
        """The transcript was replaced: forget what its lines said."""
