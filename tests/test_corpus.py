"""The numbers of real transcripts: exact per bucket and to the nano-dollar, in any order."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from agtop.model import Session, Snapshot, Tokens, Usage
from tests.worlds import World

CLAUDE = ("claude-1.0.128", "claude-2.0.76", "claude-2.1.80", "claude-2.1.329")
CODEX = ("codex-0.50.0", "codex-0.105.0", "codex-0.150.0", "codex-0.169.0")
LATER = 1795200000.0
"""An instant after every record."""

# $ per million tokens: input, cache read, write 5 m, write 1 h, output; measured from the
# programs themselves. The only Haiku 5.5 request has a prompt above its 100,000 limit.
RATES: dict[str, tuple[float, ...]] = {
    "claude-opus-5-5": (4, 0.2, 5, 8, 20),
    "claude-sonnet-5": (2, 0.2, 2.5, 4, 10),
    "claude-haiku-5-5": (0.5, 0.05, 0.625, 1, 2.5),
    "claude-sonnet-4-5": (3, 0.3, 3.75, 6, 15),
    "claude-haiku-4-5-20251001": (1, 0.1, 1.25, 2, 5),
    "claude-sonnet-4-5-20250929": (3, 0.3, 3.75, 6, 15),
    "gpt-5.5": (5, 0.5, 5, 5, 30),
    "gpt-5": (1.25, 0.125, 1.25, 1.25, 10),
}


def truth(corpus: Path, name: str) -> dict[str, Any]:
    return json.loads((corpus / name / "truth.json").read_text())


def tokens(buckets: dict[str, int]) -> Tokens:
    """A truth's buckets; it holds reasoning apart from output."""
    return Tokens(
        buckets["input"],
        buckets["cache_read"],
        buckets["cache_write_5m"],
        buckets["cache_write_1h"],
        buckets["output"] + buckets["reasoning"],
        buckets["reasoning"],
    )


LONG = {"gpt-5.5": (272_000, (10, 1, 10, 10, 45))}
"""Above so many prompt tokens a request is dearer; only requests alone in their session are."""


def rates(usage: Usage) -> tuple[float, ...]:
    limit, dearer = LONG.get(usage.model or "", (0, ()))
    is_long = usage.requests == 1 and dearer and usage.tokens.prompt > limit
    return dearer if is_long else RATES[usage.model or ""]


def worth(session: Session) -> float:
    """What the session's tokens cost, worked out independently."""
    return sum(
        rate * part / 1e6
        for usage in session.usage
        for rate, part in zip(
            rates(usage),
            (
                usage.tokens.input,
                usage.tokens.cache_read,
                usage.tokens.cache_write_5m,
                usage.tokens.cache_write_1h,
                usage.tokens.output,
            ),
            strict=True,
        )
    )


def everyone(snapshot: Snapshot) -> dict[str, Session]:
    """Sessions and subagents by id."""
    found: dict[str, Session] = {}
    queue = list(snapshot.sessions)
    while queue:
        session = queue.pop()
        found[session.session_id] = session
        queue += session.subagents
    return found


@pytest.mark.parametrize("name", ["claude-2.1.329", "codex-0.169.0"])
def test_every_session_has_its_true_tokens_cwd_and_models(corpus: Path, name: str) -> None:
    known = truth(corpus, name)["sessions"]
    snapshot = World(corpus / name / "home", now=LATER).collect()
    found = everyone(snapshot)

    for session_id, fact in known.items():
        recorded = tokens(fact["recorded"])
        if recorded.total == 0:
            assert session_id not in found
            continue
        session = found[session_id]
        # A Claude truth folds subagents into their session; a Codex thread stands alone.
        spent = session.tokens if name.startswith("claude") else session.own.tokens
        assert spent == recorded, session_id
        assert session.reading.cwd == fact["cwd"]
        assert {u.model for u in session.usage} == set(fact["models"])
        if fact["scripts"]:  # the truth counts only prompts that name a script
            assert session.reading.user_turns == fact["user_turns"], session_id
    assert snapshot.totals.tokens == tokens(truth(corpus, name)["totals"]["recorded"])


@pytest.mark.parametrize("name", [*CLAUDE[:3], *CODEX[:3]])
def test_old_releases_add_up_to_their_truth(corpus: Path, name: str) -> None:
    parsed = truth(corpus, name)["parsed_from_transcript"]
    total = World(corpus / name / "home", now=LATER).collect().totals.tokens

    assert total.input == parsed["input"]
    assert total.cache_read == parsed["cache_read"]
    assert total.cache_write_5m + total.cache_write_1h == parsed["cache_write"]
    assert total.output == parsed["output_incl_reasoning"]


