"""Names for processes: one file that several agtops change and none may spoil."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from agtop.errors import AgtopError, UsageError
from agtop.locks import TRIES, locked
from agtop.registry import Entry, Registry, checked_label, label_of

CLAUDE = Entry("claude", 4242, 1000.5, 77, "claude", "5e55", 2000.0, "scan")
CODEX = Entry("codex", 99, 1001.0, 78, "codex")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "state")


def test_what_was_registered_is_read_again(registry: Registry):
    registry.register([CLAUDE, CODEX])

    assert Registry(registry.path.parent).read().entries == (CLAUDE, CODEX)


def test_an_empty_registry_is_no_error(registry: Registry):
    assert registry.read().entries == ()


def test_only_the_owner_can_read_it(registry: Registry):
    registry.register([CLAUDE])

    assert stat.S_IMODE(registry.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(registry.path.parent.stat().st_mode) == 0o700


def test_a_name_says_label_and_pid(registry: Registry):
    assert CLAUDE.name == "claude-4242"
    assert json.dumps(CLAUDE.name).encode() in _file_after(registry, CLAUDE)


def _file_after(registry: Registry, *entries: Entry) -> bytes:
    registry.register(entries)
    return registry.path.read_bytes()


def test_a_pid_has_one_entry(registry: Registry):
    registry.register([CLAUDE])
    later = Entry("mine", 4242, 5000.0, 900)

    registry.register([later])

    assert registry.read().entries == (later,)


def test_forgetting_takes_one_out(registry: Registry):
    registry.register([CLAUDE, CODEX])

    assert registry.forget([CLAUDE]).entries == (CODEX,)
    assert registry.read().entries == (CODEX,)


def test_those_that_ended_are_swept(registry: Registry):
    registry.register([CLAUDE, CODEX])

    contents, dead = registry.sweep(lambda entry: entry.pid == 99)

    assert (contents.entries, dead) == ((CODEX,), (CLAUDE,))
    assert registry.read().entries == (CODEX,)


def test_nothing_is_written_when_nothing_changes(registry: Registry):
    registry.register([CLAUDE])
    before = registry.path.stat()

    registry.sweep(lambda entry: True)
    registry.forget([CODEX])

    assert registry.path.stat().st_ino == before.st_ino


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"name": "claude-7", "pid": 7}',
        b'{"name": "claude-7", "pid": 8, "started_at": 1}',
        b'{"name": "claude-7", "pid": "7", "started_at": 1}',
        b'{"name": "claude-7", "pid": true, "started_at": 1}',
        b'{"name": "claude-7", "pid": 7, "started_at": NaN}',
        b'{"name": "claude-7", "pid": 7, "started_at": 1' + b"0" * 400 + b"}",
        b'{"name": "\\u001b[2J-7", "pid": 7, "started_at": 1}',
        b'{"name": "claude--7", "pid": -7, "started_at": 1}',
        b'{"name": "cl',
    ],
)
def test_a_line_that_makes_no_sense_is_skipped_and_kept(registry: Registry, line: bytes):
    registry.register([CLAUDE])
    registry.path.write_bytes(line + b"\n" + registry.path.read_bytes())

    contents = registry.register([CODEX])

    assert contents.entries == (CLAUDE, CODEX)
    assert contents.corrupt == 1
    assert registry.path.read_bytes().startswith(line + b"\n")


def test_keys_of_a_later_agtop_survive(registry: Registry):
    line = b'{"pid":7,"name":"x-7","started_at":1,"colour":"red"}'
    registry.path.parent.mkdir(parents=True)
    registry.path.write_bytes(line)

    registry.register([CODEX])

    assert registry.path.read_bytes().splitlines()[0] == line


@pytest.mark.parametrize(
    ("pid", "started_at", "ticks", "same"),
    [
        (4242, 1000.5, 77, True),
        (4242, 1003.0, 77, True),  # the clock was set
        (4242, 1000.5, 78, False),
        (4242, 9000.5, 77, False),  # as long after another boot
        (4243, 1000.5, 77, False),
        (4242, 1001.0, None, True),
        (4242, 1004.0, None, False),
    ],
)
def test_an_entry_is_of_one_process_only(
    pid: int, started_at: float, ticks: int | None, same: bool
):
    assert CLAUDE.is_of(pid, started_at, ticks) is same


def test_a_label_stands_for_the_name_where_it_is_the_only_one(registry: Registry):
    contents = registry.register([CLAUDE, CODEX, Entry("codex", 100, 1.0)])

    assert contents.named("claude") == (CLAUDE,)
    assert contents.named("codex-99") == (CODEX,)
    assert len(contents.named("codex")) == 2
    assert contents.named("4242") == ()


@pytest.mark.parametrize("label", ["", "9", "-x", "a b", "a/b", "x" * 41, "\x1b[2J", "é"])
def test_a_label_that_could_mislead_is_refused(label: str):
    with pytest.raises(UsageError, match="cannot be a name; start with a letter"):
        checked_label(label)


@pytest.mark.parametrize(
    ("word", "label"),
    [
        ("node", "node"),
        ("python3.11", "python3.11"),
        ("7z", "z"),
        ("(sd-pam)", "sd-pam"),
        ("日本", "process"),
    ],
)
def test_any_programs_name_gives_a_label(word: str, label: str):
    assert label_of(word) == label
    assert checked_label(label) == label


def test_two_agtops_lose_none_of_each_others_entries(registry: Registry):
    code = (
        "import sys; from pathlib import Path; from agtop.registry import Entry, Registry\n"
        "registry, first = Registry(Path(sys.argv[1])), int(sys.argv[2])\n"
        "for pid in range(first, first + 20): registry.register([Entry('x', pid, 1.0)])"
    )
    command = [sys.executable, "-c", code, str(registry.path.parent)]
    both = [subprocess.Popen([*command, first]) for first in ("100", "200")]
    assert [child.wait() for child in both] == [0, 0]

    assert len(registry.read().entries) == 40


def test_a_lock_that_is_not_let_go_ends_in_a_sentence(tmp_path: Path):
    waits: list[float] = []

    with (
        locked(tmp_path / "lock"),
        pytest.raises(AgtopError, match="is held by another agtop; end it or try again"),
        locked(tmp_path / "lock", waits.append),
    ):
        pass

    assert len(waits) == TRIES


def test_a_lock_ends_with_its_holder(tmp_path: Path):
    code = "import os, sys; from pathlib import Path; from agtop.locks import locked\n"
    code += "with locked(Path(sys.argv[1])): os._exit(0)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "lock")], check=True)
    waits: list[float] = []

    with locked(tmp_path / "lock", waits.append):
        assert os.path.exists(tmp_path / "lock")

    assert waits == []
