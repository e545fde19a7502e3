"""From a word to one process: a pid, a registered name, the start of a session's id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from agtop.errors import RefusedError, UsageError
from agtop.model import Process, Session
from agtop.registry import Contents, Entry
from agtop.verbs.means import Means

LEAST = 4
"""Letters of an id that are enough to mean it."""
SHOWN = 8
"""Letters at the end of an id, without dashes, as the screen shows them."""
MOST = 5
"""Candidates named in a sentence."""


def process_of(word: str, means: Means) -> Process:
    """The one process `word` means. Raises UsageError or RefusedError with a sentence."""
    if word.isdecimal():
        return _by_pid(word, means)
    entries = registered(means).named(word)
    if len(entries) > 1:
        raise UsageError(f'"{word}" could be {_list(entry.name for entry in entries)}; name one')
    if entries:
        return _of_entry(entries[0], means)
    return _of_session(session_of(word, means))


def registered(means: Means) -> Contents:
    """What the registry holds, once the dead are swept out."""
    contents, _ = means.registry.sweep(lambda entry: is_running(entry, means))
    return contents


def is_running(entry: Entry, means: Means) -> bool:
    """Whether the process that was registered is still there, and no other with its pid."""
    vitals = means.processes.vitals(entry.pid)
    if vitals is None or vitals.status in ("zombie", "dead"):
        return False
    return entry.is_of(entry.pid, vitals.started_at, vitals.start_ticks)


def session_of(word: str, means: Means) -> Session:
    """The one session whose key or id starts, or whose shown id ends, so. Raises UsageError."""
    if len(word) < LEAST:
        raise UsageError(f'"{word}" is too short for an id; write {LEAST} letters or a pid')
    found = [each for each in means.snapshot().sessions if _is_called(each, word)]
    if not found:
        raise UsageError(
            f'"{word}" is no pid, no registered name and no session; agtop scan lists what runs'
        )
    live = [each for each in found if each.is_live]
    if len(found) > 1 and len(live) != 1:
        raise UsageError(f'"{word}" could be {_list(each.key for each in found)}; write more of it')
    return live[0] if live else found[0]


def anywhere(pid: int, processes: Iterable[Process]) -> Process | None:
    """An agent's process, the one a launcher started, or anything below them."""
    for process in processes:
        if pid == process.pid or pid in process.wrappers:
            return process
    return next((below for each in processes for below in _below(each) if below.pid == pid), None)


def from_vitals(pid: int, means: Means) -> Process | None:
    """Any process, agent's or not."""
    vitals = means.processes.vitals(pid)
    if vitals is None:
        return None
    return Process(pid, vitals.started_at, vitals.ppid, vitals.name, start_ticks=vitals.start_ticks)


def pid_of(word: str) -> int:
    """Raises UsageError for what no system uses as a pid."""
    if len(word) > 10 or int(word) < 1:
        raise UsageError(f'"{word[:20]}" is no pid')
    return int(word)


def _by_pid(word: str, means: Means) -> Process:
    pid = pid_of(word)
    found = anywhere(pid, means.sample())
    if found is not None:
        return found
    for entry in registered(means).entries:
        if entry.pid == pid:
            return _of_entry(entry, means)
    process = from_vitals(pid, means)
    if process is None:
        raise RefusedError(f"there is no process {pid}; agtop scan lists the agents' own")
    objection = means.me.objection(pid, means.processes.owner(pid))
    advice = f"is no agent; agtop register {pid} makes it one that agtop may signal"
    raise RefusedError(f"{process.name} (pid {pid}) {objection or advice}")


def _of_entry(entry: Entry, means: Means) -> Process:
    found = anywhere(entry.pid, means.sample()) or from_vitals(entry.pid, means)
    if found is None:
        raise RefusedError(f"{entry.name} has ended")
    return found


def _of_session(session: Session) -> Process:
    if session.process is not None:
        return session.process
    if session.match.confidence == "ambiguous":
        pids = _list(map(str, session.match.candidates))
        raise RefusedError(f"{session.key} could be any of pids {pids}; write the one you mean")
    raise RefusedError(f"{session.key} has no process; it is not running")


def _is_called(session: Session, word: str) -> bool:
    plain = word.casefold()
    identity, key = session.session_id.casefold(), session.key.casefold()
    if identity.startswith(plain) or key.startswith(plain):
        return True
    return len(plain) == SHOWN and identity.replace("-", "").endswith(plain)


def _below(process: Process) -> Iterator[Process]:
    waiting: list[Process] = list(process.children)
    while waiting:
        child = waiting.pop()
        yield child
        waiting.extend(child.children)


def _list(words: Iterable[str]) -> str:
    shown: Sequence[str] = tuple(words)
    more = f" or {len(shown) - MOST} more" if len(shown) > MOST else ""
    return " or ".join(shown[:MOST]) + more
