"""What both writers of transcripts need: chance, ids, a clock, and the file that grows."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from tests.bench.filler import Filler, filler
from tests.bench.truth import Spent, Tally


def uuid(chance: Random) -> str:
    """A random UUID, version 4."""
    text = f"{chance.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-9{text[17:20]}-{text[20:]}"


def timed_uuid(chance: Random, at: float) -> str:
    """A UUID of version 7: its first 48 bits are the milliseconds since 1970."""
    text = f"{int(at * 1000):012x}{chance.getrandbits(80):020x}"
    return f"{text[:8]}-{text[8:12]}-7{text[13:16]}-9{text[17:20]}-{text[20:]}"


def stamp(at: float) -> str:
    """`2026-11-20T15:56:43.909Z`."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


@dataclass
class Pen:
    """Writes one transcript, and counts what it writes."""

    path: Path
    chance: Random
    now: float
    """The time of the next record."""
    target: int
    """Bytes after which the transcript ends."""
    tally: Tally
    text: Filler = field(default_factory=filler)
    size: int = 0
    lines: int = 0
    usage_lines: int = 0
    usage_bytes: int = 0
    _held: list[bytes] = field(default_factory=list[bytes])

    @property
    def is_full(self) -> bool:
        return self.size >= self.target

    def uuid(self) -> str:
        return uuid(self.chance)

    def stamp(self) -> str:
        return stamp(self.now)

    def passes(self, seconds: float) -> None:
        """Time passes: up to twice `seconds`."""
        self.now += 0.001 + self.chance.random() * 2 * seconds

    def prose(self, size: int) -> bytes:
        return self.text.cut(self.chance, size)

    def around(self, median: float, most: int, spread: float = 1.1) -> int:
        """A size as sizes are: mostly small, sometimes huge."""
        return int(min(most, median * self.chance.lognormvariate(0, spread)))

    def line(self, *parts: bytes | str, is_usage: bool = False) -> None:
        """Add one line."""
        line = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
        self.copy((line + b"\n",), int(is_usage))

    def copy(self, lines: Iterable[bytes], usage_lines: int = 0) -> None:
        """Add whole lines, newline included, `usage_lines` of which carry a usage."""
        for line in lines:
            self._held.append(line)
            self.size += len(line)
            self.lines += 1
            if usage_lines:
                self.usage_lines += 1
                self.usage_bytes += len(line)

    def tear(self, line: bytes) -> None:
        """End in the midst of a line: its writer was killed, perhaps within a character."""
        cut = line[: max(1, len(line) * 2 // 3)]
        cut = cut.decode(errors="ignore").encode() + (b"\xe2\x86" if len(line) % 2 else b"")
        self._held.append(cut)
        self.size += len(cut)

    def spend(self, model: str, spent: Spent) -> None:
        self.tally.add(model, spent)

    def written(self) -> bytes:
        """What was written since this was last asked."""
        held, self._held = self._held, []
        return b"".join(held)

    def close(self) -> None:
        """Write the file; its time is that of its last record."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(self.written())
        os.utime(self.path, (self.now, self.now))
