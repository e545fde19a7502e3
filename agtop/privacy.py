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

_PATH = re.compile(
    r"^(?:[/~\\]|[A-Za-z]:[/\\]|\.{1,2}[/\\])|[/\\](?:home|users|root)[/\\]", re.IGNORECASE
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
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HOMES = re.compile(r"(?:/home|/Users|[A-Za-z]:\\Users)[/\\][^/\\]+[/\\]?|/root/?", re.IGNORECASE)


def label(text: str | None) -> str | None:
    """A short name from outside: itself if it is surely no path, address or secret."""
    if text is None:
        return None
    if not 0 < len(text) <= LONGEST or not text.isprintable() or text.isspace():
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


def opaque(text: str) -> str:
    """An id: itself where it is random, else a digest that is the same every time."""
    if _UUID.fullmatch(text):
        return text
    return "id-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
