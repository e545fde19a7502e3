"""Problems: what is wrong outside agtop, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from agtop.columns.cells import short_id
from agtop.model import Problem, Session, Snapshot
from agtop.paths import short
from agtop.text import line
from agtop.tui.screens.sheet import Sheet
from agtop.tui.tabs.facts import wrapped
from agtop.tui.tones import QUIET, STRONG, WARN
from agtop.tui.words import quiet, toned
from agtop.units import age


class ProblemsScreen(Sheet):
    NAME = "Problems"

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self._snapshot = snapshot

    def lines(self, width: int, /) -> Sequence[Content]:
        now = self._snapshot.taken_at
        rows = [
            row
            for problem in (*self._snapshot.problems, *_of_sessions(self._snapshot.sessions))
            for row in _problem(problem, now, width)
        ]
        return rows or [quiet("Nothing is wrong.")]


def _of_sessions(sessions: Sequence[Session]) -> Iterator[Problem]:
    for session in sessions:
        for text in dict.fromkeys((*session.problems, *session.reading.problems)):
            yield Problem(f"{session.agent} {short_id(session)}", text, session.last_active)


def _problem(problem: Problem, now: float, width: int) -> Iterator[Content]:
    since = "" if problem.at is None else f"  {age(now - problem.at)} ago"
    yield Content.assemble(("! ", WARN), toned(line(short(problem.source)), STRONG), (since, QUIET))
    for text in wrapped(problem.message, width - 2):
        yield Content.assemble("  ", text)
    yield Content("")
