"""The only addresses agtop speaks to: literal loopback ones, checked before anything is sent."""

from __future__ import annotations

import re

from agtop.model import Record

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_ADDRESS = re.compile(
    rf"(?:http|ws)://(127(?:\.{_OCTET}){{3}}|\[::1\])(?::([1-9][0-9]{{0,4}}))?", re.IGNORECASE
)
"""No user, path, query or fragment; no name that would have to be looked up; no other spelling of
the address, which another reader of it might take for another machine's."""
_OTHER = re.compile(
    rf"(?:unix:|stdio:|(?:https|wss)://(?:127(?:\.{_OCTET}){{3}}|\[::1\])(?::[0-9]+)?$)",
    re.IGNORECASE,
)
"""Ways to speak that stay on this machine, but that agtop does not know."""


class Endpoint(Record):
    """Where a server listens on this machine."""

    host: str
    port: int

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class RejectedError(ValueError):
    """The address is none that may be asked."""


class UnsupportedError(ValueError):
    """The address is of this machine, but of a kind that agtop does not speak."""


def endpoint(url: str) -> Endpoint:
    """The endpoint that `url` names. Raises RejectedError or UnsupportedError."""
    found = _ADDRESS.fullmatch(url)
    if found is None:
        raise UnsupportedError if _OTHER.match(url) else RejectedError
    port = int(found[2] or 80)
    if port > 65535:
        raise RejectedError
    return Endpoint(found[1].strip("[]"), port)
