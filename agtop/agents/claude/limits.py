"""What Claude Code keeps of its plan's limits: its own cache, and what its status line is told."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import msgspec

from agtop.agents.claude.records import NOTHING
from agtop.agents.decode import Decoder, plain
from agtop.model import Level, Limit
from agtop.tail import contents
from agtop.units import instant

_FILE = ".claude.json"
_LENGTHS = {"five_hour": 300, "seven_day": 10_080}
_GROUPS = {"session": 300, "five": 300, "week": 10_080, "seven": 10_080}
"""How the names of kinds and groups begin, and how long their windows are."""


class _Cache(msgspec.Struct):
    fetched_at: float | None = msgspec.field(default=None, name="fetchedAtMs")
    utilization: msgspec.Raw = NOTHING


class _Told(msgspec.Struct):
    """Of a `.claude.json`, or of what the status line is told."""

    cache: _Cache | None = msgspec.field(default=None, name="cachedUsageUtilization")
    rate_limits: msgspec.Raw = NOTHING


class _Login(msgspec.Struct):
    account: str | None = msgspec.field(default=None, name="accountUuid")


class _Settings(msgspec.Struct):
    login: _Login | None = msgspec.field(default=None, name="oauthAccount")


_FILES = Decoder(_Told)
_SETTINGS = Decoder(_Settings)
_MOST = 32 << 20
"""Bytes: the settings hold the history of every project."""


def limit_files(root: Path) -> tuple[str, ...]:
    """Where the settings of a config home lie: in it, or beside it for the usual one."""
    beside = (root.parent / _FILE,) if root.name == ".claude" else ()
    return tuple(os.fspath(path) for path in (root / _FILE, *beside))


def account(root: Path) -> str | None:
    """The id of the account that a config home is logged in to."""
    for path in limit_files(root):
        with contextlib.suppress(OSError):
            settings = _SETTINGS.decode(contents(path, _MOST))
            if settings is not None and settings.login is not None:
                return settings.login.account
    return None


def limits(data: bytes, written_at: float) -> tuple[Limit, ...]:
    """The limits in a `.claude.json` or in a kept file of the status line; none in any other.

    Args:
        written_at: when the file was: what the status line is told has no time of its own.
    """
    record = _FILES.decode(data)
    if record is None:
        return ()
    told: list[Limit] = []
    if record.cache is not None and record.cache.fetched_at is not None:
        at = record.cache.fetched_at / 1000
        known = _object(plain(record.cache.utilization))
        told += [*_windows(known, at), *_of_models(known.get("limits"), at)]
    told += _windows(_object(plain(record.rate_limits)), written_at)
    return tuple({limit.limit_id: limit for limit in told}.values())


def _windows(known: dict[str, object], at: float) -> Iterator[Limit]:
    """`five_hour`, `seven_day`, and `seven_day_opus` for a model of its own."""
    for name, value in known.items():
        length = next((n for start, n in _LENGTHS.items() if name.startswith(start)), None)
        window = _object(value)
        used = _number(window.get("utilization", window.get("used_percentage")))
        if length is None or used is None:
            continue
        rest = name.split("_", 2)[2:]
        level = Level(length, used, _moment(window.get("resets_at")))
        yield Limit(name, at, (level,), rest[0].replace("_", " ").title() if rest else None)


def _of_models(listed: object, at: float) -> Iterator[Limit]:
    """Newer versions list the windows, those of single models with the model's name."""
    for item in cast("list[object]", listed) if isinstance(listed, list) else ():
        entry = _object(item)
        model = _object(_object(entry.get("scope")).get("model")).get("display_name")
        used = _number(entry.get("percent"))
        if not isinstance(model, str) or used is None:
            continue
        words = f"{entry.get('kind')} {entry.get('group')}".replace("_", " ").split()
        lengths = (n for word in words for start, n in _GROUPS.items() if word.startswith(start))
        length = next(lengths, None)
        prefix = "seven_day" if length == _GROUPS["week"] else "five_hour"
        name = f"{prefix}_{model.casefold().replace(' ', '_')}"
        yield Limit(name, at, (Level(length, used, _moment(entry.get("resets_at"))),), model)


def _object(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _number(value: object) -> float | None:
    """A percentage; None for what cannot be one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return max(0.0, float(value))


def _moment(value: object) -> float | None:
    """ISO text, or Unix seconds."""
    number = _number(value)
    return instant(value) if number is None else number if 0 < number < 1e11 else None
