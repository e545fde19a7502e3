"""Tailing the file a process writes to."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agtop.trace.colours import Colours
from agtop.trace.descriptors import CannotTailError, Output, resolve
from agtop.trace.output import OutputTail, liveness


class Life:
    alive = True

    def __call__(self) -> bool:
        return self.alive


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "x.log"
    path.write_text("before\n")
    return path


@pytest.fixture
def life() -> Life:
    return Life()


@pytest.fixture
def tail(path: Path, life: Life) -> Iterator[OutputTail]:
    tail = OutputTail(Output(42, "stdout", str(path), str(path)), life)
    yield tail
    tail.close()


def append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)


def test_nothing_from_before_is_shown(path: Path, tail: OutputTail) -> None:
    before = tail.read()
    append(path, b"after\n")

    assert (before, tail.read()) == ("", "after\n")


def test_a_character_cut_in_two_comes_whole(path: Path, tail: OutputTail) -> None:
    whole = "é漢".encode()
    shown = ""
    for n in range(len(whole)):
        append(path, whole[n : n + 1])
        shown += tail.read()

    assert shown == "é漢"


def test_a_truncated_file_is_read_from_its_start(path: Path, tail: OutputTail) -> None:
    os.truncate(path, 0)
    append(path, b"new\n")

    assert (tail.read(), tail.truncations) == ("new\n", 1)


def test_the_file_is_followed_when_it_is_renamed_and_deleted(path: Path, tail: OutputTail) -> None:
    with path.open("ab", buffering=0) as writer:
        path.rename(path.with_suffix(".1"))
        writer.write(b"renamed\n")
        shown = tail.read()
        path.with_suffix(".1").unlink()
        writer.write(b"deleted\n")

    assert (shown, tail.read()) == ("renamed\n", "deleted\n")


def test_what_was_written_before_the_end_is_read(path: Path, tail: OutputTail, life: Life) -> None:
    append(path, b"last words\xe6")
    life.alive = False

    assert tail.read() == "last words\ufffd"
    assert tail.has_ended


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")

    with pytest.raises(CannotTailError, match=f"stdout target {gone} no longer exists"):
        OutputTail(Output(42, "stdout", gone, gone), Life())


def test_a_process_that_ended_is_not_alive() -> None:
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    is_alive = liveness(child.pid)
    before = is_alive()
    child.communicate()

    assert (before, is_alive()) == (True, False)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="descriptors lie in /proc")
def test_a_deleted_file_is_followed_through_the_descriptor_of_its_writer(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    with path.open("wb") as file:
        child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=file)
    path.unlink()
    tail = OutputTail(resolve(child.pid, "stdout"), liveness(child.pid))
    child.communicate(b"still here\n")
    shown = tail.read()
    tail.close()

    assert (tail.output.path, shown) == (f"{path} (deleted)", "still here\n")
    assert tail.has_ended


# colours


HOSTILE = [
    "\x1b]0;title\x07",
    "\x1b]52;c;aGk=\x1b\\",
    "\x1b]8;;http://x\x1b\\",
    "\x1bPq#0\x1b\\",
    "\x1b[2J",
    "\x1b[10;20H",
    "\x1b[?1049h",
    "\x1bc",
    "\x1b(0",
    "\x9b2J",
    "\x9d0;t\x9c",
    "\x1b_a\x1b\\",
    "\x1b[8m",
    "\x1b[5m",
]


@pytest.mark.parametrize("sequence", HOSTILE, ids=ascii)
def test_what_is_no_colour_is_left_out_however_it_is_cut(sequence: str) -> None:
    whole = f"a{sequence}b\n"
    for cut in range(len(whole) + 1):
        colours = Colours()
        assert colours.clean(whole[:cut]) + colours.clean(whole[cut:]) == "ab\n"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        ("\x1b[mx", "\x1b[0mx"),
        ("\x1b[1;8;38;5;9mx", "\x1b[1;38;5;9mx"),
        ("\x1b[38;2;1;2;3mx", "\x1b[38;2;1;2;3mx"),
        ("\x1b[38;5mx", "x"),
        ("a\r\nb\rc\td\x00\u202e", "a\nb\nc\td\ufffd\ufffd"),
    ],
    ids=ascii,
)
def test_colours_lines_and_blanks_stay(given: str, shown: str) -> None:
    assert Colours().clean(given) == shown


def test_without_colours_only_text_stays() -> None:
    assert Colours(keep=False).clean("\x1b[31mred\x1b[0m") == "red"


def test_a_string_that_never_ends_hides_no_more_than_its_line() -> None:
    colours = Colours()

    assert colours.clean("a\x1b]0;") + colours.clean("hidden") + colours.clean("\nb\n") == "a\nb\n"
