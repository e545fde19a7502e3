"""`agtop metrics`: samples of what agents take, once or in a steady rhythm."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from agtop.metrics import Form, Page, Sample

UNSAID = 5.0
"""Seconds between two samples of a log, unless it is said otherwise."""
_ENDINGS: dict[str, Form] = {".prom": "prom", ".jsonl": "jsonl", ".ndjson": "jsonl"}


def form_of(path: Path | None) -> Form:
    """What the name of the file asks for."""
    return "csv" if path is None else _ENDINGS.get(path.suffix.lower(), "csv")


def to_stream(stream: TextIO, page: Page) -> Callable[[Sample], None]:
    """Writes samples one below the other, each as soon as it is there."""
    before = page.header

    def tell(sample: Sample) -> None:
        nonlocal before
        stream.write(before + page.text(sample))
        stream.flush()
        before = "\n" if page.form == "prom" else ""

    return tell


def beats(
    every: float, clock: Callable[[], float], wait: Callable[[float], object]
) -> Iterator[int]:
    """0, 1, 2…, each at its own instant: however long the work between them takes, none is put
    off, and those that were missed meanwhile are left out."""
    began, number = clock(), 0
    while True:
        yield number
        passed = (clock() - began) / every
        number = max(number + 1, math.ceil(passed))
        wait(max(0.0, began + number * every - clock()))
