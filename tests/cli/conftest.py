"""What tests of the command line are given."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agtop import wiring
from agtop.model import Snapshot
from tests.cli.stage import Fake


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Fake]:
    """Have agtop collect these snapshots; `.wants` is what it was asked for."""

    def give(*snapshots: Snapshot) -> Fake:
        fake = Fake(*snapshots)

        def collector(wants: wiring.Wants, place: wiring.Place, patience: float) -> Fake:
            fake.__dict__.update(wants=wants, place=place)
            return fake

        monkeypatch.setattr(wiring, "collector", collector)
        return fake

    return give
