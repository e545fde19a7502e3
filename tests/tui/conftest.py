"""The screen's tests read times in UTC, whatever the machine's zone."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def utc(home: object) -> Iterator[None]:
    time.tzset()
    yield
    time.tzset()
