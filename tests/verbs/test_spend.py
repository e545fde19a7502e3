"""`agtop spend` and `agtop history forget`, as they are called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agtop.cli import main
from tests.claude_rows import SESSION, answer, prompt, usage, write


def spent(capsys: pytest.CaptureFixture[str], *flags: str) -> dict[str, Any]:
    assert main(["spend", "--all", "--json", *flags]) == 0
    return json.loads(capsys.readouterr().out)


def test_what_was_spent_outlives_its_transcript_until_it_is_forgotten(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(home, SESSION, prompt("go", 0), answer("m1", 1, usage(1000, 500)))
    before = spent(capsys)
    (home / f".claude/projects/-work-api/{SESSION}.jsonl").unlink()

    after = spent(capsys)

    assert after["rows"][0]["archived"] is True
    assert after["days"] == before["days"]
    assert before["total"]["cost"] > 0
    assert after["total"] == {**before["total"], "archived": 1}
    assert main(["history", "forget", "--agent", "claude"]) == 0
    assert "forgot what 1 transcript" in capsys.readouterr().out
    assert spent(capsys)["rows"] == []


def test_what_was_deleted_and_never_asked_for_is_forgotten_too(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(home, SESSION, prompt("go", 0), answer("m1", 1, usage(1000, 500)))
    spent(capsys)
    (home / f".claude/projects/-work-api/{SESSION}.jsonl").unlink()

    assert main(["history", "forget", "--before", "today"]) == 0

    capsys.readouterr()
    assert spent(capsys)["rows"] == []


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["spend", "--json", "--csv"], "cannot go together"),
        (["spend", "--week", "--since", "7d"], "cannot go together"),
        (["spend", "--since", "soon"], "is no day"),
        (["spend", "--since", "today", "--until", "yesterday"], "is after"),
        (["spend", "--by", "colour"], "invalid choice"),
        (["--list", "spend"], "cannot go with spend"),
        (["history", "forget"], "say what to forget"),
        (["history", "forget", "--agent", "claude", "--before", "soon"], "is no day"),
    ],
)
def test_what_cannot_be_done_is_said(
    home: Path, capsys: pytest.CaptureFixture[str], flags: list[str], said: str
) -> None:
    assert main(flags) == 2
    assert said in capsys.readouterr().err
    assert home


def test_a_page_is_printed_of_an_empty_home(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spend", "--week"]) == 0
    assert "TOTAL" in capsys.readouterr().out
    assert home
