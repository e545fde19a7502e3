"""Sources: what each agent's files are like, what is wrong with them and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.content import Content
from textual.message import Message

from agtop.model import Readiness, Snapshot, SourceReport, replace
from agtop.sources import Diagnosis, Examination, Probe, examine
from agtop.sources.app_server import AppServer
from agtop.sources.facts import COLUMNS, RIGHT, facts, findings, row, server, unpriced
from agtop.text import line
from agtop.tui.screens.sheet import Sheet
from agtop.tui.tabs.facts import columns, heading, wrapped
from agtop.tui.tones import ACCENT, GOOD, QUIET, STRONG, WARN
from agtop.tui.words import figure, quiet, toned

Reports = Callable[[], tuple[SourceReport, ...]]
"""What was found of each agent. Called from the collector's thread."""

_TONES: dict[Readiness, str] = {
    "ready": GOOD,
    "degraded": WARN,
    "missing": QUIET,
    "empty": QUIET,
    "pending": QUIET,
    "unknown": ACCENT,
}
_SIGNS: dict[Readiness, str] = {
    "ready": "●",
    "degraded": "!",
    "missing": "·",
    "empty": "○",
    "pending": "…",
    "unknown": "?",
}
_NAME = 12
_WIDE = 76
"""Cells from which the columns of the table stand two apart."""


class SourcesScreen(Sheet):
    NAME = "Sources: where agtop looks, and what it found"

    @dataclass
    class Found(Message):
        """The collector's thread has told what there is."""

        examination: Examination

    @dataclass
    class Answered(Message):
        """The app server that was named has answered, or not."""

        app_server: AppServer

    _waits: ClassVar[str] = "asking the collector…"

    def __init__(self, probe: Probe | None = None) -> None:
        super().__init__()
        self._probe = probe
        self._app_server: AppServer | None = None
        self._examination: Examination | None = None
        self._failed = ""

    def on_mount(self) -> None:
        super().on_mount()
        if self._probe is not None:
            self.ask_app_server(self._probe)

    @work(thread=True, exclusive=True, exit_on_error=False, group="probe")
    def ask_app_server(self, probe: Probe) -> None:
        """It may take seconds, which neither keys nor rounds wait for."""
        self.post_message(self.Answered(probe()))

    @on(Answered)
    def take_answer(self, message: Answered) -> None:
        self._app_server = message.app_server
        self.redraw()

    def find(self, snapshot: Snapshot, reports: Reports) -> None:
        """Have everything examined; in the thread of the collector."""
        self.post_message(self.Found(examine(snapshot, reports())))

    @on(Found)
    def show(self, message: Found) -> None:
        self._examination, self._failed = message.examination, ""
        self.redraw()

    def fail(self, reason: str) -> None:
        self._failed = reason
        self.redraw()

    def lines(self, width: int, /) -> Sequence[Content]:
        found = self._examination
        if self._failed:
            return [toned(line(self._failed))]
        if found is None:
            return [quiet(self._waits)]
        if self._app_server is not None:
            found = replace(found, app_server=self._app_server)
        rows = [_row(each, found.taken_at) for each in found.diagnoses]
        titles = [toned(title, QUIET) for title in COLUMNS]
        return [
            *columns([titles, *rows], RIGHT, gap=2 if width >= _WIDE else 1),
            *(each for diagnosis in found.diagnoses for each in _agent(diagnosis, width)),
            *_server(found.app_server, self._probe is not None, width),
            *_unpriced(found, width),
        ]


def _row(diagnosis: Diagnosis, now: float) -> list[Content]:
    label, status, *figures = (line(cell) for cell in row(diagnosis, now))
    tone = _TONES[diagnosis.readiness]
    return [toned(label, STRONG), toned(status, tone), *(figure(cell) for cell in figures)]


def _agent(diagnosis: Diagnosis, width: int) -> Iterator[Content]:
    tone, sign = _TONES[diagnosis.readiness], _SIGNS[diagnosis.readiness]
    label = toned(f"{line(diagnosis.report.label)}  ", STRONG)
    yield Content("")
    yield Content.assemble((f"{sign} ", tone), label, (diagnosis.readiness, tone))
    yield from _facts(facts(diagnosis), width)
    for sentence, details in findings(diagnosis):
        for number, part in enumerate(wrapped(sentence, width - 4)):
            yield Content.assemble(("    " if number else "  ! ", WARN), part)
        for detail in details:
            for part in wrapped(detail, width - 6):
                yield Content.assemble("      ", part.stylize(QUIET))


def _facts(known: Iterator[tuple[str, str]], width: int) -> Iterator[Content]:
    for name, said in known:
        for number, part in enumerate(wrapped(said, width - _NAME - 2)):
            yield Content.assemble((f"  {'' if number else name:<{_NAME}}", QUIET), part)


def _server(answer: AppServer | None, is_asked: bool, width: int) -> Iterator[Content]:
    if not is_asked and answer is None:
        return
    yield Content("")
    yield heading("Codex app server")
    if answer is None:
        yield quiet("  asking it…")
    else:
        yield from _facts(server(answer), width)


def _unpriced(examination: Examination, width: int) -> Iterator[Content]:
    said = unpriced(examination.uses)
    if said:
        yield Content("")
        yield from wrapped(said[0], width)
        for model in said[1:]:
            for number, part in enumerate(wrapped(model, width - 4)):
                yield Content.assemble("    " if number else "  ", part)
