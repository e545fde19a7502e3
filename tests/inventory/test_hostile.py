"""Whatever lies where settings are looked for, the inventory is taken, and in good time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agtop.inventory import files
from agtop.inventory.facts import cells, sections
from agtop.model import INVENTORY_KINDS
from tests.inventory.homes import NOW, found, one, put, where
from tests.snapshots import HOSTILE

PLACES = (
    ".claude/settings.json",
    ".claude.json",
    ".codex/config.toml",
    ".gemini/settings.json",
    ".config/opencode/opencode.json",
    ".copilot/config.json",
    ".codex/automations/a/automation.toml",
    ".claude/scheduled-tasks.json",
)
LISTED = '{"mcpServers": [1, {"a": null}], "hooks": {"Stop": 3}, "permissions": "x", "model": [1]}'


def pipe(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def content(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


@pytest.mark.parametrize(
    "lay",
    [
        pytest.param(pipe, marks=pytest.mark.skipif(os.name == "nt", reason="has no pipes there")),
        folder,
        content(b"\xff\xfe\x00"),
        content(b"{" * 100_000),
        content(b"[" * 100_000),
        content(b'{"a":' * 100_000),
        content(b"a = " + b"[" * 50_000),
        content(b'{"a": ' + b"9" * 10_000 + b"}"),
        content(b"null"),
        content(LISTED.encode()),
        content(b"\x00" * (files.MOST_BYTES + 1)),
    ],
    ids=[
        *[
            "pipe",
            "folder",
            "binary",
            "braces",
            "brackets",
            "nested",
            "toml",
            "number",
            "null",
            "odd",
            "huge",
        ]
    ],
)
def test_a_strange_file_is_a_state_and_no_failure(
    tmp_path: Path, lay: Callable[[Path], None]
) -> None:
    for place in PLACES:
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        lay(tmp_path / place)
    began = time.monotonic()

    for kind in INVENTORY_KINDS:
        found(tmp_path, kind)

    assert one(found(tmp_path, "config"), "user settings").status in ("degraded", "ready")
    assert time.monotonic() - began < 20


def test_folders_that_go_round_in_a_circle_are_counted_once(tmp_path: Path) -> None:
    put(tmp_path / ".codex/memories/a.md", "x")
    (tmp_path / ".codex/memories/again").symlink_to(tmp_path / ".codex")

    assert one(found(tmp_path, "memory"), "memories", "codex").count == 1


def test_a_folder_of_too_much_is_cut_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_ENTRIES", 10)
    for number in range(20):
        put(tmp_path / f".codex/memories/{number}.md", "x")

    row = one(found(tmp_path, "memory"), "memories", "codex")

    assert (row.status, row.count) == ("degraded", 10)


def test_a_file_that_may_not_be_read_is_degraded(tmp_path: Path) -> None:
    if os.name == "nt" or os.geteuid() == 0:
        pytest.skip("everything may be read here")
    path = put(tmp_path / ".claude/settings.json", "{}x")
    path.chmod(0)

    assert one(found(tmp_path, "config"), "user settings").status == "degraded"


def test_nothing_is_written(tmp_path: Path) -> None:
    for place in PLACES:
        put(tmp_path / place, "{}")
    before = sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*"))

    for kind in INVENTORY_KINDS:
        found(tmp_path, kind)

    assert before == sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*"))


def test_hostile_names_become_harmless_labels(tmp_path: Path) -> None:
    put(tmp_path / ".claude.json", {"mcpServers": {HOSTILE: {"command": HOSTILE, "type": HOSTILE}}})
    put(tmp_path / ".claude/settings.json", {"hooks": {HOSTILE: [{}]}, "model": HOSTILE})

    for kind in INVENTORY_KINDS:
        for _, rows in sections({kind: found(tmp_path, kind)}):
            assert all(cell.isprintable() for row in rows for cell in cells(row, NOW))


def test_the_administrator_s_settings_come_first(tmp_path: Path) -> None:
    from agtop.inventory import claude, take

    place = where(tmp_path)
    put(claude._managed(place.system), {"model": "opus"})

    assert take(place, NOW)["config"][0].label == "managed settings"
