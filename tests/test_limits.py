"""Plan windows: the newest word, resets, the forecast and the shares."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from agtop.limits import REACHED, Told, Use, Windows
from agtop.model import Level, Limit, Share, Window

NOW = 1_795_180_000.0
HOUR = 3600.0


class Ledger:
    """What was used: (instant, session, tokens, pico-dollars, tokens without a price)."""

    def __init__(self, *rows: tuple[float, str, int, int, int]) -> None:
        self.rows = rows

    def used(self, since: float, until: float) -> Mapping[str, Use]:
        found: dict[str, Use] = {}
        for at, key, tokens, pico, unpriced in self.rows:
            if since < at <= until:
                old = found.get(key, Use())
                found[key] = Use(old.tokens + tokens, old.pico + pico, old.unpriced + unpriced)
        return found


NOTHING = Ledger()


def told(
    percent: float | None,
    at: float = NOW,
    resets_at: float | None = NOW + 2 * HOUR,
    name: str = "five_hour",
    minutes: int | None = 300,
    model: str | None = None,
) -> Told:
    limit = Limit(name, at, (Level(minutes, percent, resets_at),), model, "pro")
    return Told(limit, f"/{at}.json")


def only(*words: Told, ledger: Ledger = NOTHING, now: float = NOW) -> Window:
    windows = Windows("claude", "Claude Code", "anthropic")
    windows.take(words)
    (window,) = windows.now(now, ledger)
    return window


def test_nothing_told_and_nothing_used_is_no_window() -> None:
    assert Windows("codex", "Codex", "openai").now(NOW, NOTHING) == ()


@pytest.mark.parametrize("order", [1, -1])
def test_the_newest_word_holds_in_whatever_order_it_comes(order: int) -> None:
    words = [told(10, NOW - 60), told(12, NOW - 30)][::order]

    window = only(*words)

    assert (window.used_percent, window.as_of, window.plan) == (12, NOW - 30, "pro")
    assert window.where == f"/{NOW - 30}.json"


def test_a_window_that_a_later_word_leaves_out_is_no_more() -> None:
    old = Limit("codex", NOW - 60, (Level(300, 5.0, NOW + 9), Level(10_080, 6.0, NOW + 99)))
    new = Limit("codex", NOW, (Level(43_200, 7.0, NOW + 999),))

    window = only(Told(old, "a"), Told(new, "b"))

    assert (window.label, window.used_percent) == ("30 d", 7.0)


def test_limits_of_one_agent_stand_side_by_side_the_shortest_first() -> None:
    windows = Windows("claude", "Claude Code", "anthropic")
    windows.take([told(3, name="seven_day", minutes=10_080), told(2)])

    assert [w.label for w in windows.now(NOW, NOTHING)] == ["5 h", "7 d"]


def test_a_window_that_began_anew_is_empty_while_nothing_was_used() -> None:
    window = only(told(80, NOW - 4 * HOUR, NOW - HOUR))

    assert (window.used_percent, window.is_over, window.full_at) == (0.0, True, None)


def test_a_window_that_began_anew_and_was_used_is_unknown() -> None:
    ledger = Ledger((NOW - 60, "claude:a", 100, 5, 0))

    window = only(told(80, NOW - 4 * HOUR, NOW - HOUR), ledger=ledger)

    assert (window.used_percent, window.is_over) == (None, True)
    assert window.shares == (Share("claude:a", 1.0),)


def test_without_a_reset_a_window_is_over_once_its_length_has_passed() -> None:
    assert not only(told(0, NOW - 4 * HOUR, None)).is_over
    assert only(told(0, NOW - 6 * HOUR, None)).is_over


def test_a_window_that_nobody_measured_for_long_is_forgotten() -> None:
    windows = Windows("codex", "Codex", "openai")
    windows.take([told(5, NOW, NOW + HOUR)])

    assert len(windows.now(NOW + 7 * 86400, NOTHING)) == 1
    assert windows.now(NOW + 8 * 86400, NOTHING) == ()


def test_a_measure_of_long_ago_is_stale() -> None:
    window = only(told(5, NOW - 1000))

    assert not window.is_stale(NOW)
    assert window.is_stale(NOW + HOUR)


def test_two_measures_tell_when_the_window_is_full() -> None:
    # 10 % in 20 minutes, so the other 50 % in 100: before the reset in 120
    window = only(told(40, NOW - 1200), told(50, NOW))

    assert window.full_at == pytest.approx(NOW + 6000)
    assert window.full_before_reset is True


def test_a_slow_pace_is_full_after_the_reset() -> None:
    window = only(told(49, NOW - 1200), told(50, NOW))

    assert window.full_at == pytest.approx(NOW + 60_000)
    assert window.full_before_reset is False


def test_a_window_that_stands_still_is_never_full() -> None:
    window = only(told(50, NOW - 1200), told(50, NOW))

    assert (window.full_at, window.full_before_reset) == (None, None)


def test_measures_of_the_window_before_make_no_pace() -> None:
    # only the mean since it began three hours ago is left: 30 % in 3 h
    window = only(told(99, NOW - 1200, NOW - 600), told(30, NOW))

    assert window.full_at == pytest.approx(NOW + 7 * HOUR)


def test_a_single_measure_goes_by_what_this_machine_used_since() -> None:
    # 20 % were worth 2 $ by the measure; 1 $ since then, all of it within the last 43 minutes
    ledger = Ledger((NOW - 2 * HOUR, "claude:a", 10, 2, 0), (NOW - 60, "claude:a", 10, 1, 0))

    window = only(told(20, NOW - HOUR), ledger=ledger)

    recent = 5 * HOUR / 7
    assert window.used_percent == 20
    assert window.full_at == pytest.approx(NOW + 70 / (10 / recent))


def test_a_full_window_is_full_since_it_was_measured() -> None:
    window = only(told(100, NOW - 60))

    assert (window.full_at, window.full_before_reset) == (NOW - 60, True)


def test_a_refused_request_fills_the_window_that_ends_when_it_said() -> None:
    refusal = told(100, NOW - 30, NOW + 2 * HOUR + 20, REACHED, None)

    window = only(told(95, NOW - 600), refusal)

    assert (window.limit_id, window.used_percent, window.as_of) == ("five_hour", 100, NOW - 30)


def test_a_refusal_older_than_the_measure_changes_nothing() -> None:
    assert only(told(95), told(100, NOW - 600, name=REACHED, minutes=None)).used_percent == 95


def test_a_refused_request_alone_is_a_limit_without_a_length_until_it_ends() -> None:
    window = only(told(100, NOW - 30, NOW + 60, REACHED, None))

    assert (window.label, window.used_percent, window.resets_at) == ("limit", 100, NOW + 60)
    later = Windows("claude", "Claude Code", "anthropic")
    later.take([told(100, NOW - 30, NOW + 60, REACHED, None)])
    assert later.now(NOW + 61, NOTHING) == ()


def test_sessions_share_a_window_by_their_cost() -> None:
    ledger = Ledger(
        (NOW - 60, "claude:a", 900, 1_000_000_000_000, 0),
        (NOW - 50, "claude:b", 100, 3_000_000_000_000, 0),
        (NOW - 4 * HOUR, "claude:c", 100, 9, 0),  # before it began
    )

    window = only(told(50), ledger=ledger)

    assert window.shares == (Share("claude:b", 0.75), Share("claude:a", 0.25))
    assert (window.shared_by, window.tokens, window.cost) == ("cost", 1000, 4.0)


def test_a_missing_price_makes_tokens_the_measure_for_all() -> None:
    ledger = Ledger((NOW - 60, "claude:a", 900, 0, 900), (NOW - 50, "claude:b", 100, 3_000_000, 0))

    window = only(told(50), ledger=ledger)

    assert window.shares == (Share("claude:a", 0.9), Share("claude:b", 0.1))
    assert (window.shared_by, window.cost) == ("tokens", None)


def test_a_models_own_window_is_nobodys_share() -> None:
    ledger = Ledger((NOW - 60, "claude:a", 900, 5, 0))

    window = only(told(50, name="seven_day_opus", model="Opus"), ledger=ledger)

    assert (window.shares, window.tokens) == ((), None)


def test_only_where_nothing_was_measured_use_is_an_estimate() -> None:
    ledger = Ledger((NOW - 6 * HOUR, "codex:a", 900, 5, 0))

    (window,) = Windows("codex", "Codex", "openai").now(NOW, ledger)

    assert (window.label, window.source, window.used_percent) == ("7 d", "estimate", None)
    assert (window.tokens, window.resets_at, window.full_at) == (900, None, None)
