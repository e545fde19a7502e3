"""What a screen shows of what was spent: which days, which cut, which part, in which order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date

from agtop.model import Record, replace
from agtop.spend.period import EVERYTHING, Period, Span, day_of, period
from agtop.spend.rows import CUTS, Cut, Key, Row, key_of
from agtop.spend.uses import Use

SORTS = ("name", "COST", "SHARE", "TOKENS", "ANSWERS", "SESSIONS", "BEFORE", "CHANGE")


class View(Record):
    """One page of the screen."""

    period: Period
    cut: Cut = "repo"
    inside: tuple[tuple[Cut, Key, str], ...] = ()
    """(cut, key, label) of the parts that were gone into."""
    sort: str = "COST"
    reverse: bool = False

    @property
    def page(self) -> object:
        """What it is a page of, in whatever order."""
        return (self.period, self.cut, self.inside)

    def of(self, found: Iterable[Use]) -> list[Use]:
        """The part that was gone into, of whatever day."""
        kept = list(found)
        for cut, key, _ in self.inside:
            read = key_of(cut)
            kept = [use for use in kept if read(use) == key]
        return kept

    def into(self, row: Row) -> View:
        """The sessions of a row, or what models a session used."""
        cut: Cut = "model" if self.cut == "session" else "session"
        return replace(self, cut=cut, inside=(*self.inside, (self.cut, row.key, row.label)))

    def on(self, day: date) -> View:
        return replace(self, period=day_of(day))

    def by(self, cut: Cut) -> View:
        return replace(self, cut=cut)

    def by_next(self) -> View:
        """The next cut."""
        return self.by(CUTS[(CUTS.index(self.cut) + 1) % len(CUTS)])

    def within(self, days: Period) -> View:
        return replace(self, period=days)

    def of_span(self, span: Span, today: date, first_weekday: int) -> View:
        found = EVERYTHING if span == "all" else period(span, today, first_weekday)
        return replace(self, period=found)

    def moved(self, steps: int) -> View:
        """Earlier or later by as much as is shown."""
        return replace(self, period=self.period.shifted(steps))

    def sorted_by(self, step: int) -> View:
        here = SORTS.index(self.sort)
        return replace(self, sort=SORTS[(here + step) % len(SORTS)], reverse=False)

    def sorted_on(self, name: str) -> View:
        """By that column; the other way round where it is that already."""
        return self.inverted() if name == self.sort else replace(self, sort=name, reverse=False)

    def inverted(self) -> View:
        return replace(self, reverse=not self.reverse)

    def arranged(self, rows: Sequence[Row]) -> list[Row]:
        """In the order wished for; what is unknown comes last either way."""
        if self.sort == "name":
            return sorted(rows, key=lambda row: row.label.casefold(), reverse=self.reverse)
        known = [(figure, row) for row in rows if (figure := _figure(row, self.sort)) is not None]
        rest = [row for row in rows if _figure(row, self.sort) is None]
        known.sort(key=lambda pair: pair[0], reverse=not self.reverse)
        return [*(row for _, row in known), *rest]


def _figure(row: Row, sort: str) -> float | None:
    match sort:
        case "COST":
            return row.sum.dollars
        case "SHARE":
            return row.share
        case "TOKENS":
            return row.sum.total
        case "ANSWERS":
            return row.sum.requests
        case "SESSIONS":
            return row.sessions
        case "CHANGE":
            return _change(row)
        case _:
            return None if row.before is None else row.before.dollars


def _change(row: Row) -> float | None:
    """As many times as much as before; what is new is the most."""
    now, before = row.sum.dollars, None if row.before is None else row.before.dollars
    if now is None or before is None or (not before and not now):
        return None
    return now / before if before else math.inf
