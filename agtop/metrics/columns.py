"""One sample as one row: the same columns, in the same order, for ever; new ones come last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from agtop.metrics.effort import Effort
from agtop.metrics.sample import Sample
from agtop.metrics.spent import Crowd, Spent
from agtop.units import iso

Value = str | int | float | None
MEGA = 1 << 20


def columns(sample: Sample) -> dict[str, Value]:
    """Name → value; None is unknown."""
    load, efforts, totals = sample.load, sample.efforts, sample.totals
    memory, swap = load.memory or (None, None), load.swap or (None, None)
    averages = load.averages or (None, None, None)
    return {
        "timestamp": iso(sample.at),
        "total_cpu_pct": _round(_speed(sample, (e.cpu_percent for e in efforts)), 1),
        "total_mem_mb": _mega(sum(each.rss for each in efforts)),
        "ram_used_mb": _mega(memory[0]),
        "ram_total_mb": _mega(memory[1]),
        "swap_used_mb": _mega(swap[0]),
        "swap_total_mb": _mega(swap[1]),
        "load_1m": _round(averages[0], 2),
        "load_5m": _round(averages[1], 2),
        "load_15m": _round(averages[2], 2),
        "procs_total": sum(each.processes for each in efforts),
        "procs_running": sum(each.running for each in efforts),
        "net_in_mb": None,  # no system counts by process what goes over the net
        "net_out_mb": None,
        "disk_read_mbs": _mega(_speed(sample, (e.disk_read_rate for e in efforts)), 3),
        "disk_write_mbs": _mega(_speed(sample, (e.disk_write_rate for e in efforts)), 3),
        "db_size_mb": _mega(sample.sizes.databases),
        "data_dir_mb": _mega(sample.sizes.all),
        "sessions": totals.sessions,
        "live": totals.live,
        "waiting": totals.waiting,
        "tokens": sum(sum(each.tokens) for each in sample.spent) if sample.spent else None,
        "cost_usd": _round(_sum(each.billed for each in sample.spent), 6),
        "included_usd": _round(_sum(each.included for each in sample.spent), 6),
        "unpriced_tokens": sum(each.unpriced for each in sample.spent) if sample.spent else None,
        "tokens_per_min": _round(totals.tokens_per_min, 1),
        "cost_per_hour_usd": _round(totals.cost_per_hour, 6),
        "cost_today_usd": _round(totals.cost_today, 6),
    }


def document(sample: Sample, told: Callable[[str], str]) -> dict[str, Any]:
    """The row, and what each agent has of it.

    Args:
        told: what of a name may be shown.
    """
    names = sorted({each.agent for each in (*sample.efforts, *sample.spent, *sample.crowds)})
    efforts = {each.agent: each for each in sample.efforts}
    crowds = {each.agent: each for each in sample.crowds}
    return {
        **columns(sample),
        "agents": [
            {
                "agent": told(name),
                **_effort(efforts.get(name)),
                **_crowd(crowds.get(name)),
                "models": [_spent(each, told) for each in sample.spent if each.agent == name],
            }
            for name in names
        ],
    }


def _effort(effort: Effort | None) -> Mapping[str, Value]:
    each = effort or Effort("", threads=0)
    return {
        "cpu_pct": _round(each.cpu_percent, 1),
        "mem_mb": _mega(each.rss),
        "procs": each.processes,
        "procs_running": each.running,
        "threads": each.threads,
        "disk_read_mbs": _mega(each.disk_read_rate, 3),
        "disk_write_mbs": _mega(each.disk_write_rate, 3),
    }


def _crowd(crowd: Crowd | None) -> Mapping[str, Any]:
    if crowd is None:
        return {"sessions": 0, "live": 0, "states": {}, "tokens_per_min": None}
    totals = crowd.totals
    return {
        "sessions": totals.sessions,
        "live": totals.live,
        "states": dict(sorted(crowd.states.items())),
        "tokens_per_min": _round(totals.tokens_per_min, 1),
    }


def _spent(spent: Spent, told: Callable[[str], str]) -> Mapping[str, Value]:
    return {
        "model": told(spent.model) or None,
        "tokens": sum(spent.tokens),
        "cost_usd": _round(spent.billed, 6),
        "included_usd": _round(spent.included, 6),
        "unpriced_tokens": spent.unpriced,
    }


def _speed(sample: Sample, values: Iterable[float | None]) -> float | None:
    """What does not run takes nothing; but at first nothing is known."""
    if sample.is_first:
        return None
    return _sum(values) if sample.efforts else 0.0


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _mega(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value / MEGA, digits)


def _round(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


NAMES = tuple(columns(Sample(0.0)))
