"""What is compared: how each program is run, offline and without a home, and what it counted."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from tests.bench.truth import Tally, Truth

ROOT = Path(__file__).parents[2]
"""The working tree: `agtop` is the one in it."""
_AGTOP = "import sys; from agtop.cli import main; sys.exit(main())"


class Count(NamedTuple):
    """What a program counted for one agent."""

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0
    cost: float = 0.0


Counts = dict[str, Count]
"""By agent."""


@dataclass(frozen=True)
class Command:
    """One program with its arguments."""

    name: str
    argv: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict[str, str])
    counts: Callable[[bytes], Counts] | None = None
    """Reads the totals out of what it wrote."""
    source: str = ""
    """A file for its standard input."""
    is_silent: bool = False
    """What it writes is thrown away: it would write all that it reads."""
    cwd: Path | None = None
    is_warm: bool = False
    """It keeps its home, and ran once before it is measured."""
    one_core: bool = False
    prices: bool = True
    """It knows prices without a network."""
    keeps: bool = False
    """It keeps a cache of its own."""

    @property
    def is_program(self) -> bool:
        return self.counts is not None


def warm(command: Command) -> Command:
    return replace(command, name=f"{command.name}, warm", is_warm=True)


def pinned(command: Command) -> Command:
    return replace(command, name=f"{command.name}, one core", one_core=True)


# ---- the programs


def agtop(*flags: str) -> Command:
    return Command(
        " ".join(("agtop", *flags)),
        (sys.executable, "-c", _AGTOP, *flags),
        counts=_agtop_counts if "--json" in flags else None,
        cwd=ROOT,
    )


def ccusage(report: str, peers: Path | None, folder: Path) -> Command | None:
    """`report`: `session` or `daily`."""
    found = _find("ccusage", peers, "@ccusage/ccusage-*/bin/ccusage", folder)
    if found is None:
        return None
    argv = (found, report, "--json", "--offline")
    return Command(f"ccusage {report}", argv, counts=_ccusage_counts)


def tokscale(peers: Path | None, folder: Path) -> Command | None:
    found = _find("tokscale", peers, "@tokscale/cli-*/bin/tokscale", folder)
    if found is None:
        return None
    return Command(
        "tokscale models",
        (found, "models", "--json", "--no-spinner"),
        {"TOKSCALE_PRICING_CACHE_ONLY": "1"},  # no waiting for a network that is not there
        counts=_tokscale_counts,
        prices=False,
        keeps=True,
    )


def _find(name: str, peers: Path | None, native: str, folder: Path) -> str | None:
    """The program itself where npm put it, rather than the script that starts it.

    It may lack the permission to be run; then a copy in `folder` gets it.
    """
    script = shutil.which(name, path=str(peers / "node_modules/.bin") if peers else None)
    roots = [peers / "node_modules"] if peers else []
    if script:
        roots += [above for above in Path(script).resolve().parents if above.name == "node_modules"]
    for found in (path for root in roots for path in root.glob(native)):
        if os.access(found, os.X_OK):
            return str(found)
        copy = folder / name
        shutil.copyfile(found, copy)
        copy.chmod(0o700)
        return str(copy)
    return script


def limits(corpus: Path, listing: Path) -> Iterator[Command]:
    """What the machine can do at all; `listing` holds the paths of the files, NUL between them."""
    if shutil.which("xargs"):
        each = (_tool("xargs"), "-0")
        yield Command("cat", (*each, "cat"), source=str(listing), is_silent=True)
        yield Command("wc -l", (*each, "wc", "-l"), source=str(listing))
    if shutil.which("rg"):
        yield Command("rg -c usage", (_tool("rg"), "-uuc", "usage", str(corpus)))


def _tool(name: str) -> str:
    return shutil.which(name) or name


# ---- what they counted


def _agtop_counts(output: bytes) -> Counts:
    counts: Counts = {}
    for session in json.loads(output)["sessions"]:
        tokens, cost = session["tokens"], session["cost"]
        if tokens is not None:
            written = tokens["cache_write_5m"] + tokens["cache_write_1h"]
            spent = Count(tokens["input"], tokens["cache_read"], written, tokens["output"])
            _add(counts, session["agent"], spent._replace(cost=cost["total"] if cost else 0.0))
    return counts


def _ccusage_counts(output: bytes) -> Counts:
    report = json.loads(output)
    counts: Counts = {}
    for row in report.get("session") or report["daily"]:
        for part in row["modelBreakdowns"]:
            agent = "claude" if part["modelName"].startswith("claude") else "codex"
            names = (
                "inputTokens",
                "cacheReadTokens",
                "cacheCreationTokens",
                "outputTokens",
                "cost",
            )
            _add(counts, agent, Count(*(part[name] for name in names)))
    return counts


def _tokscale_counts(output: bytes) -> Counts:
    counts: Counts = {}
    for row in json.loads(output)["entries"]:
        spent = row["output"] + row["reasoning"]
        count = Count(row["input"], row["cacheRead"], row["cacheWrite"], spent, row["cost"])
        _add(counts, row["client"], count)
    return counts


def _add(counts: Counts, agent: str, more: Count) -> None:
    known = counts.get(agent, Count())
    counts[agent] = Count(
        known.input + more.input,
        known.cache_read + more.cache_read,
        known.cache_write + more.cache_write,
        known.output + more.output,
        known.cost + more.cost,
    )


def differences(command: Command, output: bytes, truth: Truth) -> list[str]:
    """Where the command's totals are not the truth, in words; empty: all are right."""
    if command.counts is None:
        return []
    counts = command.counts(output)
    return [
        f"{agent} {said}"
        for agent, tally in truth.agents.items()
        for said in _differences(counts.get(agent, Count()), tally, command.prices)
    ]


def _differences(count: Count, tally: Tally, prices: bool) -> Iterable[str]:
    tokens = tally.tokens
    written = tokens.cache_write_5m + tokens.cache_write_1h
    true = Count(tokens.input, tokens.cache_read, written, tokens.output, tally.cost)
    for name, said, is_so in zip(Count._fields, count, true, strict=True):
        if name == "cost" and not prices:
            continue
        if abs(said - is_so) > 1e-9 * max(1, abs(is_so)):
            off = f"{(said - is_so) / is_so:+.2%}" if is_so else f"{said}"
            yield f"{name.replace('_', ' ')} {off}"
