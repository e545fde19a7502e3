"""`agtop sources`: what each agent's files are like, for people: a table, then each agent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from agtop.listing import HEADER_STYLE, Page
from agtop.model import Readiness
from agtop.sources import Diagnosis, Examination
from agtop.sources.facts import COLUMNS, RIGHT, facts, findings, row, server, unpriced
from agtop.text import cut, fit, line, width

STYLES: dict[Readiness, str] = {
    "ready": "32",
    "degraded": "1;33",
    "missing": "2",
    "empty": "2",
    "pending": "2",
    "unknown": "35",
}
"""SGR codes of the terminal's own sixteen colours."""
NAME = 12
"""Cells for the name of a fact."""
LONGEST = 100
"""Cells after which a sentence goes on below."""


def text(examination: Examination, on: Page) -> list[str]:
    """All of it, line by line; nothing in it can steer a terminal."""
    return [
        *_table(examination, on),
        *(each for diagnosis in examination.diagnoses for each in _agent(diagnosis, on)),
        *_app_server(examination, on),
        *_unpriced(examination, on),
    ]


def _table(examination: Examination, on: Page) -> Iterator[str]:
    rows = [row(each, examination.taken_at) for each in examination.diagnoses]
    cells = [[line(cell) for cell in each] for each in (COLUMNS, *rows)]
    sizes = [max(width(each[n]) for each in cells) for n in range(len(COLUMNS))]
    for number, each in enumerate(cells):
        parts = [fit(cell, n, right) for cell, n, right in zip(each, sizes, RIGHT, strict=True)]
        whole = cut("  ".join(parts).rstrip(), on.cells)
        style = STYLES[examination.diagnoses[number - 1].readiness] if number else HEADER_STYLE
        yield painted(whole, style, on)


def _agent(diagnosis: Diagnosis, on: Page) -> Iterator[str]:
    yield ""
    heading = line(f"{diagnosis.report.label}: {diagnosis.readiness}")
    yield painted(cut(heading, on.cells), STYLES[diagnosis.readiness], on)
    yield from _facts(facts(diagnosis), on)
    for sentence, details in findings(diagnosis):
        yield from wrapped("  ! ", "    ", sentence, on)
        for detail in details:
            yield from wrapped("      ", "        ", detail, on)


def _facts(known: Iterable[tuple[str, str]], on: Page) -> Iterator[str]:
    for name, said in known:
        yield from wrapped(f"  {name:<{NAME}}", " " * (NAME + 2), said, on)


def _app_server(examination: Examination, on: Page) -> Iterator[str]:
    if examination.app_server is not None:
        yield ""
        yield painted("Codex app server", HEADER_STYLE, on)
        yield from _facts(server(examination.app_server), on)


def _unpriced(examination: Examination, on: Page) -> Iterator[str]:
    said = unpriced(examination.uses)
    if said:
        yield ""
        yield from wrapped("", "", said[0], on)
        for model in said[1:]:
            yield from wrapped("  ", "    ", model, on)


def wrapped(first: str, rest: str, said: str, on: Page) -> Iterator[str]:
    """A sentence over as many lines as it takes; a word that fits none is cut on a terminal."""
    most = min(on.cells, LONGEST) if on.rows is not None else on.cells
    for number, words in enumerate(_broken(line(said).split(" "), most - width(first))):
        yield (
            cut((rest if number else first) + words, on.cells)
            if on.rows
            else ((rest if number else first) + words)
        )


def _broken(words: Sequence[str], room: int) -> Iterator[str]:
    held = ""
    for word in words:
        joined = f"{held} {word}" if held else word
        if held and width(joined) > room:
            yield held
            held = word
        else:
            held = joined
    yield held


def painted(text: str, style: str, on: Page) -> str:
    """The text in a colour, where colours are wanted."""
    return f"\x1b[{style}m{text}\x1b[0m" if on.colour else text
