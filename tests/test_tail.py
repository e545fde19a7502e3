"""Tail: whole lines, once, however the file grows or is replaced."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from agtop import tail
from agtop.tail import NotAFileError, Tail, contents


def read(subject: Tail) -> list[bytes]:
    return list(subject.lines())


def test_a_half_written_line_waits_for_its_newline(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes(b"one\ntw")
    subject = Tail(str(path))

    first = read(subject)
    with path.open("ab") as file:
        file.write(b"o\nthree\n")
    second = read(subject)

    assert (first, second) == ([b"one"], [b"two", b"three"])


def test_only_byte_0a_ends_a_line(tmp_path: Path) -> None:
    path = tmp_path / "t"
    line = '{"a":"x\u2028y\u0085z\x0b\x0c"}\r'.encode()
    path.write_bytes(line + b"\n")

    assert read(Tail(str(path))) == [line]


def test_any_cutting_gives_the_same_lines(tmp_path: Path) -> None:
    chance = random.Random(7)
    data = b"".join(
        chance.randbytes(chance.randrange(40)).replace(b"\n", b"") + b"\n" for _ in range(200)
    )
    expected = [line.lstrip(b"\0") for line in data.split(b"\n") if line.lstrip(b"\0")]
    path = tmp_path / "t"
    path.write_bytes(b"")
    subject = Tail(str(path))

    got: list[bytes] = []
    position = 0
    while position < len(data):
        step = chance.randrange(1, 300)
        with path.open("ab") as file:
            file.write(data[position : position + step])
        position += step
        got += read(subject)

    assert got == expected
    assert subject.restarts == 0


def test_a_line_longer_than_a_chunk_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "CHUNK", 8)
    path = tmp_path / "t"
    path.write_bytes(b"a" * 100 + b"\nb\n")

    assert read(Tail(str(path))) == [b"a" * 100, b"b"]


def test_an_absurd_line_is_skipped_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "CHUNK", 8)
    monkeypatch.setattr(tail, "MAX_LINE", 20)
    path = tmp_path / "t"
    path.write_bytes(b"one\n" + b"x" * 100)
    subject = Tail(str(path))

    first = read(subject)
    with path.open("ab") as file:
        file.write(b"x" * 50 + b"\ntwo\n")
    second = read(subject)

    assert (first, second, subject.oversized) == ([b"one"], [b"two"], 1)


def test_nul_bytes_before_a_line_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes(b"\0\0\0{}\n\0\0\n")

    assert read(Tail(str(path))) == [b"{}"]


def test_a_truncated_file_is_read_from_the_start(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes(b"one\ntwo\n")
    subject = Tail(str(path))
    read(subject)

    path.write_bytes(b"new\n")

    assert read(subject) == [b"new"]
    assert subject.restarts == 1


def test_a_file_rewritten_in_place_and_grown_is_read_from_the_start(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes(b"one\ntwo\n")
    subject = Tail(str(path))
    read(subject)

    with path.open("r+b") as file:
        file.write(b"111\n222\n333\n")

    assert read(subject) == [b"111", b"222", b"333"]


def test_a_replaced_file_is_read_from_the_start(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes(b"one\n")
    subject = Tail(str(path))
    read(subject)

    other = tmp_path / "other"
    other.write_bytes(b"one\ntwo\n")
    os.replace(other, path)

    assert read(subject) == [b"one", b"two"]


def test_nothing_changed_means_no_read(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes(b"one\n")
    subject = Tail(str(path))

    before = subject.changed()
    read(subject)

    assert (before, subject.changed()) == (True, False)


def test_a_vanished_file_keeps_the_offset(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes(b"one\n")
    subject = Tail(str(path))
    read(subject)
    path.unlink()

    with pytest.raises(FileNotFoundError):
        read(subject)

    assert subject.offset == 4


def test_a_fifo_is_refused_without_waiting(tmp_path: Path) -> None:
    path = tmp_path / "t"
    os.mkfifo(path)

    with pytest.raises(NotAFileError):
        read(Tail(str(path)))


def test_of_a_small_file_no_more_than_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes(b"abcdef")

    assert contents(str(path), 4) == b"abcd"


def test_a_fifo_with_a_silent_writer_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "t")
    writer = os.open(tmp_path / "t", os.O_RDWR)

    try:
        with pytest.raises(NotAFileError):
            contents(str(tmp_path / "t"), 4)
    finally:
        os.close(writer)


def test_beginning_near_the_end_passes_over_all_but_the_last_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"one\ntwo\nthree\nfo")
    tail = Tail(str(path))

    tail.begin_near_end(9)

    assert list(tail.lines()) == [b"three"]


def test_a_line_boundary_where_the_last_bytes_begin_loses_no_line(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"one\ntwo\n")
    tail = Tail(str(path))

    tail.begin_near_end(4)

    assert list(tail.lines()) == [b"two"]


def test_what_is_passed_over_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"first\n")
    tail = Tail(str(path))
    list(tail.lines())
    with path.open("ab") as file:
        file.write(b"line\n" * 100_000)
    before = tail.bytes_read

    passed = tail.pass_over(12)

    assert passed == 500_000 - 10
    assert list(tail.lines()) == [b"line", b"line"]
    assert tail.bytes_read - before == 10
    assert tail.restarts == 0
