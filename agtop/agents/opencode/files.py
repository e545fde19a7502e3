"""Reads a session of the releases before 1.2: one JSON file per session, message and part."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from agtop.agents.decode import Decoder, plain
from agtop.agents.document import LIMIT
from agtop.agents.opencode import places
from agtop.agents.opencode.conversation import Conversation, Info, SameNames
from agtop.agents.opencode.records import SessionFile, seconds
from agtop.agents.opencode.rows import denies_questions
from agtop.model import Claim, Reading, replace
from agtop.tail import contents

Stamp = tuple[int, int, int]
_sessions = Decoder(SessionFile)


class _News(NamedTuple):
    stamp: Stamp
    data: bytes


class FilesMeter:
    """One session file with the folders of its messages and their parts."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.bytes_read = 0
        self.restarts = 0
        self._claims: list[Claim] = []
        self._readings: tuple[Reading, ...] = ()
        named = os.path.basename(path).removesuffix(".json")
        self._talk = Conversation(Info(named), path, SameNames())
        self._stamps: dict[str, Stamp] = {}
        """What each file was when it was last understood."""
        self._settled: set[str] = set()
        """Messages of which all is known."""
        self._seen: dict[str, Stamp] = {}

    def changed(self, status: os.stat_result | None = None) -> bool:
        return self._look(status) != self._seen

    def claims(self) -> list[Claim]:
        taken, self._claims = self._claims, []
        return taken

    def read(self) -> tuple[Reading, ...]:
        """Take in what was written; what is torn just now is read again the next time."""
        seen = self._look()
        self._read_session()
        here = set[str]()
        for message_id, path in records(places.message_folder(self.path)):
            here.add(message_id)
            self._read_message(message_id, path)
        for message_id in self._talk.exchanges.keys() - here:
            self._talk.drop_message(message_id)
            self._settled.discard(message_id)
        self._claims += self._talk.claims()
        self._seen = seen
        # Counted by messages: the copy in the database of a later release has more, and leads.
        frozen = (replace(self._talk.reading(), records=len(self._talk.exchanges)),)
        self._readings = self._readings if frozen == self._readings else frozen
        return self._readings

    def _look(self, status: os.stat_result | None = None) -> dict[str, Stamp]:
        found = {self.path: _stamp(status or os.stat(self.path))}
        for path in places.companions(self.path):
            try:
                found[path] = _stamp(os.stat(path))
            except OSError:
                continue
        return found

    def _read_session(self) -> None:
        news = self._news(self.path)
        noted = _sessions.decode(news.data) if news is not None else None
        if news is None or noted is None:
            return
        self._stamps[self.path] = news.stamp
        created = noted.time.created if noted.time is not None else None
        self._talk.info = Info(
            noted.id or self._talk.info.session_id,
            noted.parent_id,
            cwd=noted.directory,
            title=noted.title,
            version=noted.version,
            created_at=seconds(created),
            interactive=not denies_questions(plain(noted.permission)),
        )

    def _read_message(self, message_id: str, path: str) -> None:
        news = self._news(path)
        if news is None and message_id in self._settled:
            return  # nothing is added to a message that is complete
        is_whole = news is None or self._talk.take_message(message_id, news.data)
        if news is not None and is_whole:
            self._stamps[path] = news.stamp
        for part_id, part_path in records(places.part_folder(self.path, message_id)):
            part = self._news(part_path)
            if part is None:
                continue
            if self._talk.take_part(message_id, part_id, part.data):
                self._stamps[part_path] = part.stamp
            else:
                is_whole = False
        known = self._talk.exchanges.get(message_id)
        if is_whole and known is not None and known.is_over:
            self._settled.add(message_id)

    def _news(self, path: str) -> _News | None:
        """A file's bytes, where they are not those that were understood."""
        try:
            stamp = _stamp(os.stat(path))
            if self._stamps.get(path) == stamp:
                return None
            data = contents(path, LIMIT)
        except OSError:
            return None
        self.bytes_read += len(data)
        return _News(stamp, data)


def records(folder: str) -> Iterator[tuple[str, str]]:
    """(id, path), the oldest first."""
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".json"))
    except OSError:
        return
    for name in names:
        yield name.removesuffix(".json"), os.path.join(folder, name)


def _stamp(status: os.stat_result) -> Stamp:
    return (status.st_ino, status.st_size, status.st_mtime_ns)
