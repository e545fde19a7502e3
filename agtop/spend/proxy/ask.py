"""Asks the proxy that the environment names; what it takes to ask is loaded only then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import date
from types import ModuleType

from agtop.errors import ProxyError
from agtop.spend.proxy.bill import Bill
from agtop.spend.proxy.door import door

Ask = Callable[[date, date, Callable[[str], object]], Coroutine[None, None, Bill]]
"""(first day, last day, told how far it is) → the bill. Raises ProxyError."""


def asks(environ: Mapping[str, str]) -> Ask:
    """What asks; the environment is read when it does."""

    async def ask(first: date, last: date, heard: Callable[[str], object]) -> Bill:
        where = door(environ)
        await asyncio.to_thread(_load)
        from agtop.spend.proxy import wire

        found = await wire.bill(where, first, last, heard)
        if not found.came:
            raise ProxyError(f"{found.base} tells nothing: {_reasons(found)}")
        return found

    return ask


def _load() -> ModuleType:
    """Takes a while, in which the screen is to go on."""
    from agtop.spend.proxy import wire

    return wire


def _reasons(found: Bill) -> str:
    """Each once."""
    by_reason: dict[str, list[str]] = {}
    for question, reason in found.gaps:
        by_reason.setdefault(reason, []).append(question)
    if len(by_reason) == 1:
        return next(iter(by_reason))
    return "; ".join(f"{' and '.join(names)}: {reason}" for reason, names in by_reason.items())
