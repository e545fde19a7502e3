"""Draws the page of what was spent, and knows what stands on which of its lines."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from textual.content import Content

from agtop.model import Record
from agtop.spend import Report, Row, Use, rows
from agtop.spend.told import COLUMNS, bar, facts, heat, money, most_of, row, weight
from agtop.spend.view import View
from agtop.text import cut, line
from agtop.tui.tabs.facts import columns, wrapped
from agtop.tui.tones import ACCENT, CURSOR, QUIET, STRONG, fill_tone
from agtop.tui.words import figure, quiet, toned


class More(Record):
    """The line below a row's first sessions that stands for the rest of them."""

    key: object
    """The row's."""
    count: int


Item = Row | date | More
"""What the cursor can stand on: a row of the table, a day's bar, or what is left out."""
_NAME, _LABEL, _SUB = 11, 34, 12
_WIDE, _ROOMY, _SHORT = 120, 94, 27
"""Cells from which the table has bars beside it, and all columns; of a name where it has not."""
_SPARE = ("ANSWERS", "SESSIONS")
_KEYS = "Enter in · Space expand · b by · d w m a [ ] days · < > I order"


def held(item: Item | None) -> object:
    """What stays the same of it when the figures change."""
    match item:
        case Row():
            return item.key
        case More():
            return ("more", item.key)
        case _:
            return item


