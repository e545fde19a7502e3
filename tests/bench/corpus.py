"""Makes the corpus: transcripts of both agents, the same ones for the same size and seed.

Below its folder stand `home/.claude` and `home/.codex` as the agents would have written them, and
`truth.json`: what a right count must find.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.bench.author import Author
from tests.bench.truth import Truth, load

VERSION = 1
"""Changes when the same seed would write other bytes."""
SEED = 20261120


@dataclass(frozen=True)
class Size:
    name: str
    files: int
    bytes: int


SIZES = {
    "s": Size("s", 300, 100_000_000),
    "m": Size("m", 3_000, 1_000_000_000),
    "l": Size("l", 10_000, 4_000_000_000),
    "t": Size("t", 10_000, 400_000_000),
}


@dataclass
class Corpus:
    """A corpus on disk."""

    folder: Path
    truth: Truth

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def files(self) -> list[str]:
        """All transcripts, in a fixed order."""
        found: list[str] = []
        for folder, _, names in os.walk(self.home):
            found += [os.path.join(folder, name) for name in names if name.endswith(".jsonl")]
        return sorted(found)


def take(folder: Path, size: Size, seed: int = SEED) -> Corpus | None:
    """The corpus in `folder`, if it is just the one that would be made."""
    truth = load(folder / "truth.json")
    return Corpus(folder, truth) if truth and truth.stamp == _stamp(size, seed) else None


def make(folder: Path, size: Size, seed: int = SEED) -> Corpus:
    """Make a corpus in `folder`, which is emptied first if it holds another one.

    Raises:
        FileExistsError: the folder holds something else.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "stamp.json").exists():
        raise FileExistsError(f"{folder} is no corpus and not empty; choose another folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "stamp.json").write_text(json.dumps(_stamp(size, seed)))
    truth = Truth(dict(_stamp(size, seed)))
    Author(folder / "home", truth, seed).write(size.files, size.bytes)
    truth.save(folder / "truth.json")
    return Corpus(folder, truth)


def _stamp(size: Size, seed: int) -> dict[str, int | str]:
    return {"version": VERSION, "seed": seed, "files": size.files, "bytes": size.bytes}
