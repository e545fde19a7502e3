"""What the proxy says, in words and figures for people, as plain values for JSON and CSV."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from agtop.spend.proxy.beside import Beside, Line
from agtop.spend.proxy.bill import Answer, Figures
from agtop.spend.told import money as own_money
from agtop.units import UNKNOWN, compact, dollars, iso

COLUMNS = ("SPEND", "LOGGED", "IN", "OUT", "REQUESTS")
"""Beside the name: what the one book says, what the other does, and counts of the first."""
NO_MODEL = "no model named"
CSV_COLUMNS = (
    "by", "key", "cost", "logged_cost", "input_tokens", "output_tokens", "requests",
)  # fmt: skip


def money(figures: Figures | None) -> str:
    """`≥ $1.20` where a row told no cost, `–` where none did."""
    if figures is None or figures.dollars is None:
        return UNKNOWN
    amount = figures.dollars
    shown = dollars(amount, 2 if amount >= 1 or not amount else 4)
    return ("≥ " if figures.is_bound else "") + shown


def row(line: Line) -> tuple[str, ...]:
    """The cells of `COLUMNS`."""
    known = line.activity
    requests = None if known is None else known.requests
    return (
        money(line.activity),
        money(line.logs),
        compact(None if known is None else known.input),
        compact(None if known is None else known.output),
        UNKNOWN if requests is None else f"{requests:,}",
    )


def total_row(told: Beside) -> tuple[str, ...]:
    """The same of everything; a book of which a part is missing is a bound."""
    spend, logged, *rest = row(told.total)
    return (_at_least(spend, told.bill.activity), _at_least(logged, told.bill.logs), *rest)


def _at_least(shown: str, answer: Answer) -> str:
    is_known = shown != UNKNOWN and not shown.startswith("≥")
    return f"≥ {shown}" if is_known and not answer.is_whole else shown


def weight(line: Line) -> int:
    """What a bar stands for."""
    known = line.activity or line.logs
    return 0 if known is None else known.pico


def label(line: Line) -> str:
    return NO_MODEL if line.name is None else line.name


def day_label(line: Line) -> str:
    return f"{date.fromisoformat(line.name or ''):%a} {line.name}"


def facts(told: Beside) -> Iterator[tuple[str, str]]:
    """(name, sentence) of what is worth knowing beside the rows."""
    yield "proxy", told.bill.base
    yield "total", f"{_said(told.bill.activity)}; {_said(told.bill.logs)}"
    yield "own", _own(told)
    for question, gap in told.bill.gaps:
        yield "missing", f"{question}: {gap}"
    if told.shift:
        yield "days", f"the proxy's, by UTC: each begins here at {_begins(told.shift)}"
    if told.bill.is_clear:
        yield "http", "the key goes there unencrypted; use https where others share the network"


def _said(answer: Answer) -> str:
    return f"{_at_least(money(answer.total), answer)} says {answer.question}"


def _own(told: Beside) -> str:
    said = f"{own_money(told.own)} at list price is what agtop counts itself on these days"
    gap = difference(told)
    if gap is not None:
        more = "more" if gap > 0 else "less"
        said += ", as much" if abs(gap) < 0.005 else f", {dollars(abs(gap))} {more}"
    return f"{said}; it is no part of the proxy's figures"


def difference(told: Beside) -> float | None:
    """Dollars that agtop counts above the proxy; None where either is not known in full."""
    book = _book(told)
    if book is None or told.own.dollars is None or told.own.is_bound:
        return None
    return told.own.dollars - book


def _book(told: Beside) -> float | None:
    """The total of a book that came in full."""
    for answer in (told.bill.activity, told.bill.logs):
        if answer.is_whole and answer.total is not None and not answer.total.is_bound:
            return answer.total.dollars
    return None


def _begins(shift: int) -> str:
    """Where UTC's midnight falls on the clock on the wall."""
    minutes = shift % (24 * 60)
    clock = f"{minutes // 60:02}:{minutes % 60:02}"
    return clock if shift > 0 else f"{clock} of the day before"


def document(told: Beside, now: float) -> dict[str, Any]:
    bill = told.bill
    return {
        "schema_version": 1,
        "generated_at": iso(now),
        "proxy": bill.base,
        "period": {"span": told.period.span, "first": f"{bill.first}", "last": f"{bill.last}"},
        "days_of": "UTC",
        "total": {**_line(told.total), "cost_is_lower_bound": _is_bound(bill.activity)},
        "days": [{"day": line.name, **_line(line)} for line in told.days],
        "models": [{"model": line.name, **_line(line)} for line in told.models],
        "gaps": [{"question": question, "reason": reason} for question, reason in bill.gaps],
        "own": {
            "cost": told.own.dollars,
            "unpriced_tokens": told.own.unpriced,
            "above_proxy": difference(told),
        },
    }


def _is_bound(answer: Answer) -> bool:
    total = answer.total
    return total is not None and (total.is_bound or not answer.is_whole)


def _line(line: Line) -> dict[str, Any]:
    known = line.activity or Figures()
    return {
        "cost": _dollars(line.activity),
        "cost_is_lower_bound": line.activity is not None and line.activity.is_bound,
        "input_tokens": known.input,
        "output_tokens": known.output,
        "requests": known.requests,
        "logged_cost": _dollars(line.logs),
    }


def table(told: Beside) -> Iterator[tuple[object, ...]]:
    """The lines of a CSV: the header, one for each day and model, the total."""
    yield CSV_COLUMNS
    for by, lines in (("day", told.days), ("model", told.models), ("total", (told.total,))):
        for line in lines:
            known = line.activity or Figures()
            costs = (_dollars(line.activity), _dollars(line.logs))
            yield (by, line.name or "", *costs, known.input, known.output, known.requests)


def _dollars(figures: Figures | None) -> float | None:
    return None if figures is None else figures.dollars
