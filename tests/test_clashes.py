"""`agtop conflicts` reads well, goes on when asked, and cannot steer the terminal."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agtop import clashes, cli
from agtop.listing import Page
from agtop.model import Conflict, Snapshot, Writer
from agtop.text import width
from tests.claude_rows import OTHER, SESSION, prompt, result, write
from tests.snapshots import HOSTILE

NOW = 1_795_180_000.0
CART = "/work/api/cart.py"
BOTH = (Writer("claude:2b91aa04-1", NOW - 9, NOW - 5, 2), Writer("codex:77", NOW - 7, NOW - 7, 1))


def conflict(path: str = CART, last: float = -5.0, evidence: str = "so it is said") -> Conflict:
    return Conflict("writes", "high", path, NOW - 9, NOW + last, BOTH, evidence)


def test_a_conflict_has_its_row_and_how_it_is_known() -> None:
    head, row, evidence = clashes.text([conflict()], NOW, Page())

    assert head.split() == [*clashes.TITLES]
    assert row.split()[2:] == ["writes", "high", CART, "claude", "b91aa041,", "codex", "77"]
    assert evidence == "  so it is said"


def test_none_is_said_in_words() -> None:
    assert clashes.text([], NOW, Page()) == ["no conflicts in the last day"]


def test_hostile_paths_cannot_steer_the_terminal() -> None:
    shown = clashes.text([conflict(f"/work/{HOSTILE}", evidence=HOSTILE)], NOW, Page(80, 24))

    assert all(c.isprintable() or c == "\u200d" for each in shown for c in each)
    assert max(map(width, shown)) <= 80


def test_a_watch_tells_only_what_is_new_or_goes_on() -> None:
    longer = conflict(last=-1.0, evidence="and again")
    rounds: Iterator[Snapshot] = iter(
        Snapshot(NOW, conflicts=each)
        for each in ((conflict(),), (conflict(),), (longer,), (longer, conflict("/work/b.py")))
    )
    out = io.StringIO()

    with pytest.raises(StopIteration):
        clashes.watch(
            out,
            lambda: next(rounds),
            clashes.teller(Page(), as_json=False),
            lambda: None,
        )

    said = [line.strip() for line in out.getvalue().splitlines()[2::2]]
    assert said == ["so it is said", "and again", "so it is said"]


def test_the_verb_finds_what_two_sessions_wrote(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = {"filePath": CART, "structuredPatch": [{"lines": ["+x"]}]}
    for session, second in ((SESSION, 2.0), (OTHER, 9.0)):
        write(
            home,
            session,
            prompt("go", 1, session=session),
            result("t", second, outcome, session=session),
        )
    monkeypatch.setattr("agtop.collector.time.time", lambda: NOW)

    assert cli.main(["conflicts", "--json"]) == 0

    (found,) = json.loads(capsys.readouterr().out)["conflicts"]
    assert [each["key"] for each in found["writers"]] == [f"claude:{SESSION}", f"claude:{OTHER}"]
    assert (found["kind"], found["path"]) == ("writes", CART)
    assert found["first_seen"] == "2026-11-20T10:00:02.000Z"
    assert cli.main(["conflicts", "--window", "5s"]) == 0
    assert " overlap " in capsys.readouterr().out
    kept = home / ".local/state/agtop/conflicts.json"
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "argv",
    [["conflicts", "--sort", "cost"], ["--list", "conflicts"], ["conflicts", "--window", "x"]],
)
def test_flags_of_others_are_refused(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(argv) == 2
    assert capsys.readouterr().out == ""
