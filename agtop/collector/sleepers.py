"""Sessions of earlier runs that nothing has happened to since: taken on whole, parts unseen.

Of ten thousand old sessions nearly none is ever touched again, so their readings and responses
stay in the index until something concerns them: a transcript that changes, a copy of it, a new
subagent, a process in their directory, somebody who looks at them. Sessions whose transcripts hold
the same responses sleep and wake together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from agtop.collector.groups import sleepable, tree
from agtop.index import Kept, Sharing, Spent, Stamp
from agtop.model import Reading, Session


class Sleepers:
    """Those of one agent."""

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        """By id."""
        self._kept: dict[str, Kept] = {}
        """By id, what the index holds."""
        self._tops: dict[str, str] = {}
        """Id of each session and subagent → id of the session at the top."""
        self._groups: dict[str, _Group] = {}
        """By session id."""
        self._holding: dict[str, _Group] = {}
        """By transcript."""
        self.sharing: set[str] = set()
        """Transcripts, of those that hold responses of others, too."""
        self._by_cwd: dict[str, set[str]] | None = None
        self._new: list[Session] = []

    def put_to_sleep(
        self,
        kept: Iterable[Kept],
        stamp: Callable[[str], Stamp | None],
        sharing: Sharing,
        before: float,
    ) -> None:
        """Take on those that are old and whose transcripts are all what they were.

        Args:
            before: the instant since which they must have been silent.
            sharing: what is stored of that now: another agtop may have met a copy after the
                session was kept.
        """
        known = list(kept)
        for each in known:
            self._kept[each.session.session_id] = each
        for group in sleepable(known, stamp, sharing, before):
            self._put(_Group(group, sharing))

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

    def _put(self, group: _Group) -> None:
        for session in group.sessions:
            top = session.session_id
            self.sessions[top] = session
            self._new.append(session)
            self._groups[top] = group
            for each in tree(session):
                self._tops[each] = top
        for path in group.files:
            self._holding[path] = group
        if group.shares:
            self.sharing.update(group.files)
        self._by_cwd = None

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
        """Its transcripts, and those that hold the same responses."""
        return self._groups[session_id].files

    def shares(self, session_id: str) -> bool:
        """Whether other transcripts hold some of its responses."""
        return self._groups[session_id].shares

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
        tops = [self._tops[each] for each in session_ids if each in self._tops]
        return self._let_go(self._groups[top] for top in tops)

    def wake_files(self, paths: Iterable[str]) -> list[str]:
        """The same for the sessions that these transcripts are of."""
        return self._let_go(self._holding[path] for path in paths if path in self._holding)

    def _let_go(self, groups: Iterable[_Group]) -> list[str]:
        files: list[str] = []
        for group in {id(group): group for group in groups}.values():
            for session in group.sessions:
                del self.sessions[session.session_id], self._groups[session.session_id]
                for each in tree(session):
                    self._tops.pop(each, None)
            for path in group.files:
                del self._holding[path]
            self.sharing.difference_update(group.files)
            files += group.files
        self._by_cwd = None
        return files


class _Group:
    """Sessions that sleep and wake together; mostly there is but one."""

    __slots__ = ("files", "sessions", "shares")

    def __init__(self, kept: Sequence[Kept], sharing: Sharing) -> None:
        self.sessions = tuple(each.session for each in kept)
        self.files = tuple([path for path, _ in kept[0].files])
        self.shares = any(path in sharing for path in self.files)


def _readings(session: Session) -> Iterator[Reading]:
    yield session.reading
    for below in session.subagents:
        yield from _readings(below)
