"""One sample in Prometheus' text format: what is not known is left out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from agtop.metrics.sample import Sample
from agtop.metrics.spent import TOKENS
from agtop.model import Record
from agtop.text import line

Labels = tuple[tuple[str, str], ...]
Point = tuple[Labels, float | None]
"""None is unknown."""


class Family(Record):
    """The samples of one name."""

    name: str
    kind: Literal["counter", "gauge"]
    told: str
    points: tuple[Point, ...]
    merged: Callable[[float, float], float] = lambda a, b: a + b
    """What two that bear the same labels come to."""


def exposition(sample: Sample, version: str, told: Callable[[str], str]) -> str:
    """The whole text.

    Args:
        told: what of a name may be shown.
    """
    return "".join(text for family in _families(sample, version) for text in _text(family, told))


def _families(sample: Sample, version: str) -> Iterator[Family]:
    yield Family("agtop_info", "gauge", "The agtop that measured.", (((("version", version),), 1),))
    yield _one("agtop_sample_timestamp_seconds", "When this was measured.", sample.at)
    yield from _of_processes(sample)
    yield from _of_sessions(sample)
    yield from _of_purses(sample)
    yield _limits(sample)
    weight = sample.weight
    share = None if weight.cpu_percent is None else weight.cpu_percent / 100
    yield _one("agtop_own_cpu_ratio", "Cores that agtop itself kept busy.", share)
    yield _one("agtop_own_memory_bytes", "Resident memory of agtop itself.", weight.rss)
    yield _one("agtop_database_bytes", "Size of agtop's own databases.", sample.sizes.databases)
    yield _one("agtop_data_bytes", "Size of all of agtop's own files.", sample.sizes.all)
    yield _one("agtop_problems", "Problems that agtop met outside of itself.", sample.problems)


def _one(name: str, told: str, value: float | None) -> Family:
    return Family(name, "gauge", told, (((), value),))


def _of_processes(sample: Sample) -> Iterator[Family]:
    each = sample.efforts

    def by_agent(
        name: str, kind: Literal["counter", "gauge"], told: str, values: Iterable[float | None]
    ) -> Family:
        labels = [(("agent", effort.agent),) for effort in each]
        return Family(name, kind, told, tuple(zip(labels, values, strict=True)))

    yield by_agent(
        "agtop_processes",
        "gauge",
        "Processes of agents, with all they started.",
        [e.processes for e in each],
    )
    yield by_agent(
        "agtop_processes_running",
        "gauge",
        "Those that compute at this instant.",
        [e.running for e in each],
    )
    yield by_agent("agtop_threads", "gauge", "Their threads.", [e.threads for e in each])
    yield by_agent(
        "agtop_memory_bytes",
        "gauge",
        "Their resident memory, what they share counted for each.",
        [e.rss for e in each],
    )
    yield by_agent(
        "agtop_cpu_ratio",
        "gauge",
        "Cores they kept busy since the last sample.",
        [None if e.cpu_percent is None else e.cpu_percent / 100 for e in each],
    )
    yield by_agent(
        "agtop_cpu_seconds_total",
        "counter",
        "Processor time they used since agtop began to measure.",
        [e.cpu_seconds for e in each],
    )
    yield by_agent(
        "agtop_disk_read_bytes_total",
        "counter",
        "Bytes they read from disks since agtop began to measure.",
        [e.disk_read for e in each],
    )
    yield by_agent(
        "agtop_disk_written_bytes_total",
        "counter",
        "Bytes they wrote to disks since agtop began to measure.",
        [e.disk_written for e in each],
    )


def _of_sessions(sample: Sample) -> Iterator[Family]:
    crowds = sample.crowds
    yield Family(
        "agtop_sessions",
        "gauge",
        "Sessions by what they do, past ones too.",
        tuple(
            ((("agent", crowd.agent), ("state", state)), count)
            for crowd in crowds
            for state, count in sorted(crowd.states.items())
        ),
    )
    rows: tuple[tuple[str, str, list[float | None]], ...] = (
        ("agtop_live_sessions", "Sessions whose process runs.", [c.totals.live for c in crowds]),
        (
            "agtop_tokens_per_minute",
            "Tokens of the last 60 seconds.",
            [c.totals.tokens_per_min for c in crowds],
        ),
        (
            "agtop_dollars_per_hour",
            "What an hour costs at the pace of the last 60 seconds.",
            [c.totals.cost_per_hour for c in crowds],
        ),
        (
            "agtop_today_dollars",
            "What was spent since local midnight.",
            [c.totals.cost_today for c in crowds],
        ),
    )
    for name, told, values in rows:
        labels = [(("agent", crowd.agent),) for crowd in crowds]
        yield Family(name, "gauge", told, tuple(zip(labels, values, strict=True)))


def _of_purses(sample: Sample) -> Iterator[Family]:
    labels = [(("agent", each.agent), ("model", each.model)) for each in sample.spent]
    yield Family(
        "agtop_tokens_total",
        "counter",
        "Tokens ever used, in kinds of which none holds another.",
        tuple(
            ((*own, ("kind", kind)), count)
            for own, each in zip(labels, sample.spent, strict=True)
            for kind, count in zip(TOKENS, each.tokens, strict=True)
        ),
    )
    rows: tuple[tuple[str, str, list[float | None]], ...] = (
        (
            "agtop_cost_dollars_total",
            "What that cost at list prices, without what a plan covers.",
            [each.billed for each in sample.spent],
        ),
        (
            "agtop_included_dollars_total",
            "What a plan covers of it, at list prices.",
            [each.included for each in sample.spent],
        ),
        (
            "agtop_unpriced_tokens_total",
            "Tokens without a known price, missing from every cost.",
            [each.unpriced for each in sample.spent],
        ),
    )
    for name, told, values in rows:
        yield Family(name, "counter", told, tuple(zip(labels, values, strict=True)))


def _limits(sample: Sample) -> Family:
    return Family(
        "agtop_limit_used_ratio",
        "gauge",
        "How much of a plan's window is used, as the agent itself says.",
        tuple(
            (
                (
                    ("agent", each.agent),
                    ("limit", each.limit_id),
                    ("model", each.model or ""),
                    ("window", each.label),
                ),
                each.used_percent / 100,
            )
            for each in sample.limits
            if each.source == "measured" and each.used_percent is not None
        ),
        max,
    )


def _text(family: Family, told: Callable[[str], str]) -> Iterator[str]:
    known: dict[Labels, float] = {}
    for labels, value in family.points:
        if value is not None and math.isfinite(value):
            own = tuple((name, line(told(text))) for name, text in labels)
            value = round(value, 9)  # sums of fractions bear a tail of noise
            known[own] = family.merged(known[own], value) if own in known else value
    if not known:
        return
    yield f"# HELP {family.name} {family.told}\n"
    yield f"# TYPE {family.name} {family.kind}\n"
    for labels, value in known.items():
        pairs = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels)
        yield f"{family.name}{{{pairs}}} {value!r}\n" if pairs else f"{family.name} {value!r}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
