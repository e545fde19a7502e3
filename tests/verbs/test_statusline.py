"""`agtop statusline`, as typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agtop import cli


def settings(home: Path) -> Path:
    folder = home / ".claude"
    folder.mkdir()
    path = folder / "settings.json"
    path.write_text('{"model": "opus"}')
    return path


def test_print_shows_what_would_be_written_and_writes_nothing(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = settings(home)

    assert cli.main(["statusline", "print"]) == 0

    shown = json.loads(capsys.readouterr().out)
    assert shown["model"] == "opus"
    assert shown["statusLine"]["type"] == "command"
    assert path.read_text() == '{"model": "opus"}'
    assert [each.name for each in path.parent.iterdir()] == ["settings.json"]


def test_install_and_remove_leave_the_settings_as_they_were(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = settings(home)

    assert cli.main(["statusline", "install"]) == 0
    assert "statusLine" in json.loads(path.read_text())
    assert "undoes this" in capsys.readouterr().out
    assert cli.main(["statusline", "remove"]) == 0

    assert path.read_text() == '{"model": "opus"}'


def test_another_config_home_is_respected(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "work-claude"
    elsewhere.mkdir()
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(elsewhere))

    assert cli.main(["statusline", "install"]) == 0

    assert (elsewhere / "settings.json").exists()
    assert not (home / ".claude").exists()


def test_settings_that_cannot_be_read_are_a_sentence_and_stay(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = settings(home)
    path.write_text("{ broken")

    assert cli.main(["statusline", "install"]) == 1

    assert "nothing was changed" in capsys.readouterr().err
    assert path.read_text() == "{ broken"


@pytest.mark.parametrize("argv", [["statusline"], ["statusline", "paint"]])
def test_without_a_deed_the_deeds_are_named(
    argv: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(argv) == 2

    assert "DEED" in capsys.readouterr().err
