"""Columns of the context window and the prompt cache."""

from __future__ import annotations

from collections.abc import Callable

from agtop.columns.cells import compaction_text, compactions_text, free_text, warm_text
from agtop.columns.column import Column
from agtop.model import Context, Session
from agtop.units import compact, dollars


def _in_context(read: Callable[[Context], float | None]) -> Callable[[Session], float | None]:
    return lambda s: None if s.reading.context is None else read(s.reading.context)


_peak = _in_context(lambda c: c.peak)
_wake_cost = _in_context(lambda c: c.wake_cost)

IN_CONTEXT: tuple[Column, ...] = (
    Column(
        "free",
        "FREE",
        5,
        free_text,
        _in_context(lambda c: c.to_full),
        "How much of the context window is still free.",
        True,
    ),
    Column(
        "to_compaction",
        "TO CMP",
        6,
        compaction_text,
        _in_context(lambda c: c.to_compaction),
        "About how much of the context window may still be used until the agent sums up.",
        True,
    ),
    Column(
        "peak",
        "PEAK",
        6,
        lambda s, _now: compact(_peak(s)),
        _peak,
        "The most tokens its context ever held.",
        True,
        True,
    ),
    Column(
        "compactions",
        "CMP",
        4,
        compactions_text,
        _in_context(lambda c: c.compactions),
        "How often it was summed up. !: twice within ten minutes; its context fills at once again.",
        True,
        True,
    ),
    Column(
        "warm",
        "WARM",
        6,
        warm_text,
        _in_context(lambda c: c.cold_at),
        "How long its prompt cache still lasts; a cold one is paid for anew. –: no record says.",
        True,
        True,
    ),
    Column(
        "wake_cost",
        "WAKE",
        7,
        lambda s, _now: dollars(_wake_cost(s)),
        _wake_cost,
        "What writing its context to a cold cache again costs, at list price.",
        True,
        True,
    ),
)
