"""Plan windows from real files: transcripts, Claude Code's cache, what its status line is told."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from agtop.agents import AGENTS
from agtop.collector import Collector, Wishes
from agtop.index import Index
from agtop.model import Share, Window, replace
from agtop.pricing import Prices
from tests.agents.codex.rollouts import NOON, Rollout, uuid7
from tests.agents.codex.rollouts import usage as codex_usage
from tests.claude_rows import OTHER, SESSION, answer, project, prompt, usage, write
from tests.worlds import NOW, FakeMachine, World

TEN = 1_795_168_800.0
"""The instant of second 0 in rows."""
HOUR = 3600.0


def cache(home: Path, percent: float, at: float = NOW, reset: str = "2026-11-20T14:00:00Z") -> None:
    window = {"utilization": percent, "resets_at": reset}
    told = {"fetchedAtMs": at * 1000, "utilization": {"five_hour": window}}
    path = home / ".claude.json"
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"cachedUsageUtilization": told}))
    os.replace(new, path)


def keep(folder: Path, session: str, percent: float, at: float, reset: float) -> None:
    """As the status line's hook keeps what it is told."""
    folder.mkdir(parents=True, exist_ok=True)
    window = {"used_percentage": percent, "resets_at": reset}
    path = folder / f"{session}.json"
    new = folder / f"{session}.json.1"
    new.write_text(json.dumps({"session_id": session, "rate_limits": {"five_hour": window}}))
    os.utime(new, (at, at))
    os.replace(new, path)


def spent(second: float, output: int, session: str, **more: Any) -> dict[str, Any]:
    return answer(f"m{session[:2]}{second}", second, usage(0, output), sessionId=session, **more)


def five_hours(windows: tuple[Window, ...]) -> Window:
    (window,) = [window for window in windows if window.minutes == 300]
    return window


def limited(rollout: Rollout, used: float, total: int, reset: float) -> Rollout:
    primary = {"used_percent": used, "window_minutes": 300, "resets_at": reset}
    return rollout.says().count(
        codex_usage(total, 0, 1), limit_id="codex", primary=primary, plan_type="plus"
    )


def test_the_cache_of_claude_code_is_a_measured_window_shared_by_cost(home: Path) -> None:
    write(home, SESSION, prompt("a", 0), spent(1, 300, SESSION))
    write(home, OTHER, prompt("b", 0, sessionId=OTHER), spent(2, 100, OTHER))
    cache(home, 40.0)

    window = five_hours(World(home).collect().limits)

    assert (window.agent, window.used_percent, window.source) == ("claude", 40.0, "measured")
    assert window.resets_at == TEN + 4 * HOUR
    assert window.where == str(home / ".claude.json")
    assert window.shares == (Share(f"claude:{SESSION}", 0.75), Share(f"claude:{OTHER}", 0.25))
    assert window.tokens == 400
    assert window.cost == pytest.approx(400 * 15e-6)


def test_subagents_use_is_their_sessions(home: Path) -> None:
    write(home, SESSION, prompt("a", 0), spent(1, 300, SESSION))
    folder = project(home) / SESSION / "subagents"
    folder.mkdir(parents=True)
    row = spent(2, 100, SESSION, isSidechain=True, agentId="a1")
    (folder / "agent-a1.jsonl").write_text(json.dumps(row) + "\n")
    cache(home, 40.0)

    window = five_hours(World(home).collect().limits)

    assert window.shares == (Share(f"claude:{SESSION}", 1.0),)
    assert window.tokens == 400


def test_what_is_kept_of_the_status_line_counts_when_it_is_newer(
    home: Path, tmp_path: Path
) -> None:
    cache(home, 40.0, NOW - 600)
    kept = tmp_path / "status"
    keep(kept, SESSION, 38.0, NOW - 900, TEN + 4 * HOUR)
    keep(kept, OTHER, 44.0, NOW - 60, TEN + 4 * HOUR)
    world = World(home, Wishes(kept={"claude": kept}))

    window = five_hours(world.collect().limits)
    assert (window.used_percent, window.as_of) == (44.0, NOW - 60)

    cache(home, 50.0, NOW)
    window = five_hours(world.collect(later=2.0).limits)
    assert (window.used_percent, window.where) == (50.0, str(home / ".claude.json"))

    keep(kept, SESSION, 51.0, NOW + 3, TEN + 4 * HOUR)
    assert five_hours(world.collect(later=2.0).limits).used_percent == 51.0


def test_a_file_is_read_again_only_when_it_changed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache(home, 40.0)
    world = World(home)
    world.collect()

    def read_again(path: str, _most: int) -> bytes:
        pytest.fail(f"{path} was read again")

    monkeypatch.setattr("agtop.collector.plans.contents", read_again)

    assert five_hours(world.collect(later=60.0).limits).used_percent == 40.0


def test_codex_tells_its_windows_in_any_rollout_and_the_newest_word_holds(home: Path) -> None:
    reset = NOON + 2 * HOUR
    one = limited(Rollout(uuid7(NOON), NOON).meta().context().prompt(), 9.0, 1000, reset)
    two = Rollout(uuid7(NOON, 2), NOON + 900).meta().context().prompt()
    newer = limited(two, 12.0, 3000, reset)
    paths = [rollout.write(home / ".codex") for rollout in (one, newer)]

    window = five_hours(World(home, now=NOON + 1000).collect().limits)

    assert (window.agent, window.used_percent, window.plan) == ("codex", 12.0, "plus")
    assert (window.limit_id, window.where) == ("codex", paths[1])
    assert window.full_at is not None
    assert window.full_before_reset is False
    assert [share.key for share in window.shares] == [
        f"codex:{newer.thread_id}",
        f"codex:{one.thread_id}",
    ]


