"""What the command line is asked, and what of it is refused in a sentence."""

from __future__ import annotations

import json
import re
import sys
import types
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import jsonschema
import pytest

from agtop import __version__, cli, wiring
from tests.cli.stage import FLEET, Fake, config

REPOSITORY = Path(__file__).parents[2]


# ---- what is said


@pytest.mark.parametrize("flag", ["-V", "--version"])
def test_the_version_is_told(flag: str, capsys: pytest.CaptureFixture[str]):
    assert cli.main([flag]) == 0
    assert capsys.readouterr().out == f"agtop {__version__}\n"


def test_help_names_every_flag(capsys: pytest.CaptureFixture[str]):
    assert cli.main(["--help"]) == 0

    told = capsys.readouterr().out
    for flag in ("--list", "--json", "--ndjson", "--watch", "--sort", "--plan", "--demo"):
        assert flag in told


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--json", "--watch"], "--json writes one document; --ndjson --watch writes one"),
        (["--watch"], "--watch repeats --list or --ndjson; add one of them"),
        (["--list", "--json"], "--list and --json cannot go together; choose one"),
        (["--json", "--ndjson"], "--json and --ndjson cannot go together"),
        (["--json", "-n", "3"], "--limit shortens --list"),
        (["-l", "-n", "0"], '"0" is not a number of rows'),
        (["-l", "-n", "9" * 5000], "is not a number of rows"),
        (["-l", "-d", "soon"], '"soon" is not a delay; write seconds (2, 0.5) or 500ms'),
        (["-l", "-d", "nan"], "is not a delay"),
        (["-l", "-p", "gold"], 'no plan "gold"; choose retail, max or included'),
        (
            ["-l", "-s", "cots"],
            'no sort key is called "cots"; -s help lists them; did you mean "cost"?',
        ),
        (["-l", "-s", ""], 'no sort key is called ""'),
        (["-l", "--agent", "cladue"], 'no agent is called "cladue"; there are claude'),
        (["--lis"], "unrecognized arguments: --lis; agtop --help lists the flags"),
        (["extra"], "argument VERB: invalid choice: 'extra' (choose from"),
        (["--list", "sources"], "--list cannot go with sources; agtop sources --help lists its"),
        (["trace"], "trace needs a target: a pid, an id or an agent's name; or --all"),
        (["trace", "7", "--all"], "--all and a target cannot go together"),
        (["trace", "--all", "--stdout"], "--all and --stdout cannot go together"),
        (["trace", "7", "--stdout", "--json"], "--stdout shows the output as it is"),
        (["trace", "7", "--last", "x"], '"x" is not a number of events'),
        (["trace", "--all", "--kind", "foo"], '--kind: no kind of event is called "foo"'),
        (["trace", "nobody"], 'no session is called "nobody"'),
        (["sources", "--sort", "cost"], "unrecognized arguments: --sort cost"),
        ([], "the full screen needs a terminal; use --list or --json here"),
    ],
)
def test_what_is_asked_wrongly_is_answered_in_a_sentence(
    argv: list[str],
    sentence: str,
    given: Callable[..., Fake],
    capsys: pytest.CaptureFixture[str],
):
    given(FLEET)

    status = cli.main(argv)

    captured = capsys.readouterr()
    assert status == 2
    assert captured.out == ""
    assert captured.err.startswith("agtop: ")
    assert sentence in captured.err
    assert captured.err.count("\n") == 1


def test_a_hostile_argument_cannot_steer_the_terminal(
    given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    given(FLEET)

    cli.main(["--list", "--sort", "\x1b]0;owned\x07\x9b2J"])

    assert "\x1b" not in capsys.readouterr().err


def test_sort_help_explains_every_key(capsys: pytest.CaptureFixture[str]):
    assert cli.main(["-s", "help"]) == 0

    told = capsys.readouterr().out
    assert re.search(r"^cost +Each request at its own model's price", told, re.MULTILINE)


def test_the_schema_is_printed_without_reading_anything(capsys: pytest.CaptureFixture[str]):
    assert cli.main(["--json-schema"]) == 0

    jsonschema.Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))


# ---- what is wanted


def test_flags_outrank_the_config(home: Path, given: Callable[..., Fake]):
    config(home, 'plan = "included"\ndelay = 9\nsort = "cost"\n[plans]\nclaude = "max"')
    fake = given(FLEET)

    cli.main(["--json", "--plan", "api", "--delay", "3", "--sort", "tokens"])

    wants: wiring.Wants = fake.__dict__["wants"]
    assert (wants.config.plan, wants.config.plans) == ("retail", {})
    assert (wants.delay, wants.column.name) == (3.0, "tokens")


def test_the_config_outranks_the_defaults(home: Path, given: Callable[..., Fake]):
    config(home, 'plan = "included"\ndelay = 9\nsort = "cost"')
    fake = given(FLEET)

    cli.main(["--json"])

    wants: wiring.Wants = fake.__dict__["wants"]
    assert (wants.config.plan, wants.delay, wants.column.name) == ("included", 9.0, "cost")


def test_the_columns_of_the_config_are_listed(
    home: Path, given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    config(home, 'columns = ["cost", "session"]')
    given(FLEET)

    cli.main(["--list"])

    assert capsys.readouterr().out.splitlines()[0].split() == ["COST", "SESSION"]


def test_a_config_that_cannot_be_followed_fails_with_a_sentence_and_stays(
    home: Path, given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    path = config(home, '[plans]\nclade = "max"')
    given(FLEET)

    status = cli.main(["--json"])

    captured = capsys.readouterr()
    assert (status, captured.out) == (1, "")
    assert captured.err == (
        'agtop: config.toml: [plans] has no key "clade"; did you mean "claude"? (line 2)\n'
    )
    assert path.read_text() == '[plans]\nclade = "max"'


def test_the_demo_has_its_own_home_and_no_config(
    home: Path,
    tmp_path: Path,
    given: Callable[..., Fake],
    monkeypatch: pytest.MonkeyPatch,
):
    config(home, "broken =")

    @contextmanager
    def running():
        yield types.SimpleNamespace(home=tmp_path / "stage", environ={"HOME": "stage"})

    demo = types.ModuleType("agtop.demo")
    demo.__dict__["running"] = running
    monkeypatch.setitem(sys.modules, "agtop.demo", demo)
    fake = given(FLEET)

    assert cli.main(["--demo", "--json"]) == 0

    place: wiring.Place = fake.__dict__["place"]
    assert (place.home, place.environ) == (tmp_path / "stage", {"HOME": "stage"})
