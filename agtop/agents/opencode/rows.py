"""The rows of the table `session`, and which session a fork was copied from."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from agtop.agents import database
from agtop.agents.decode import convert, count, plain
from agtop.agents.loose import number, objects, text
from agtop.agents.opencode.conversation import Info
from agtop.agents.opencode.records import ModelName, seconds
from agtop.agents.store import Row, marks
from agtop.model import Tokens, replace

SESSION = (
    "id",
    "parent_id",
    "directory",
    "title",
    "version",
    "model",
    "permission",
    "time_created",
    "time_updated",
    "time_compacting",
    "cost",
    "tokens_input",
    "tokens_output",
    "tokens_reasoning",
    "tokens_cache_read",
    "tokens_cache_write",
)
_CREATED = SESSION.index("time_created")
NEW_LAYOUT = (
    "its messages lie in the table session_message, which this agtop does not read: tools and"
    " state are unknown; update agtop"
)


def info(row: Row) -> Info:
    """What a row says; a column of another type says nothing."""
    fields: dict[str, object] = dict(zip(SESSION, row, strict=True))
    return Info(
        session_id=str(fields["id"]),
        parent_id=text(fields["parent_id"]),
        cwd=text(fields["directory"]),
        title=text(fields["title"]),
        version=text(fields["version"]),
        model=convert(_json(fields["model"]), ModelName),
        created_at=seconds(number(fields["time_created"])),
        interactive=not denies_questions(_json(fields["permission"])),
        compacting_at=seconds(number(fields["time_compacting"])),
        spent=_spent(fields),
        cost=number(fields["cost"]),
    )


def denies_questions(rules: object) -> bool:
    """`opencode run` has nobody to ask, so its sessions may not put questions."""
    return any(
        (rule.get("permission"), rule.get("action")) == ("question", "deny")
        for rule in objects(rules)
    )


class Links:
    """What rows of `session` say, completed by what other rows say. Lives as long as one look."""

    def __init__(self, base: sqlite3.Connection, rows: Mapping[str, Row]) -> None:
        self._base = base
        self._rows = rows
        self._can_date = "time_created" in database.columns(base, "message")
        self._has_new_layout = "session_id" in database.columns(base, "session_message")

    def infos(self, ids: Sequence[str]) -> list[Info]:
        origins = self._origins(ids) if self._can_date else {}
        foreign = self._foreign(ids) if self._has_new_layout else set[str]()
        return [
            replace(
                info(self._rows[key]),
                forked_from=origins.get(key),
                problems=(NEW_LAYOUT,) if key in foreign else (),
            )
            for key in ids
        ]

    def _origins(self, ids: Sequence[str]) -> dict[str, str | None]:
        """Forks hold messages that are older than they are."""
        query = (
            "SELECT session_id, MAX(message.time_created) FROM message"
            " JOIN session ON session.id = message.session_id"
            f" WHERE session_id IN ({marks(ids)}) AND message.time_created < session.time_created"
            " GROUP BY session_id"
        )
        copied = self._base.execute(query, ids).fetchall()
        return {key: self._origin(key, last) for key, last in copied}

    def _origin(self, fork: str, last: int) -> str | None:
        """The oldest session that holds the last message it copied: copies keep its time."""
        query = "SELECT DISTINCT session_id FROM message WHERE time_created = ?"
        holders = {key for (key,) in self._base.execute(query, (last,))} - {fork}
        made = {key: number(self._rows[key][_CREATED]) for key in holders if key in self._rows}
        older = {key: at for key, at in made.items() if at is not None and at <= last}
        return min(older, key=lambda key: older[key], default=None)

    def _foreign(self, ids: Sequence[str]) -> set[str]:
        query = (
            f"SELECT DISTINCT session_id FROM session_message WHERE session_id IN ({marks(ids)})"
            " AND session_id NOT IN (SELECT session_id FROM message)"
        )
        return {key for (key,) in self._base.execute(query, ids)}


def _spent(fields: Mapping[str, object]) -> Tokens | None:
    """The session's own sums, where this release keeps them."""
    names = ("input", "cache_read", "cache_write", "output", "reasoning")
    fresh, read, written, output, thought = (
        count(value) if isinstance(value := fields[f"tokens_{name}"], int) else 0 for name in names
    )
    found = Tokens(fresh, read, written, 0, output + thought, thought)
    return found if found.total else None


def _json(value: object) -> object:
    return plain(value.encode()) if isinstance(value, str) else None
