"""Which sessions can be kept whole, and which of those together: transcripts that hold the same
responses decide together what each session made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from agtop.block import Block
from agtop.index import Kept, Sharing, Spent, Stamp
from agtop.model import Reading, Session

Spending = Callable[[Session, Iterable[str]], Spent | None]
"""When a session used what, by its transcripts; None where that is not known."""

MOST = 64
"""Transcripts that sleep together: each of their sessions is kept with the stamps of all."""


def tree(session: Session) -> Iterator[str]:
    """Its id and its subagents'."""
    yield session.session_id
    for below in session.subagents:
        yield from tree(below)


def sharing(blocks: Mapping[str, Block], paths: Iterable[str]) -> Sharing:
    """With which transcripts those share responses, directly or by way of others."""
    together = _Together()
    first: dict[int, str] = {}
    for path in paths:
        for key in blocks[path].keys if path in blocks else ():
            known = first.setdefault(key, path)
            if known is not path:
                together.join((known, path))
    return {path: group for group in together.groups() for path in group}


def sleepable(
    kept: Sequence[Kept],
    stamp: Callable[[str], Stamp | None],
    sharing: Sharing,
    before: float,
) -> Iterator[list[Kept]]:
    """Those that may be taken on whole, as they belong together.

    Args:
        sharing: what is stored of it: it may be newer than what was kept.
        before: the instant since which they must have been silent.
    """
    groups: dict[tuple[str, ...], list[Kept]] = {}
    claims: dict[str, int] = {}
    for each in kept:
        files = tuple([path for path, _ in each.files])
        group = groups.get(files)
        if group is None:
            group = groups[files] = []
            for path in files:
                claims[path] = claims.get(path, 0) + 1
        group.append(each)
    found = {
        files: group
        for files, group in groups.items()
        if len(group) == group[0].together
        and all((each.session.last_active or before) < before for each in group)
        and all(claims[path] == 1 for path in files)
        and all(stamp(path) == known for each in group for path, known in each.files)
        and all(path not in sharing or set(sharing[path]) <= set(files) for path in files)
    }
    asleep = {path: files for files in found for path in files}
    awake = [path for path in sharing if path not in asleep]
    for partner in {partner for path in awake for partner in sharing[path]}:
        found.pop(asleep.get(partner, ()), None)
    yield from found.values()


def whole(
    settled: Iterable[Session],
    readings: Mapping[str, tuple[Reading, ...]],
    stamps: Mapping[str, Stamp],
    makers: Mapping[str, Collection[str]],
    sharing: Sharing,
    spent: Spending,
) -> Iterator[Kept]:
    """Those that stand in one transcript each, with all that such transcripts tell of.

    Then these alone can change them, and what they say is what the session's reading says.

    Args:
        settled: sessions that neither time nor a process changes any more.
        readings: transcript → what it says.
        stamps: of the transcripts that could be read.
        makers: transcript → the sessions whose responses it holds.
    """
    told: dict[str, set[str]] = {}
    """Transcript → the sessions it tells of."""
    where: dict[str, str | None] = {}
    """Session → its transcript; None where there are several."""
    for path, parts in readings.items():
        told[path] = {part.session_id for part in parts}
        for each in told[path]:
            where[each] = None if each in where else path
    together = _Together()
    trees: list[tuple[Session, list[str]]] = []
    for session in settled:
        ids = list(tree(session))
        paths = [where.get(each) for each in ids]
        own = [path for path in paths if path is not None]
        if own and len(own) == len(ids):
            trees.append((session, ids))
            together.join(own)
    for path, ids in makers.items():
        told.setdefault(path, set()).update(ids)
        together.join((path, *(own for each in ids if (own := where.get(each)) is not None)))
    for group in sharing.values():
        together.join(group)
    by_place: dict[str, list[tuple[Session, list[str]]]] = {}
    for session, ids in trees:
        by_place.setdefault(together.place(where[ids[0]] or ""), []).append((session, ids))
    for place, sessions in by_place.items():
        paths = together.group(place)
        known = {each for _, ids in sessions for each in ids}
        if len(paths) > MOST or not all(
            path in stamps and told.get(path, set()) <= known for path in paths
        ):
            continue
        files = tuple([(path, stamps[path]) for path in paths])
        for session, _ in sessions:
            yield Kept(session, files, spent(session, paths), len(sessions))


class _Together:
    """Which transcripts belong to each other, as pairs and more of them are told."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}
        self._groups: dict[str, list[str]] = {}
        """By the one that stands for all."""

    def join(self, paths: Sequence[str]) -> None:
        first = self.place(paths[0])
        for path in paths[1:]:
            other = self.place(path)
            if other != first:
                if len(self._groups[first]) < len(self._groups[other]):
                    first, other = other, first
                moved = self._groups.pop(other)
                self._groups[first] += moved
                self._above.update(dict.fromkeys(moved, first))

    def place(self, path: str) -> str:
        """The one that stands for all that it belongs to."""
        found = self._above.get(path)
        if found is None:
            self._above[path] = found = path
            self._groups[path] = [path]
        return found

    def group(self, place: str) -> tuple[str, ...]:
        return tuple(sorted(self._groups[place]))

    def groups(self) -> Iterator[tuple[str, ...]]:
        return map(self.group, self._groups)