class Drawing:
    """One page, for the width there is."""

    def __init__(
        self,
        told: Report,
        view: View,
        uses: Sequence[Use],
        titles: Mapping[str, str],
        unfolded: Mapping[object, bool],
        cursor: int,
        first_weekday: int,
    ) -> None:
        """
        Args:
            unfolded: keys of rows whose sessions are shown → whether all of them are.
        """
        self.items: list[Item] = []
        self.places: list[int] = []
        """Item → its line."""
        self.titles_at = 2
        """The line of the column titles."""
        self._ends: list[tuple[int, str]] = []
        """Where each column ends, and its name."""
        self._told, self._view, self._uses, self._titles = told, view, uses, titles
        self._unfolded, self._cursor, self._first_weekday = unfolded, cursor, first_weekday

    def column(self, x: int) -> str | None:
        """The column whose title is there."""
        return next((name for end, name in self._ends if x < end), None)

    def lines(self, width: int) -> list[Content]:
        told = self._told
        found = [self._heading(), quiet(cut(_KEYS, width))]
        found += self._table(width, len(found))
        found.append(Content(""))
        for name, said in facts(told):
            tone = _tone(name, told)
            for number, part in enumerate(wrapped(said, width - _NAME)):
                head = (f"{'' if number else name:<{_NAME}}", QUIET)
                found.append(Content.assemble(head, part.stylize(tone) if tone else part))
        if len(told.days) > 1:
            found.append(Content(""))
            found += self._days(width, len(found))
        if told.total.requests:
            found.append(Content(""))
            found += _heat(told, self._first_weekday)
        return found

    def _heading(self) -> Content:
        told, view = self._told, self._view
        parts = [str(told.period), f"by {told.cut}", *(label for _, _, label in view.inside)]
        rises = view.reverse != (view.sort == "name")
        order = f"  {view.sort} {'▲' if rises else '▼'}"
        return Content.assemble((line(" · ".join(parts)), STRONG), (order, QUIET))

    def _table(self, width: int, start: int) -> list[Content]:
        told, in_tokens = self._told, not self._told.total.pico
        most = most_of(told.rows, in_tokens)
        entries = list(self._entries(_LABEL if width >= _ROOMY else _SHORT))
        fitting = [n for n, name in enumerate(COLUMNS) if width >= _ROOMY or name not in _SPARE]
        names = ("name", *(COLUMNS[n] for n in fitting))
        titles = [self._title(name) for name in names]
        cells = [titles, *(_cells(label, each, depth, fitting) for depth, label, each in entries)]
        gap = 2 if width >= 100 else 1
        drawn = columns(cells, (False, *(True for _ in fitting)), gap)
        self._ends, end = [], 0
        for number, name in enumerate(names):
            end += max(each[number].cell_length for each in cells) + gap
            self._ends.append((end, name))
        for number, (_, _, each) in enumerate(entries, 1):
            if width >= _WIDE and isinstance(each, Row):
                length = min(24, width - drawn[number].cell_length - 2)
                tail = bar(weight(each.sum, in_tokens), most, max(1, length))
                drawn[number] = Content.assemble(drawn[number], "  ", (tail, ACCENT))
            drawn[number] = self._marked(each, drawn[number], start + number)
        return drawn

    def _title(self, name: str) -> Content:
        said = self._told.cut.upper() if name == "name" else name
        return toned(said, STRONG if name == self._view.sort else QUIET)

    def _entries(self, cells: int) -> Iterator[tuple[int, str, Row | More]]:
        """(depth, label, row), with the sessions of those that are expanded."""
        for each in self._view.arranged(self._told.rows):
            yield 0, self._label(each, cells), each
            if each.key in self._unfolded:
                below = self._below(each)
                shown = below if self._unfolded[each.key] else below[:_SUB]
                for one in shown:
                    yield 1, f"  {self._label(one, cells - 2)}", one
                if rest := len(below) - len(shown):
                    yield 1, f"  … {rest:,} more, Enter shows", More(each.key, rest)

    def _below(self, each: Row) -> list[Row]:
        told = self._told
        inside = self._view.into(each).of(self._uses)
        now, before = (
            [
                use
                for use in inside
                if days is not None and days.holds(use.moment and use.moment.day)
            ]
            for days in (told.period, told.previous)
        )
        found = rows(now, "session", None if told.previous is None else before)
        return self._view.arranged(found)

    def _label(self, each: Row, cells: int) -> str:
        title = self._titles.get(str(each.key))
        text = each.label if title is None else f"{each.label[:14]} {title}"
        return cut(line(text), cells) + (" †" if each.archived else "")

    def _days(self, width: int, start: int) -> list[Content]:
        in_tokens = not self._told.total.pico
        most = max(weight(spent, in_tokens) for _, spent in self._told.days)
        found: list[Content] = []
        for day, spent in reversed(self._told.days):
            tail = bar(weight(spent, in_tokens), most, max(8, min(60, width - 30)))
            drawn = Content.assemble(
                (f"{day:%a} {day}  ", QUIET), figure(f"{money(spent):>10}"), "  ", (tail, ACCENT)
            )
            found.append(self._marked(day, drawn, start + len(found)))
        return found

    def _marked(self, item: Item, drawn: Content, place: int) -> Content:
        """Note where the item stands, and show the cursor there."""
        self.items.append(item)
        self.places.append(place)
        return drawn.stylize(CURSOR) if len(self.items) - 1 == self._cursor else drawn


def _cells(label: str, each: Row | More, depth: int, fitting: Sequence[int]) -> list[Content]:
    if isinstance(each, More):
        return [quiet(label), *(Content("") for _ in fitting)]
    said = row(each)
    return [toned(label, "" if depth else STRONG), *(figure(said[n]) for n in fitting)]


def _tone(name: str, told: Report) -> str:
    """A week's budget is the louder, the more of it is gone."""
    is_loud = name == "week" and told.week.percent is not None
    return fill_tone(told.week.percent) if is_loud else ""


def _heat(told: Report, first_weekday: int) -> Iterator[Content]:
    hours = "".join(f"{hour:<6}" for hour in range(0, 24, 3))
    yield toned(f"     {hours}", QUIET)
    for day, shades in heat(told, first_weekday):
        yield Content.assemble((f"{day}  ", QUIET), ("".join(s * 2 for s in shades), ACCENT))


def place_of(items: Collection[Item], wanted: object) -> int | None:
    """Where that is now."""
    return next((number for number, each in enumerate(items) if held(each) == wanted), None)
