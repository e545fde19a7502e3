"""When two at work on one file are in each other's way: pure arithmetic over instants."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, field

from agtop.model import Conflict, Grade, Record, Severity, Sign, WriteKind, Writer

WINDOW = 10.0
"""Seconds within which two writes are a conflict."""
DAY = 86_400.0
"""Seconds within which two writes are an overlap."""
PAUSE = 600.0
"""Seconds without a clash after which the next one begins another episode."""
_RANK: dict[Severity, int] = {"low": 0, "medium": 1, "high": 2}
_WITH_OTHER: dict[Sign, Severity] = {"refused": "high", "failed": "medium", "changed": "medium"}
_ALONE: dict[Sign, Severity] = {"refused": "medium", "changed": "low"}
_DOES: dict[Sign, str] = {
    "refused": "was refused its write, for the file had changed",
    "failed": "did not find what it wanted to replace",
    "changed": "was told that the file had changed",
}


class Touch(Record):
    """What one session tree did to a file, or met there, at one instant."""

    key: str
    """Of the session at the top of the tree."""
    at: float
    sign: Sign | None = None
    """What it met; None where it wrote."""
    kind: WriteKind | None = None
    said: str = ""
    twins: frozenset[str] = frozenset()
    """Sessions whose transcripts hold a copy of the same write."""

    @property
    def agent(self) -> str:
        return self.key.partition(":")[0]

    def is_apart(self, other: Touch) -> bool:
        """The two are of different trees."""
        if not (self.twins or other.twins):
            return self.key != other.key
        return {self.key, *self.twins}.isdisjoint((other.key, *other.twins))


class _Clash(Struct):
    """Two touches that are in each other's way, or several clashes in one episode."""

    first_at: float
    last_at: float
    keys: frozenset[str]
    grade: Grade
    severity: Severity
    evidence: str
    pairs: set[frozenset[str]] = field(default_factory=set[frozenset[str]])

    def join(self, later: _Clash) -> None:
        self.last_at = max(self.last_at, later.last_at)
        self.keys |= later.keys
        self.pairs |= later.pairs
        if _RANK[later.severity] >= _RANK[self.severity]:
            self.severity, self.evidence = later.severity, later.evidence
        if later.grade == "writes":
            self.grade = "writes"


def episodes(path: str, touches: Iterable[Touch], window: float = WINDOW) -> tuple[Conflict, ...]:
    """The episodes on one file, oldest first.

    Args:
        window: seconds within which two writes are a conflict, to the millisecond.
    """
    known = _once(touches)
    writes = [touch for touch in known if touch.sign is None]
    met = [touch for touch in known if touch.sign is not None and touch.sign != "branch"]
    clashes = [*_pairs(writes, window), *_met(met, writes)]
    found = _chained(clashes, PAUSE)
    covered = {pair for clash in found for pair in clash.pairs}
    days = (c for c in _neighbours(writes) if not c.pairs <= covered)
    found += _chained([*days], DAY)
    found += [_switch(touch) for touch in known if touch.sign == "branch"]
    found.sort(key=lambda clash: (clash.first_at, clash.grade))
    return tuple(_conflict(path, clash, known) for clash in found)


def within(earlier: float, later: float, seconds: float) -> bool:
    """Up to and including: instants are recorded to the millisecond."""
    return round(later - earlier, 3) <= seconds


def _once(touches: Iterable[Touch]) -> list[Touch]:
    """In order of time; what a fork or a resumed session copied is one touch of several."""
    alike: dict[tuple[object, ...], list[Touch]] = defaultdict(list)
    for touch in touches:
        # Coarse clocks make equals of what are two; a copied instant has its fraction.
        whose = touch.key if touch.at == int(touch.at) else touch.agent
        alike[(touch.at, touch.sign, whose)].append(touch)
    found: list[Touch] = []
    for same in alike.values():
        first, *copies = sorted(same, key=lambda touch: touch.key)
        twins = frozenset(touch.key for touch in copies) - {first.key}
        found.append(Touch(first.key, first.at, first.sign, first.kind, first.said, twins))
    return sorted(found, key=lambda touch: (touch.at, touch.key))


