"""Requests and prices to try."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from agtop.model import Charge, Response, Tokens
from agtop.pricing import Prices

NOW = "2026-11-20T12:00:00"

Ask = Callable[..., Response]


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def ask(
    model: str | None,
    tokens: Tokens | None = None,
    *,
    at: str | None = NOW,
    service_tier: str = "",
    fast: bool = False,
    geo: str = "",
    searches: int = 0,
) -> Response:
    """A response of `model`, by default one of a thousand plain tokens in the table's own week."""
    return Response(
        key="r",
        at=None if at is None else moment(at),
        model=model,
        tokens=Tokens(input=1000) if tokens is None else tokens,
        service_tier=service_tier,
        fast=fast,
        geo=geo,
        searches=searches,
    )


def dollars(charge: Charge | None) -> float:
    assert charge is not None
    return charge.total / 1e12


@pytest.fixture(scope="session")
def prices() -> Prices:
    return Prices()
