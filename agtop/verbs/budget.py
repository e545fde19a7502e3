"""`agtop budget`: show budgets, or set one in config.toml and leave the rest of it alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from agtop import paths
from agtop.budgets import (
    Action,
    Budget,
    Kind,
    Standing,
    Target,
    parse_amount,
    parse_target,
    standings,
)
from agtop.budgets.budget import amount_text
from agtop.edits import CannotEditError, Scalar, with_value
from agtop.errors import AgtopError, UsageError
from agtop.locks import locked
from agtop.text import cut, fit, width
from agtop.units import UNKNOWN, percent
from agtop.verbs.means import OK, Means
from agtop.verbs.targets import process_of, session_of

HEADER = ("BUDGET", "USED", "LIMIT", "LEFT", "%", "AT 100 %")
RIGHT = (False, True, True, True, True, False)
BOM = "\ufeff"
Check = Callable[[str], object]
"""Raises ConfigError for a config.toml that agtop could not follow."""


def show(budgets: Sequence[Budget], target: str | None, means: Means) -> int:
    """Print how all budgets stand, or the one of `target`."""
    if target is not None:
        wanted = target_of(target, means)
        budgets = [each for each in budgets if each.target == wanted]
        if not budgets:
            raise AgtopError(f"no budget is set for {wanted}; agtop budget {target} 20 sets one")
    if not budgets:
        means.say("no budget is set; agtop budget day 20 sets one of $20 a day")
        return OK
    snapshot = means.snapshot()
    found = standings(budgets, snapshot.sessions, means.now, *means.spending(snapshot))
    for row in _table([_row(each) for each in found]):
        means.say(cut(row, means.cells) if means.cells else row)
    return OK


def change(
    target: str,
    amount: str | None,
    action: Action | None,
    budgets: Mapping[str, Budget],
    file: Path,
    check: Check,
    means: Means,
) -> int:
    """Set a budget, or take it away where `amount` is None.

    Args:
        target: whose.
        amount: dollars or tokens.
        action: what to do once it is used up; as it was, where None.
        budgets: those there are, by their names in the file.
        file: config.toml.
        check: holds the text against what agtop can follow, before and after.
        means: for a target that is a process or a session.

    Raises:
        UsageError: `target` or `amount` make no sense.
        AgtopError: the file cannot be changed; it is as it was.
    """
    values: dict[str, Scalar | None] = {}
    if amount is not None:
        kind, limit = _amount(amount)
        values[kind] = int(limit) if limit == int(limit) else limit
    wanted = target_of(target, means)
    name = next((name for name, each in budgets.items() if each.target == wanted), None)
    if amount is None:
        if name is None:
            raise AgtopError(f"no budget is set for {wanted}; there is nothing to remove")
        values = dict.fromkeys(("dollars", "tokens", "action", "at", "on_estimates"))
    elif action is not None:
        values["action"] = action
    with locked(paths.state_dir() / "config.lock", means.wait):
        _rewrite(file, name or str(wanted), values, check)
    means.say(_done(wanted, amount, action, file))
    return OK


def target_of(word: str, means: Means) -> Target:
    """A target as it is written, or the session that a pid, name or id means."""
    try:
        return parse_target(word)
    except ValueError as error:
        if ":" in word and word.partition(":")[0] in ("agent", "repo", "session", "all"):
            raise UsageError(str(error)) from None
    if not word.strip():
        raise UsageError(f'"{word}" is nothing to set a budget for')
    try:
        if not word.isdecimal() and not means.registry.read().named(word):
            return Target("session", session_of(word, means).key)
        pid = process_of(word, means).pid
    except UsageError:
        written = "day, week, all, session, agent:NAME or repo:NAME"
        raise UsageError(
            f'"{word}" is nothing to set a budget for; write {written}, or name a session'
        ) from None
    for session in means.snapshot().sessions:
        if session.process is not None and session.process.pid == pid:
            return Target("session", session.key)
    raise AgtopError(f"process {pid} serves no session that is known; write its id instead")


def _amount(text: str) -> tuple[Kind, float]:
    try:
        return parse_amount(text)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _rewrite(file: Path, name: str, values: Mapping[str, Scalar | None], check: Check) -> None:
    """All the values or none."""
    before, mark = _read(file)
    check(before)
    after = before
    try:
        for key, value in values.items():
            after = with_value(after, ("budgets", name), key, value)
    except CannotEditError:
        where = paths.short(str(file))
        raise AgtopError(
            f'{where} has [budgets] written so that only you can change "{name}"; edit it there'
        ) from None
    check(after)
    if after != before:
        paths.write_atomically(file.resolve(), f"{mark}{after}".encode())


def _read(file: Path) -> tuple[str, str]:
    """The text, with its line endings as they are, and the mark that stood ahead of it."""
    try:
        text = file.read_bytes().decode()
    except FileNotFoundError:
        return "", ""
    except UnicodeDecodeError:
        raise AgtopError(f"{file} is not UTF-8 text; save it as UTF-8") from None
    return text.removeprefix(BOM), BOM if text.startswith(BOM) else ""


def _done(target: Target, amount: str | None, action: Action | None, file: Path) -> str:
    where = f"in {paths.short(str(file))}"
    if amount is None:
        return f"took the budget of {target} out; it stood {where}"
    then = f", then {action}" if action else ""
    return f"budget of {target}: {amount_text(*_amount(amount))}{then}; it stands {where}"


def _row(standing: Standing) -> tuple[str, ...]:
    kind, bound = standing.kind, ""
    if standing.used is not None:
        bound = "~" if standing.is_estimated else "≥" if standing.is_partial else ""
    whose = f" {standing.subject}" if standing.subject else ""
    return (
        f"{standing.budget.target}{whose}",
        bound + amount_text(kind, standing.used) if standing.used is not None else UNKNOWN,
        amount_text(kind, standing.limit),
        amount_text(kind, standing.left) if standing.left is not None else UNKNOWN,
        percent(standing.percent),
        standing.budget.action,
    )


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    whole = (HEADER, *rows)
    sizes = [max(width(row[n]) for row in whole) for n in range(len(HEADER))]
    return [
        "  ".join(
            fit(cell, size, right) for cell, size, right in zip(row, sizes, RIGHT, strict=True)
        ).rstrip()
        for row in whole
    ]
