"""Text that stands where prompts, answers and tool output stand: escaped, varied, quickly cut."""

from __future__ import annotations

from bisect import bisect_left
from functools import cache
from random import Random

_TEXT = """
    the parser session cursor returns a value of each record before offset buffer lines tokens
    write read open close self none index path name total error raise import from state queue
    worker retry commit branch table column render price model window cache prompt answer tool
"""
_POOL = 2 << 20
_ODD_LINES = (
    # Escaped records: searching the bytes for a usage finds them, decoding the line does not.
    r"{\"message\":{\"usage\":{\"input_tokens\":912,\"output_tokens\":451}}}",
    r"grep -n \"usage\": transcript.jsonl | head -n 3 # \"output_tokens\":77",
    r"\\\"usage\\\":{\\\"input_tokens\\\":5}, twice escaped",
    "naïve café — Größe → 12 µs, 日本語のコメント, ✓ done",
    r"C:\\Users\\dev\\work\\api\t<tab>\tnext \u0007 bell",
)


class Filler:
    """A pool of JSON-escaped lines, cut between lines so that no escape breaks."""

    def __init__(self, pool: bytes, starts: list[int]) -> None:
        self._pool = pool
        self._starts = starts

    def cut(self, chance: Random, size: int) -> bytes:
        """About `size` bytes, at least one line."""
        first = int(chance.random() * len(self._starts) * 0.75)
        start = self._starts[first]
        last = max(bisect_left(self._starts, start + size), first + 1)
        # Without the separator before the next line.
        return self._pool[start : self._starts[min(last, len(self._starts) - 1)] - 2]


@cache
def filler(seed: int = 0) -> Filler:
    """The pool of `seed`; made once a process."""
    chance = Random(seed)
    words = _TEXT.split()
    lines: list[bytes] = []
    size = 0
    while size < _POOL:
        text = _ODD_LINES[chance.randrange(len(_ODD_LINES))]
        if chance.random() > 0.03:
            said = " ".join(chance.choices(words, k=chance.randrange(3, 14)))
            text = " " * (4 * chance.randrange(4)) + said
        if chance.random() < 0.1:
            text = rf"{text} = \"{chance.getrandbits(40):x}\""
        lines.append(text.encode())
        size += len(lines[-1]) + 2
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 2)
    return Filler(rb"\n".join(lines) + rb"\n", starts)
