"""Reads one Qwen Code transcript: a session's, or a subagent's."""

from __future__ import annotations

import os

import msgspec

from agtop.agents.base import Meter
from agtop.agents.document import Document
from agtop.agents.gemini.meter import GeminiDocument
from agtop.agents.lines import LineMeter
from agtop.agents.qwen import places
from agtop.agents.qwen.records import ROWS, Event, Row, Usage, event, of_event, of_row
from agtop.agents.qwen.turns import Turns
from agtop.model import Response, Tokens, replace
from agtop.tail import contents
from agtop.units import instant

_COPIED = 3
"""The proof of a row that a branch copied from another session."""
_RESPONSE = "qwen-code.api_response"
_ERROR = "qwen-code.api_error"
_HEAD = 1 << 20
"""Bytes of a session's transcript in which one of its first requests stands."""


def meter(path: str) -> Meter:
    if path.endswith(".json"):
        return GeminiDocument(path)
    return SubagentMeter(path) if places.agent_of(path) is not None else QwenMeter(path)


class QwenMeter(LineMeter):
    """Keeps the facts of a session.

    Its requests are in its `ui_telemetry`, those of its subagents and of compressions included; so
    the usage beside an answer is that of a request told already. Only old releases told none.
    """

    def _named(self) -> str:
        return os.path.basename(self.path).removesuffix(".jsonl")

    def _begin(self) -> None:
        super()._begin()
        self._turns = Turns(self._facts)
        self._told: set[Tokens] = set()
        """What requests used, by telemetry."""
        self._is_told = False
        """Telemetry has told of a request since the last answer."""
        self._untold: tuple[Tokens, str] | None = None
        """What the last answer used, and the id it was claimed under: telemetry may tell of it
        only now."""
        self._owners: dict[str, str] = {}
        """Subagent → the session its requests are counted for."""

    def _take(self, line: bytes) -> bool:
        row = ROWS.decode(line)
        if row is None:
            return False
        at = instant(row.timestamp)
        if self._born_at is None:
            self._born_at = at
        self._turns.place(row)
        if row.type == "user":
            self._untold = None
        if row.type == "system" and row.subtype == "ui_telemetry":
            self._take_event(row, at)
        elif row.type == "assistant" and row.usage_metadata is not None:
            self._take_usage(row, row.usage_metadata, at)
        if row.forked_from is not None:
            self._turns.take_copy(row)
        else:
            self._turns.take(row, at)
        return True

    def _take_event(self, row: Row, at: float | None) -> None:
        told = event(row)
        if told is None:
            return
        if told.name == _RESPONSE:
            self._take_response(row, told, at)
        elif told.name == _ERROR and told.subagent_id is None and row.forked_from is None:
            self._turns.fail(told, at)

    def _take_response(self, row: Row, told: Event, at: float | None) -> None:
        tokens, response = of_event(told), _response(told, row, at)
        before, self._untold = self._untold, None
        if before is not None and told.subagent_id is None and before[0] == tokens:
            response = replace(response, key=before[1])
        else:
            self._is_told = self._is_told or told.subagent_id is None
        self._told.add(tokens)
        self._claim_for(row, response, self._owner(told))

    def _take_usage(self, row: Row, usage: Usage, at: float | None) -> None:
        tokens = of_row(usage)
        if not self._is_told and tokens not in self._told:
            key = row.uuid or f"{self._facts.session_id}:{self._facts.records}"
            self._claim_for(row, Response(key, at, row.model, tokens), None)
            self._untold = (tokens, key)
        self._is_told = False

    def _claim_for(self, row: Row, response: Response, owner: str | None) -> None:
        self._facts.reasoned = True
        if row.forked_from is None:
            self._claim(response, owner)
        else:
            self._claim(response, row.forked_from.sessionId, _COPIED)

    def _owner(self, told: Event) -> str | None:
        """The subagent that made the request, if it is a session with a transcript."""
        agent_id = told.subagent_id
        if agent_id is None:
            return None
        if agent_id not in self._owners:
            own = self._facts.session_id
            is_written = os.path.exists(places.subagent_of(self.path, agent_id))
            self._owners[agent_id] = f"{own}/{agent_id}" if is_written else own
        return self._owners[agent_id]

    def _look_beside(self) -> bool:
        problems = () if self._facts.metered else self._turns.problems
        is_new = problems != self._facts.problems
        self._facts.problems = problems
        return is_new


