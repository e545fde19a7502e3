"""The safe form of what is known: what every face shows under `--safe`.

Every text of every record is taken away, unless a rule here says what of it may stay: so a field
that is new is covered before anybody thinks of it. Numbers, times and words of agtop's own stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Literal, TypeVar, cast, get_args, get_origin

from msgspec.structs import fields

from agtop.model import Record, Session, Snapshot, Spender, replace
from agtop.paths import home
from agtop.privacy import REDACTED, deed, label, leaf, opaque

Kept = TypeVar("Kept", bound=Record)
Rule = Callable[[Any], Any]

_REASONS = frozenset({"permission", "question", "input", "stopped", "paused"})


def _label(value: str | None) -> str | None:
    return label(value) if value else value


def _opaque(value: str | None) -> str | None:
    return opaque(value) if value else value


def _key(value: str) -> str:
    """A session's key, as its safe form has it."""
    agent, _, session_id = value.partition(":")
    known = agent if re.fullmatch(r"[a-z0-9_-]{1,40}", agent) else REDACTED
    return f"{known}:{_opaque(session_id)}"


def _blank(_value: object) -> str:
    return ""


def _none(_value: object) -> None:
    return None


def _nothing(_value: object) -> tuple[()]:
    return ()


def _counted(value: Iterable[tuple[str, int]]) -> tuple[tuple[str | None, int], ...]:
    return tuple((label(name), count) for name, count in value)


def _coded(value: Iterable[tuple[str, str, str]]) -> tuple[tuple[str, str, str], ...]:
    return tuple((code, REDACTED, "is not told") for code, _path, _words in value)


def _spenders(value: Mapping[str, Spender]) -> dict[str, Spender]:
    return {each.session_id: each for each in Shield().records(value.values())}


def _reason(value: str | None) -> str | None:
    return value if value in _REASONS else None


def _scalars(value: Mapping[str, Any] | None) -> dict[str, Any]:
    told = {_label(name): each for name, each in (value or {}).items()}
    return {name or "": _label(v) if isinstance(v, str) else v for name, v in told.items()}


_RULES: Mapping[str, Rule] = {
    "Snapshot.plan": _label,
    "Problem.message": lambda _words: "it has a problem, which is not told with --safe",
    "Host.os": _label,
    "Session.agent": _label,
    "Session.agent_label": _label,
    "Session.session_id": _opaque,
    "Session.project": _label,
    "State.reason": _reason,
    "State.evidence": _blank,
    "Activity.evidence": _blank,
    "Activity.asked": _none,
    "Reading.session_id": _opaque,
    "Reading.parent_id": _opaque,
    "Reading.forked_from": _opaque,
    "Reading.transcript": _blank,
    "Reading.model": _label,
    "Reading.effort": _label,
    "Reading.version": _label,
    "Reading.subscription": _label,
    "Reading.action": deed,
    "Usage.model": _label,
    "Usage.provider": _label,
    "Limit.limit_id": _label,
    "Limit.model": _label,
    "Limit.plan": _label,
    "Window.agent": _label,
    "Window.agent_label": _label,
    "Window.provider": _label,
    "Window.limit_id": _label,
    "Window.model": _label,
    "Window.account": _opaque,
    "Window.plan": _label,
    "Window.where": _blank,
    "Share.key": _key,
    "Price.provider": _label,
    "Price.model": _label,
    "Price.source": _label,
    "Price.date": _label,
    "Price.note": _label,
    "Response.key": _opaque,
    "Response.model": _label,
    "Response.provider": _label,
    "Response.service_tier": _label,
    "Response.geo": _label,
    "Process.name": _label,
    "Process.argv": _nothing,
    "Process.places": _none,
    "Process.status": _label,
    "Process.open_files": _nothing,
    "Recognition.agent": _label,
    "Recognition.reason": _blank,
    "Recognition.session_id": _opaque,
    "Match.evidence": _nothing,
    "Writer.key": _key,
    "Bucket.session_id": _opaque,
    "Bucket.model": _label,
    "Spender.session_id": _opaque,
    "Spender.parent_id": _opaque,
    "Spender.repo": _label,
    "Expenses.agent": _label,
    "Expenses.label": _label,
    "Expenses.spenders": _spenders,
    "SourceReport.agent": _label,
    "SourceReport.label": _label,
    "SourceReport.meter_version": _label,
    "SourceReport.versions": _counted,
    "SourceReport.formats": _counted,
    "SourceReport.problems": _coded,
    "Unread.session_id": _opaque,
    "Unread.reason": lambda _words: "why is not told with --safe",
    "SourceRow.id": _label,
    "AppServer.warnings": lambda words: tuple(label(each) for each in words),
    "SourceRow.agent": _label,
    "SourceRow.kind": _label,
    "SourceRow.label": _label,
    "SourceRow.metadata": _scalars,
}
"""Record and field → what stays of it. A text without a rule is `None` where that may stand for
it, else `redacted`."""


