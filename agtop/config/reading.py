"""Reads config.toml, and says in one sentence what cannot be followed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast, get_args, get_origin

import msgspec

from agtop.attention import ALERT_KINDS, WAYS, AlertWish, Kind, Way
from agtop.budgets import ACTIONS, Action, parse_target
from agtop.config.wishes import (
    PLAN_ALIASES,
    PLANS,
    WEEKDAYS,
    BudgetWish,
    Config,
    OwnAgent,
    Plan,
    PriceOverride,
    Weekday,
    meant,
    one_of,
)
from agtop.errors import ConfigError
from agtop.model import Record
from agtop.themes import THEMES, Theme
from agtop.units import parse_delay

R = TypeVar("R", bound=Record)
_AGENT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
FILE_NAME = "config.toml"


def load(folder: Path, agents: Callable[[], Collection[str]], columns: Collection[str]) -> Config:
    """The config.toml in `folder`; the defaults when there is none.

    Args:
        folder: agtop's own config directory.
        agents: the names of the agents there are, asked for only when the file names some.
        columns: the names of the columns there are.

    Raises:
        ConfigError: the file cannot be read, parsed or followed.
    """
    text = read(folder)
    return Config() if text is None else parse(text, agents, columns)


def parse(text: str, agents: Callable[[], Collection[str]], columns: Collection[str]) -> Config:
    """As `load`, of what a config.toml says or is about to say."""
    try:
        return _checked(_parsed(text), agents, columns)
    except _FaultError as fault:
        raise ConfigError(f"{FILE_NAME}: {fault.sentence}{fault.place(text)}") from None


class _FaultError(Exception):
    """Something in the file that cannot be followed, and the key it stands at."""

    def __init__(self, sentence: str, key: str | None = None) -> None:
        self.sentence = sentence
        self.key = key

    def place(self, text: str) -> str:
        """` (line 12)`, when the key stands on exactly one."""
        if self.key is None:
            return ""
        key = re.escape(self.key)
        pattern = re.compile(rf"""^\s*(?:["']?{key}["']?\s*[=.]|\[[^\]]*\b{key}["']?\s*\])""")
        found = [n for n, line in enumerate(text.splitlines(), 1) if pattern.match(line)]
        return f" (line {found[0]})" if len(found) == 1 else ""


def read(folder: Path) -> str | None:
    """The config.toml in `folder` as it stands; None when there is none. Raises ConfigError."""
    path = folder / FILE_NAME
    try:
        return path.read_text("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(f"{path} cannot be read ({reason}); mend it or move it away") from None


def _parsed(text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = str(error)
        raise _FaultError(f"is not TOML: {reason[:1].lower()}{reason[1:]}") from None


def _checked(
    raw: dict[str, Any], agents: Callable[[], Collection[str]], columns: Collection[str]
) -> Config:
    """`raw` as a Config. Raises _FaultError."""
    config = _record(Config, _normal(raw), [])
    _check_names(config, agents, columns)
    _check_numbers(config)
    if (fault := config.alerts.fault()) is not None:
        raise _FaultError(f"[alerts] {fault[1]}", fault[0])
    return config


def _record(kind: type[R], raw: dict[str, Any], tables: list[str]) -> R:
    """The table `raw` as a record. Raises _FaultError for the first key that cannot be followed."""
    for key in raw:
        if key not in kind.__struct_fields__:
            near = meant(key, kind.__struct_fields__)
            raise _FaultError(f'{_where(tables)}has no key "{key}"{near}', key)
    fields = msgspec.structs.fields(kind)
    for field in fields:
        if field.required and field.name not in raw:
            raise _FaultError(f"{_where(tables)}needs {field.name}", tables[-1])
    types = {field.name: field.type for field in fields}
    return kind(**{key: _value(value, key, types[key], tables) for key, value in raw.items()})


def _value(value: Any, key: str, kind: Any, tables: list[str]) -> Any:
    """`value` as what the key wants; of a table each entry by itself, to say which one is wrong."""
    if get_origin(kind) is Mapping:
        if not isinstance(value, dict):
            raise _FaultError(f"{_where(tables)}{key} should be a table", key)
        _, inner = get_args(kind)
        rows = cast("dict[str, Any]", value)
        return {name: _value(row, name, inner, [*tables, key]) for name, row in rows.items()}
    if kind in (PriceOverride, OwnAgent, BudgetWish, AlertWish):
        if not isinstance(value, dict):
            raise _FaultError(f"{_where(tables)}{key} should be a table", key)
        return _record(kind, cast("dict[str, Any]", value), [*tables, key])
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        raise _FaultError(*_misfit(value, key, kind, tables)) from None


def _misfit(value: Any, key: str, kind: Any, tables: list[str]) -> tuple[str, str]:
    """What is wrong with the value, and the key to look for in the file."""
    if kind == Theme and isinstance(value, str):
        near = meant(value, THEMES) or f"; choose {one_of(THEMES)}"
        return f'{_where(tables)}{key} = "{value}" is no theme{near}', key
    if isinstance(value, str) and kind in _CHOICES:
        what, words = _CHOICES[kind]
        return f'{_where(tables)}{key} = "{value}" is no {what}; choose {one_of(words)}', key
    return f"{_where(tables)}{key} should be {_WANTED[kind]}", key


def _where(tables: list[str]) -> str:
    return f"[{'.'.join(tables)}] " if tables else ""


_CHOICES: dict[Any, tuple[str, tuple[str, ...]]] = {
    Plan: ("plan", PLANS),
    Action: ("action", ACTIONS),
    Way: ("way to be told", WAYS),
    Weekday: ("day of the week", WEEKDAYS),
}
_WANTED: dict[Any, str] = {
    Theme: one_of(THEMES),
    **{kind: one_of(words) for kind, (_, words) in _CHOICES.items()},
    tuple[Kind, ...]: f"a list of {one_of(ALERT_KINDS)}",
    bool: "true or false",
    int | None: "a whole number",
    tuple[int, ...]: "a list of whole numbers",
    float: "a number",
    float | None: "a number",
    int: "a whole number",
    str: "a text",
    str | None: "a text",
    tuple[str, ...]: "a list of texts",
    str | tuple[str, ...]: "a key or a list of keys",
}


def _normal(raw: dict[str, Any]) -> dict[str, Any]:
    """`raw` with the spellings people use turned into the one that is checked."""
    normal = dict(raw)
    if "delay" in normal:
        normal["delay"] = _delay(normal["delay"])
    if isinstance(normal.get("alerts"), dict) and "cooldown" in normal["alerts"]:
        cooldown = _delay(normal["alerts"]["cooldown"], "[alerts] cooldown", "cooldown")
        normal["alerts"] = {**normal["alerts"], "cooldown": cooldown}
    if "plan" in normal:
        normal["plan"] = _plan(normal["plan"])
    if isinstance(normal.get("plans"), dict):
        normal["plans"] = {agent: _plan(plan) for agent, plan in raw["plans"].items()}
    return normal


def _plan(value: Any) -> Any:
    return PLAN_ALIASES.get(value.casefold(), value) if isinstance(value, str) else value


def _delay(value: Any, where: str = "", key: str = "delay") -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    try:
        return parse_delay(str(value))
    except ValueError as error:
        raise _FaultError(f"{where}: {error}" if where else str(error), key) from None


def _check_names(
    config: Config, agents: Callable[[], Collection[str]], columns: Collection[str]
) -> None:
    if config.plans or config.roots or config.models or config.agents or config.budgets:
        known = agents()
        names = [*known, *config.agents]
        _check_keys("plans", config.plans, names)
        _check_keys("roots", config.roots, names)
        _check_keys("models", config.models, names)
        for name, own in config.agents.items():
            _check_agent(name, own, known)
        for name, wish in config.budgets.items():
            _check_budget(name, wish, names)
    if config.sort is not None and config.sort not in columns:
        near = meant(config.sort, columns)
        raise _FaultError(f'sort = "{config.sort}" is no column{near}', "sort")
    for name in config.columns:
        if name not in columns:
            raise _FaultError(f'columns has no column "{name}"{meant(name, columns)}', "columns")
    twice = [name for n, name in enumerate(config.columns) if name in config.columns[:n]]
    if twice:
        raise _FaultError(f'columns names "{twice[0]}" twice', "columns")


def _check_agent(name: str, own: OwnAgent, known: Collection[str]) -> None:
    where = f"[agents.{name}]"
    if not _AGENT_NAME.fullmatch(name):
        raise _FaultError(f"{where} is no name: small letters, digits and dashes", name)
    if name in known:
        raise _FaultError(
            f"{where} has the name of an agent that agtop knows; choose another", name
        )
    if not own.command.strip("*? ") or "/" in own.command:
        raise _FaultError(f'{where} command = "{own.command}" names no program', "command")
    if own.format is not None and own.format not in known:
        near = meant(own.format, known)
        raise _FaultError(f'{where} format = "{own.format}" is no agent{near}', "format")
    if (own.format is None) != (own.transcripts is None):
        raise _FaultError(f"{where} needs both transcripts and format, or neither", name)


def _check_keys(table: str, given: Iterable[str], names: Collection[str]) -> None:
    for name in given:
        if name not in names:
            raise _FaultError(f'[{table}] has no key "{name}"{meant(name, names)}', name)


def _check_numbers(config: Config) -> None:
    for model, price in config.prices.items():
        for bucket in price.__struct_fields__:
            value: float | None = getattr(price, bucket)
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise _FaultError(f"[prices.{model}] {bucket} = {value} is no price", bucket)
    for model, window in config.windows.items():
        if window <= 0:
            raise _FaultError(f"[windows] {model} = {window} is no number of tokens", model)


def _check_budget(name: str, wish: BudgetWish, agents: Collection[str]) -> None:
    try:
        target = parse_target(name)
    except ValueError as error:
        raise _FaultError(f"[budgets] {error}", name) from None
    if target.scope == "agent" and target.key not in agents:
        near = meant(target.key or "", agents)
        raise _FaultError(f'[budgets."{name}"] is for no agent that there is{near}')
    for key, amount in (("dollars", wish.dollars), ("tokens", wish.tokens)):
        if amount is not None and not (math.isfinite(amount) and amount > 0):
            raise _FaultError(f"[budgets.{name}] {key} = {amount} is no budget", key)
    for threshold in wish.at:
        if not 0 < threshold <= 1000:
            raise _FaultError(f"[budgets.{name}] at = {threshold} is no percentage", "at")
