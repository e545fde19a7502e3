"""The hook goes into Claude Code's settings and out again, and nothing else changes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from agtop.statusline import BACKUP, StatusLine, StatusLineError

SESSION = "11111111-1111-4111-8111-111111111111"
TOLD = json.dumps({"session_id": SESSION, "model": {"display_name": "Opus"}}).encode()


@pytest.fixture
def line(home: Path) -> StatusLine:
    (home / ".claude").mkdir()
    return StatusLine(home / ".claude" / "settings.json", home / "state dir" / "agtop")


def write(line: StatusLine, text: str) -> bytes:
    line.settings.write_text(text)
    return line.settings.read_bytes()


def settings(line: StatusLine) -> dict[str, Any]:
    return json.loads(line.settings.read_bytes())


def run(line: StatusLine, data: bytes = TOLD) -> subprocess.CompletedProcess[bytes]:
    command = settings(line)["statusLine"]["command"]
    return subprocess.run(
        command, shell=True, input=data, capture_output=True, timeout=20, check=False
    )


def test_what_claude_says_is_kept_for_the_owner_alone(line: StatusLine) -> None:
    line.install()
    done = run(line)
    path = line.kept / f"{SESSION}.json"
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert path.read_bytes() == TOLD
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_the_user_s_own_status_line_is_drawn_from_the_same_words(line: StatusLine) -> None:
    own = """printf '%s|' "it's mine"; cat; exit 3"""
    write(line, json.dumps({"statusLine": {"type": "command", "command": own, "padding": 0}}))
    line.install()
    done = run(line)
    assert (done.returncode, done.stdout) == (3, b"it's mine|" + TOLD)
    assert settings(line)["statusLine"]["padding"] == 0
    assert (line.kept / f"{SESSION}.json").exists()


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff" * 100, b'{"session_id": 7}', b'{"session_id": "../../x"}', b"x" * 200_000],
    ids=["nothing", "torn", "not text", "a number", "a way out", "much"],
)
def test_the_hook_never_fails_and_writes_nowhere_else(line: StatusLine, data: bytes) -> None:
    write(line, json.dumps({"statusLine": {"type": "command", "command": "echo fine"}}))
    line.install()
    done = run(line, data)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"fine\n", b"")
    assert not line.kept.exists()


def test_an_unwritable_folder_does_not_disturb_the_line(line: StatusLine) -> None:
    write(line, json.dumps({"statusLine": {"type": "command", "command": "echo fine"}}))
    line.install()
    line.kept.write_text("a file where the folder should be")
    assert run(line).stdout == b"fine\n"


def test_an_agtop_that_is_gone_leaves_the_user_s_line_in_place(line: StatusLine) -> None:
    write(line, json.dumps({"statusLine": {"type": "command", "command": "echo fine"}}))
    line.install()
    script = line.state / "statusline.sh"
    script.write_text(script.read_text().replace("hook.py", "gone.py"))
    assert run(line).stdout == b"fine\n"


@pytest.mark.parametrize(
    "text",
    [
        '{"model":"opus",  "odd" : [1,2]}',
        '{\n\t"statusLine": {"type": "command", "command": "echo ü", "padding": 2}\n}\n',
        "{}",
    ],
)
def test_taking_it_out_leaves_the_file_byte_for_byte_as_it_was(line: StatusLine, text: str) -> None:
    before = write(line, text)
    line.install()
    assert json.loads(line.settings.read_bytes())["statusLine"]["command"] == line.command
    assert line.settings.with_name(BACKUP).read_bytes() == before
    line.remove()
    assert line.settings.read_bytes() == before
    assert os.listdir(line.settings.parent) == ["settings.json"]


def test_without_settings_there_are_none_again_afterwards(line: StatusLine) -> None:
    line.install()
    line.remove()
    assert not line.settings.exists()


def test_what_the_user_changed_since_stays(line: StatusLine) -> None:
    write(line, '{"statusLine": {"type": "command", "command": "echo fine"}}')
    line.install()
    write(line, json.dumps({**settings(line), "model": "opus"}))
    line.remove()
    assert settings(line) == {
        "statusLine": {"type": "command", "command": "echo fine"},
        "model": "opus",
    }


def test_a_line_the_user_put_in_since_is_not_touched(line: StatusLine) -> None:
    line.install()
    other = write(line, '{"statusLine": {"type": "command", "command": "theirs"}}')
    (said,) = line.remove()
    assert "nothing was changed" in said
    assert line.settings.read_bytes() == other


def test_installing_twice_keeps_the_first_line(line: StatusLine) -> None:
    before = write(line, '{"statusLine": {"type": "command", "command": "echo fine"}}')
    line.install()
    line.install()
    assert run(line).stdout == b"fine\n"
    line.remove()
    assert line.settings.read_bytes() == before


@pytest.mark.parametrize("text", ["{", "[]", "\ufeff{}x", ""])
def test_settings_nobody_can_read_are_not_touched(line: StatusLine, text: str) -> None:
    before = write(line, text)
    with pytest.raises(StatusLineError, match="nothing was changed"):
        line.install()
    assert line.settings.read_bytes() == before
    assert not line.state.exists()


def test_a_link_to_the_settings_stays_a_link(line: StatusLine, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles.json"
    kept.write_text("{}")
    line.settings.symlink_to(kept)
    line.install()
    assert line.settings.is_symlink()
    assert "statusLine" in json.loads(kept.read_bytes())


def test_the_plan_is_what_is_written(line: StatusLine) -> None:
    write(line, '{"model": "opus"}')
    planned = line.planned()
    line.install()
    assert line.settings.read_text() == planned
