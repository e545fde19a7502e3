"""The cuts: by agent, model, repository, session, command or hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Literal, TypeVar

from agtop.model import Record
from agtop.spend.sums import Sum, total
from agtop.spend.uses import Use

Cut = Literal["agent", "model", "repo", "session", "command", "hour"]
CUTS: tuple[Cut, ...] = ("agent", "model", "repo", "session", "command", "hour")

K = TypeVar("K", bound=Hashable)
Key = str | int | None
"""None is what nobody knows."""


class Row(Record):
    """One part of a sum."""

    key: Key
    label: str
    sum: Sum
    sessions: int
    share: float | None
    """Percent of the cost of all rows; of the tokens where nothing has a price."""
    before: Sum | None = None
    """In the period before; None where there is none."""
    archived: bool = False
    """All of its transcripts are gone."""


_KEYS: Mapping[Cut, Callable[[Use], Key]] = {
    "agent": lambda use: use.agent,
    "model": lambda use: use.bucket.model,
    "repo": lambda use: use.spender.repo,
    "session": lambda use: use.session,
    "command": lambda use: use.command,
    "hour": lambda use: None if use.moment is None else use.moment.hour,
}


def key_of(cut: Cut) -> Callable[[Use], Key]:
    return _KEYS[cut]


def rows(found: Iterable[Use], cut: Cut, before: Iterable[Use] | None = None) -> tuple[Row, ...]:
    """The parts, the dearest first; hours in their own order."""
    parts = grouped(found, _KEYS[cut])
    earlier = None if before is None else grouped(before, _KEYS[cut])
    sums = {key: added(part) for key, part in parts.items()}
    pico = sum(each.pico for each in sums.values())
    tokens = sum(each.total for each in sums.values())
    made = [
        Row(
            key,
            _label(cut, key, parts[key]),
            each,
            len({use.session for use in parts[key]}),
            _percent(each.pico, pico) if pico else _percent(each.total, tokens),
            None if earlier is None else added(earlier.get(key, ())),
            all(use.spender.archived for use in parts[key]),
        )
        for key, each in sums.items()
    ]
    if cut == "hour":
        return tuple(sorted(made, key=lambda row: -1 if row.key is None else int(row.key)))
    return tuple(sorted(made, key=lambda row: (-row.sum.pico, -row.sum.total, row.label)))


def added(found: Iterable[Use]) -> Sum:
    return total([(use.bucket, use.included) for use in found])


def grouped(found: Iterable[Use], key: Callable[[Use], K]) -> dict[K, list[Use]]:
    parts: defaultdict[K, list[Use]] = defaultdict(list)
    for use in found:
        parts[key(use)].append(use)
    return dict(parts)


def _label(cut: Cut, key: Key, part: list[Use]) -> str:
    if key is None:
        return {"hour": "not dated", "repo": "no repository known"}.get(cut, "unknown")
    if cut == "agent":
        return part[0].label
    return f"{key:02}:00" if isinstance(key, int) else key


def _percent(part: int, whole: int) -> float | None:
    return 100.0 * part / whole if whole else None
