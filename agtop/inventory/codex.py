"""What Codex is set up with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agtop.inventory import risks
from agtop.inventory.files import Found, Table, below, look, many, read_toml, table, word
from agtop.inventory.memory import instructions, memory_folder
from agtop.inventory.rows import Where, few, hooks, layer, row, servers
from agtop.inventory.rows import risks as risk_rows
from agtop.inventory.skills import commands, installed
from agtop.model import Scalar, SourceRow
from agtop.privacy import label

NAME = "codex"
_LISTS = (
    ("apps", "app"),
    ("connectors", "connector"),
    ("plugins", "plugin"),
    ("model_providers", "model-provider"),
)
_SANDBOXES = ("read-only", "workspace-write", "danger-full-access")
_APPROVALS = ("untrusted", "on-failure", "on-request", "never", "granular")
_LEVELS = ("none", "minimal", "low", "medium", "high", "xhigh", "auto", "concise", "detailed")


def folder(where: Where) -> Path:
    given = where.environ.get("CODEX_HOME")
    return Path(given) if given else where.home / ".codex"


def _layers(where: Where) -> Iterator[tuple[str, Path]]:
    home = folder(where)
    yield "user", home / "config.toml"
    if where.repository is not None and where.repository / ".codex" != home:
        yield "project", where.repository / ".codex" / "config.toml"


def config(where: Where) -> Iterator[SourceRow]:
    """Layers of settings, with the hooks and the risky policies in each."""
    for scope, path in _layers(where):
        found = read_toml(path)
        if found.status == "missing" and scope != "user":
            continue
        yield layer(NAME, scope, found, "config", **_facts(found.table))
        yield from hooks(NAME, scope, found.table.get("hooks"), found.at)
        yield from risk_rows(NAME, scope, _risks(found.table), found.at)
        for name, profile in list(table(found.table.get("profiles")).items())[:50]:
            yield _profile(scope, name, table(profile), found)
            guards = [each for each in _risks({**found.table, **table(profile)}) if each[1]]
            base = [each for each in _risks(found.table) if each[1]]
            added = [each for each in guards if each not in base]
            yield from risk_rows(NAME, f"{scope} profile", added, found.at)


def _facts(known: Table) -> dict[str, Scalar]:
    trusts = [below(each, "trust_level") for each in table(known.get("projects")).values()]
    return {
        "model": label(word(known.get("model"))),
        "reasoning": _one(known.get("model_reasoning_effort"), _LEVELS),
        "verbosity": _one(known.get("model_verbosity"), _LEVELS),
        "sandbox": _one(known.get("sandbox_mode"), _SANDBOXES),
        "approval": _approval(known),
        "permissions": many(known.get("permissions")),
        "webSearch": _search(known),
        "shellInherit": _one(
            below(known, "shell_environment_policy", "inherit"), ("all", "core", "none")
        ),
        "projects": len(trusts),
        "trusted": trusts.count("trusted"),
        "untrusted": trusts.count("untrusted"),
        "agents": many(known.get("agents")),
        "memories": bool(known.get("memories")),
    }


def _one(value: object, known: tuple[str, ...]) -> str | None:
    """A word that Codex knows; what stands there instead is not told."""
    if value is None:
        return None
    return value if isinstance(value, str) and value in known else "other"


def _approval(known: Table) -> str | None:
    value = known.get("approval_policy")
    return "granular" if isinstance(value, dict) else _one(value, _APPROVALS)


def _search(known: Table) -> str | None:
    value = known.get("web_search", below(known, "tools", "web_search"))
    if isinstance(value, bool):
        return "on" if value else "off"
    return _one(value, ("live", "cached", "disabled"))


def _risks(known: Table) -> Iterator[tuple[str, bool]]:
    never = known.get("approval_policy") == "never"
    full = known.get("sandbox_mode") == "danger-full-access"
    yield risks.UNGUARDED, never and full
    yield risks.NEVER_ASKS, never and not full
    yield risks.FULL_ACCESS, full and not never
    yield risks.NETWORK, below(known, "sandbox_workspace_write", "network_access") is True
    yield risks.SECRETS, below(known, "shell_environment_policy", "ignore_default_excludes") is True
    yield risks.HOOKS, bool(many(known.get("hooks")))
    yield risks.NOTIFIES, bool(many(known.get("notify")))


def _profile(scope: str, name: str, profile: Table, found: Found) -> SourceRow:
    status = "ready" if profile else "empty"
    facts = {k: v for k, v in _facts(profile).items() if k in ("model", "sandbox", "approval")}
    return row(NAME, "profile", scope, name, status, len(profile), found.at, **facts)


def integrations(where: Where) -> Iterator[SourceRow]:
    """MCP servers, apps, connectors, plugins and providers of models."""
    for scope, path in _layers(where):
        found = read_toml(path)
        yield from servers(NAME, scope, found.table.get("mcp_servers"), found.at)
        for key, kind in _LISTS:
            rows = (
                row(
                    NAME,
                    kind,
                    scope,
                    name.split("@")[0],
                    "ready",
                    at=found.at,
                    enabled=below(each, "enabled") is not False,
                )
                for name, each in table(found.table.get(key)).items()
            )
            yield from few(rows, NAME, kind, scope)


def memories(where: Where) -> Iterator[SourceRow]:
    """Instructions, memories and snapshots of shells."""
    home = folder(where)
    yield instructions(NAME, "user", "user AGENTS.md", home / "AGENTS.md")
    for name, told, kind in (
        ("memory", "memory", "memory"),
        ("memories", "memories", "memory"),
        ("shell_snapshots", "shell snapshots", "snapshots"),
        ("external_agent_imports", "imports", "imports"),
        ("imports", "imports", "imports"),
    ):
        yield from memory_folder(NAME, kind, "user", told, home / name)
    if where.repository is not None:
        for name in ("AGENTS.md", "AGENTS.override.md"):
            if look(where.repository / name).status != "missing":
                path = where.repository / name
                yield instructions(NAME, "project", f"project {name}", path)
        if where.repository / ".codex" != home:
            own = where.repository / ".codex"
            yield from memory_folder(NAME, "folder", "project", "project folder", own)


def skills(where: Where) -> Iterator[SourceRow]:
    yield from installed(NAME, "user", folder(where) / "skills")
    yield from installed(NAME, "shared", where.home / ".agents" / "skills")
    yield from commands(NAME, "user", folder(where) / "prompts")
    if where.repository is not None:
        if where.repository / ".codex" != folder(where):
            yield from installed(NAME, "project", where.repository / ".codex" / "skills")
        if where.repository != where.home:
            yield from installed(NAME, "project", where.repository / ".agents" / "skills")
