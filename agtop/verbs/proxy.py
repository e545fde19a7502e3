"""`agtop spend --proxy`: what the LiteLLM proxy says was spent, as a page, as JSON or as CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from typing import TextIO

from agtop.export import write_json
from agtop.spend.proxy.beside import Beside, Line
from agtop.spend.proxy.told import (
    COLUMNS,
    day_label,
    document,
    facts,
    label,
    row,
    table,
    total_row,
    weight,
)
from agtop.spend.told import bar
from agtop.text import cut, line
from agtop.verbs.spend import MOST_NAME, aligned, guarded


def show(
    stream: TextIO,
    told: Beside,
    now: float,
    form: str,
    cells: int | None,
    say: Callable[[str], object],
) -> None:
    """Write the proxy's bill.

    Args:
        form: `text`, `json` or `csv`.
        cells: the width of the terminal; None where nobody looks.
        say: tells a person what is missing, where the page does not.
    """
    if form != "text":
        for question, gap in told.bill.gaps:
            say(f"{question}: {gap}")
    if form == "json":
        write_json(stream, document(told, now))
        return
    if form == "csv":
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([guarded(cell) for cell in each] for each in table(told))
        return
    stream.writelines((text if cells is None else cut(text, cells)) + "\n" for text in page(told))


def page(told: Beside) -> Iterator[str]:
    """The bill as lines."""
    yield f"{told.period}, what the LiteLLM proxy booked"
    yield ""
    yield from _table("MODEL", told.models, label, total_row(told))
    yield ""
    size = max(len(name) for name, _ in facts(told))
    for name, said in facts(told):
        yield f"{name:<{size}}  {line(said)}"
    if len(told.days) > 1:
        yield ""
        yield from _table("DAY", told.days, day_label)


def _table(
    title: str,
    lines: Sequence[Line],
    name: Callable[[Line], str],
    total: tuple[str, ...] | None = None,
) -> Iterator[str]:
    most = max((weight(each) for each in lines), default=0)
    rows = [
        (cut(line(name(each)), MOST_NAME), *row(each), bar(weight(each), most)) for each in lines
    ]
    ending = [] if total is None else [("TOTAL", *total, "")]
    yield from aligned([(title, *COLUMNS, ""), *rows, *ending])
