"""A long history in small files, and what it takes to tell where its money went.

4 GB of transcripts hold some 500,000 responses; what the index keeps of them does not depend on how
much was said between them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING

from tests.bench import commands, measure
from tests.bench.author import NOW
from tests.bench.pen import stamp, uuid
from tests.bench.report import Spend

if TYPE_CHECKING:
    from agtop.spend import Clock, Period, Use

SESSIONS, RESPONSES = 10_000, 50
_DAYS, _APART = 180, 108.0
_VERSION = "1"
_MODELS = ("claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5")


def make(folder: Path) -> Path:
    """The home in `folder`, made if it is not there."""
    mark, home = folder / "version", folder / "home"
    if mark.exists() and mark.read_text() == _VERSION:
        return home
    chance = Random(20261120)
    for number in range(SESSIONS):
        project = home / ".claude" / "projects" / f"-work-project-{number % 800:04}"
        project.mkdir(parents=True, exist_ok=True)
        name = uuid(chance)
        rows = _rows(chance, name, f"/work/project-{number % 800:04}")
        (project / f"{name}.jsonl").write_text("\n".join(rows) + "\n")
    (home / ".codex").mkdir(exist_ok=True)
    mark.write_text(_VERSION)
    return home


def _rows(chance: Random, session: str, cwd: str) -> Iterator[str]:
    at, model = NOW - 86400 * (0.3 + chance.random() * _DAYS), chance.choice(_MODELS)
    head = {"sessionId": session, "cwd": cwd, "version": "2.1.80"}
    said = {"role": "user", "content": "go on"}
    yield json.dumps({"type": "user", "message": said, "timestamp": stamp(at), **head})
    for number in range(RESPONSES):
        at += chance.expovariate(1 / _APART)
        usage = {
            "input_tokens": chance.randrange(900),
            "cache_read_input_tokens": chance.randrange(90_000),
            "cache_creation_input_tokens": chance.randrange(9_000),
            "output_tokens": chance.randrange(2_000),
        }
        message = {"id": f"msg_{session}_{number}", "role": "assistant", "model": model,
                   "type": "message", "content": [], "usage": usage}  # fmt: skip
        row = {"type": "assistant", "message": message, "requestId": f"req_{number}"}
        yield json.dumps({**row, "timestamp": stamp(at), **head})


def run(folder: Path, runs: int, say: Callable[[str], None]) -> Spend:
    """Raises FailedError."""
    home = make(folder)
    listing, verb = (commands.warm(commands.agtop(name)) for name in ("--list", "spend"))
    results = measure.alternately((listing, verb), home, runs, lambda: None, say)
    opened = [_opened(home) for _ in range(runs + 1)][1:]
    first, month, everything = (median(each[n] for each in opened) for n in range(1, 4))
    walls = results[listing.name].wall, results[verb.name].wall
    return Spend(int(opened[0][0]), *walls, first, month, everything)


def _opened(home: Path) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.history", "inside"],
        env=measure.environment(home), cwd=commands.ROOT, capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise measure.FailedError(f"the spend page: {done.stderr.decode()[-300:]}")
    return json.loads(done.stdout)


def _inside() -> list[float]:
    """Buckets; seconds to the first page, to one of this month and to one of all times."""
    from agtop import deeds, flags, wiring
    from agtop.spend import Clock, uses
    from agtop.spend.period import EVERYTHING, month_of

    clock, given = Clock(), flags.parse(["spend"])
    month = month_of(clock.today(NOW))
    with wiring.place(demo=False) as place:
        wants = wiring.wants(given, place)
        with closing(wiring.collector(wants, place, deeds.patience(given))) as collector:
            deeds.complete(collector)
            took = [_timed(lambda: _page(uses(collector.expenses(), clock), month, clock))]
            found = uses(collector.expenses(), clock)
    took += [_timed(partial(_page, found, period, clock)) for period in (month, EVERYTHING)]
    return [len(found), *took]


def _page(found: Sequence[Use], period: Period, clock: Clock) -> None:
    from agtop.spend import report

    report(found, period, "repo", NOW, clock)


def _timed(do: Callable[[], None]) -> float:
    """CPU, which other work on the machine slows less than the clock on the wall."""
    began = time.process_time()
    do()
    return time.process_time() - began


if __name__ == "__main__":
    if sys.argv[1:] == ["inside"]:
        sys.stdout.write(json.dumps(_inside()))
    else:
        told = run(Path(sys.argv[1]), 5, lambda said: None)
        sys.stdout.write(json.dumps(asdict(told), indent=1) + "\n")
