"""Each test opens the databases anew."""

from __future__ import annotations

import pytest

from agtop.agents.copilot.store import store_of


@pytest.fixture(autouse=True)
def no_store_is_remembered() -> None:
    store_of.cache_clear()
