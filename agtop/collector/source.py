"""Everything of one agent: its transcripts, families and sessions, from round to round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from agtop.agents.base import Agent
from agtop.books import HORIZON, Books
from agtop.collector.assembly import UNBOUND, Assembly, Instant
from agtop.collector.assembly import Window as ContextWindow
from agtop.collector.families import Families
from agtop.collector.past import Past
from agtop.collector.plans import plan_of
from agtop.collector.transcripts import Transcripts
from agtop.collector.work import Work
from agtop.correlate import Binding
from agtop.index import Index
from agtop.model import Activity, Charge, Reading, Response, Session, Window, replace


class Source:
    """The sessions of one agent. Owned by the collector's thread."""

    def __init__(
        self,
        agent: Agent,
        roots: Sequence[Path],
        books: Books,
        window: ContextWindow,
        project: Callable[[str | None], str | None],
        included: bool,
        work: Work,
        index: Index | None,
        price: Callable[[Response], Charge | None],
        kept: Mapping[str, Path],
        model: str | None,
    ) -> None:
        self.agent = agent
        self.roots = tuple(roots)
        self.transcripts = Transcripts(
            agent, roots, books, work, index, _terms(agent, included, model)
        )
        self.families = Families(self.transcripts)
        self.plan = plan_of(agent, roots, kept, self.transcripts, self.families, price)
        self._assembly = Assembly(
            agent, books, self.families, window, project, included, work, model, price
        )
        self._rows: dict[str, Session] = {}
        self._moving: set[str] = set()
        """Sessions that time alone may change."""
        self._ended: set[str] = set()
        """Sessions whose process was seen to have ended, or left its note behind."""
        self._project = project
        self._bound: set[str] = set()
        """Sessions that some evidence tied to a process in the last round."""

    @property
    def count(self) -> int:
        """How many rows it has."""
        return len(self._rows)

    def update(self) -> None:
        """Take in what was read."""
        self.families.update()

    def touched(self, session_ids: set[str], is_back: bool) -> set[str]:
        """The sessions that may have changed since the last round.

        Args:
            session_ids: those that something speaks of; they are woken.
            is_back: the clock was set back, so that none may be old.
        """
        sleeping = self.transcripts.sleepers.sessions
        self.families.wake({*session_ids, *sleeping} if is_back else session_ids)
        touched = self.families.take_changed()
        if self.plan is not None:
            self.plan.touch(touched)
        return touched

    def limits(self, now: float, complete: bool) -> tuple[Window, ...]:
        """The windows of its plan, once everything is read."""
        if self.plan is None:
            return ()
        self.plan.take(now)
        return self.plan.windows(now) if complete else ()

    def assemble(
        self,
        at: Instant,
        bindings: Mapping[str, Binding],
        past: Past,
        ended: set[str],
    ) -> dict[str, Session | None]:
        """The sessions that changed, by key; None for those that are gone.

        Args:
            bindings: session id → its process.
            ended: sessions whose process was found to have ended in this round.
        """
        due = {*at.touched, *self._moving, *self._bound, *bindings, *ended}
        if at.before is None:
            due.update(self._rows.keys() - self.transcripts.sleepers.sessions)
        self._bound = set(bindings)
        self._ended |= ended
        changes: dict[str, Session | None] = {}
        for session in self.transcripts.sleepers.take_new():
            changes[session.key] = self._rows[session.session_id] = self._taken_on(session)
            if self.plan is not None:
                self.plan.hear(session.reading, at.now)
        for session_id in due:
            key = f"{self.agent.name}:{session_id}"
            changes[key] = self._row(session_id, at, bindings, past)
        return changes

    def save(self, now: float) -> None:
        """Bring the index up to date."""
        past = [row for row in self._rows.values() if self._is_past(row, now)]
        self.transcripts.save(past, self._spent if self.plan is None else self.plan.spent)

    @staticmethod
    def _spent(_session: Session, _paths: Iterable[str]) -> None:
        """Without a plan nobody asks when a session used what."""

    def _is_past(self, session: Session, now: float) -> bool:
        """Whether only its transcripts can change the session any more."""
        session_id = session.session_id
        return (
            (session.last_active or now) < now - HORIZON
            and session_id not in self._moving
            and session_id not in self._ended
            and session_id not in self.transcripts.sleepers.sessions
            and session.match == UNBOUND.match
        )

    def _taken_on(self, session: Session) -> Session:
        """A session of an earlier run; its directory may be another repository's by now."""
        project = self._project(session.reading.cwd)
        return session if project == session.project else replace(session, project=project)

    def _row(
        self, session_id: str, at: Instant, bindings: Mapping[str, Binding], past: Past
    ) -> Session | None:
        binding = bindings.get(session_id, UNBOUND)
        old = self._rows.get(session_id)
        reading = self.families.readings.get(session_id)
        if reading is None and session_id in bindings:
            reading = _unwritten(session_id, binding)
            at.touched.add(session_id)
        elif not self.families.is_top(session_id):
            reading = None
        if reading is None:
            self._rows.pop(session_id, None)
            self._moving.discard(session_id)
            return None
        key = f"{self.agent.name}:{session_id}"
        ended = None if session_id in bindings else past.ending(key, reading, at.now)
        new = self._rows[session_id] = self._assembly.session(reading, old, at, binding, ended)
        if self._assembly.is_settled(new, at.now):
            self._moving.discard(session_id)
        else:
            self._moving.add(session_id)
        return new


def _terms(agent: Agent, included: bool, model: str | None) -> str:
    """What a session says besides its transcripts and their prices."""
    return f"{agent.label}:{agent.provider}:{included}" + (f":{model}" if model else "")


def _unwritten(session_id: str, binding: Binding) -> Reading:
    """A session that runs but has no transcript yet, or keeps none."""
    note, process = binding.registration, binding.process
    started = process.started_at if process is not None else None
    cwd = (note.cwd if note is not None else None) or (process.cwd if process is not None else None)
    said = "it has written no transcript yet, or keeps none"
    return Reading(
        session_id,
        "",
        cwd=cwd,
        started_at=started,
        activity=Activity("new", started, said),
        problems=(said,),
    )
