"""Sessions of earlier runs that nothing has happened to since: taken on whole, parts unseen.

Of ten thousand old sessions nearly none is ever touched again, so their readings and responses
stay in the index until something concerns them: a transcript that changes, a copy of it, a new
subagent, a process in their directory, somebody who looks at them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from agtop.index import Kept, Spent, Stamp
from agtop.model import Reading, Session

Spending = Callable[[Session, Iterable[str]], Spent | None]
"""When a session used what, by its transcripts; None where that is not known."""


class Sleepers:
    """Those of one agent."""

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        """By id."""
        self._kept: dict[str, Kept] = {}
        """By id, what the index holds."""
        self._tops: dict[str, str] = {}
        """Id of each session and subagent → id of the session at the top."""
        self._files: dict[str, tuple[str, ...]] = {}
        """Session id → transcripts, its subagents' too."""
        self._holding: dict[str, str] = {}
        """Transcript → session id."""
        self._by_cwd: dict[str, set[str]] | None = None
        self._new: list[Session] = []

    def put_to_sleep(
        self,
        kept: Iterable[Kept],
        stamp: Callable[[str], Stamp | None],
        sharing: Collection[str],
        before: float,
    ) -> None:
        """Take on those that are old and whose transcripts are all what they were.

        Args:
            before: the instant since which they must have been silent.
            sharing: transcripts known to hold responses of others too: another agtop may have
                met the copy after the session was kept.
        """
        for each in kept:
            self._kept[each.session.session_id] = each
            is_old = (each.session.last_active or before) < before
            if is_old and all(
                stamp(path) == known and path not in sharing for path, known in each.files
            ):
                self._put(each.session, tuple([path for path, _ in each.files]))

    def take_new(self) -> list[Session]:
        """Those that fell asleep since the last call, and still do."""
        taken, self._new = self._new, []
        return [session for session in taken if session.session_id in self.sessions]

    def news(self, whole: Iterable[Kept]) -> tuple[list[Kept], set[str]]:
        """Of the sessions awake: what the index is to hold and does not, and the ids of those that
        it does and is not to."""
        seen = set(self.sessions)
        fresh: list[Kept] = []
        for each in whole:
            seen.add(each.session.session_id)
            if not self._is_kept(each):
                fresh.append(each)
        return fresh, self._kept.keys() - seen

    def note_saved(self, fresh: Iterable[Kept], changed: Iterable[str]) -> None:
        """The index holds them now, and those no longer."""
        for each in fresh:
            self._kept[each.session.session_id] = each
        for session_id in changed:
            del self._kept[session_id]

    def _is_kept(self, each: Kept) -> bool:
        known = self._kept.get(each.session.session_id)
        if known is None or known.files != each.files:
            return False
        if each.spent and (known.spent is None or known.spent.since > each.spent.since):
            return False
        return known.session is each.session or known.session == each.session

    def _put(self, session: Session, files: tuple[str, ...]) -> None:
        top = session.session_id
        self.sessions[top] = session
        self._new.append(session)
        self._files[top] = files
        for path in files:
            self._holding[path] = top
        self._by_cwd = None
        for each in _tree(session):
            self._tops[each] = top

    def holds(self, path: str) -> bool:
        """Whether the transcript is one of a sleeping session."""
        return path in self._holding

    def knows(self, session_id: str) -> bool:
        return session_id in self._tops

    @property
    def readings(self) -> Iterator[Reading]:
        """What their transcripts say: each tells of one session, and each session has one."""
        for session in self.sessions.values():
            yield from _readings(session)

    def spent(self, session_id: str) -> Spent | None:
        """When one that sleeps used what."""
        return self._kept[session_id].spent

    def files_of(self, session_id: str) -> tuple[str, ...]:
        return self._files[session_id]

    def top(self, session_id: str) -> str | None:
        """The session at the top of its tree, if that sleeps."""
        return self._tops.get(session_id)

    @property
    def files(self) -> Iterable[str]:
        return self._holding

    @property
    def directories(self) -> Collection[str]:
        return self._in_directories().keys()

    def begun_in(self, cwd: str) -> Collection[str]:
        """The sessions begun in a directory."""
        return self._in_directories().get(cwd, ())

    def _in_directories(self) -> dict[str, set[str]]:
        if self._by_cwd is None:
            self._by_cwd = {}
            for session_id, session in self.sessions.items():
                if session.reading.cwd is not None:
                    self._by_cwd.setdefault(session.reading.cwd, set()).add(session_id)
        return self._by_cwd

    def wake(self, session_ids: Iterable[str]) -> list[str]:
        """The transcripts of those sessions, or of those they are subagents of, to be recalled."""
        tops = {self._tops[each] for each in session_ids if each in self._tops}
        return [path for top in tops for path in self._let_go(top)]

    def wake_files(self, paths: Iterable[str]) -> list[str]:
        """The same for the sessions that these transcripts are of."""
        tops = {self._holding[path] for path in paths if path in self._holding}
        return [path for top in tops for path in self._let_go(top)]

    def _let_go(self, top: str) -> tuple[str, ...]:
        session = self.sessions.pop(top)
        for each in _tree(session):
            self._tops.pop(each, None)
        files = self._files.pop(top)
        for path in files:
            self._holding.pop(path, None)
        self._by_cwd = None
        return files


def whole(
    settled: Iterable[Session],
    readings: Mapping[str, tuple[Reading, ...]],
    stamps: Mapping[str, Stamp],
    makers: Mapping[str, Collection[str]],
    sharing: Collection[str],
    spent: Spending,
) -> Iterator[Kept]:
    """Those that stand in one transcript each, and it in that of nobody else.

    Then these alone can change them, and what they say is what the session's reading says.

    Args:
        settled: sessions that neither time nor a process changes any more.
        readings: transcript → what it says.
        stamps: of the transcripts that could be read.
        makers: transcript → the sessions whose responses it holds.
        sharing: the transcripts that hold responses of others, too.
    """
    told: dict[str, set[str]] = {}
    """Transcript → the sessions it tells of."""
    for path, parts in readings.items():
        told[path] = {part.session_id for part in parts}.union(makers.get(path, ()))
    where: dict[str, set[str]] = {}
    for path, ids in told.items():
        for each in ids:
            where.setdefault(each, set()).add(path)
    for session in settled:
        ids = set(_tree(session))
        paths = {path for each in ids for path in where.get(each, ())}
        is_known = all(len(where.get(each, ())) == 1 for each in ids) and paths <= stamps.keys()
        if is_known and paths.isdisjoint(sharing) and all(told[path] <= ids for path in paths):
            files = tuple([(path, stamps[path]) for path in sorted(paths)])
            yield Kept(session, files, spent(session, paths))


def _readings(session: Session) -> Iterator[Reading]:
    yield session.reading
    for below in session.subagents:
        yield from _readings(below)


def _tree(session: Session) -> Iterator[str]:
    """Its id and its subagents'."""
    yield session.session_id
    for below in session.subagents:
        yield from _tree(below)
