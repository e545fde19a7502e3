"""Runs commands in turn and takes the median of what each needed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.commands import Command

_LAUNCH = Path(__file__).with_name("launch.py")
_LOOK = 0.01
"""Seconds between two looks at the memory."""


@dataclass(frozen=True)
class Sample:
    """One run."""

    wall: float
    cpu: float
    rss: int
    """The largest process's peak."""


@dataclass(frozen=True)
class Result:
    """All runs of one command."""

    samples: Sequence[Sample]
    output: bytes
    """Of the last run."""
    memory: int | None = None
    """The peak of all its processes together, where the system tells."""

    @property
    def wall(self) -> float:
        return median(sample.wall for sample in self.samples)

    @property
    def cpu(self) -> float:
        return median(sample.cpu for sample in self.samples)

    @property
    def peak(self) -> int:
        return max(self.memory or 0, *(sample.rss for sample in self.samples))


class FailedError(Exception):
    """A command did not end well."""


def alternately(
    commands: Sequence[Command],
    home: Path,
    runs: int,
    before: Callable[[], None],
    say: Callable[[str], None],
) -> dict[str, Result]:
    """Run every command `runs` times, one after the other, each time beginning with another one.

    `before` runs ahead of each command, outside of what is measured.
    """
    samples: dict[str, list[Sample]] = {command.name: [] for command in commands}
    outputs: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        desks = {c.name: _Desk(Path(folder, str(n)), home, c) for n, c in enumerate(commands)}
        for desk in desks.values():
            desk.prepare()
        for turn in range(runs):
            first = turn % len(commands)
            for command in (*commands[first:], *commands[:first]):
                before()
                sample, outputs[command.name] = desks[command.name].run()
                samples[command.name].append(sample)
                say(f"{turn + 1}/{runs} {command.name}: {sample.wall:.3f} s")
        memory = {c.name: desks[c.name].weigh() if c.is_program else None for c in commands}
    return {name: Result(samples[name], outputs[name], memory[name]) for name in samples}


class _Desk:
    """The home that one command is run in: nothing but links to the corpus, and what it adds."""

    def __init__(self, folder: Path, corpus: Path, command: Command) -> None:
        self._folder = folder
        self._corpus = corpus
        self._command = command
        self._output = folder / "output"

    @property
    def _home(self) -> Path:
        return self._folder / "home"

    def prepare(self) -> None:
        self._clear()
        if self._command.is_warm:
            self.run()

    def run(self) -> tuple[Sample, bytes]:
        """Raises FailedError."""
        if not self._command.is_warm:
            self._clear()
        core = "0" if self._command.one_core else ""
        source = self._command.source or os.devnull
        output = os.devnull if self._command.is_silent else str(self._output)
        errors = f"{self._output}.errors"
        launch = [sys.executable, "-I", "-S", str(_LAUNCH), core, output, errors, source]
        done = subprocess.run(
            [*launch, *self._command.argv],
            env=self._environ(),
            cwd=self._command.cwd,
            capture_output=True,
            check=False,
        )
        if done.returncode != 0:
            raise FailedError(f"{self._command.name} did not start: {done.stderr.decode()[-300:]}")
        report: dict[str, Any] = json.loads(done.stdout)
        if report["status"] != 0:
            said = Path(errors).read_text(errors="replace")[-300:]
            raise FailedError(f"{self._command.name} ended with {report['status']}: {said}")
        sample = Sample(report["wall"], report["cpu"], report["rss"])
        return sample, b"" if self._command.is_silent else self._output.read_bytes()

    def weigh(self) -> int | None:
        """The peak memory of all its processes together, in a run of its own; None off Linux."""
        if not Path("/proc/self/smaps_rollup").exists():
            return None
        if not self._command.is_warm:
            self._clear()
        with open(self._output, "wb") as output:
            process = subprocess.Popen(
                self._command.argv,
                env=self._environ(),
                cwd=self._command.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
            )
            peak = 0
            while process.poll() is None:
                peak = max(peak, sum(_share(pid) for pid in family(process.pid)))
                time.sleep(_LOOK)
        return peak

    def _clear(self) -> None:
        shutil.rmtree(self._home, ignore_errors=True)
        self._home.mkdir(parents=True)
        for name in (".claude", ".codex"):
            (self._home / name).symlink_to(self._corpus / name)

    def _environ(self) -> Mapping[str, str]:
        return environment(self._home) | dict(self._command.environ)


def environment(home: Path) -> dict[str, str]:
    """What a program started by the benchmark knows of this machine: nothing of its user."""
    return {
        "HOME": str(home),
        "PATH": os.environ.get("PATH", os.defpath),
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
    }


def family(pid: int) -> Iterator[int]:
    """A process and all below it; Linux only."""
    yield pid
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        for thread in threads:
            for child in Path(f"/proc/{pid}/task/{thread}/children").read_text().split():
                yield from family(int(child))
    except OSError:
        return  # it has ended


def _share(pid: int) -> int:
    """Bytes in memory, pages shared with others divided among them."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(row.split()[1]) << 10 for row in text.splitlines() if row.startswith("Pss:"))
