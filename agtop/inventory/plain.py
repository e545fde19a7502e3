"""What agents with one simple settings file are set up with: Gemini, Qwen, OpenCode, Copilot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from agtop.inventory import risks
from agtop.inventory.files import Found, Table, below, look, read_json, read_jsonc, table, word
from agtop.inventory.memory import instructions
from agtop.inventory.rows import Where, few, hooks, layer, row, servers
from agtop.inventory.rows import risks as risk_rows
from agtop.inventory.skills import commands, installed
from agtop.model import InventoryKind, Record, SourceRow
from agtop.privacy import label


class Layout(Record):
    """Where an agent keeps what, below its folder and below a repository."""

    name: str
    folder: Callable[[Where], Path]
    settings: tuple[str, ...]
    project: tuple[str, ...]
    """Settings in a repository."""
    instructions: str
    project_instructions: str
    servers: str = "mcpServers"
    server_files: tuple[str, ...] = ()
    """Files besides the settings that name MCP servers."""
    skills: str = "skills"
    commands: str = "commands"


LAYOUTS = (
    Layout(
        "gemini",
        lambda where: where.home / ".gemini",
        ("settings.json",),
        (".gemini/settings.json",),
        "GEMINI.md",
        "GEMINI.md",
    ),
    Layout(
        "qwen",
        lambda where: where.home / ".qwen",
        ("settings.json",),
        (".qwen/settings.json",),
        "QWEN.md",
        "QWEN.md",
    ),
    Layout(
        "opencode",
        lambda where: _xdg(where) / "opencode",
        ("opencode.json", "opencode.jsonc", "config.json"),
        ("opencode.json", "opencode.jsonc"),
        "AGENTS.md",
        "AGENTS.md",
        "mcp",
        skills="skill",
        commands="command",
    ),
    Layout(
        "copilot",
        lambda where: Path(where.environ.get("COPILOT_HOME") or where.home / ".copilot"),
        ("config.json",),
        (".github/copilot/settings.json",),
        "copilot-instructions.md",
        ".github/copilot-instructions.md",
        server_files=("mcp-config.json",),
    ),
)


def _xdg(where: Where) -> Path:
    return Path(where.environ.get("XDG_CONFIG_HOME") or where.home / ".config")


def rows(layout: Layout, where: Where) -> Mapping[InventoryKind, list[SourceRow]]:
    """Everything of one agent; one row of a missing file where it is not there at all."""
    return {
        "config": [*_config(layout, where)],
        "integration": [*_integrations(layout, where)],
        "memory": [*_memories(layout, where)],
        "skill": [*_skills(layout, where)],
        "automation": [],
    }


def _files(layout: Layout, where: Where) -> Iterator[tuple[str, Found]]:
    """The settings that are there; of the user's at least the first, there or not."""
    home = layout.folder(where)
    found = [read_jsonc(home / name) for name in layout.settings]
    there = [each for each in found if each.status != "missing"]
    yield from (("user", each) for each in there or found[:1])
    if where.repository is not None:
        for name in layout.project:
            each = read_jsonc(where.repository / name)
            if each.status != "missing" and where.repository / name != home / layout.settings[0]:
                yield "project", each


def _config(layout: Layout, where: Where) -> Iterator[SourceRow]:
    for scope, found in _files(layout, where):
        model = word(found.table.get("model")) or word(below(found.table, "model", "name"))
        yield layer(layout.name, scope, found, model=label(model))
        yield from hooks(layout.name, scope, found.table.get("hooks"), found.at)
        yield from risk_rows(layout.name, scope, _risks(found.table, layout.servers), found.at)


def _risks(known: Table, key: str) -> Iterator[tuple[str, bool]]:
    mode = below(known, "general", "defaultApprovalMode") or below(known, "tools", "approvalMode")
    yield risks.YOLO, mode == "yolo" or known.get("permission") == "allow"
    accepted = below(known, "tools", "autoAccept") is True or known.get("autoAccept") is True
    yield risks.NEVER_ASKS, accepted
    yield risks.ANY_COMMAND, below(known, "permission", "bash") == "allow"
    trusted = any(below(each, "trust") is True for each in table(known.get(key)).values())
    yield risks.TRUSTED_SERVER, trusted
    yield risks.HOOKS, bool(table(known.get("hooks")))


def _integrations(layout: Layout, where: Where) -> Iterator[SourceRow]:
    for scope, found in _files(layout, where):
        yield from servers(layout.name, scope, found.table.get(layout.servers), found.at)
        providers = table(found.table.get("provider"))
        rows = (
            row(layout.name, "model-provider", scope, n, "ready", at=found.at) for n in providers
        )
        yield from few(rows, layout.name, "model-provider", scope)
    for name in layout.server_files:
        found = read_json(layout.folder(where) / name)
        yield from servers(layout.name, "user", found.table.get("mcpServers"), found.at)


def _memories(layout: Layout, where: Where) -> Iterator[SourceRow]:
    path = layout.folder(where) / layout.instructions
    if look(path).status != "missing":
        yield instructions(layout.name, "user", f"user {path.name}", path)
    if where.repository is not None:
        own = where.repository / layout.project_instructions
        if look(own).status != "missing":
            yield instructions(layout.name, "project", f"project {own.name}", own)


def _skills(layout: Layout, where: Where) -> Iterator[SourceRow]:
    home = layout.folder(where)
    yield from installed(layout.name, "user", home / layout.skills)
    yield from commands(layout.name, "user", home / layout.commands)
