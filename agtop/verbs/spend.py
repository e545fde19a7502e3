"""`agtop spend`: where the money went, as a page, as JSON or as CSV; `agtop history forget`."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TextIO

from agtop.errors import AgtopError, UsageError
from agtop.export import write_json
from agtop.history import History
from agtop.spend import Clock, Period, Report
from agtop.spend.document import document, table
from agtop.spend.period import parse_day, period
from agtop.spend.told import COLUMNS, bar, facts, heat, money, most_of, row, weight
from agtop.text import cut, fit, line, width
from agtop.units import compact

MOST_NAME = 40


def wanted(
    span: str | None,
    since: str | None,
    until: str | None,
    now: float,
    clock: Clock,
    first_weekday: int,
) -> Period:
    """The days that were asked for; this month where none were. Raises UsageError."""
    today = clock.today(now)
    try:
        first = None if since is None else parse_day(since, today)
        last = None if until is None else parse_day(until, today)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if first is not None and last is not None and first > last:
        raise UsageError(f"--since {first} is after --until {last}; exchange them")
    match span:
        case "day" | "week" | "month" | "all":
            return period(span, today, first_weekday, first, last)
        case _:
            return period("month", today, first_weekday, first, last)


def show(
    stream: TextIO, report: Report, now: float, form: str, cells: int | None, first_weekday: int
) -> None:
    """Write the report.

    Args:
        form: `text`, `json` or `csv`.
        cells: the width of the terminal; None where nobody looks.
    """
    if form == "json":
        write_json(stream, document(report, now))
        return
    if form == "csv":
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([guarded(cell) for cell in each] for each in table(report))
        return
    stream.writelines(
        (text if cells is None else cut(text, cells)) + "\n" for text in page(report, first_weekday)
    )


def guarded(cell: object) -> object:
    """Text from outside must be no formula to a spreadsheet."""
    if isinstance(cell, str):
        text = line(cell)
        return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
    return cell


def page(report: Report, first_weekday: int) -> Iterator[str]:
    """The report as lines."""
    yield f"{report.period}, by {report.cut}"
    yield ""
    yield from _table(report)
    yield ""
    name = max(len(name) for name, _ in facts(report))
    for fact, said in facts(report):
        yield f"{fact:<{name}}  {line(said)}"
    if len(report.days) > 1:
        yield ""
        yield from _days(report)
    if report.total.requests:
        yield ""
        yield "     0     3     6     9     12    15    18    21"
        for day, shades in heat(report, first_weekday):
            yield f"{day}  " + "".join(shade * 2 for shade in shades)


def _table(report: Report) -> Iterator[str]:
    titles = (report.cut.upper(), *COLUMNS, "")
    in_tokens = not report.total.pico
    most = most_of(report.rows, in_tokens)
    lines = [
        (
            cut(line(each.label), MOST_NAME),
            *row(each),
            bar(weight(each.sum, in_tokens), most),
        )
        for each in report.rows
    ]
    total = ("TOTAL", money(report.total), "", compact(report.total.total))
    counts = (f"{report.total.requests:,}", f"{report.sessions:,}", money(report.before), "", "")
    yield from aligned([titles, *lines, (*total, *counts)])


def aligned(lines: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Rows of cells under each other: the first and the last column to the left."""
    cells = [max(width(each[n]) for each in lines) for n in range(len(lines[0]))]
    last = len(cells) - 1
    for each in lines:
        texts = [fit(text, cells[n], 0 < n < last) for n, text in enumerate(each)]
        yield "  ".join(texts).rstrip()


def _days(report: Report) -> Iterator[str]:
    in_tokens = not report.total.pico
    most = max(weight(spent, in_tokens) for _, spent in report.days)
    rows = [
        (f"{day:%a} {day}", money(spent), bar(weight(spent, in_tokens), most))
        for day, spent in report.days
    ]
    yield from aligned(rows)


def forget(
    history: History,
    agents: Sequence[str],
    repo: str | None,
    before: str | None,
    now: float,
    clock: Clock,
    say: Callable[[str], Any],
) -> int:
    """Remove what is known of transcripts that are gone. Raises UsageError, AgtopError."""
    instant = None
    if before is not None:
        try:
            instant = clock.midnight(parse_day(before, clock.today(now)))
        except ValueError as error:
            raise UsageError(f"--before: {error}") from None
    try:
        count = history.forget(agents, repo, instant)
    except (sqlite3.Error, OSError) as error:
        raise AgtopError(f"the history cannot be changed ({error}); try again") from None
    noun = "transcript" if count == 1 else "transcripts"
    say(f"forgot what {count:,} {noun} that are gone had used" if count else "nothing to forget")
    return 0
