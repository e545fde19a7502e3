"""The report: a Markdown table of the medians, and what must hold of them."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psutil

from tests.bench.corpus import Corpus, Size
from tests.bench.measure import Result

OURS, SESSION, DAILY, TOKSCALE = (
    "agtop --json",
    "ccusage session",
    "ccusage daily",
    "tokscale models",
)
_TITLES = {
    "cold": "Everything read anew, files in the page cache",
    "core": "The same on one core",
    "disk": "Everything read anew, files not in the page cache",
    "warm": "Again, with what earlier runs kept",
}


@dataclass(frozen=True)
class Screen:
    """What the full screen took; medians, in seconds."""

    first_rows_cold: float
    interactive_cold: float
    first_rows: float
    interactive: float
    key: float
    """From a key to its effect, with many sessions at work."""
    key_p95: float
    """The slowest of twenty."""
    idle_percent: float
    """Of one core, with active sessions."""
    rss: int
    """Of all its processes, after `IDLE` seconds."""
    children: int = 0
    """Processes it had started by then."""


@dataclass(frozen=True)
class Spend:
    """What it took to tell where the money of a long history went; medians, in seconds: of the
    commands by the clock, of the pages of CPU."""

    buckets: int
    listing: float
    """`agtop --list` from the index: the warm start."""
    verb: float
    """`agtop spend` from the index."""
    first: float
    """From the end of the first round to the first page of the screen, in a fresh process."""
    month: float
    """A page of this month, once everything is known."""
    everything: float
    """A page of all times."""


@dataclass
class Measured:
    """All that was measured on one corpus."""

    size: Size
    corpus: Corpus
    runs: int
    load: float = 0.0
    """What else the machine had to do when the measuring began."""
    groups: dict[str, Mapping[str, Result]] = field(default_factory=dict[str, Mapping[str, Result]])
    wrong: dict[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """Command → where its totals are off; absent: it tells none."""
    screen: Screen | None = None
    spend: Spend | None = None

    def find(self, group: str, name: str) -> Result | None:
        return self.groups.get(group, {}).get(name)


@dataclass(frozen=True)
class Demand:
    """Something that must hold."""

    says: str
    most: float
    value: Callable[[Measured], float | None]
    unit: str = "×"
    sizes: str = "mlt"


def _ratio(
    group: str, ours: str, theirs: str, of: Callable[[Result], float] = lambda r: r.wall
) -> Callable[[Measured], float | None]:
    def value(measured: Measured) -> float | None:
        one, other = measured.find(group, ours), measured.find(group, theirs)
        return of(one) / of(other) if one and other else None

    return value


def _cpu(result: Result) -> float:
    return result.cpu


def _memory(measured: Measured) -> float | None:
    result = measured.find("cold", OURS)
    return result.peak / 1e6 if result else None


def _of_screen(read: Callable[[Screen], float]) -> Callable[[Measured], float | None]:
    return lambda measured: read(measured.screen) if measured.screen else None


def _of_spend(read: Callable[[Spend], float]) -> Callable[[Measured], float | None]:
    return lambda measured: read(measured.spend) if measured.spend else None


DEMANDS = (
    Demand("cold: wall, of ccusage session", 0.5, _ratio("cold", OURS, SESSION), sizes="m"),
    Demand("cold: wall, of ccusage session", 0.4, _ratio("cold", OURS, SESSION), sizes="l"),
    Demand("cold: wall, of ccusage daily", 0.55, _ratio("cold", OURS, DAILY)),
    Demand("cold: wall, of tokscale models", 0.25, _ratio("cold", OURS, TOKSCALE)),
    Demand("cold: CPU, of ccusage session", 0.5, _ratio("cold", OURS, SESSION, _cpu)),
    Demand("cold: CPU, of cat", 3, _ratio("cold", OURS, "cat", _cpu)),
    Demand(
        "one core: wall, of ccusage session",
        0.5,
        _ratio("core", f"{OURS}, one core", f"{SESSION}, one core"),
    ),
    Demand("cold disk: wall, of ccusage session", 0.7, _ratio("disk", OURS, SESSION)),
    Demand(
        "warm --list: wall, of ccusage session", 0.1, _ratio("warm", "agtop --list, warm", SESSION)
    ),
    Demand("warm --json: wall, of ccusage session", 0.1, _ratio("warm", f"{OURS}, warm", SESSION)),
    Demand("peak memory of --json, cold", 90, _memory, " MB", "l"),
    Demand("full screen: first rows, warm", 100, _of_screen(lambda s: s.first_rows * 1e3), " ms"),
    Demand(
        "full screen: first rows, no cache",
        250,
        _of_screen(lambda s: s.first_rows_cold * 1e3),
        " ms",
    ),
    Demand("full screen: interactive, warm", 400, _of_screen(lambda s: s.interactive * 1e3), " ms"),
    Demand(
        "full screen: CPU of a core, left alone",
        1,
        _of_screen(lambda s: s.idle_percent),
        " %",
    ),
    Demand("full screen: memory", 90, _of_screen(lambda s: s.rss / 1e6), " MB", "lt"),
    Demand("full screen: key to effect, p95", 50, _of_screen(lambda s: s.key_p95 * 1e3), " ms"),
    Demand("full screen: processes started", 0, _of_screen(lambda s: s.children), ""),
    Demand("spend: a page of this month", 100, _of_spend(lambda s: s.month * 1e3), " ms"),
    Demand("spend: a page of all times", 400, _of_spend(lambda s: s.everything * 1e3), " ms"),
    Demand("spend: first page, from the index", 400, _of_spend(lambda s: s.first * 1e3), " ms"),
    Demand("agtop spend: wall, of --list", 2, _of_spend(lambda s: s.verb / s.listing)),
)


def markdown(measured: Measured, versions: Sequence[str]) -> str:
    """The whole report on one corpus."""
    return "\n".join(
        (
            *_head(measured, versions),
            *_groups(measured),
            *_screen(measured),
            *_spend(measured),
            *_demands(measured),
        )
    )


def holds(measured: Measured) -> bool:
    """Whether all demands that could be judged are met, and agtop's totals are right."""
    ours = (wrong for name, wrong in measured.wrong.items() if name.startswith("agtop"))
    met = (value <= demand.most for demand, value in _judged(measured))
    return all(met) and not any(ours)


