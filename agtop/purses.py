"""The budgets of config.toml for the screen, and those of the demo, which are kept nowhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import astuple

from agtop import paths
from agtop.errors import UsageError
from agtop.model import Snapshot, replace
from agtop.tui.purse import Budgets, Changed, Forgetful, Purse

if TYPE_CHECKING:
    from agtop.budgets import Action, Budget, Spending
    from agtop.config import Config
    from agtop.verbs.means import Means


def budgets(config: Config) -> dict[str, Budget]:
    """Those in config.toml, by the names they have there."""
    from agtop.budgets import Budget, parse_target

    return {
        name: Budget(parse_target(name), *astuple(wish)) for name, wish in config.budgets.items()
    }


def weighed(snapshot: Snapshot, budgets: Mapping[str, Budget], spending: Spending) -> Snapshot:
    """The same, with what each session may still spend."""
    from agtop.budgets import Allowances, standings

    found = standings(tuple(budgets.values()), snapshot.sessions, snapshot.taken_at, *spending)
    return Allowances().put(snapshot, found)


def purse(
    config: Config,
    load: Callable[[], Config],
    check: Callable[[str], object],
    spending: Callable[[Snapshot], Spending] | None = None,
) -> Purse:
    """Those of config.toml.

    Args:
        config: as it was read.
        load: reads it again.
        check: holds a text against what agtop can follow.
        spending: what was used in which span of time.
    """
    from agtop.budgets import AlertLog, as_told
    from agtop.config import FILE_NAME

    def change(known: Budgets, target: str, amount: str | None, action: Action | None) -> Changed:
        from agtop.verbs import budget

        said: list[str] = []
        file = paths.config_dir() / FILE_NAME
        budget.change(target, amount, action, known, file, check, _means(said.append))
        return Changed(budgets(load()), " ".join(said), paths.short(str(file)))

    return Purse(budgets(config), change, AlertLog(paths.state_dir()), spending or as_told)


def invented(spending: Callable[[Snapshot], Spending] | None = None) -> Purse:
    """For the demo: they hold as long as it runs."""
    from agtop.budgets import as_told

    return Purse({}, _invented_change, Forgetful(), spending or as_told)


def _invented_change(
    known: Budgets, target: str, amount: str | None, action: Action | None
) -> Changed:
    from agtop.budgets import Budget, parse_amount, parse_target
    from agtop.budgets.budget import amount_text

    wanted = parse_target(target)
    others: Mapping[str, Budget] = {n: b for n, b in known.items() if b.target != wanted}
    where = "kept by the demo alone"
    if amount is None:
        if len(others) == len(known):
            raise UsageError(f"no budget is set for {wanted}; there is nothing to remove")
        return Changed(others, f"took the budget of {wanted} out", where)
    before = next((b for b in known.values() if b.target == wanted), Budget(wanted))
    kind, limit = parse_amount(amount)
    budget = replace(before, action=action or before.action, **{kind: limit})
    told = amount_text(kind, limit)
    sentence = f"budget of {wanted}: {told}, then {budget.action}; it goes with the demo"
    return Changed({**others, str(wanted): budget}, sentence, where)


def _means(say: Callable[[str], object]) -> Means:
    """What the verb needs where its target is written out: processes are never asked for."""
    from agtop.control import Me
    from agtop.processes.source import system_source
    from agtop.registry import Registry
    from agtop.verbs.means import Means

    source = system_source()
    return Means(
        source,
        tuple,
        lambda: Snapshot(0.0),
        Registry(paths.state_dir()),
        Me.of(source),
        say,
        time.time(),
        time.monotonic,
        time.sleep,
    )
