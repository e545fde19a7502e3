"""Reads the sessions of one project from Crush's database.

Stamps are of whole seconds, and an answer grows without a change of its session's row. So a session
is looked into when its row differs, when it bears the newest stamp, or while it is being answered.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from agtop.agents import database
from agtop.agents.crush.places import Places
from agtop.agents.crush.records import Message, Session, parts, seconds
from agtop.agents.crush.telling import tell
from agtop.agents.decode import count
from agtop.agents.facts import Facts
from agtop.agents.loose import number, text
from agtop.agents.store import Row, StoreMeter, by_id, marks, some

_WARM = 40
"""Sessions whose messages stay in memory, the last active."""
_OVERLAP = 15
"""Seconds by which a row may be stamped before it is committed."""
_COLUMNS = ("id", "session_id", "role", "model", "created_at", "updated_at", "is_summary_message")


class CrushMeter(StoreMeter):
    """One database."""

    tables = ("sessions", "messages")
    columns = MappingProxyType(
        {"sessions": ("id", "cost"), "messages": ("id", "session_id", "role", "parts")}
    )

    def __init__(self, path: str, places: Places) -> None:
        self._places = places
        super().__init__(path)

    def _forget(self) -> None:
        super()._forget()
        self._rows: dict[str, Row] = {}
        self._warm: dict[str, dict[str, Message]] = {}
        self._latest = self._read_until = 0.0
        """The newest stamp that any look, or a whole one, came across, as it stands there."""

    def _take_in(self, base: sqlite3.Connection) -> None:
        rows = by_id(base, "sessions", Session._fields)
        sessions = {key: Session(*row) for key, row in rows.items()}
        for gone in self._drop_others(rows):
            self._warm.pop(gone, None)
        below = _of_subagents(sessions.values())
        for ids in some(sorted(self._due(rows, sessions))):
            self._fetch(base, [key for key in ids if key in self._warm], self._since())
            self._fetch(base, [key for key in ids if self._is_torn(sessions[key])], None)
            for key in ids:
                self._tell(sessions[key], below.get(key, 0.0))
        self._rows, self._read_until = rows, self._latest
        self._cool()

    def _due(self, rows: Mapping[str, Row], sessions: Mapping[str, Session]) -> set[str]:
        newest = max((number(each.updated_at) or 0.0 for each in sessions.values()), default=0.0)
        due = {key for key, row in rows.items() if self._rows.get(key) != row}
        due |= {key for key, each in sessions.items() if number(each.updated_at) == newest}
        due |= {
            key
            for key, reading in self._readings.items()
            if key in rows and reading.activity.phase in ("requested", "tool")
        }
        parents = {str(sessions[key].parent_session_id) for key in due}
        return due | (parents & rows.keys())  # whose own cost is what is left of the sum

    # ---- messages

    def _since(self) -> float:
        in_milliseconds = self._read_until > 1e11
        return self._read_until - _OVERLAP * (1000 if in_milliseconds else 1)

    def _is_torn(self, session: Session) -> bool:
        """Its messages are not known, or some of those known were deleted."""
        known = self._warm.get(str(session.id))
        left = session.message_count
        return known is None or (isinstance(left, int) and left < len(known))

    def _fetch(self, base: sqlite3.Connection, ids: Sequence[str], since: float | None) -> None:
        """Read the messages of some sessions: all, or those stamped since."""
        if not ids:
            return
        there = database.columns(base, "messages")
        chosen = ", ".join(name if name in there else f"NULL AS {name}" for name in _COLUMNS)
        data = "CAST(parts AS BLOB)" if "parts" in there else "NULL"
        query = f"SELECT rowid, {data}, {chosen} FROM messages WHERE session_id IN ({marks(ids)})"
        if since is None or "updated_at" not in there:
            self._warm.update((key, {}) for key in ids)
            self._take(base.execute(query, ids))
        else:
            self._take(base.execute(f"{query} AND updated_at >= ?", [*ids, since]))

    def _take(
        self, rows: Iterable[tuple[int, object, str, str, object, object, object, *Row]]
    ) -> None:
        for order, data, key, session_id, role, model, created, updated, summary in rows:
            held = data if isinstance(data, bytes) else b""
            self.bytes_read += len(held)
            self._latest = max(self._latest, number(updated) or 0.0)
            self._warm[session_id][key] = Message(
                order, str(role), text(model), seconds(created), bool(summary), parts(held)
            )

    def _cool(self) -> None:
        """Forget the messages of all but the last active sessions."""
        known = [key for key in self._warm if key in self._readings]
        for key in sorted(known, key=lambda key: self._readings[key].last_active or 0.0)[:-_WARM]:
            del self._warm[key]

    # ---- telling

    def _tell(self, session: Session, others_cost: float) -> None:
        key = str(session.id)
        messages = sorted(self._warm[key].values(), key=lambda message: message.order)
        if not messages and key.startswith("title-"):
            return  # a request for a title, which is no session
        facts = Facts(key)
        facts.parent_id = text(session.parent_session_id)
        facts.title = text(session.title)
        facts.cwd = self._places.project(self.path)
        facts.seen(seconds(session.created_at))
        tell(facts, messages)
        if facts.parent_id is not None:
            facts.user_turns = 0  # what it was asked, its parent asked
        used = (session.prompt_tokens, session.completion_tokens)
        facts.filled(sum(count(each) for each in used if isinstance(each, int)))
        own = (number(session.cost) or 0.0) - others_cost
        facts.reported_cost = own if own > 0 else None
        self._keep(facts.freeze(self.path))


def _of_subagents(sessions: Iterable[Session]) -> dict[str, float]:
    """What Crush added to each session's cost for those right below it."""
    sums: dict[str, float] = {}
    for each in sessions:
        if (parent := text(each.parent_session_id)) is not None:
            sums[parent] = sums.get(parent, 0.0) + (number(each.cost) or 0.0)
    return sums
