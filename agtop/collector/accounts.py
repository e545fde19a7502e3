"""Whose plan is used in which of an agent's folders: one may be logged in to several accounts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from agtop.agents.base import Agent
from agtop.model import Record


class Account(Record):
    """Folders that are logged in to one account."""

    roots: tuple[Path, ...]
    name: str | None = None
    """None where there is only one."""

    def holds(self, path: str) -> bool:
        """Whether a transcript lies in one of them."""
        return any(path.startswith(f"{root}{os.sep}") for root in self.roots)


def accounts(agent: Agent, roots: Sequence[Path]) -> tuple[Account, ...]:
    """Folders without a login of their own belong to the first; two of one account are one."""
    groups: list[list[Path]] = []
    known: dict[str, list[Path]] = {}
    for root in roots:
        sign = agent.account(root)
        group = known.get(sign) if sign is not None else None
        if group is None and groups and _is_without(agent, root):
            group = groups[0]
        if group is None:
            group = list[Path]()
            groups.append(group)
        group.append(root)
        if sign is not None:
            known.setdefault(sign, group)
    if len(groups) < 2:
        return (Account(tuple(roots)),)
    names = _names([group[0] for group in groups])
    return tuple(Account(tuple(group), name) for group, name in zip(groups, names, strict=True))


def _is_without(agent: Agent, root: Path) -> bool:
    """The agent keeps its login in files, and there is none for this folder."""
    files = agent.limit_files(root)
    return bool(files) and not any(map(os.path.exists, files))


def _names(roots: Sequence[Path]) -> Iterable[str]:
    """The folders' own names, with as much of what is above them as tells them apart."""
    for count in range(1, max(len(root.parts) for root in roots)):
        names = ["/".join(root.parts[-count:]).lstrip(".") for root in roots]
        if len(set(names)) == len(names):
            return names
    return [str(root) for root in roots]
