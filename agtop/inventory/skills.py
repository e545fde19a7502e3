"""Skills and commands that are installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agtop.inventory.files import look, names_in
from agtop.inventory.rows import row
from agtop.model import SourceRow


def installed(agent: str, scope: str, folder: Path) -> Iterator[SourceRow]:
    """The folders in a skills folder, links included; hidden ones are the agent's own."""
    for name, path in names_in(folder):
        if path.is_dir():
            found = look(path / "SKILL.md")
            state = "degraded" if found.status == "missing" else found.status
            yield row(agent, "skill", scope, name, state, 0, found.at, installed=True)


def commands(agent: str, scope: str, folder: Path) -> Iterator[SourceRow]:
    """The prompts that a person calls by a slash and their name."""
    for name, path in names_in(folder):
        if name.endswith((".md", ".toml")):
            found = look(path)
            told = name.rpartition(".")[0]
            yield row(agent, "command", scope, told, found.status, 0, found.at, installed=True)
