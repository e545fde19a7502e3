"""Reads one Gemini CLI conversation: a file of lines, or the one document of older releases."""

from __future__ import annotations

import os

from agtop.agents.base import Meter
from agtop.agents.decode import Decoder
from agtop.agents.document import Document
from agtop.agents.facts import Facts
from agtop.agents.gemini.conversation import Conversation
from agtop.agents.gemini.entered import Entered
from agtop.agents.gemini.places import named, parent_of, project_root
from agtop.agents.gemini.records import Head, Line
from agtop.agents.lines import STANDS_HERE, LineMeter
from agtop.model import Activity, Claim, Reading, Response, replace
from agtop.units import instant

_LINES = Decoder(Line)


def meter(path: str) -> Meter:
    return GeminiDocument(path) if path.endswith(".json") else GeminiMeter(path)


class GeminiMeter(LineMeter):
    """Keeps the facts of one file of lines."""

    def _named(self) -> str:
        return named(self.path)

    def _begin(self) -> None:
        super()._begin()
        self._facts.parent_id = parent_of(self.path)
        self._head = Head()
        self._conversation = Conversation(self._facts, self._claim)
        self._entered = Entered(self.path)

    def changed(self, status: os.stat_result | None = None) -> bool:
        return super().changed(status) or self._entered.changed()

    def _take(self, line: bytes) -> bool:
        record = _LINES.decode(line)
        if record is None:
            return False
        if record.rewind_to is not None:
            self._conversation.rewind(record.rewind_to)
        elif record.id is not None:
            return self._conversation.take(record.message)
        elif record.patch is not None:
            self._patch(record.patch)
        elif record.session_id is not None:
            self._take_head(record)
        else:
            self._conversation.strange.add(record.type or "unnamed")
        return True

    def _take_head(self, head: Head) -> None:
        if self._head.session_id is None and head.session_id is not None:
            self._facts.session_id = head.session_id
        self._head = head
        started_at = instant(head.start_time)
        self._born_at = started_at if self._born_at is None else self._born_at
        _note(self._facts, head)
        _place(self._facts, self.path, head, self._conversation)  # before it writes files
        for message in head.messages or ():
            self._conversation.take(message)

    def _patch(self, patch: Head) -> None:
        if self._head.session_id is None and patch.session_id is not None:
            self._take_head(Head(patch.session_id))
        _note(self._facts, patch)
        if patch.session_id is not None:
            self._conversation.resume()
        if patch.messages is not None:
            self._conversation.restate(patch.messages)

    def _look_beside(self) -> bool:
        problems = self._conversation.problems
        is_new = problems != self._facts.problems
        self._facts.problems = problems
        is_new |= self._entered.changed()
        return _place(self._facts, self.path, self._head, self._conversation) or is_new

    def _freeze(self) -> tuple[Reading, ...]:
        """The user's newest prompt is recorded only once the router has chosen a model for it."""
        (reading,) = super()._freeze()
        at, last = self._entered.at(reading.session_id), reading.last_active
        if at is None or last is None or at <= last:
            return (reading,)
        asked = Activity("requested", at, "a prompt was entered and has no answer yet")
        return (replace(reading, activity=asked, last_active=at),)


class GeminiDocument:
    """Keeps the facts of one document, which is written anew as a whole."""

    def __init__(self, path: str) -> None:
        self._document = Document(path, Head)
        self._claims: list[Claim] = []
        self._claimed: dict[str, Response] = {}
        self._readings: tuple[Reading, ...] = ()

    @property
    def path(self) -> str:
        return self._document.path

    @property
    def bytes_read(self) -> int:
        return self._document.bytes_read

    @property
    def restarts(self) -> int:
        return 0

    def changed(self, status: os.stat_result | None = None) -> bool:
        return self._document.changed(status)

    def claims(self) -> list[Claim]:
        taken, self._claims = self._claims, []
        return taken

    def read(self) -> tuple[Reading, ...]:
        """Take it in as it is now. Raises OSError."""
        if self._document.read() or self._document.value is None:
            reading = self._read(self._document.value)
            self._readings = self._readings if self._readings == (reading,) else (reading,)
        return self._readings

    def _read(self, head: Head | None) -> Reading:
        facts = Facts(named(self.path))
        if head is None or (head.session_id is None and not head.messages):
            facts.skipped = 1 if self.bytes_read else 0
            if self.bytes_read:
                facts.problems = ("it is no conversation that can be read; update agtop",)
            return facts.freeze(self.path)
        facts.session_id = head.session_id or facts.session_id
        found: list[Response] = []
        conversation = Conversation(facts, found.append)
        _note(facts, head)
        _place(facts, self.path, head, conversation)
        for message in head.messages or ():
            facts.records += 1
            if not conversation.take(message):
                facts.skipped += 1
        facts.metered = facts.reasoned = bool(found)
        facts.problems = conversation.problems
        _place(facts, self.path, head, conversation)
        for response in found:
            self._claim(response, facts)
        return facts.freeze(self.path)

    def _claim(self, response: Response, facts: Facts) -> None:
        if self._claimed.get(response.key) == response:
            return
        self._claimed[response.key] = response
        born_at = facts.started_at if facts.started_at is not None else float("inf")
        self._claims.append(Claim(response, facts.session_id, STANDS_HERE, born_at, self.path))


def _note(facts: Facts, head: Head) -> None:
    facts.title = head.summary or facts.title
    facts.seen(instant(head.start_time))
    facts.seen(instant(head.last_updated))


def _place(facts: Facts, path: str, head: Head, conversation: Conversation) -> bool:
    """Find out the directory; whether that is news."""
    if facts.cwd is not None:
        return False
    facts.cwd = project_root(path, head.project_hash, conversation.places)
    if facts.cwd is None and facts.parent_id is not None and head.directories:
        facts.cwd = head.directories[0]
    return facts.cwd is not None
