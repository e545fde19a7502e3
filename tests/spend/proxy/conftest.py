"""A proxy for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.spend.proxy.litellm import LiteLLM, running


@pytest.fixture
def proxy() -> Iterator[LiteLLM]:
    with running() as found:
        yield found