class Flags(msgspec.Struct):
    model: str | None = None


class Meta(msgspec.Struct, rename="camel"):
    """`agent-<id>.meta.json`."""

    description: str | None = None
    subagent_name: str | None = None
    agent_type: str | None = None
    parent_agent_id: str | None = None
    status: str | None = None
    last_updated_at: str | None = None
    persisted_cli_flags: Flags | None = None


class SubagentMeter(LineMeter):
    """Keeps the facts of a subagent. Its requests are told by its session's telemetry, except in
    releases that had none."""

    def __init__(self, path: str) -> None:
        self._meta = Document(places.meta_of(path), Meta)
        self._is_told_above: bool | None = None
        super().__init__(path)

    def changed(self, status: os.stat_result | None = None) -> bool:
        return super().changed(status) or self._meta_changed()

    def _meta_changed(self) -> bool:
        try:
            return self._meta.changed()
        except OSError:
            return False

    def _named(self) -> str:
        return f"{places.session_above(self.path)}/{places.agent_of(self.path)}"

    def _begin(self) -> None:
        super()._begin()
        self._facts.parent_id = places.session_above(self.path)
        self._turns = Turns(self._facts)
        self._waiting: list[Response] = []
        """Responses that may be told by the session's own transcript."""
        if self._meta.value is not None:
            self._take_meta(self._meta.value)

    def _take(self, line: bytes) -> bool:
        row = ROWS.decode(line)
        if row is None:
            return False
        at = instant(row.timestamp)
        if self._born_at is None:
            self._born_at = at
        self._turns.place(row)
        self._turns.take(row, at)
        if row.type == "assistant" and row.usage_metadata is not None:
            key = row.uuid or f"{self._facts.session_id}:{self._facts.records}"
            tokens = of_row(row.usage_metadata)
            self._waiting.append(Response(key, at, row.model or self._facts.model, tokens))
        return True

    def _look_beside(self) -> bool:
        is_new = self._meta.look()
        if self._meta.value is not None:
            self._take_meta(self._meta.value)
        if self._waiting and self._is_told_above is None:
            self._is_told_above = _is_told(self.path)
        if self._is_told_above is False:
            for response in self._waiting:
                self._facts.reasoned = True
                self._claim(response)
        if self._is_told_above is not None:
            self._waiting.clear()
        return is_new

    def _take_meta(self, meta: Meta) -> None:
        facts = self._facts
        facts.title = meta.description or meta.subagent_name or meta.agent_type or facts.title
        if meta.parent_agent_id:
            facts.parent_id = f"{places.session_above(self.path)}/{meta.parent_agent_id}"
        if meta.persisted_cli_flags is not None:
            facts.model = facts.model or meta.persisted_cli_flags.model
        self._turns.end(meta.status, instant(meta.last_updated_at))


def _response(told: Event, row: Row, at: float | None) -> Response:
    """Some servers number their responses anew all the time, so the instant is part of the key; a
    branch copies both."""
    at = instant(told.timestamp) or at
    key = f"{told.response_id}@{told.timestamp}" if told.timestamp else None
    return Response(key or row.uuid or f"{told.response_id}", at, told.model, of_event(told))


def _is_told(path: str) -> bool | None:
    """Whether the session of a subagent tells of its requests; None while that cannot be known."""
    found = False
    for transcript in places.transcripts_of(path):
        try:
            head = contents(transcript, _HEAD)
        except OSError:
            continue
        if _RESPONSE.encode() in head:
            return True
        if b'"usageMetadata"' in head or len(head) == _HEAD:
            return False
        found = True
    return None if found else False
