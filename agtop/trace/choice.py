"""Which events are shown."""

from __future__ import annotations

from collections.abc import Iterable

from agtop.model import EVENT_KINDS, Event, EventKind, Record

_SHORT: dict[str, EventKind] = {
    "tool": "tool call",
    "call": "tool call",
    "file": "file written",
    "write": "file written",
    "compact": "compaction",
}


class Choice(Record):
    """Events of some kinds that hold some text."""

    kinds: frozenset[EventKind] = frozenset()
    """None chooses every kind."""
    text: str = ""

    def matches(self, event: Event) -> bool:
        if self.kinds and event.kind not in self.kinds:
            return False
        wanted = self.text.casefold()
        return not wanted or any(wanted in each.casefold() for each in _searched(event))


def _searched(event: Event) -> Iterable[str]:
    return (event.title, event.body, event.tool or "", event.scope, event.agent)


def kinds(names: Iterable[str]) -> frozenset[EventKind]:
    """Kinds by their names, several with commas between. Raises ValueError."""
    return frozenset(_kind(word) for text in names for word in text.split(",") if word.strip())


def _kind(word: str) -> EventKind:
    plain = word.strip().casefold().replace("-", " ").replace("_", " ")
    for kind in EVENT_KINDS:
        if plain in (kind, f"{kind}s"):
            return kind
    if known := _SHORT.get(plain.removesuffix("s")):
        return known
    there = ", ".join(kind.replace(" ", "-") for kind in EVENT_KINDS)
    raise ValueError(f'no kind of event is called "{word.strip()}"; there are {there}')
