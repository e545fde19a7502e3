"""The faces that print once, or again and again."""

from __future__ import annotations

import json
import re
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from agtop import cli
from agtop.model import Problem, Session, replace
from tests.cli.stage import FLEET, Fake
from tests.snapshots import hostile_snapshot, snapshot
from tests.sources.codex import codex

REPOSITORY = Path(__file__).parents[2]


# ---- what is shown


def test_a_document_is_printed_and_the_collector_closed(
    given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    fake = given(FLEET)

    status = cli.main(["--json"])

    written = json.loads(capsys.readouterr().out)
    assert (status, fake.closed) == (0, True)
    assert [row["session_id"] for row in written["sessions"]] == ["busy", "quiet", "unknown"]


def test_the_sort_key_orders_the_document(
    given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    given(FLEET)

    cli.main(["--json", "--sort", "COST"])

    written = json.loads(capsys.readouterr().out)
    assert [row["session_id"] for row in written["sessions"]] == ["quiet", "busy", "unknown"]


def test_ndjson_is_one_line(given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]):
    given(FLEET)

    assert cli.main(["--ndjson"]) == 0
    assert capsys.readouterr().out.count("\n") == 1


def test_a_table_is_printed_and_its_problems_are_told_on_stderr(
    given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    given(replace(FLEET, problems=(Problem("/x/y.jsonl", "cannot be read"),)))

    status = cli.main(["--list", "--limit", "2"])

    captured = capsys.readouterr()
    assert status == 0
    assert captured.out.splitlines()[0].split()[0] == "STATE"
    assert "1 more session not shown · 3 sessions, 2 live" in captured.out
    assert captured.err == "agtop: /x/y.jsonl: cannot be read\n"


@pytest.mark.parametrize("face", ["--list", "--json", "--ndjson"])
def test_no_face_lets_a_control_character_through(
    face: str, given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    given(hostile_snapshot())

    assert cli.main([face]) == 0

    captured = capsys.readouterr()
    unsafe = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
    assert unsafe.findall(captured.out + captured.err) == []


def test_a_one_shot_face_reads_everything_first(
    given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    given(snapshot(complete=False), snapshot(complete=False), FLEET)

    cli.main(["--json"])

    written = json.loads(capsys.readouterr().out)
    assert (written["complete"], len(written["sessions"])) == (True, 3)


def test_a_filter_chooses_sessions_and_their_totals(
    given: Callable[..., Fake],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    def matches(each: Session) -> bool:
        return each.session_id == "busy"

    filters = types.ModuleType("agtop.filters")
    filters.__dict__["parse"] = lambda _text="": types.SimpleNamespace(matches=matches)
    monkeypatch.setitem(sys.modules, "agtop.filters", filters)
    given(FLEET)

    cli.main(["--json", "-F", "busy"])

    written = json.loads(capsys.readouterr().out)
    assert [row["session_id"] for row in written["sessions"]] == ["busy"]
    assert written["totals"]["sessions"] == 1
    assert written["totals"]["cost"] == written["sessions"][0]["cost"]["total"]


def test_a_filter_that_cannot_be_read_is_a_usage_error(
    given: Callable[..., Fake],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    def parse(text: str) -> None:
        raise ValueError('no field is called "x"')

    filters = types.ModuleType("agtop.filters")
    filters.__dict__["parse"] = parse
    monkeypatch.setitem(sys.modules, "agtop.filters", filters)
    given(FLEET)

    assert cli.main(["--json", "-F", "x:1"]) == 2
    assert capsys.readouterr().err == 'agtop: --filter: no field is called "x"\n'


@pytest.mark.parametrize("face", [["--list"], ["--ndjson"]])
def test_ctrl_c_is_how_a_watch_ends(
    face: list[str],
    given: Callable[..., Fake],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    given(FLEET, FLEET)
    waits: list[float] = []

    def sleep(delay: float) -> None:
        waits.append(delay)
        if len(waits) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(cli.time, "sleep", sleep)

    assert cli.main([*face, "--watch", "-d", "500ms"]) == 0
    assert waits == [0.5, 0.5]


# ---- sources


def test_sources_are_told_for_people(
    given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    fake = given(snapshot(complete=False), FLEET)

    assert cli.main(["sources"]) == 0

    told = capsys.readouterr().out
    assert told.startswith("AGENT")
    assert "Codex: degraded" in told
    assert "app server" not in told
    assert fake.closed


@pytest.mark.parametrize("argv", [["sources", "--json"], ["--json", "sources"]])
def test_sources_are_told_for_scripts(
    argv: list[str], given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    given(FLEET)

    assert cli.main(argv) == 0

    written = json.loads(capsys.readouterr().out)
    assert written["providers"]["codex"]["status"] == "degraded"
    assert len(written["sessions"]) == 3


def test_the_schema_of_sources_is_printed_without_reading_anything(
    capsys: pytest.CaptureFixture[str],
):
    assert cli.main(["sources", "--json-schema"]) == 0

    schema = json.loads(capsys.readouterr().out)
    assert schema["title"] == "agtop sources --json"


def test_a_verb_takes_the_agents_that_stand_before_or_after_it(given: Callable[..., Fake]):
    for argv in (["sources", "--agent", "codex"], ["--agent", "codex", "sources"]):
        fake = given(FLEET)

        assert cli.main(argv) == 0
        assert [agent.name for agent in fake.__dict__["wants"].agents] == ["codex"]


def test_the_app_server_that_the_environment_names_is_asked(
    given: Callable[..., Fake],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    given(FLEET)

    with codex() as server:
        monkeypatch.setenv("CODEX_APP_SERVER_URL", server.url)
        cli.main(["sources"])

    assert "Codex app server\n  status      ready" in capsys.readouterr().out


@pytest.mark.parametrize("argv", [["--list"], ["--json"], ["sources", "--demo"]])
def test_no_other_face_and_no_demo_asks_it(
    argv: list[str], given: Callable[..., Fake], monkeypatch: pytest.MonkeyPatch
):
    given(FLEET)

    with codex() as server:
        monkeypatch.setenv("CODEX_APP_SERVER_URL", server.url)
        assert cli.main(argv) == 0

    assert server.requests == []
