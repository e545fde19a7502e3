"""Watches what sessions write: only files of sessions that changed are looked at again."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from operator import is_

from agtop.conflicts.episodes import DAY, WINDOW, Touch, episodes
from agtop.conflicts.history import History, merged
from agtop.conflicts.unread import Unread
from agtop.model import Conflict, FileWrite, ForeignChange, Problem, Session

_MOST_PATHS = 20_000
"""Paths whose real ones are remembered."""
_Told = tuple[tuple[tuple[FileWrite, ...], tuple[ForeignChange, ...]], ...]


class Conflicts:
    """Fed with the sessions that changed; owned by one thread."""

    def __init__(
        self,
        window: float = WINDOW,
        real: Callable[[str], str] = os.path.realpath,
        history: History | None = None,
    ) -> None:
        self._window = window
        self._real = real
        self._history = history
        self._kept = history.load() if history is not None else ()
        self._reals: dict[str, str] = {}
        self._told: dict[str, _Told] = {}
        """By session key, what its tree told when it was last looked at."""
        self._touches: dict[str, dict[str, list[Touch]]] = {}
        """By real path, then by session key."""
        self._paths: dict[str, set[str]] = {}
        """By session key, the paths that its tree touched."""
        self._found: dict[str, tuple[Conflict, ...]] = {}
        self._counts: Counter[str] = Counter()
        self._next_old: float | None = None
        self._is_primed = False
        self._unread = Unread()
        self.problem: Problem | None = None
        self.recent: tuple[Conflict, ...] = ()
        """Of the last day, the newest first."""

    def take(self, changes: Mapping[str, Session | None], now: float) -> set[str]:
        """Look at the sessions that changed, None for those that are gone.

        Returns:
            Keys of the sessions whose conflicts are others now.
        """
        stale: set[str] = set()
        for key, session in changes.items():
            self._unread.note(key, session, now)
            told = () if session is None else tuple(_told(session))
            if session is not None and not told and session.reading.partial:
                continue  # its writes are not known; what was known of them before still holds
            if _is_news(self._told.get(key, ()), told):
                stale |= self._take(key, told, now)
        is_older = self._next_old is not None and now - self._next_old > DAY
        is_new = [self._look_at(path) for path in stale]
        if self._is_primed and not is_older and not any(is_new):
            return set()
        return self._sum_up(now)

    def unread(self, now: float) -> tuple[str, ...]:
        """Sessions of the last day whose writes are not known as they were only scanned: the next
        few to be read in full, each told once."""
        return self._unread.next(now)

    def count(self, key: str) -> int:
        """Conflicts of the last day that the session was part of."""
        return self._counts[key]

    def save(self) -> None:
        """Keep the history; `problem` tells when that fails."""
        if self._history is None:
            return
        try:
            self._history.save(each for found in self._found.values() for each in found)
            self.problem = None
        except OSError as error:
            said = f"the history of conflicts cannot be written ({error.strerror or error})"
            advice = "make that directory writable, or conflicts of today are forgotten at the end"
            self.problem = Problem(self._history.place, f"{said}; {advice}")

    # ---- parts of a look

    def _take(self, key: str, told: _Told, now: float) -> set[str]:
        """Put its touches in the place of those known; the paths concerned."""
        self._told[key] = told
        if not told:
            del self._told[key]
        fresh: dict[str, list[Touch]] = {}
        for touch, path in _touches(key, told, now - 2 * DAY):
            fresh.setdefault(self._real_path(path), []).append(touch)
        before = self._paths.get(key, set())
        stale = {p for p in {*before, *fresh} if self._touches.get(p, {}).get(key) != fresh.get(p)}
        for path in stale:
            by_key = self._touches.setdefault(path, {})
            by_key.pop(key, None)
            if path in fresh:
                by_key[key] = fresh[path]
            if not by_key:
                del self._touches[path]
        self._paths[key] = set(fresh)
        if not fresh:
            del self._paths[key]
        return stale

    def _look_at(self, path: str) -> bool:
        """Whether its conflicts are others now."""
        by_key = self._touches.get(path, {})
        touches = [touch for of in by_key.values() for touch in of]
        is_quiet = len(by_key) < 2 and not any(touch.sign for touch in touches)
        found = () if is_quiet else episodes(path, touches, self._window)
        before = self._found.pop(path, ())
        if found:
            self._found[path] = found
        return found != before

    def _sum_up(self, now: float) -> set[str]:
        self._is_primed = True
        every = merged(self._kept, (each for found in self._found.values() for each in found))
        recent = [each for each in every if now - each.last_at <= DAY]
        recent.sort(key=lambda each: (-each.last_at, each.path, each.grade))
        self.recent = tuple(recent)
        self._next_old = recent[-1].last_at if recent else None
        before = self._counts
        self._counts = Counter(writer.key for each in recent for writer in each.writers)
        return {key for key in {*before, *self._counts} if before[key] != self._counts[key]}

    def _real_path(self, path: str) -> str:
        real = self._reals.get(path)
        if real is None:
            if len(self._reals) >= _MOST_PATHS:
                self._reals.clear()
            try:
                real = self._real(path)
            except (OSError, ValueError):  # a NUL in it, a circle of links
                real = path
            self._reals[path] = real
        return real


def _told(session: Session) -> Iterator[tuple[tuple[FileWrite, ...], tuple[ForeignChange, ...]]]:
    reading = session.reading
    if reading.writes or reading.foreign:
        yield reading.writes, reading.foreign
    for below in session.subagents:
        yield from _told(below)


def _is_news(before: _Told, after: _Told) -> bool:
    if len(before) != len(after):
        return True
    pairs = zip(before, after, strict=True)
    return not all(is_(b, a) or b == a for old, new in pairs for b, a in zip(old, new, strict=True))


def _touches(key: str, told: _Told, since: float) -> Iterator[tuple[Touch, str]]:
    """What happened at a known instant to a known path, with that path."""
    for writes, foreign in told:
        for write in writes:
            if os.path.isabs(write.path):
                for at in write.instants:
                    if at >= since:
                        kind = write.kind if at == write.last_at else None
                        yield Touch(key, at, kind=kind), write.path
        for change in foreign:
            if os.path.isabs(change.path) and change.at is not None and change.at >= since:
                yield Touch(key, change.at, change.sign, said=change.said), change.path
