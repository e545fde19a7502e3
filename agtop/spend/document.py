"""A report as plain values: for JSON, and row by row for CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agtop.model import PICO
from agtop.spend.report import Report, Unit
from agtop.spend.rows import Row
from agtop.spend.sums import Sum
from agtop.units import iso

_TOKENS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
CSV_COLUMNS = (
    "by", "key", "label", "cost", "tokens", *(f"{name}_tokens" for name in _TOKENS),
    "answers", "sessions", "unpriced_tokens", "included_cost", "cache_savings", "share",
    "cost_before",
)  # fmt: skip


def document(report: Report, now: float) -> dict[str, Any]:
    """A report as `agtop spend --json` prints it."""
    week = report.week
    return {
        "schema_version": 1,
        "generated_at": iso(now),
        "period": {
            "span": report.period.span,
            "first": _day(report.period.first),
            "last": _day(report.period.last),
        },
        "by": report.cut,
        "total": {**_sum(report.total), "sessions": report.sessions, "archived": report.archived},
        "rows": [_row(each) for each in report.rows],
        "days": [{"day": day.isoformat(), **_sum(spent)} for day, spent in report.days],
        "undated": _sum(report.undated),
        "previous": None if report.before is None else _sum(report.before),
        "previous_so_far": None if report.before_so_far is None else _sum(report.before_so_far),
        "week": {
            "days": [
                {"day": day.isoformat(), "cost": None if spent is None else spent.dollars}
                for day, spent in week.days
            ],
            **_sum(week.spent),
            "budget": week.budget,
            "cost_a_day": week.daily,
            "projected_cost": week.projected,
            "days_left": week.days_left,
            "will_exceed": week.will_exceed,
            "days_until_exceeded": week.days_until_exceeded,
        },
        "heatmap": [[cell.dollars for cell in line] for line in report.heat],
        "subagents": _sum(report.subagents),
        "cost_per_answer": report.per_answer,
        "per_prompt": _unit(report.per_prompt),
        "per_line": _unit(report.per_line),
    }


def table(report: Report) -> Iterator[tuple[object, ...]]:
    """The lines of a CSV: the header, one for each row, the total."""
    yield CSV_COLUMNS
    for each in report.rows:
        key = "" if each.key is None else each.key
        before = None if each.before is None else each.before.dollars
        share = None if each.share is None else round(each.share, 3)
        yield (report.cut, key, each.label, *_cells(each.sum, each.sessions), share, before)
    before = None if report.before is None else report.before.dollars
    yield ("total", "", "total", *_cells(report.total, report.sessions), 100.0, before)


def _cells(spent: Sum, sessions: int) -> tuple[object, ...]:
    return (
        spent.dollars,
        spent.total,
        *_tokens(spent),
        spent.requests,
        sessions,
        spent.unpriced,
        spent.included / PICO,
        spent.saved_dollars,
    )


def _row(each: Row) -> dict[str, Any]:
    return {
        "key": each.key,
        "label": each.label,
        **_sum(each.sum),
        "sessions": each.sessions,
        "share": each.share,
        "cost_before": None if each.before is None else each.before.dollars,
        "archived": each.archived,
    }


def _sum(spent: Sum) -> dict[str, Any]:
    return {
        "cost": spent.dollars,
        "included_cost": spent.included / PICO,
        "tokens": {"total": spent.total, **dict(zip(_TOKENS, _tokens(spent), strict=True))},
        "unpriced_tokens": spent.unpriced,
        "answers": spent.requests,
        "cache_savings": spent.saved_dollars,
    }


def _tokens(spent: Sum) -> tuple[int | None, ...]:
    """By bucket; where no agent told of reasoning, that is unknown."""
    *billed, reasoning = spent.tokens
    return (*billed, reasoning or None)


def _unit(unit: Unit) -> dict[str, Any]:
    return {"cost": unit.dollars, "count": unit.count, "sessions": unit.sessions}


def _day(day: object) -> str | None:
    return None if day is None else str(day)