class Shield:
    """Makes the safe form of records, and knows what they stood for."""

    def __init__(self) -> None:
        self._sessions: dict[int, tuple[Session, Session]] = {}
        """By the id of a session as it was: it and its safe form. Most are the same in the next
        round."""
        self._met: dict[int, tuple[Session, Session]] = {}
        """Those of this round."""
        self._by_key: dict[str, Session] = {}

    def snapshot(self, snapshot: Snapshot) -> Snapshot:
        """The safe form of everything known at an instant."""
        self._met = {}
        safe = self._record(snapshot)
        self._sessions = self._met
        self._by_key = {each.key: known for known, each in self._met.values()}
        return safe

    def records(self, records: Iterable[Kept]) -> tuple[Kept, ...]:
        """The safe form of each."""
        return tuple(self._record(each) for each in records)

    def session(self, key: str) -> Session | None:
        """The session whose safe form has that key."""
        return self._by_key.get(key)

    def _record(self, record: Kept) -> Kept:
        if isinstance(record, Session):
            return cast("Kept", self._session(record))
        return self._walk(record)

    def _session(self, session: Session) -> Session:
        known = self._sessions.get(id(session)) or self._met.get(id(session))
        if known is None:
            safe = self._walk(session)
            project = leaf(session.reading.cwd, session.project, _home())
            if project != safe.project:
                safe = replace(safe, project=project)
            known = (session, safe)
        self._met[id(session)] = known
        for below in session.subagents:
            self._session(below)
        return known[1]

    def _walk(self, record: Kept) -> Kept:
        changed: dict[str, Any] = {}
        for name, rule, optional in _texts(type(record)):
            value = getattr(record, name)
            safe = self._value(value, optional) if rule is None else rule(value)
            if safe is not value:
                changed[name] = safe
        return replace(record, **changed) if changed else record

    def _value(self, value: Any, optional: bool) -> Any:
        """What has no rule: no text in it stays."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return None if optional else REDACTED if value else value
        if isinstance(value, Record):
            return self._record(value)
        if isinstance(value, Mapping):
            items = cast("Mapping[Any, Any]", value).items()
            return {self._named(key): self._value(each, optional) for key, each in items}
        if isinstance(value, tuple | list | frozenset):
            return tuple(self._value(one, False) for one in cast("Iterable[Any]", value))
        return None

    def _named(self, key: object) -> object:
        return _label(key) if isinstance(key, str) else key


@cache
def _home() -> str | None:
    try:
        return str(home())
    except RuntimeError:
        return None


@cache
def _texts(kind: type[Record]) -> tuple[tuple[str, Rule | None, bool], ...]:
    """(field, rule, whether None may stand there) of the fields that may hold a text somewhere."""
    return tuple(
        (
            each.name,
            _RULES.get(f"{kind.__name__}.{each.name}") or _rule(each.type),
            type(None) in get_args(each.type),
        )
        for each in fields(kind)
        if not _is_number(each.type)
    )


def _rule(hint: Any) -> Rule | None:
    choices = _choices(hint)
    if choices is None:
        return None
    return lambda value: value if value in choices else None if None in choices else REDACTED


def _choices(hint: Any) -> frozenset[Any] | None:
    """The words of agtop's own that may stand there, where nothing else may."""
    if get_origin(hint) is Literal:
        return frozenset(get_args(hint))
    parts = get_args(hint)
    literal = [part for part in parts if get_origin(part) is Literal]
    if len(literal) == 1 and all(part in (literal[0], type(None)) for part in parts):
        return frozenset({*get_args(literal[0]), None})
    return None


def _is_number(hint: Any) -> bool:
    parts = get_args(hint)
    if parts and get_origin(hint) is not Literal:
        return all(_is_number(part) for part in parts)
    return hint in (int, float, bool, type(None), Ellipsis)
