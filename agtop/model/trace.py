"""What an agent did, one thing after the other."""

from __future__ import annotations

from typing import Literal, get_args

from agtop.model.record import Record

EventKind = Literal[
    "prompt",
    "text",
    "thinking",
    "tool call",
    "result",
    "error",
    "compaction",
    "limit",
    "file written",
]
EVENT_KINDS: tuple[EventKind, ...] = get_args(EventKind)


class Author(Record):
    """Whose transcript it is."""

    agent: str
    session: str
    """The session's id; of a subagent, that of the session it works for."""
    scope: str = ""
    """The subagent's id; empty for the session itself."""


class Event(Record):
    """One line of Trace. Its text is a stranger's: made printable where it is drawn."""

    at: float | None
    agent: str
    session: str
    scope: str
    kind: EventKind
    title: str
    """One line."""
    body: str = ""
    """Everything there is to read, when that is more than the title."""
    call: str | None = None
    """The agent's id of the tool call that this is, answers or comes of."""
    tool: str | None = None
    duration: float | None = None
    """Seconds from the call to its result, by the records' own timestamps."""
    failed: bool = False
