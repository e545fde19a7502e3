"""Reads the proxy's answers; a stranger wrote them, so that every value may be anything.

Only days, models, dollars and counts are taken: names of keys, users and teams stay unread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, cast

from agtop.model import PICO, Record
from agtop.spend.proxy.bill import NOTHING, Answer, Figures, added

_MOST_DOLLARS = 1e9
_MOST_COUNT = 10**15
_MOST_NAME = 200
_NOISE = PICO // 10**6
"""Pico-dollars within which two sums of floats are the same."""


class Page(Record):
    """One answer of several, and whether more follow."""

    rows: tuple[Row, ...]
    unread: int = 0
    """Rows that are none."""
    more: bool = False


class Row(Record):
    """One day, or a part of one."""

    day: date
    figures: Figures
    models: tuple[tuple[str | None, Figures], ...]


def activity(document: object, number: int) -> Page | None:
    """A page of /user/daily/activity; None for what is no such page."""
    results = _map(document).get("results")
    if not isinstance(results, list):
        return None
    rows = [_activity_row(each) for each in cast("list[object]", results)]
    told = _map(_map(document).get("metadata"))
    pages, more = _count(told.get("total_pages")), told.get("has_more")
    follows = more if isinstance(more, bool) else pages is not None and number < pages
    return _page(rows, follows)


def logs(document: object) -> Page | None:
    """All of /spend/logs; None for what is no such answer."""
    if not isinstance(document, list):
        return None
    return _page([_log_row(each) for each in cast("list[object]", document)], False)


def _page(rows: list[Row | None], more: bool) -> Page:
    read = tuple(row for row in rows if row is not None)
    return Page(read, len(rows) - len(read), more)


def _activity_row(value: object) -> Row | None:
    row = _map(value)
    day = _day(row.get("date"))
    if day is None or not isinstance(row.get("metrics"), dict):
        return None
    models = _map(_map(row.get("breakdown")).get("models"))

    def metrics(told: object) -> Figures:
        inner = _map(told)
        return _metrics(_map(inner["metrics"]) if "metrics" in inner else inner)

    return Row(day, _metrics(_map(row["metrics"])), _by_model(models, metrics))


def _metrics(told: Mapping[str, Any]) -> Figures:
    return _spent(
        told.get("spend"),
        _count(told.get("prompt_tokens")),
        _count(told.get("completion_tokens")),
        _count(told.get("api_requests")),
    )


def _log_row(value: object) -> Row | None:
    """A day, or, of a proxy that does not add up, one request."""
    row = _map(value)
    day = _day(row.get("startTime"))
    if day is None:
        return None
    figures = _spent(row.get("spend"))
    if "models" not in row and "model" in row:
        return Row(day, figures, ((_name(row["model"]), figures),))
    return Row(day, figures, _by_model(_map(row.get("models")), _spent))


def _by_model(
    models: Mapping[str, Any], read: Callable[[object], Figures]
) -> tuple[tuple[str | None, Figures], ...]:
    return tuple((_name(name), read(told)) for name, told in models.items())


def _map(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _name(value: object) -> str | None:
    """Not even the names of models may be as long as they like."""
    if not isinstance(value, str) or value.strip().casefold() in ("", "none", "null"):
        return None
    return value.strip()[:_MOST_NAME]


def _spent(
    value: object, given: int | None = None, made: int | None = None, requests: int | None = None
) -> Figures:
    pico = _pico(value)
    if pico is None:
        return Figures(0, 0, 1, given, made, requests)
    return Figures(pico, 1, 0, given, made, requests)


def _number(value: object) -> float | None:
    """Databases hand decimals out as strings."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _pico(value: object) -> int | None:
    number = _number(value)
    return None if number is None or abs(number) > _MOST_DOLLARS else round(number * PICO)


def _count(value: object) -> int | None:
    number = _number(value)
    return None if number is None or not 0 <= number <= _MOST_COUNT else int(number)


def _day(value: object) -> date | None:
    """`2026-11-20`, or an instant on that day at the proxy, which keeps UTC."""
    if not isinstance(value, str):
        return None
    try:
        if len(value) == len("2026-11-20"):
            return date.fromisoformat(value)
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo is None else moment.astimezone(UTC)).date()
    except (ValueError, OverflowError):
        return None


def answer(
    question: str, rows: Iterator[Row], gaps: tuple[str, ...], hide: Callable[[str], str]
) -> Answer:
    """Rows of the days that were asked for, added up.

    Args:
        hide: takes the key out of a name.
    """
    days: dict[date, Figures] = {}
    models: dict[str | None, Figures] = {}
    for row in rows:
        days[row.day] = days.get(row.day, NOTHING) + row.figures
        for name, figures in row.models:
            known = None if name is None else hide(name)
            models[known] = models.get(known, NOTHING) + figures
    _attribute_rest(days, models)
    ranked = sorted(models.items(), key=lambda pair: (-pair[1].pico, pair[0] or "\U0010ffff"))
    return Answer(question, tuple(sorted(days.items())), tuple(ranked), gaps)


def _attribute_rest(days: Mapping[date, Figures], models: dict[str | None, Figures]) -> None:
    """What no model is named for, so that models and days have the same sum."""
    whole, named = added(days.values()), added(models.values())
    rest = whole.pico - named.pico
    if abs(rest) > _NOISE:
        models[None] = models.get(None, NOTHING) + Figures(rest, 1)
