"""A clock that leaps ahead: no state that is not so, and no spike."""

from __future__ import annotations

from pathlib import Path

import pytest

from agtop.collector.waking import Waking
from agtop.model import replace
from tests.histories import append, claude_file, reply
from tests.worlds import NOW, World


def test_a_machine_that_slept_is_noticed_and_rounds_that_take_long_are_not() -> None:
    tick = [0.0]
    waking = Waking(lambda: tick[0])

    def look(now: float, after: float) -> float | None:
        tick[0] += after
        return waking.look(now)

    assert look(NOW, 0.0) is None
    assert look(NOW + 600, 600.0) is None
    assert look(NOW + 30_000, 2.0) == NOW + 30_000
    assert look(NOW + 30_002, 2.0) == NOW + 30_000
    assert look(NOW, 2.0) is None


def test_without_a_second_clock_nothing_is_noticed() -> None:
    waking = Waking(None)
    waking.look(NOW)

    assert waking.look(NOW + 90_000) is None


@pytest.mark.parametrize("leap", [-7200.0, -30.0, 30.0, 7200.0, 90_000.0])
def test_no_leap_of_the_clock_makes_a_rate_higher_than_what_was_spent(
    home: Path, leap: float
) -> None:
    path = claude_file(home, 1)
    path.write_bytes(reply(1, NOW - 10, path.stem, output=500))
    world = World(home)
    spent = world.collect().totals
    rate = spent.tokens_per_min or 0.0

    after = world.collect(later=leap).totals
    append(path, reply(2, world.now, path.stem, output=5))
    later = world.collect(later=2.0).totals

    assert rate > 0
    assert 0 <= (after.tokens_per_min or 0.0) <= rate
    assert 0 <= (later.tokens_per_min or 0.0) <= 2 * rate
    assert replace(after.tokens, output=0) == replace(spent.tokens, output=0)
