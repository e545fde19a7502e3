"""What may leave the machine of names that were made elsewhere.

Counts, times and states tell nothing about anybody; a name may be a path, an address or a secret.
What is not surely harmless is replaced: by its last part, by a digest, or by a word.
"""

from __future__ import annotations

import hashlib
import re

REDACTED = "redacted"
HOME = "home"
LONGEST = 80
WORDS = 4
"""More than these are a sentence: no name, and perhaps a prompt."""

_PATH = re.compile(
    r"^-(?:home|users|root)-|^[a-z]--users-"
    r"|^(?:[/~\\]|[A-Za-z]:[/\\]|\.{1,2}[/\\])|[/\\](?:home|users|root)[/\\]",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s@]@[\w-]+\.[A-Za-z]|[a-z][a-z0-9+.-]*://|\bwww\.", re.IGNORECASE)
_SECRET = re.compile(
    r"\b(?:sk|pk|rk|gh[opsur]|github_pat|glpat|xox[a-z])[-_][A-Za-z0-9_-]{6}"
    r"|\b(?:hf|npm|pypi|key)[-_][A-Za-z0-9]{20}"
    r"|\b(?:AKIA|ASIA|AIza|ya29\.|eyJ)"
    r"|(?:secret|passw(?:or)?d|token|key|bearer|credential)s?\s*[:=]|[=;]"
    r"|[0-9a-f]{24}|(?=[A-Za-z+/]*[0-9])[A-Za-z0-9+/]{28}",
    re.IGNORECASE,
)
_DEEDS = {
    "shell": "bash shell exec exec_command local_shell local_shell_call run_shell_command execute"
    " terminal write_stdin bashoutput killshell powershell",
    "file edit": "edit multiedit write notebookedit apply_patch replace write_file edit_file"
    " str_replace create_file patch",
    "search": "grep glob search search_files search_file_content toolsearch",
    "filesystem": "read ls list read_file view list_directory read_many_files",
    "network": "webfetch web_fetch fetch",
    "web search": "websearch web_search google_web_search",
    "browser": "browser computer",
    "image": "view_image image",
    "subagent": "task agent spawn_agent wait_agent",
    "skill": "skill",
}
"""Class → tools, as several agents call them."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DIGEST = re.compile(r"id-[0-9a-f]{16}")
_HOMES = re.compile(r"(?:/home|/Users|[A-Za-z]:\\Users)[/\\][^/\\]+[/\\]?|/root/?", re.IGNORECASE)


def label(text: str | None) -> str | None:
    """A short name from outside: itself if it is surely no path, address or secret."""
    if text is None:
        return None
    if not 0 < len(text) <= LONGEST or not text.isprintable() or text.isspace():
        return REDACTED
    if len(text.split()) > WORDS:
        return REDACTED
    if any(pattern.search(text) for pattern in (_PATH, _ADDRESS, _SECRET)):
        return REDACTED
    return text


def leaf(path: str | None, name: str | None, home: str | None = None) -> str | None:
    """The label of a directory called `name`: never the path, and no user's name for a home.

    Args:
        path: where it is.
        name: the last part of it, or of the repository it is in.
    """
    if path is not None and (_HOMES.fullmatch(path) or path.rstrip("/\\") == home):
        return HOME
    return label(name)


def deed(action: str | None) -> str | None:
    """The class of a tool call, by the tool's name alone."""
    if not action or action in (*_DEEDS, "mcp", "tool"):
        return action
    tool = action.split(None, 1)[0].rstrip(":").casefold()
    if tool.startswith("mcp"):
        return "mcp"
    return next((kind for kind, tools in _DEEDS.items() if tool in tools.split()), "tool")


def opaque(text: str) -> str:
    """An id: itself where it is random, else a digest that is the same every time."""
    if _UUID.fullmatch(text) or _DIGEST.fullmatch(text):
        return text
    return "id-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
