"""agtop budget: set in one line of the user's file, or refused with the file as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from agtop import cli, paths, wiring
from agtop.activity import Activity
from agtop.budgets import Budget, parse_target
from agtop.errors import ConfigError
from agtop.model import Cost
from agtop.registry import Entry
from agtop.verbs.budget import change, show, target_of
from tests.snapshots import session
from tests.verbs.conftest import Stage

CONFIG = '# mine\nplan = "max"  # yes\n\n[budgets.day]\ndollars = 15  # low\n'


@pytest.fixture
def file(home: Path) -> Path:
    path = home / ".config" / "agtop" / "config.toml"
    path.parent.mkdir(parents=True)
    return path


def test_a_budget_is_set_and_shown(file: Path, home: Path, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["budget", "agent:claude/day", "$2.50", "--action", "stop"]) == 0

    assert file.read_text() == ('[budgets."agent:claude/day"]\naction = "stop"\ndollars = 2.5\n')
    told = capsys.readouterr().out
    assert told == (
        "budget of agent:claude/day: $2.50, then stop; it stands in ~/.config/agtop/config.toml\n"
    )
    assert cli.main(["budget"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == [
        *("agent:claude/day", "$0.00", "$2.50", "$2.50", "0%", "stop")
    ]


def test_what_was_set_is_in_the_log_and_what_was_asked_is_not(file: Path):
    cli.main(["budget"])
    cli.main(["budget", "day", "none of it"])
    assert Activity(paths.state_dir()).entries == ()

    cli.main(["budget", "day", "20"])

    (entry,) = Activity(paths.state_dir()).entries
    assert (entry.effect, entry.what) == ("file", "agtop budget day 20")
    assert entry.result.startswith("budget of day: $20")


def test_only_the_amount_changes(file: Path):
    file.write_text(CONFIG)

    assert cli.main(["budget", "day", "20"]) == 0

    assert file.read_text() == CONFIG.replace("15", "20")


def test_a_name_written_otherwise_is_the_same_budget(file: Path):
    file.write_text('[budgets."all/day"]\ndollars = 15\n')

    cli.main(["budget", "day", "20"])

    assert file.read_text() == '[budgets."all/day"]\ndollars = 20\n'


def test_a_budget_is_taken_away(file: Path):
    file.write_text(CONFIG)

    assert cli.main(["budget", "day", "--remove"]) == 0

    assert file.read_text() == '# mine\nplan = "max"  # yes\n\n'


@pytest.mark.parametrize(
    "amount",
    ["nan", "NaN", "inf", "0", "0.0", "abc", "1e309", "1_000", "true", "", "9" * 400, "0 tokens"],
)
def test_an_amount_that_is_none_leaves_the_file_alone(
    file: Path, amount: str, capsys: pytest.CaptureFixture[str]
):
    file.write_text(CONFIG)
    before = file.stat()

    assert cli.main(["budget", "day", amount]) == 2

    assert file.read_text() == CONFIG
    assert file.stat().st_ino == before.st_ino
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("amount", ["-1", "-5.5", "-inf"])
def test_a_negative_amount_leaves_the_file_alone(file: Path, amount: str):
    file.write_text(CONFIG)

    assert cli.main(["budget", "day", amount]) == 2
    assert cli.main(["budget", "day", "--", amount]) == 2

    assert file.read_text() == CONFIG


@pytest.mark.parametrize(
    "content",
    [
        b"plan = \n",
        b"[budgets.day\n",
        b"\xff\xfe",
        b"unknown = 1\n",
        b"[budgets.day]\ndollars = 0\n",
    ],
)
def test_a_config_that_cannot_be_followed_is_never_written(file: Path, content: bytes):
    file.write_bytes(content)

    assert cli.main(["budget", "day", "20"]) == 1

    assert file.read_bytes() == content


def test_a_config_that_broke_meanwhile_is_not_written(stage: Stage, tmp_path: Path):
    file = tmp_path / "config.toml"
    file.write_text('plan = "gold"\n')

    with pytest.raises(ConfigError, match="is no plan"):
        change("day", "20", None, {}, file, wiring.check_config, stage.means)

    assert file.read_text() == 'plan = "gold"\n'
    assert stage.said == []


def test_what_only_the_user_can_change_is_left_to_them(
    file: Path, capsys: pytest.CaptureFixture[str]
):
    file.write_text("[budgets]\nday = { dollars = 15 }\n")

    assert cli.main(["budget", "day", "20"]) == 1

    assert 'so that only you can change "day"; edit it there' in capsys.readouterr().err
    assert file.read_text() == "[budgets]\nday = { dollars = 15 }\n"


def test_an_agent_that_is_none_gets_no_budget(file: Path, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["budget", "agent:cladue", "5"]) == 1

    assert 'did you mean "claude"?' in capsys.readouterr().err
    assert not file.exists()


def test_a_link_to_the_file_stays_one(file: Path, tmp_path: Path):
    real = tmp_path / "dotfiles.toml"
    real.write_bytes(b"\xef\xbb\xbf" + CONFIG.replace("\n", "\r\n").encode())
    file.symlink_to(real)

    assert cli.main(["budget", "day", "20"]) == 0

    assert file.is_symlink()
    assert (
        real.read_bytes()
        == b"\xef\xbb\xbf" + CONFIG.replace("\n", "\r\n").replace("15", "20").encode()
    )


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["day", "20", "--remove"], "--remove takes the target of the budget"),
        (["--remove"], "--remove takes the target of the budget"),
        (["day", "--action", "stop"], "--action goes with an amount"),
        (["day", "5", "--action", "shoot"], "invalid choice: 'shoot'"),
        (["repo:", "5"], "is nothing to set a budget for"),
        (["moonth", "5"], '"moonth" is nothing to set a budget for; write day, week'),
    ],
)
def test_what_is_asked_wrongly_is_a_sentence(
    argv: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
):
    assert cli.main(["budget", *argv]) == 2

    assert sentence in capsys.readouterr().err


def test_a_budget_that_is_not_there_is_a_sentence(capsys: pytest.CaptureFixture[str]):
    assert cli.main(["budget", "week"]) == 1
    assert cli.main(["budget", "week", "--remove"]) == 1
    assert capsys.readouterr().err.count("no budget is set for week") == 2


def test_without_budgets_the_way_to_one_is_shown(capsys: pytest.CaptureFixture[str]):
    assert cli.main(["budget"]) == 0
    assert (
        capsys.readouterr().out == "no budget is set; agtop budget day 20 sets one of $20 a day\n"
    )


def test_what_is_used_and_left_stands_in_the_table(stage: Stage):
    stage.sessions += [
        session("one", cost=Cost(input=4.0), subagents=()),
        session("two", cost=None, subagents=()),
    ]

    show([Budget(parse_target("all"), 10.0)], None, stage.means)

    assert stage.said[1].split() == ["all", "≥$4.00", "$10.00", "$6.00", "40%", "warn"]


@pytest.mark.parametrize("word", ["7", "claude-7", "0f3c9a"])
def test_a_session_may_be_named_in_any_way(stage: Stage, word: str):
    stage.sessions.append(session("0f3c9a1e", process=stage.agent(7)))
    stage.means.registry.register([Entry("claude", 7, 10.0, 1000)])

    assert str(target_of(word, stage.means)) == "session:claude:0f3c9a1e"