def _neighbours(writes: Sequence[Touch]) -> Iterator[_Clash]:
    """Each write with the newest of another tree before it: chained, they name everybody, and a
    file that fifty sessions wrote costs no more than its writes."""
    oldest: dict[str, Touch] = {}
    for place, later in enumerate(writes):
        before = (writes[n] for n in range(place - 1, -1, -1))
        earlier = next((each for each in before if each.is_apart(later)), None)
        if earlier is not None and within(earlier.at, later.at, DAY):
            first = oldest[earlier.key]
            first = first if within(first.at, later.at, DAY) else earlier
            yield _pair(first, earlier, later, "overlap")
        oldest.setdefault(later.key, later)


def _pairs(writes: Sequence[Touch], seconds: float) -> Iterator[_Clash]:
    """Each write with those of other trees that it follows; the window slides along."""
    recent: dict[str, deque[Touch]] = defaultdict(deque)
    for later in writes:
        for earlier in recent.values():
            while earlier and not within(earlier[0].at, later.at, seconds):
                earlier.popleft()
            first = next((each for each in earlier if each.is_apart(later)), None)
            last = next((each for each in reversed(earlier) if each.is_apart(later)), None)
            if first is not None and last is not None:
                yield _pair(first, last, later, "writes")
        recent[later.key].append(later)


def _pair(first: Touch, last: Touch, later: Touch, grade: Grade) -> _Clash:
    both = frozenset((last.key, later.key))
    severity: Severity = "low" if grade == "overlap" else "high"
    does = "deleted" if later.kind == "delete" else "renamed" if later.kind == "rename" else "wrote"
    one, other = _names(later, last)
    told = f"{one} {does} it {_span(later.at - last.at)} after {other}"
    return _Clash(first.at, later.at, both, grade, severity, told, {both})


def _met(met: Sequence[Touch], writes: Sequence[Touch]) -> Iterator[_Clash]:
    """An agent's own evidence, with the session whose write it met where one is known."""
    for touch in met:
        sign = touch.sign or "changed"
        before = [write for write in writes if write.at <= touch.at]
        # A write may itself tell that another was there before it.
        own = [write.at for write in before if write.at < touch.at and not write.is_apart(touch)]
        since = max(own, default=touch.at - DAY)
        others = [w for w in before if w.is_apart(touch) and w.at >= max(since, touch.at - DAY)]
        if others:
            by = others[-1]
            both = frozenset((by.key, touch.key))
            one, other = _names(touch, by)
            said = f"{one} {_DOES[sign]}, {_span(touch.at - by.at)} after {other} wrote it"
            yield _Clash(by.at, touch.at, both, "foreign", _WITH_OTHER[sign], said, {both})
        elif sign in _ALONE:
            said = f"{touch.agent} {_DOES[sign]}, and no session is known to have written it"
            alone = frozenset((touch.key,))
            yield _Clash(touch.at, touch.at, alone, "foreign", _ALONE[sign], said)


def _switch(touch: Touch) -> _Clash:
    said = f"the branch under {touch.agent} went from {touch.said}, not by a command of its own"
    return _Clash(touch.at, touch.at, frozenset((touch.key,)), "branch", "medium", said)


def _chained(clashes: Sequence[_Clash], pause: float) -> list[_Clash]:
    found: list[_Clash] = []
    for clash in sorted(clashes, key=lambda clash: (clash.first_at, clash.last_at)):
        if found and clash.first_at - found[-1].last_at <= pause:
            found[-1].join(clash)
        else:
            found.append(clash)
    return found


def _conflict(path: str, clash: _Clash, touches: Sequence[Touch]) -> Conflict:
    own: dict[str, list[Touch]] = defaultdict(list)
    for touch in touches:
        is_branch = (touch.sign == "branch") == (clash.grade == "branch")
        if touch.key in clash.keys and clash.first_at <= touch.at <= clash.last_at and is_branch:
            own[touch.key].append(touch)
    writers = [
        Writer(key, of[0].at, of[-1].at, sum(touch.sign is None for touch in of))
        for key, of in own.items()
    ]
    writers.sort(key=lambda writer: (writer.first_at, writer.key))
    return Conflict(
        clash.grade,
        clash.severity,
        path,
        clash.first_at,
        clash.last_at,
        tuple(writers),
        clash.evidence,
    )


def _names(one: Touch, other: Touch) -> tuple[str, str]:
    """Their agents, with the end of the ids where that would be one and the same name."""
    if one.agent != other.agent:
        return one.agent, other.agent
    ends = [touch.key.partition(":")[2][-8:] for touch in (one, other)]
    return f"{one.agent} {ends[0]}", f"{other.agent} {ends[1]}"


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"
