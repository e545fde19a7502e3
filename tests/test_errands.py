"""Verbs as the screen runs them: with what it knows, and never for a pipe."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from threading import Event

import pytest

from agtop import flags, wiring
from agtop.budgets import Budget, nobody, parse_target, so_far
from agtop.config import Config
from agtop.errands import DEMO, Errands
from agtop.errors import AgtopError, UsageError
from agtop.model import Conflict, Snapshot, Writer
from agtop.tui.errand import Scene
from tests.snapshots import NOW, PROCESS, session


def errands(home: Path, is_kept: bool = True) -> Errands:
    place = wiring.Place(home, {}, Config(), is_kept)
    return Errands(wiring.wants(flags.parse([]), place), place, tuple)


def scene(**budgets: Budget) -> Scene:
    one = session("aaaa1111-0000")
    writer = Writer("claude:aaaa1111", NOW, NOW, 1)
    met = Conflict("overlap", "low", "/w/a.py", NOW - 60, NOW, (writer,), "both wrote it")
    snapshot = Snapshot(NOW, (one,), conflicts=(met,))
    return Scene(snapshot, budgets, (so_far, nobody), [], Event(), 120)


def told(home: Path, *words: str, is_kept: bool = True, **budgets: Budget) -> list[str]:
    here = scene(**budgets)
    errands(home, is_kept).run(words, here)
    return here.lines


def test_what_the_screen_knows_is_told_without_reading_again(home: Path) -> None:
    assert "both wrote it" in "".join(told(home, "conflicts"))
    rows = told(home, "budget", all=Budget(parse_target("all"), 50.0))

    assert rows[1].split()[:3] == ["all", "$0.45", "$50.00"]


def test_a_session_is_found_by_its_id_and_by_its_pid(home: Path) -> None:
    here = errands(home, is_kept=False)

    assert here.session("aaaa11", scene()).session_id == "aaaa1111-0000"
    assert here.session(str(PROCESS.pid), scene()).session_id == "aaaa1111-0000"
    assert here.process("aaaa11", scene()) is PROCESS
    with pytest.raises(UsageError, match="no registered name"):
        here.session("nobody", scene())


@pytest.mark.parametrize(
    "line",
    ["register 1", "forget x", "scan --register", "statusline install", "history forget --repo x"],
)
def test_the_demo_leaves_nothing_behind(home: Path, line: str) -> None:
    before = sorted(home.rglob("*"))

    with pytest.raises(AgtopError, match=DEMO):
        told(home, *line.split(), is_kept=False)

    assert sorted(home.rglob("*")) == before


def test_the_demo_lists_its_own_agents_only(home: Path) -> None:
    rows = told(home, "scan", "--all", is_kept=False)

    assert [row.split()[0] for row in rows] == ["PID", str(PROCESS.pid)]


@pytest.mark.parametrize("line", ["conflicts --json", "scan --help", "sources --json-schema"])
def test_what_is_for_a_pipe_or_the_shell_says_so(home: Path, line: str) -> None:
    with pytest.raises(UsageError, match="agtop"):
        told(home, *line.split())


def test_the_status_line_is_put_in_and_taken_out(home: Path) -> None:
    settings = home / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"theme": "dark"}')

    told(home, "statusline", "install")
    assert "statusLine" in settings.read_text()
    told(home, "statusline", "remove")

    assert settings.read_text() == '{"theme": "dark"}'


def test_an_export_is_what_its_name_says(home: Path) -> None:
    here, taken = errands(home), scene().snapshot

    assert here.export(home / "a.json", taken) == "1 session"
    here.export(home / "a.ndjson", taken)
    here.export(home / "a.txt", taken)
    here.export(home / "a.csv", taken)

    assert len(json.loads((home / "a.json").read_text())["sessions"]) == 1
    assert len((home / "a.ndjson").read_text().splitlines()) == 1
    assert "claude" in (home / "a.txt").read_text()
    assert next(csv.reader((home / "a.csv").read_text().splitlines()))
    with pytest.raises(FileExistsError):
        here.export(home / "a.json", taken)
    with pytest.raises(UsageError, match=r"told by its end: \.json"):
        here.export(home / "a.doc", taken)
    assert not (home / "a.doc").exists()
