"""What one transcript says."""

from __future__ import annotations

from typing import Literal

from agtop.model.context import Context
from agtop.model.limits import Limit
from agtop.model.record import Record

Phase = Literal[
    "new",
    "requested",
    "tool",
    "question",
    "permission",
    "done",
    "asks",
    "interrupted",
    "error",
    "limited",
]
"""Where a conversation stands by its own records: nothing asked yet; the model owes an answer;
a tool call without its result; a question put to the user by a tool; a call that the user has to
allow; answered; answered with a question; stopped by the user; an API error; a rate limit."""


class Activity(Record):
    """What the newest records of a transcript say is going on."""

    phase: Phase = "new"
    since: float | None = None
    evidence: str = "nothing recorded yet"
    until: float | None = None
    """When a rate limit ends."""
    may_go_on: bool = False
    """Answered, or a tool runs: the agent writes a call down only once it has ended."""
    asked: str | None = None
    """The question that its answer ends in."""
    at_once: bool = False
    """The call under way is over at once or begins a process, unless it has to be allowed first:
    agents that write down no such request are known to ask by that."""


class Lines(Record):
    """Lines of files that the agent's own edits added and removed."""

    added: int
    removed: int


WriteKind = Literal["create", "edit", "delete", "rename"]


class FileWrite(Record):
    """A file the session wrote, proven by the tool's result."""

    path: str
    writes: int
    last_at: float | None
    kind: WriteKind | None = None
    """Of the newest write, where the agent tells."""
    added: int | None = None
    """Lines over all writes; None where no write told."""
    removed: int | None = None
    instants: tuple[float, ...] = ()
    """When it was written, oldest first: the newest of them."""


Sign = Literal["changed", "refused", "failed", "branch"]
"""What an agent met that it had not done itself: a file it had read is another now; its write was
refused since the file had changed; what it wanted to replace is not in the file; another branch
was checked out under it."""


class ForeignChange(Record):
    """An agent's own evidence that somebody else was at work in the same place."""

    sign: Sign
    path: str
    at: float | None
    said: str = ""
    """`main to feature` for a branch."""


class Reading(Record):
    """What one transcript says of one session, as far as it was read. Usage goes to the ledger."""

    session_id: str
    transcript: str
    parent_id: str | None = None
    """The session that spawned this one as its subagent."""
    forked_from: str | None = None
    title: str | None = None
    cwd: str | None = None
    branch: str | None = None
    model: str | None = None
    """The model of the newest response."""
    effort: str | None = None
    version: str | None = None
    """Of the agent that wrote the newest record."""
    subscription: str | None = None
    started_at: float | None = None
    last_active: float | None = None
    partial: bool = False
    """Only usage, head and tail were read: the counts below are unknown."""
    user_turns: int | None = 0
    replies: int = 0
    """Answers of the model seen in this transcript, with or without usage."""
    metered: bool = False
    """A usage record was seen; with replies but none, the tokens are unknown."""
    tool_calls: int | None = 0
    tool_errors: int | None = 0
    action: str | None = None
    """The tool call under way and its argument."""
    activity: Activity = Activity()
    context: Context | None = None
    lines: Lines | None = None
    writes: tuple[FileWrite, ...] = ()
    foreign: tuple[ForeignChange, ...] = ()
    """Oldest first; the newest of them."""
    interactive: bool = True
    """A person can answer it; False for `exec` and `-p` runs."""
    records: int = 0
    skipped: int = 0
    """Lines that could not be read."""
    problems: tuple[str, ...] = ()
    loop: str | None = None
    """What the newest calls do over and over, as a sentence."""
    reported_cost: float | None = None
    """Dollars by the agent's own reckoning, without subagents; shown beside agtop's figure, never
    added to it."""
    estimated: bool = False
    """The agent noted estimates, not what its provider counted."""
    limits: tuple[Limit, ...] = ()
    """What the provider said of the plan, oldest first: for each limit the first word of the
    window it is in, and the newest."""
    reasoned: bool = False
    """Its usage tells how much of the output was reasoning; else that is unknown."""
