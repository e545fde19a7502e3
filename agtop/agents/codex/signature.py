"""How a Codex process looks."""

from __future__ import annotations

from agtop.agents.base import Signature

_ONE_SHOT = ("login", "logout", "completion", "update", "features", "doctor", "apply")
_ONE_SHOT_TOO = ("cloud", "sandbox", "debug", "mcp", "plugin", "help", "--help", "-h")
_VERSION = ("--version", "-V")
_VALUED = ("-c", "--config", "-m", "--model", "-p", "--profile", "-C", "--cd", "-s", "--sandbox")
_VALUED_TOO = ("-a", "--ask-for-approval", "-i", "--image", "--enable", "--disable", "--add-dir")
_VALUED_ELSE = ("--local-provider", "--color", "--output-schema", "-o", "--output-last-message")
_SERVED = ("--remote", "--listen")
_MACHINES = (
    "x86_64-unknown-linux-musl",
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-musl",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc.exe",
    "aarch64-pc-windows-msvc.exe",
)

SIGNATURE = Signature(
    names=frozenset({"codex", "codex.js", "codex.exe", *(f"codex-{m}" for m in _MACHINES)}),
    packages=("@openai/codex",),
    roles=(
        (("app-server", "daemon"), "helper", "codex app-server daemon keeps the server going"),
        (("app-server", "proxy"), "helper", "codex app-server proxy passes messages on"),
        (("app-server",), "server", "codex app-server serves several sessions"),
        (("mcp-server",), "mcp", "codex mcp-server is a tool of another agent"),
        (("exec-server",), "helper", "codex exec-server runs commands for a session"),
        (("responses-api-proxy",), "helper", "codex responses-api-proxy passes requests on"),
        (("stdio-to-uds",), "helper", "codex stdio-to-uds passes messages on"),
        *(
            ((command,), "one-shot", f"codex {command} has no session")
            for command in (*_ONE_SHOT, *_ONE_SHOT_TOO, *_VERSION)
        ),
    ),
    desktop=("codex.app/contents/macos",),
    valued=frozenset((*_VALUED, *_VALUED_TOO, *_VALUED_ELSE, *_SERVED)),
    session_commands=frozenset({"resume"}),
)
