"""Where the proxy is and the key to it, of the environment; the key is never shown."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import SplitResult, urlsplit

from agtop.errors import ProxyError

BASE, KEY = "LITELLM_BASE_URL", "LITELLM_API_KEY"
HIDDEN = "•••"
_SHORTEST = 6
"""Letters; what is shorter is in every other word, and nobody's secret."""


class Key:
    """A secret: whatever prints, logs or writes it shows dots."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return f"Key({HIDDEN})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not to be written down")

    def header(self) -> str:
        """What opens the door."""
        return f"Bearer {self._text}"

    def hidden_in(self, text: str) -> str:
        """`text`, from wherever, without the key."""
        return text.replace(self._text, HIDDEN) if len(self._text) >= _SHORTEST else text


class Door:
    """The root of the proxy's own pages."""

    __slots__ = ("host", "is_clear", "is_here", "key", "port", "root", "scheme")

    def __init__(self, root: str, parts: SplitResult, key: Key) -> None:
        self.root, self.key = root, key
        self.scheme, self.host = parts.scheme, parts.hostname or ""
        self.port = parts.port or (443 if parts.scheme == "https" else 80)
        self.is_here = _is_loopback(self.host)
        self.is_clear = parts.scheme == "http" and not self.is_here
        """Who is on the way can read the key."""

    def __repr__(self) -> str:
        return f"Door({self.shown!r}, {self.key!r})"

    @property
    def shown(self) -> str:
        return self.key.hidden_in(self.root)

    def leads_to(self, scheme: str, host: str, port: int | None) -> bool:
        """Whether that is the same server."""
        known = port or (443 if scheme == "https" else 80)
        return (scheme, host.casefold(), known) == (self.scheme, self.host.casefold(), self.port)


def door(environ: Mapping[str, str]) -> Door:
    """The proxy that the environment names. Raises ProxyError; its words hold no value."""
    base, text = environ.get(BASE, "").strip(), environ.get(KEY, "").strip()
    missing = [name for name, value in ((BASE, base), (KEY, text)) if not value]
    if missing:
        raise ProxyError(
            f"no LiteLLM proxy is named: set {' and '.join(missing)} "
            f"({BASE} is its address, such as http://localhost:4000; {KEY} is a key of it)"
        )
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ProxyError(
            f"{KEY} holds what no key holds (a blank, or no plain letter); set it anew"
        )
    parts = _split(base)
    path = parts.path.rstrip("/")
    if path == "/v1" or path.endswith("/v1"):  # chats need it; what was spent lies beside it
        path = path[: -len("/v1")].rstrip("/")
    return Door(f"{parts.scheme}://{parts.netloc}{path}", parts, Key(text))


def _split(base: str) -> SplitResult:
    try:
        parts = urlsplit(base)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        parts, usable = None, False
    if parts is None or not usable or not base.isprintable() or " " in base:
        raise ProxyError(f"{BASE} is no address; write one such as http://localhost:4000")
    if parts.username is not None or parts.password is not None:
        raise ProxyError(f"{BASE} holds a name or a password; leave it out and set {KEY}")
    if parts.query or parts.fragment:
        raise ProxyError(f"{BASE} holds a ? or a #; write only the address up to there")
    return parts


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
