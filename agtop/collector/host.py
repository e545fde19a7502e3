"""What the session at the top of a tree runs in, for its subagents."""

from __future__ import annotations

from agtop.correlate import Binding
from agtop.model import Process, Record


class Host(Record):
    """The process of a session, and what is known by it."""

    process: Process | None
    is_live: bool
    servers: tuple[Process, ...] = ()
    """What may do its work where `process` only shows it."""
    word: str | None = None
    """What its pid file says."""


def host_of(binding: Binding, is_live: bool) -> Host:
    """What a session runs in, by its match."""
    word = binding.registration.status if binding.registration is not None else None
    return Host(binding.process, is_live, binding.servers, word)
