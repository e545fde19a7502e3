"""The command line of the benchmark."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import platformdirs
import psutil

from tests.bench import commands, corpus, history, measure, report
from tests.bench.commands import Command

GROUPS = ("cold", "core", "disk", "warm", "screen", "spend")


class Asked(argparse.Namespace):
    size: str
    corpus: Path
    peers: Path | None
    runs: int
    only: list[str]


def main() -> int:
    """Make the corpus, measure, print the report; 0 if all that must hold does."""
    asked = _parser().parse_args(namespace=Asked())
    size = corpus.SIZES[asked.size]
    try:
        made = _corpus(asked.corpus / size.name, size)
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            measured = _Bench(asked, made, size, Path(folder)).measure()
            versions = _versions(asked.peers, Path(folder))
    except (OSError, measure.FailedError) as error:
        _say(f"bench: {error}")
        return 1
    sys.stdout.write(report.markdown(measured, versions) + "\n")
    return 0 if report.holds(measured) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Measures agtop, its peers and what the machine can do on the same invented"
        " transcripts. The peers come from npm: `npm install ccusage @tokscale/cli`.",
    )
    parser.add_argument(
        "--size",
        choices=corpus.SIZES,
        default="m",
        help="100 MB, 1 GB, 4 GB, or 10,000 small ones (default: m)",
    )
    parser.add_argument(
        "--corpus",
        type=Path,
        metavar="DIR",
        default=platformdirs.user_cache_path("agtop-bench"),
        help="where the transcripts are made and kept (default: %(default)s)",
    )
    parser.add_argument(
        "--peers",
        type=Path,
        metavar="DIR",
        help="where npm put the peers (default: those on PATH)",
    )
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="of each (default: 5)")
    parser.add_argument(
        "--only", action="append", default=[], choices=GROUPS, help="measure only this; repeatable"
    )
    return parser


def _corpus(folder: Path, size: corpus.Size) -> corpus.Corpus:
    found = corpus.take(folder, size)
    if found is not None:
        return found
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < size.bytes * 1.2:
        raise OSError(f"{folder} has no room for {size.bytes / 1e9:g} GB; name another --corpus")
    _say(f"making {size.files:,} transcripts of {size.bytes / 1e9:g} GB in {folder}")
    return corpus.make(folder, size)


class _Bench:
    """Knows which commands belong to which group."""

    def __init__(self, asked: Asked, made: corpus.Corpus, size: corpus.Size, folder: Path) -> None:
        self._asked = asked
        self._corpus = made
        self._files = made.files()
        self._listing = folder / "files"
        self._listing.write_text("\0".join(self._files))
        session = commands.ccusage("session", asked.peers, folder)
        daily = commands.ccusage("daily", asked.peers, folder)
        tokscale = commands.tokscale(asked.peers, folder)
        self._session = [session] if session else []
        self._peers = [peer for peer in (session, daily, tokscale) if peer]
        self._measured = report.Measured(size, made, asked.runs, psutil.getloadavg()[0])

    def measure(self) -> report.Measured:
        for group in self._asked.only or GROUPS:
            _say(f"{group}:")
            if group == "screen":
                from tests.bench import screen  # needs a Unix terminal

                self._remember()
                self._measured.screen = screen.measure(self._corpus, self._asked.runs, _say)
            elif group == "spend":
                folder = self._asked.corpus / "history"
                self._measured.spend = history.run(folder, self._asked.runs, _say)
            else:
                self._run(group, self._commands(group))
        return self._measured

    def _commands(self, group: str) -> Sequence[Command]:
        ours = commands.agtop("--json")
        cats = list(commands.limits(self._corpus.home, self._listing))
        match group:
            case "cold":
                return [ours, *self._peers, *cats]
            case "core" if hasattr(os, "sched_setaffinity"):
                return [commands.pinned(command) for command in (ours, *self._session)]
            case "disk" if hasattr(os, "posix_fadvise"):
                return [ours, *self._session, *cats[:1]]
            case "warm":
                table = commands.agtop("--list")
                again = [commands.warm(peer) for peer in self._peers if peer.keeps]
                return [*map(commands.warm, (table, ours)), *self._session, *again]
            case _:
                return []  # the system cannot do it

    def _run(self, group: str, todo: Sequence[Command]) -> None:
        if not todo:
            return
        before = self._forget if group == "disk" else self._remember
        results = measure.alternately(todo, self._corpus.home, self._asked.runs, before, _say)
        self._measured.groups[group] = results
        for command in todo:
            if command.counts is not None:
                output = results[command.name].output
                wrong = commands.differences(command, output, self._corpus.truth)
                self._measured.wrong[command.name] = wrong

    def _remember(self) -> None:
        """Have all files in the page cache."""
        buffer = bytearray(1 << 20)
        for path in self._files:
            with open(path, "rb", buffering=0) as file:
                while file.readinto(buffer):
                    pass

    def _forget(self) -> None:
        """Have no file in the page cache."""
        os.sync()
        for path in self._files:
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def _versions(peers: Path | None, folder: Path) -> list[str]:
    """The name and version of every program, as it says itself."""
    found = [
        commands.agtop("--version"),
        commands.ccusage("session", peers, folder),
        commands.tokscale(peers, folder),
    ]
    return [said for command in found if command for said in _version(command, folder)]


def _version(command: Command, folder: Path) -> Sequence[str]:
    name = command.name.split()[0]
    argv = command.argv if name == "agtop" else (command.argv[0], "--version")
    done = subprocess.run(
        argv,
        env=measure.environment(folder),
        cwd=command.cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    words = done.stdout.split()
    return [f"{name} {words[-1]}"] if words else [name]


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
