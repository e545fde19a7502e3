"""A report in words and figures, for the command line and the screen."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from agtop.spend.report import Report, Unit
from agtop.spend.rows import Row
from agtop.spend.sums import Sum
from agtop.spend.week import Strip
from agtop.units import UNKNOWN, compact, dollars, percent

COLUMNS = ("COST", "SHARE", "TOKENS", "ANSWERS", "SESSIONS", "BEFORE", "CHANGE")
"""Beside the name of the cut."""
BAR = 24
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_STEPS = "·▁▂▃▄▅▆▇█"
_SHADES = "·░▒▓█"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def money(spent: Sum | None) -> str:
    """`≥ $1.20` where some tokens have no price, `–` where none has."""
    if spent is None or spent.dollars is None:
        return UNKNOWN
    return ("≥ " if spent.is_bound else "") + dollars(spent.dollars)


def row(each: Row) -> tuple[str, ...]:
    """The cells of `COLUMNS`."""
    return (
        money(each.sum),
        percent(each.share, 1),
        compact(each.sum.total),
        f"{each.sum.requests:,}",
        f"{each.sessions:,}",
        money(each.before),
        change(each.sum, each.before),
    )


def change(now: Sum, before: Sum | None) -> str:
    """`+12%`, `new`, or `–` where that cannot be told."""
    if before is None or now.dollars is None or before.dollars is None:
        return UNKNOWN
    if not before.pico:
        return "new" if now.pico else UNKNOWN
    return f"{100 * (now.pico - before.pico) / before.pico:+.0f}%"


def bar(part: float, most: float, cells: int = BAR) -> str:
    """As long as `part` is of `most`, to an eighth of a cell; something is never nothing."""
    if most <= 0 or part <= 0:
        return ""
    eighths = max(1, round(part / most * cells * 8))
    full, rest = divmod(min(eighths, cells * 8), 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def weight(spent: Sum, in_tokens: bool) -> int:
    """What a bar stands for: money, or tokens where nothing has a price."""
    return spent.total if in_tokens else spent.pico


def heat(report: Report, first_weekday: int = 0) -> Iterator[tuple[str, str]]:
    """(weekday, 24 shades)."""
    in_tokens = not report.total.pico
    most = max(weight(cell, in_tokens) for line in report.heat for cell in line)
    for number in range(7):
        day = (first_weekday + number) % 7
        cells = (weight(cell, in_tokens) for cell in report.heat[day])
        yield WEEKDAYS[day], "".join(_shade(cell, most) for cell in cells)


def _shade(part: int, most: int) -> str:
    if part <= 0 or most <= 0:
        return _SHADES[0]
    return _SHADES[min(len(_SHADES) - 1, math.ceil(part / most * (len(_SHADES) - 1)))]


def facts(report: Report) -> Iterator[tuple[str, str]]:
    """(name, sentence) of what is worth knowing beside the rows."""
    yield "total", _total(report)
    if report.before is not None:
        yield "before", _before(report)
    yield "week", "; ".join(week(report.week))
    yield "", weekdays(report.week)
    if report.total.tokens[1] or report.total.tokens[2] or report.total.tokens[3]:
        saved = report.total.saved_dollars
        verb = "saved" if saved is None or saved >= 0 else "cost more by"
        amount = UNKNOWN if saved is None else dollars(abs(saved))
        yield "cache", f"{verb} {amount} against the same tokens uncached"
    if report.subagents.requests:
        part = percent(_part(report.subagents, report.total), 1)
        yield "subagents", f"{money(report.subagents)}, {part} of it"
    yield "each", "; ".join(_units(report))
    if report.undated.requests:
        yield "undated", f"{money(report.undated)} of records that bear no date, in no day below"
    if report.archived:
        yield "archived", f"{_many(report.archived, 'session')} whose transcripts are gone"


def _total(report: Report) -> str:
    spent = report.total
    parts = [
        f"{money(spent)} at list price",
        f"{compact(spent.total)} tokens",
        _many(spent.requests, "answer"),
        _many(report.sessions, "session"),
    ]
    if spent.included:
        parts.append(f"{dollars(spent.included / 10**12)} of it covered by a plan")
    if spent.unpriced:
        parts.append(f"{compact(spent.unpriced)} tokens without a known price")
    return ", ".join(parts)


def _before(report: Report) -> str:
    said = f"{money(report.before)} in {report.previous}"
    if report.before_so_far is None:
        return f"{said} ({change(report.total, report.before)})"
    so_far = report.before_so_far
    return f"{said}, {money(so_far)} of it up to this point ({change(report.total, so_far)})"


def week(strip: Strip) -> Iterator[str]:
    """The budget of a week and where the week leads."""
    spent = money(strip.spent)
    if strip.budget is None:
        yield f"{spent} this week"
    else:
        yield f"{spent} of {dollars(strip.budget)} this week ({percent(strip.percent)})"
    if strip.daily is None or strip.projected is None:
        yield "too early to tell a pace"
        return
    yield f"{dollars(strip.daily)} a day, {dollars(strip.projected)} by its end at that pace"
    until = strip.days_until_exceeded
    if until:
        yield f"over budget in {until:.1f} days"
    elif strip.will_exceed is not None:
        yield "over budget" if strip.will_exceed else "on track"


def weekdays(strip: Strip) -> str:
    """`Mon ▂ Tue █ Wed · Thu Fri`: how the days compare; those to come bear no mark."""
    in_tokens = not strip.spent.pico
    known = [weight(spent, in_tokens) for _, spent in strip.days if spent is not None]
    most = max(known, default=0)
    parts = [
        f"{day:%a}" if spent is None else f"{day:%a} {_step(weight(spent, in_tokens), most)}"
        for day, spent in strip.days
    ]
    return " ".join(parts)


def _step(part: int, most: int) -> str:
    return _STEPS[0] if part <= 0 else _STEPS[max(1, math.ceil(part / most * (len(_STEPS) - 1)))]


def _units(report: Report) -> Iterator[str]:
    yield f"{_fine(report.per_answer)} an answer"
    yield _unit(report.per_prompt, "a prompt")
    yield _unit(report.per_line, "a line written")


def _unit(unit: Unit, of_what: str) -> str:
    if unit.dollars is None:
        return f"{UNKNOWN} {of_what}"
    return f"{_fine(unit.dollars)} {of_what} ({unit.count:,} in {_many(unit.sessions, 'session')})"


def _fine(amount: float | None) -> str:
    return dollars(amount, 4 if amount is not None and amount < 1 else 2)


def _part(part: Sum, whole: Sum) -> float | None:
    if whole.pico:
        return 100.0 * part.pico / whole.pico
    return 100.0 * part.total / whole.total if whole.total else None


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun if count == 1 else noun + 's'}"


def most_of(rows: Sequence[Row], in_tokens: bool) -> int:
    """What the longest bar stands for."""
    return max((weight(each.sum, in_tokens) for each in rows), default=0)
