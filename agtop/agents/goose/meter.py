"""Reads Goose's database of sessions.

`sessions.updated_at` moves with every message, in whole seconds. So a session is looked into when
its row differs, or bears the newest stamp. Ids of messages only rise: what is beyond the last one
is new, and where fewer are left than were read, the conversation was cut or written anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import NamedTuple

from agtop.agents import database
from agtop.agents.facts import Facts
from agtop.agents.goose.records import (
    Message,
    Request,
    Session,
    message,
    model,
    seconds,
    tokens,
)
from agtop.agents.goose.telling import Teller
from agtop.agents.loose import number, text
from agtop.agents.store import Row, StoreMeter, by_id, marks, some
from agtop.model import Claim, Response

_WARM = 40
"""Sessions whose messages stay in memory, the last active."""
_COPIED = 5.0
"""Seconds by which a message may be older than its session without being a copy."""
_HOLDS_REQUEST = 1
_UNNAMED = ("New Chat", "CLI Session", "New session")


class _Spent(NamedTuple):
    """What the ledger says of one session."""

    last_row: int
    cost: float
    model: str | None
    compactions: int


_NOTHING = _Spent(-1, 0.0, None, 0)


class GooseMeter(StoreMeter):
    """One database."""

    tables = ("sessions", "messages")
    columns = MappingProxyType(
        {"sessions": ("id",), "messages": ("id", "session_id", "role", "content_json")}
    )

    def _forget(self) -> None:
        super()._forget()
        self._rows: dict[str, Row] = {}
        self._warm: dict[str, dict[int, Message]] = {}
        self._spent: dict[str, _Spent] = {}

    def _take_in(self, base: sqlite3.Connection) -> None:
        rows = by_id(base, "sessions", Session._fields)
        sessions = {key: Session(*row) for key, row in rows.items()}
        for gone in self._drop_others(rows):
            self._warm.pop(gone, None)
            self._spent.pop(gone, None)
        stamps = {key: seconds(each.updated_at) or 0.0 for key, each in sessions.items()}
        newest = max(stamps.values(), default=0.0)
        due = {key for key, row in rows.items() if self._rows.get(key) != row}
        due |= {key for key, stamp in stamps.items() if stamp == newest}
        for ids in some(sorted(due)):
            self._fetch(base, ids)
            self._count(base, {key: sessions[key] for key in ids})
            for key in ids:
                self._tell(sessions[key])
        self._rows = rows
        self._cool()

    # ---- messages

    def _fetch(self, base: sqlite3.Connection, ids: Sequence[str]) -> None:
        query = (
            "SELECT session_id, COUNT(*), MIN(id), MAX(id) FROM messages"
            f" WHERE session_id IN ({marks(ids)}) GROUP BY session_id"
        )
        there = {key: tuple(row) for key, *row in base.execute(query, ids)}
        known = [key for key in ids if self._is_whole(key, there.get(key, (0, 0, 0)))]
        for key in set(ids).difference(known):
            self._warm[key] = {}
        last = min((max(self._warm[key], default=-1) for key in known), default=-1)
        self._read(base, known, last)
        self._read(base, [key for key in ids if key not in known], -1)

    def _is_whole(self, key: str, there: tuple[int, ...]) -> bool:
        """What is known of its conversation still stands in front of what came."""
        known = self._warm.get(key)
        if not known:
            return False
        amount, first, _ = there
        return amount >= len(known) and first == min(known)

    def _read(self, base: sqlite3.Connection, ids: Sequence[str], last: int) -> None:
        """Take in the messages of some sessions with ids beyond `last`."""
        if not ids:
            return
        columns = ("id", "session_id", "role", "created_timestamp", "content_json", "metadata_json")
        where = f"WHERE session_id IN ({marks(ids)}) AND id > ?"
        query = database.select(base, "messages", columns, where)
        for order, key, role, at, contents, metadata in base.execute(query, [*ids, last]):
            if order in self._warm[key]:
                continue
            data, told = _bytes(contents), _bytes(metadata)
            self.bytes_read += len(data)
            self._warm[key][order] = message(order, role, at, data, told)

    def _cool(self) -> None:
        """Forget the messages of all but the last active sessions."""
        known = [key for key in self._warm if key in self._readings]
        for key in sorted(known, key=lambda key: self._readings[key].last_active or 0.0)[:-_WARM]:
            del self._warm[key]

    # ---- usage

    def _count(self, base: sqlite3.Connection, sessions: dict[str, Session]) -> None:
        """One claim per request; where no requests are recorded, one for their sum."""
        for row in self._requests(base, sessions):
            request = Request(*row)
            session = sessions[str(request.session_id)]
            known = self._spent.get(str(session.id), _NOTHING)
            if not isinstance(request.id, int) or request.id <= known.last_row:
                continue
            cost = known.cost + (number(request.cost) or 0.0)
            name = text(request.model) or model(session.model_config_json)[0]
            compactions = known.compactions + bool(request.is_compaction)
            self._spent[str(session.id)] = _Spent(request.id, cost, name, compactions)
            self._claims += self._of_request(session, request, name)
        for session in sessions.values():
            if str(session.id) not in self._spent:
                self._claims += self._of_sum(session)

    def _requests(self, base: sqlite3.Connection, sessions: Iterable[str]) -> list[Row]:
        ids = list(sessions)
        if not database.columns(base, "usage_ledger"):
            return []  # it came with a later release
        last = min((self._spent[key].last_row if key in self._spent else -1) for key in ids)
        where = f"WHERE session_id IN ({marks(ids)}) AND id > ? ORDER BY id"
        query = database.select(base, "usage_ledger", Request._fields, where)
        return base.execute(query, [*ids, last]).fetchall()

    def _of_request(self, session: Session, request: Request, name: str | None) -> list[Claim]:
        spent = tokens(
            request.input_tokens,
            request.output_tokens,
            request.total_tokens,
            request.cache_read_tokens,
            request.cache_write_tokens,
        )
        if spent is None:
            return []
        key, at = f"{session.id}:{request.id}", seconds(request.created_timestamp)
        provider = text(session.provider_name) or ""
        return [self._claim(session, Response(key, at, name, spent, provider=provider))]

    def _of_sum(self, session: Session) -> list[Claim]:
        spent = tokens(
            session.accumulated_input_tokens,
            session.accumulated_output_tokens,
            session.accumulated_total_tokens,
            session.accumulated_cache_read_tokens,
            session.accumulated_cache_write_tokens,
        )
        if spent is None:
            return []
        name, provider = model(session.model_config_json)[0], text(session.provider_name) or ""
        at = seconds(session.updated_at)
        return [
            self._claim(session, Response(f"{session.id}:all", at, name, spent, provider=provider))
        ]

    def _claim(self, session: Session, response: Response) -> Claim:
        born = seconds(session.created_at)
        return Claim(
            response,
            str(session.id),
            _HOLDS_REQUEST,
            float("inf") if born is None else born,
            self.path,
        )

    # ---- telling

    def _tell(self, session: Session) -> None:
        facts, key = Facts(str(session.id)), str(session.id)
        facts.parent_id = text(session.parent_session_id)
        facts.interactive = session.session_type not in ("scheduled", "sub_agent", "hidden")
        facts.title = _title(session)
        facts.cwd = text(session.working_dir)
        facts.model, window = model(session.model_config_json)
        born = seconds(session.created_at)
        facts.seen(born)
        teller = Teller(facts)
        for told in sorted(self._warm[key].values(), key=lambda each: (each.at or 0.0, each.order)):
            if not _is_copy(told, born):
                facts.records += 1
                teller.take(told)
        if facts.parent_id is not None:
            facts.user_turns = 0  # what it was asked, its parent asked
        spent = self._spent.get(key)
        for _ in range(spent.compactions if spent is not None else 0):
            facts.compacted()
        facts.metered = spent is not None or bool(self._of_sum(session))
        facts.model = (spent.model if spent is not None else None) or facts.model
        facts.reported_cost = (spent.cost if spent else number(session.accumulated_cost)) or None
        facts.filled(int(_in_context(session)), window)
        self._keep(facts.freeze(self.path))


def _title(session: Session) -> str | None:
    named = text(session.name) or text(session.description)
    return None if named is None or named.startswith(_UNNAMED) else named


def _is_copy(told: Message, born: float | None) -> bool:
    """A copied session begins with messages that are older than it is."""
    return told.at is not None and born is not None and told.at < born - _COPIED


def _in_context(session: Session) -> float:
    """The last request's prompt and answer."""
    total = number(session.total_tokens)
    if total:
        return total
    return (number(session.input_tokens) or 0.0) + (number(session.output_tokens) or 0.0)


def _bytes(value: object) -> bytes:
    return value.encode() if isinstance(value, str) else b""