@pytest.mark.parametrize("name", [*CLAUDE, *CODEX])
def test_costs_are_right_to_the_nano_dollar(corpus: Path, name: str) -> None:
    snapshot = World(corpus / name / "home", now=LATER).collect()

    for session in snapshot.sessions:
        assert session.cost is not None
        assert session.cost.total == pytest.approx(worth(session), abs=1e-9), session.key
    assert snapshot.totals.cost == pytest.approx(sum(map(worth, snapshot.sessions)), abs=1e-9)


def test_a_release_that_records_no_usage_has_unknown_tokens(corpus: Path) -> None:
    (session,) = World(corpus / "codex-0.20.0" / "home", now=LATER).collect().sessions

    assert (session.tokens, session.cost) == (None, None)
    assert session.reading.replies > 0


def test_the_tree_of_sessions_is_right(corpus: Path) -> None:
    claude = everyone(World(corpus / "claude-2.1.329" / "home", now=LATER).collect())
    codex = everyone(World(corpus / "codex-0.169.0" / "home", now=LATER).collect())

    assert [s.session_id for s in claude["8f4d97e5-2d53-4937-919e-4e6c7cc3e087"].subagents] == [
        "ac977f2e6791a1822"
    ]
    assert claude["76df7910-258a-401c-9d77-882579355f76"].reading.forked_from == (
        "8f4d97e5-2d53-4937-919e-4e6c7cc3e087"
    )
    assert len(codex["01a1f9f0-b0a7-7a21-8cb4-2443de0c059e"].subagents) == 2
    assert len(codex["01a1f9b5-efd6-7421-86f7-f2137264ce74"].subagents) == 1
    assert codex["01a1f9b9-c481-7f41-88b9-d54345caccba"].reading.forked_from == (
        "01a1f9b5-efd6-7421-86f7-f2137264ce74"
    )


def test_files_written_by_edit_tools_are_known(corpus: Path) -> None:
    for name in ("claude-2.1.329", "codex-0.169.0"):
        found = everyone(World(corpus / name / "home", now=LATER).collect())
        for session_id, fact in truth(corpus, name)["sessions"].items():
            if session_id not in found:
                continue
            # Relative names in the truth were written by shell commands, which name no file;
            # one scripted edit was refused by the tool.
            expected = {p for p in fact["files_touched"] if p.startswith("/")}
            refused = bool(found[session_id].reading.tool_errors)
            written = {w.path for w in found[session_id].reading.writes}
            assert written == (set() if refused else expected), session_id


def nothing_is_live(snapshot: Snapshot) -> bool:
    return all(s.process is None and s.state.name == "ended" for s in snapshot.sessions)


@pytest.mark.parametrize("name", ["claude-2.1.329", "codex-0.169.0"])
def test_processes_long_gone_do_not_show_as_live(corpus: Path, name: str) -> None:
    assert nothing_is_live(World(corpus / name / "home", now=LATER).collect())


def facts(snapshot: Snapshot) -> dict[str, object]:
    return {
        key: (s.usage, s.cost, s.own, s.agent_turns, s.started_at, s.last_active, s.problems,
              s.reading.title, s.reading.writes, s.reading.context, s.reading.tool_calls,
              s.reading.user_turns, s.reading.activity.phase)
        for key, s in everyone(snapshot).items()
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", [*CLAUDE, *CODEX])
def test_files_grown_in_any_order_and_pieces_give_the_same(
    corpus: Path, tmp_path: Path, name: str, seed: int
) -> None:
    origin = corpus / name / "home"
    whole = facts(World(origin, now=LATER).collect())
    chance = random.Random(f"{name}{seed}")
    home = tmp_path / "grown"
    rest: dict[Path, bytes] = {}
    for path in origin.rglob("*"):
        target = home / path.relative_to(origin)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        elif path.suffix == ".jsonl" and {"projects", "sessions"} & set(path.parts):
            rest[target] = path.read_bytes()
        elif path.suffix in (".json", ".jsonl") and path.stat().st_size < 1 << 16:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    for target in rest:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()

    world = World(home, now=LATER)
    while rest:
        target = chance.choice(sorted(rest))
        data = rest.pop(target)
        cut = chance.randrange(1, len(data) + 1) if data else 0
        with target.open("ab") as file:
            file.write(data[:cut])
        if data[cut:]:
            rest[target] = data[cut:]
        if chance.random() < 0.3:
            world.collect()

    assert facts(world.collect()) == whole
