"""Files that samples go to."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agtop.errors import AgtopError
from agtop.metrics import Log
from tests.metrics.made import sample
from tests.metrics.reading import read
from tests.metrics.test_columns import page

SAMPLE = sample()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log"


def log(path: Path, form: Any = "csv") -> Log:
    return Log(path, page(form))


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def test_the_header_stands_once_however_often_agtop_is_started(path: Path) -> None:
    for _ in range(2):
        written = log(path)
        written.write(SAMPLE)
        written.write(SAMPLE)

    assert [line.startswith("timestamp") for line in lines(path)] == [True] + [False] * 4
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_log_with_other_columns_is_refused_and_left_alone(path: Path, form: str) -> None:
    path.write_text('{"a":1}\n' if form == "jsonl" else "timestamp,cpu\n1,2\n")
    before = path.read_bytes()

    with pytest.raises(AgtopError, match="has other columns"):
        log(path, form).write(SAMPLE)

    assert path.read_bytes() == before


def test_json_lines_go_on_where_they_were(path: Path) -> None:
    log(path, "jsonl").write(SAMPLE)
    log(path, "jsonl").write(SAMPLE)

    assert len(lines(path)) == 2


def test_a_log_that_is_moved_away_is_begun_anew(path: Path) -> None:
    written = log(path)
    written.write(SAMPLE)
    moved = path.rename(path.with_suffix(".1"))
    written.write(SAMPLE)

    assert len(lines(moved)) == len(lines(path)) == 2
    assert lines(path)[0].startswith("timestamp")


def test_a_log_that_is_emptied_is_begun_anew(path: Path) -> None:
    written = log(path)
    written.write(SAMPLE)
    os.truncate(path, 0)
    written.write(SAMPLE)

    assert [line[:9] for line in lines(path)] == ["timestamp", "2026-11-2"]


def test_another_file_in_its_place_is_looked_at_again(path: Path) -> None:
    written = log(path)
    written.write(SAMPLE)
    path.with_suffix(".new").write_text("mine\n")
    os.replace(path.with_suffix(".new"), path)

    with pytest.raises(AgtopError, match="has other columns"):
        written.write(SAMPLE)


def test_half_a_line_from_before_does_not_swallow_the_next(path: Path) -> None:
    log(path).write(SAMPLE)
    with path.open("a") as file:
        file.write("2026-11-20T13:0")

    log(path).write(SAMPLE)

    assert lines(path)[2] == "2026-11-20T13:0"
    assert lines(path)[3] == lines(path)[1]


@contextmanager
def little_room() -> Generator[None]:
    """No file may grow beyond 700 bytes: not the report of the tests either, so be quick."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (700, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_where_there_is_no_room_it_says_so_and_leaves_whole_lines(path: Path) -> None:
    written = log(path)

    def fill() -> None:
        for _ in range(20):
            written.write(SAMPLE)

    with pytest.raises(AgtopError, match=r"log cannot be written \(.+\)"), little_room():
        fill()

    assert path.read_bytes().endswith(b"\n")
    assert len({line.count(",") for line in lines(path)}) == 1


def test_a_document_for_prometheus_is_exchanged_as_a_whole(path: Path) -> None:
    written = log(path, "prom")
    written.write(SAMPLE)
    first = path.stat().st_ino
    with path.open() as reader:
        written.write(SAMPLE)
        assert read(reader.read())

    assert path.stat().st_ino != first
    assert read(path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) & 0o400
    assert [each.name for each in path.parent.iterdir() if each.is_file()] == ["log"]


def test_others_may_read_a_document_for_prometheus_as_the_umask_allows(path: Path) -> None:
    before = os.umask(0o022)
    try:
        log(path, "prom").write(SAMPLE)
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_no_room_for_prometheus_leaves_the_last_document(path: Path) -> None:
    path.write_text("# HELP agtop_info x\n")

    with pytest.raises(AgtopError, match="cannot be written"), little_room():
        log(path, "prom").write(SAMPLE)

    assert path.read_text() == "# HELP agtop_info x\n"
    assert [each.name for each in path.parent.iterdir() if each.is_file()] == ["log"]


def test_a_file_of_something_else_is_not_exchanged(path: Path) -> None:
    path.write_text("my notes\n")

    with pytest.raises(AgtopError, match="would be lost"):
        log(path, "prom").write(SAMPLE)

    assert path.read_text() == "my notes\n"


@pytest.mark.parametrize("form", ["csv", "jsonl", "prom"])
def test_what_is_no_file_is_refused(path: Path, form: str) -> None:
    os.mkfifo(path)

    with pytest.raises(AgtopError, match="no regular file"):
        log(path, form).write(SAMPLE)


@pytest.mark.parametrize("form", ["csv", "prom"])
def test_a_folder_that_is_missing_is_named(tmp_path: Path, form: str) -> None:
    with pytest.raises(AgtopError, match=r"gone/log cannot be written \(no such file"):
        log(tmp_path / "gone/log", form).write(SAMPLE)
