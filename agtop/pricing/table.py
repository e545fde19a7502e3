"""The price table: what vendors list for their models, with the days and prompt sizes it holds for.

Inside, money is whole pico-dollars (1e-12 $): a dollar per million tokens is a million of them per
token, so that sums are exact and the same in any order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from agtop.model import Record
from agtop.pricing.names import Name

PICO = 10**12
"""Pico-dollars in a dollar."""
PER_MTOK = 10**6
"""Pico-dollars per token in a dollar per million tokens."""
TABLE = Path(__file__).with_name("table.json")
_DAY = 86400


class Rates(NamedTuple):
    """Pico-dollars per token."""

    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int


class Band(NamedTuple):
    """What a whole request is charged at when its prompt is longer than `above`."""

    above: int
    rates: Rates


class Row(Record):
    """A price and when it holds."""

    day: str
    """ISO date of its first day (UTC); empty: always was."""
    start: float
    hours: tuple[tuple[int, int], ...]
    """Minutes of the UTC day, from and before; none: all day."""
    days: tuple[int, ...]
    """Weekdays, 0 = Monday; none: all."""
    bands: tuple[Band, ...]
    """Longest prompts first."""
    search: int | None
    """Pico-dollars per web search; None: not known."""
    source: str
    date: str

    def holds(self, at: float) -> bool:
        return at >= self.start and (not self.hours or self._in_hours(at))

    def _in_hours(self, at: float) -> bool:
        day, second = divmod(int(at), _DAY)
        if self.days and (day + 3) % 7 not in self.days:  # day 0 was a Thursday
            return False
        minute = second // 60
        return any(first <= minute < last for first, last in self.hours)


class Entry(Record):
    """One model of the table."""

    provider: str
    model: str
    window: int | None
    rows: tuple[Row, ...]
    """Of those that hold, the last one counts."""
    variants: Mapping[str, tuple[Row, ...]]
    """Rows for `fast`, `priority`, `flex`, `batch`."""


class Table:
    """The models by every exact name they have. Raises OSError, ValueError on a broken table."""

    def __init__(self, path: Path = TABLE) -> None:
        import json

        content: dict[str, Any] = json.loads(path.read_bytes())
        self.date: str = content["date"]
        self.source: str = content["source"]
        self.unpriced: dict[str, str] = content["unpriced"]
        self.geo: dict[str, dict[str, float]] = content["geo"]
        self._search: dict[str, float] = content["search"]
        self._records: dict[str, dict[str, Any]] = {
            name: model for model in content["models"] for name in model["names"]
        }
        self._entries: dict[str, Entry] = {}

    def find(self, name: Name) -> Entry | None:
        """The model called `name`, if it is listed under one of its spellings."""
        record = next((self._records[s] for s in name.spellings if s in self._records), None)
        return self._entry(record) if record else None

    def why_unlisted(self, name: Name) -> str | None:
        """Why a model is known to have no price."""
        return next((self.unpriced[s] for s in name.spellings if s in self.unpriced), None)

    def _entry(self, record: dict[str, Any]) -> Entry:
        known = self._entries.get(record["id"])
        if known is None:
            known = self._entries[record["id"]] = self._parse(record)
        return known

    def _parse(self, record: dict[str, Any]) -> Entry:
        provider: str = record["provider"]
        return Entry(
            provider,
            record["id"],
            record.get("window"),
            self._rows(provider, record["rows"]),
            {kind: self._rows(provider, rows) for kind, rows in record.get("variants", {}).items()},
        )

    def _rows(self, provider: str, rows: Sequence[Mapping[str, Any]]) -> tuple[Row, ...]:
        return tuple(self._row(provider, row) for row in rows)

    def _row(self, provider: str, row: Mapping[str, Any]) -> Row:
        day: str = row.get("from", "")
        search: float | None = row.get("search", self._search.get(provider))
        return Row(
            day=day,
            start=midnight(day) if day else float("-inf"),
            hours=tuple((first, last) for first, last in row.get("hours", ())),
            days=tuple(row.get("days", ())),
            bands=tuple(Band(a, fill(provider, *prices)) for a, *prices in reversed(row["bands"])),
            search=None if search is None else round(search * PICO),
            source=row.get("source", self.source),
            date=self.date,
        )


def midnight(day: str) -> float:
    """The start of an ISO date in UTC, as Unix seconds."""
    from datetime import UTC, datetime

    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()


def fill(
    provider: str,
    input: float,  # noqa: A002
    cache_read: float | None,
    cache_write_5m: float | None,
    cache_write_1h: float | None,
    output: float,
) -> Rates:
    """Dollars per million tokens as rates. What is not listed costs as much as plain input, but
    Anthropic's cache writes 1.25 and 2 times as much."""
    short, long = (1.25 * input, 2 * input) if provider == "anthropic" else (input, None)
    write = short if cache_write_5m is None else cache_write_5m
    lasting = long if cache_write_1h is None else cache_write_1h
    return Rates(
        _pico(input),
        _pico(input if cache_read is None else cache_read),
        _pico(write),
        _pico(write if lasting is None else lasting),
        _pico(output),
    )


def _pico(dollars_per_mtok: float) -> int:
    return round(dollars_per_mtok * PER_MTOK)
