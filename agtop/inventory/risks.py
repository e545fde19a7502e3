"""Settings that take a guard away: their names, and what each means."""

from __future__ import annotations

from collections.abc import Mapping

BYPASS = "permissions bypassed"
NO_WARNING = "bypass warning skipped"
ALL_SERVERS = "project servers trusted"
ANY_COMMAND = "any shell command"
HOOKS = "hooks run commands"
KEY_HELPER = "key helper command"
NO_SANDBOX = "commands leave sandbox"
NEVER_ASKS = "never asks approval"
FULL_ACCESS = "full disk access"
UNGUARDED = "no approval, no sandbox"
NETWORK = "network in sandbox"
SECRETS = "secrets reach shell"
NOTIFIES = "notify runs command"
YOLO = "approves every tool"
TRUSTED_SERVER = "server needs no approval"

MEANING: Mapping[str, str] = {
    BYPASS: "every tool call runs without being asked for",
    NO_WARNING: "the mode without questions starts without its warning",
    ALL_SERVERS: "any MCP server that a repository names is started",
    ANY_COMMAND: "every shell command is allowed beforehand",
    HOOKS: "commands run by themselves at events of a session",
    KEY_HELPER: "a command is run to make the API key",
    NO_SANDBOX: "a command may ask to run outside the sandbox",
    NEVER_ASKS: "no command is asked for",
    FULL_ACCESS: "commands may write anywhere and reach the network",
    UNGUARDED: "commands run anywhere, and nobody is asked",
    NETWORK: "commands in the sandbox reach the network",
    SECRETS: "variables that look like secrets are passed to commands",
    NOTIFIES: "a command runs at every turn's end",
    YOLO: "every tool call is approved beforehand",
    TRUSTED_SERVER: "tools of an MCP server run without being asked for",
}
"""Name → what it means."""