def test_a_rate_limit_row_fills_the_window_it_names(home: Path) -> None:
    cache(home, 95.0, TEN)
    quota = [{"resets_at": TEN + 4 * HOUR}]
    refused = answer("m", 60, None, isApiErrorMessage=True, error="rate_limit", quotaLimits=quota)
    write(home, SESSION, prompt("a", 0), refused)

    window = five_hours(World(home).collect().limits)

    assert (window.used_percent, window.as_of) == (100.0, TEN + 60)
    assert window.where.endswith(f"{SESSION}.jsonl")


def test_without_a_measure_there_is_an_estimate_without_a_percentage(home: Path) -> None:
    write(home, SESSION, prompt("a", 0), spent(1, 300, SESSION))

    windows = World(home).collect().limits

    assert [(w.label, w.source, w.used_percent, w.tokens) for w in windows] == [
        ("5 h", "estimate", None, 300),
        ("7 d", "estimate", None, 300),
    ]


def test_shares_follow_what_is_used_and_the_window_ends(home: Path) -> None:
    path = write(home, SESSION, prompt("a", 0), spent(1, 300, SESSION))
    cache(home, 40.0)
    world = World(home)
    world.collect()

    with path.open("a") as file:
        file.write(json.dumps(spent(2, 200, SESSION)) + "\n")
    assert five_hours(world.collect(later=11.0).limits).tokens == 500

    window = five_hours(world.collect(later=HOUR).limits)
    assert (window.is_over, window.used_percent, window.tokens) == (True, 0.0, 0)


def test_an_index_loses_no_share(home: Path, tmp_path: Path) -> None:
    write(home, SESSION, prompt("a", 0), spent(1, 300, SESSION))
    later = NOW + 2 * 86400  # rates need no single responses of then, the week does
    cache(home, 40.0, later, "2026-11-23T00:00:00Z")
    path = home / ".claude.json"
    path.write_text(path.read_text().replace("five_hour", "seven_day"))

    def windows() -> tuple[Window, ...]:
        index = Index(tmp_path, Prices().fingerprint)
        collector = Collector(
            AGENTS, home, {}, Prices(), FakeMachine(), Wishes(), lambda: later, index
        )
        found = collector.collect().limits
        collector.close()
        return found

    cold, warm = windows(), windows()

    assert [w.tokens for w in cold] == [300]
    assert warm == cold


# ---- several accounts


def account(home: Path, folder: str, percent: float, uuid: str | None) -> Path:
    """A config home, logged in, with its own cache of its plan's limits."""
    root = home / folder
    window = {"utilization": percent, "resets_at": "2026-11-20T14:00:00Z"}
    told: dict[str, Any] = {
        "cachedUsageUtilization": {"fetchedAtMs": NOW * 1000, "utilization": {"five_hour": window}}
    }
    if uuid is not None:
        told["oauthAccount"] = {"accountUuid": uuid, "emailAddress": "a@example.org"}
    root.mkdir(parents=True, exist_ok=True)
    (root / ".claude.json").write_text(json.dumps(told))
    return root


def two_accounts(home: Path, first: str | None, second: str | None) -> Wishes:
    roots = [account(home, ".claude", 40.0, first), account(home, "work", 90.0, second)]
    write(home, SESSION, prompt("a", 0), spent(1, 300, SESSION))
    folder = roots[1] / "projects" / "-w"
    folder.mkdir(parents=True)
    lines = [prompt("b", 0, sessionId=OTHER), spent(2, 100, OTHER)]
    (folder / f"{OTHER}.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
    return Wishes(extra_roots={"claude": (roots[1],)})


@pytest.mark.parametrize("signs", [("u1", "u2"), (None, "u2"), (None, None)])
def test_two_accounts_have_windows_of_their_own(
    home: Path, signs: tuple[str | None, str | None]
) -> None:
    first, second = World(home, two_accounts(home, *signs)).collect().limits

    assert [(w.account, w.used_percent, w.tokens) for w in (first, second)] == [
        ("claude", 40.0, 300),
        ("work", 90.0, 100),
    ]
    assert first.shares == (Share(f"claude:{SESSION}", 1.0),)
    assert second.shares == (Share(f"claude:{OTHER}", 1.0),)
    assert second.where == str(home / "work" / ".claude.json")


def test_two_folders_of_one_account_share_its_windows(home: Path) -> None:
    window = five_hours(World(home, two_accounts(home, "u1", "u1")).collect().limits)

    assert (window.account, window.tokens, len(window.shares)) == (None, 400, 2)


def test_a_folder_without_a_login_belongs_to_the_first(home: Path) -> None:
    wishes = two_accounts(home, "u1", None)
    (home / "work" / ".claude.json").unlink()

    window = five_hours(World(home, wishes).collect().limits)

    assert (window.account, window.used_percent, window.tokens) == (None, 40.0, 400)


def test_what_the_status_line_told_belongs_to_the_account_of_its_session(
    home: Path, tmp_path: Path
) -> None:
    wishes = two_accounts(home, "u1", "u2")
    kept = tmp_path / "kept"
    keep(kept, OTHER, 95.0, NOW + 2, TEN + 4 * HOUR)
    keep(kept, SESSION, 41.0, NOW + 1, TEN + 4 * HOUR)

    world = World(home, replace(wishes, kept={"claude": kept}))

    told = {window.account: window.used_percent for window in world.collect().limits}
    assert told == {"claude": 41.0, "work": 95.0}
