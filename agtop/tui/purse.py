"""The budgets a screen holds its sessions against, what changes one, and what was told already."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from agtop.budgets import Action, Budget, Spending, as_told
from agtop.model import Record, Snapshot

Budgets = Mapping[str, Budget]
"""By the names they have in config.toml."""


class Changed(Record):
    """A budget was set or taken away."""

    budgets: Budgets
    sentence: str
    file: str
    """Where it stands."""


Change = Callable[[Budgets, str, str | None, Action | None], Changed]
"""(those there are, whose, how much or None to take it away, what happens then).

Raises AgtopError or OSError; the file is then as it was.
"""


class Log(Protocol):
    """What was told and done, over restarts."""

    def read(self) -> frozenset[str]: ...

    def add(self, keys: Iterable[str]) -> frozenset[str]: ...


class Purse(Record):
    """What budgets need from outside."""

    budgets: Budgets
    change: Change
    log: Log
    spending: Callable[[Snapshot], Spending] = as_told
    """What was used in which span of time; in the collector's thread."""


class Forgetful:
    """A log for as long as agtop runs."""

    def __init__(self) -> None:
        self._keys: set[str] = set()

    def read(self) -> frozenset[str]:
        return frozenset(self._keys)

    def add(self, keys: Iterable[str]) -> frozenset[str]:
        new = frozenset(keys) - self._keys
        self._keys |= new
        return new
