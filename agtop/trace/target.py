"""Which session a word on the command line means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from agtop.errors import UsageError
from agtop.model import Process, Session

_SHOWN = 6
"""Candidates that are named."""
_LEAST = 4
"""Letters of an id that are enough to mean it."""


def session_of(target: str, sessions: Sequence[Session]) -> Session:
    """The session `target` means: a key, a pid, an id or its beginning or end, an agent's name.

    Raises:
        UsageError: it means none, or several.
    """
    for rule in _RULES:
        found = list(rule(target.strip(), sessions))
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(_ambiguous(target, found))
    raise UsageError(
        f'no session is called "{target}"; write a pid, an id, the last letters of one or an '
        "agent's name: agtop --list shows them"
    )


def _by_key(target: str, sessions: Iterable[Session]) -> Iterator[Session]:
    return (each for each in sessions if target in (each.key, each.session_id))


def _by_pid(target: str, sessions: Iterable[Session]) -> Iterator[Session]:
    known = re.fullmatch(r"(?:(\D.*)-)?(\d{1,10})", target)
    if known is None:
        return
    agent, pid = known[1], int(known[2])
    for session in sessions:
        if agent in (None, session.agent) and pid in _pids(session.process):
            yield session


def _pids(process: Process | None) -> Iterator[int]:
    if process is None:
        return
    yield from process.wrappers
    queue = [process]
    while queue:
        below = queue.pop()
        yield below.pid
        queue += below.children


def _by_part(target: str, sessions: Iterable[Session]) -> Iterator[Session]:
    agent, _, part = target.rpartition(":")
    part = part.replace("-", "").casefold()
    if len(part) < _LEAST:
        return
    for session in sessions:
        whole = session.session_id.replace("-", "").casefold()
        if agent in ("", session.agent) and (whole.startswith(part) or whole.endswith(part)):
            yield session


def _by_agent(target: str, sessions: Iterable[Session]) -> Iterator[Session]:
    """The one at work; else the one that was at work last."""
    wanted = target.casefold()
    named = [s for s in sessions if wanted in (s.agent, s.agent_label.casefold())]
    live = [session for session in named if session.is_live]
    if live or not named:
        return iter(live)
    return iter([max(named, key=lambda session: session.last_active or 0.0)])


_RULES: tuple[Callable[[str, Sequence[Session]], Iterator[Session]], ...] = (
    _by_key,
    _by_pid,
    _by_part,
    _by_agent,
)


def _ambiguous(target: str, found: Sequence[Session]) -> str:
    named = [session.key for session in found[:_SHOWN]]
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f'"{target}" could be {", ".join(named)}{more}; write one of these, or --all'