def _head(measured: Measured, versions: Sequence[str]) -> Iterator[str]:
    truth = measured.corpus.truth
    yield f"### {truth.files:,} transcripts, {truth.bytes / 1e6:,.0f} MB"
    yield ""
    sessions = sum(tally.sessions for tally in truth.agents.values())
    responses = sum(tally.responses for tally in truth.agents.values())
    yield (
        f"{sessions:,} sessions, {responses:,} responses, {truth.lines:,} lines;"
        f" {truth.usage_lines / truth.lines:.0%} of the lines and"
        f" {truth.usage_bytes / truth.bytes:.0%} of the bytes carry a usage."
        f" Medians of {measured.runs} alternating runs, begun at load {measured.load:.1f}."
    )
    yield ""
    yield f"{_machine()}; {datetime.now().date().isoformat()}; {', '.join(versions)}."


def _machine() -> str:
    memory = psutil.virtual_memory().total / (1 << 30)
    chip = platform.processor() or platform.machine()
    try:
        rows = Path("/proc/cpuinfo").read_text().splitlines()
        chip = next(row.split(":")[1].strip() for row in rows if row.startswith("model name"))
    except (OSError, StopIteration):
        pass  # not Linux
    system = f"{platform.system()} {platform.release()}"
    python = f"Python {sys.version.split()[0]}"
    return f"{os.cpu_count()} × {chip}, {memory:.0f} GB, {system}, {python}"


def _groups(measured: Measured) -> Iterator[str]:
    for group, title in _TITLES.items():
        results = measured.groups.get(group)
        if results:
            yield ""
            yield f"| {title} | wall | CPU | memory | agtop = 1 | totals |"
            yield "|---|--:|--:|--:|--:|:--|"
            ours = next(iter(results.values())).wall
            for name, result in results.items():
                yield _row(name, result, ours, measured.wrong.get(name))


def _row(name: str, result: Result, ours: float, wrong: Sequence[str] | None) -> str:
    totals = "" if wrong is None else "✗ " + "; ".join(wrong) if wrong else "✓"
    cells = (
        f"`{name}`",
        f"{result.wall:.3f} s",
        f"{result.cpu:.3f} s",
        f"{result.peak / 1e6:.0f} MB" if wrong is not None else "",
        f"{result.wall / ours:.2f}",
        totals,
    )
    return f"| {' | '.join(cells)} |"


def _screen(measured: Measured) -> Iterator[str]:
    screen = measured.screen
    if screen is None:
        return
    yield ""
    yield "| Full screen, 200 × 50 | |"
    yield "|---|--:|"
    yield f"| first rows, no cache | {screen.first_rows_cold * 1e3:.0f} ms |"
    yield f"| answers a key, no cache | {screen.interactive_cold * 1e3:.0f} ms |"
    yield f"| first rows, warm | {screen.first_rows * 1e3:.0f} ms |"
    yield f"| answers a key, warm | {screen.interactive * 1e3:.0f} ms |"
    yield f"| from a key to its effect, 40 sessions at work | {screen.key * 1e3:.0f} ms |"
    yield f"| the same, 95th percentile | {screen.key_p95 * 1e3:.0f} ms |"
    yield f"| CPU of a core with 20 sessions at work | {screen.idle_percent:.2f} % |"
    yield f"| memory | {screen.rss / 1e6:.0f} MB |"


def _spend(measured: Measured) -> Iterator[str]:
    spend = measured.spend
    if spend is None:
        return
    yield ""
    yield f"| Where the money went, {spend.buckets:,} buckets of 10,000 sessions | |"
    yield "|---|--:|"
    yield f"| `agtop --list`, warm | {spend.listing * 1e3:.0f} ms |"
    yield f"| `agtop spend`, warm | {spend.verb * 1e3:.0f} ms |"
    yield f"| first page of the screen, from the index | {spend.first * 1e3:.0f} ms |"
    yield f"| a page of this month | {spend.month * 1e3:.0f} ms |"
    yield f"| a page of all times | {spend.everything * 1e3:.0f} ms |"


def _demands(measured: Measured) -> Iterator[str]:
    judged = list(_judged(measured))
    if not judged:
        return
    yield ""
    yield "| Must hold | measured | at most | |"
    yield "|---|--:|--:|:-:|"
    for demand, value in judged:
        sign = "✓" if value <= demand.most else "✗"
        said = f"{value:.0f}" if demand.unit in (" ms", " MB") else f"{value:.2f}"
        yield f"| {demand.says} | {said}{demand.unit} | {demand.most:g}{demand.unit} | {sign} |"


def _judged(measured: Measured) -> Iterator[tuple[Demand, float]]:
    for demand in DEMANDS:
        value = demand.value(measured) if measured.size.name in demand.sizes else None
        if value is not None:
            yield demand, value
