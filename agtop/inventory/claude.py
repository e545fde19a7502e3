"""What Claude Code is set up with."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from agtop.inventory import risks
from agtop.inventory.files import (
    Folder,
    Found,
    Table,
    below,
    look,
    look_into,
    many,
    names_in,
    read_json,
    table,
    word,
    words,
)
from agtop.inventory.memory import instructions, memory_folder
from agtop.inventory.rows import Where, few, hooks, layer, row, servers
from agtop.inventory.rows import risks as risk_rows
from agtop.inventory.skills import commands, installed
from agtop.model import Readiness, SourceRow
from agtop.privacy import label

NAME = "claude"
_MODES = ("default", "acceptEdits", "plan", "bypassPermissions", "dontAsk", "auto", "delegate")
_ANY = frozenset({"Bash", "Bash(*)", "Bash(:*)", "Bash(**)", "*"})
_MOST_PROJECTS = 200


def folder(where: Where) -> Path:
    """`CLAUDE_CONFIG_DIR` (the first, where it lists several), or `~/.claude`."""
    given = where.environ.get("CLAUDE_CONFIG_DIR", "").strip()
    name = given if os.path.isdir(given) else given.split(",")[0].strip()
    return Path(os.path.expanduser(name)) if name else where.home / ".claude"


def config(where: Where) -> Iterator[SourceRow]:
    """Layers of settings, with the hooks and the risky policies in each."""
    for scope, path in _layers(where):
        found = read_json(path)
        if found.status == "missing" and scope != "user":
            continue
        yield _settings(scope, found)
        yield from hooks(NAME, scope, found.table.get("hooks"), found.at)
        yield from risk_rows(NAME, scope, _risks(found.table), found.at)
    state = _state(where)
    if state.status != "missing":
        yield _state_row(state)


def _layers(where: Where) -> Iterator[tuple[str, Path]]:
    yield "managed", _managed(where.system)
    home = folder(where)
    yield "user", home / "settings.json"
    if where.repository is not None and where.repository / ".claude" != home:
        yield "project", where.repository / ".claude" / "settings.json"
        yield "local", where.repository / ".claude" / "settings.local.json"


def _managed(system: Path) -> Path:
    folders = {
        "darwin": "Library/Application Support/ClaudeCode",
        "win32": "Program Files/ClaudeCode",
    }
    return system / folders.get(sys.platform, "etc/claude-code") / "managed-settings.json"


def _settings(scope: str, found: Found) -> SourceRow:
    known = found.table
    permissions = table(known.get("permissions"))
    mode = word(permissions.get("defaultMode"))
    return layer(
        NAME,
        scope,
        found,
        model=label(word(known.get("model"))),
        mode=mode if mode is None or mode in _MODES else "other",
        allowed=many(permissions.get("allow")),
        asked=many(permissions.get("ask")),
        denied=many(permissions.get("deny")),
        folders=many(permissions.get("additionalDirectories")),
        variables=many(known.get("env")),
        statusLine="statusLine" in known,
        sandbox=below(known, "sandbox", "enabled") is True,
    )


def _risks(known: Table) -> Iterator[tuple[str, bool]]:
    permissions = table(known.get("permissions"))
    yield risks.BYPASS, permissions.get("defaultMode") == "bypassPermissions"
    yield risks.NO_WARNING, known.get("skipDangerousModePermissionPrompt") is True
    yield risks.ALL_SERVERS, known.get("enableAllProjectMcpServers") is True
    yield risks.ANY_COMMAND, not _ANY.isdisjoint(words(permissions.get("allow")))
    yield risks.NO_SANDBOX, below(known, "sandbox", "allowUnsandboxedCommands") is True
    is_off = known.get("disableAllHooks") is True
    yield risks.HOOKS, bool(many(known.get("hooks"))) and not is_off
    yield risks.KEY_HELPER, bool(known.get("apiKeyHelper"))


def _state(where: Where) -> Found:
    """What Claude keeps of itself; of it only numbers are told."""
    if where.environ.get("CLAUDE_CONFIG_DIR", "").strip():
        return read_json(folder(where) / ".claude.json")
    return read_json(where.home / ".claude.json")


def _state_row(found: Found) -> SourceRow:
    projects = [table(each) for each in table(found.table.get("projects")).values()]
    return row(
        NAME,
        "state",
        "user",
        "user state",
        found.status,
        len(found.table) if found.status == "ready" else None,
        found.at,
        projects=len(projects),
        trusted=sum(each.get("hasTrustDialogAccepted") is True for each in projects),
        projectServers=sum(many(each.get("mcpServers")) for each in projects),
        bypassAccepted=found.table.get("bypassPermissionsModeAccepted") is True,
    )


def integrations(where: Where) -> Iterator[SourceRow]:
    """MCP servers and plugins."""
    state = _state(where)
    yield from servers(NAME, "user", state.table.get("mcpServers"), state.at)
    settings = {scope: read_json(path) for scope, path in _layers(where)}
    if where.repository is not None:
        here = table(below(state.table, "projects", str(where.repository)))
        yield from servers(NAME, "local", here.get("mcpServers"), state.at)
        found = read_json(where.repository / ".mcp.json")
        if found.status == "degraded":
            yield row(NAME, "mcp-servers", "project", "project servers", "degraded", at=found.at)
        switches = _switches(found.table.get("mcpServers"), [here, *_tables(settings)])
        yield from servers(NAME, "project", found.table.get("mcpServers"), found.at, switches)
    for scope, found in settings.items():
        plugins = table(found.table.get("enabledPlugins")).items()
        rows = (
            row(NAME, "plugin", scope, name.split("@")[0], "ready", at=found.at, enabled=on is True)
            for name, on in plugins
        )
        yield from few(rows, NAME, "plugin", scope)


def _tables(settings: Mapping[str, Found]) -> list[Table]:
    return [found.table for found in settings.values()]


def _switches(named: object, settings: list[Table]) -> dict[str, bool]:
    """Which servers of the repository were allowed: none, until somebody has said so."""
    every = any(each.get("enableAllProjectMcpServers") is True for each in settings)
    on = {name for each in settings for name in words(each.get("enabledMcpjsonServers"))}
    off = {name for each in settings for name in words(each.get("disabledMcpjsonServers"))}
    return {name: name not in off and (every or name in on) for name in table(named)}


def memories(where: Where) -> Iterator[SourceRow]:
    """Instruction files, rules, and what Claude notes for itself."""
    home = folder(where)
    yield instructions(NAME, "user", "user CLAUDE.md", home / "CLAUDE.md")
    yield from memory_folder(NAME, "rules", "user", "user rules", home / "rules", ".md")
    repository = where.repository
    if repository is not None:
        for name in ("CLAUDE.md", ".claude/CLAUDE.md", "CLAUDE.local.md"):
            path = repository / name
            if look(path).status != "missing" and path != home / "CLAUDE.md":
                yield instructions(NAME, "project", f"project {path.name}", path)
        rules = repository / ".claude" / "rules"
        yield from memory_folder(NAME, "rules", "project", "project rules", rules, ".md")
    yield from _notes(home / "projects")


def _notes(projects: Path) -> Iterator[SourceRow]:
    """One row for the notes of all projects together."""
    found = [look_into(path / "memory", ".md") for _, path in names_in(projects)[:_MOST_PROJECTS]]
    there = [each for each in found if each.status != "missing"]
    if there:
        yield row(
            NAME,
            "memory",
            "project",
            "project notes",
            _worst(there),
            sum(each.files for each in there),
            max((each.at for each in there if each.at is not None), default=None),
            projects=len(there),
            bytes=sum(each.bytes for each in there),
        )


def _worst(folders: list[Folder]) -> Readiness:
    states = {each.status for each in folders}
    return "degraded" if "degraded" in states else "ready" if "ready" in states else "empty"


def skills(where: Where) -> Iterator[SourceRow]:
    home, repository = folder(where), where.repository
    yield from installed(NAME, "user", home / "skills")
    yield from commands(NAME, "user", home / "commands")
    if repository is not None and repository / ".claude" != home:
        yield from installed(NAME, "project", repository / ".claude" / "skills")
        yield from commands(NAME, "project", repository / ".claude" / "commands")
