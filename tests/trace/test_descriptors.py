"""Only a regular file can be tailed; for everything else there is a reason."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from agtop.trace.descriptors import CannotTailError, resolve


def proc(root: Path, target: str, fd: int = 1) -> Path:
    folder = root / "proc" / "42" / "fd"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / str(fd)).symlink_to(target)
    return root / "proc"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("socket:[1]", "stdout is a socket; live tail not supported"),
        ("pipe:[1]", "stdout is a pipe; live tail not supported"),
        ("anon_inode:[eventpoll]", "stdout is anon_inode:[eventpoll]; live tail not supported"),
        ("/dev/pts/3", "stdout is on a terminal; live tail not supported"),
        ("/dev/tty1", "stdout is on a terminal; live tail not supported"),
        ("/dev/null", "stdout is /dev/null; nothing to tail"),
        ("memfd", "stdout target 'memfd' is not a filesystem path"),
        ("/nowhere/x.log (deleted)", "stdout target /nowhere/x.log no longer exists"),
        ("/dev/zero", "stdout is not a regular file (got crw-rw-rw-)"),
    ],
)
def test_what_is_no_file_is_refused(tmp_path: Path, target: str, reason: str) -> None:
    with pytest.raises(CannotTailError) as refused:
        resolve(42, "stdout", "linux", proc(tmp_path, target))

    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("pid", "platform", "reason"),
    [
        (0, "linux", "invalid pid 0 (must be positive)"),
        (-3, "linux", "invalid pid -3 (must be positive)"),
        (7, "linux", "no such pid 7"),
        (7, "win32", "Windows is not supported"),
        (7, "plan9", "platform 'plan9' is not supported"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    tmp_path: Path, pid: int, platform: str, reason: str
) -> None:
    with pytest.raises(CannotTailError) as refused:
        resolve(pid, "stdout", platform, tmp_path)

    assert str(refused.value) == reason


def test_a_file_is_opened_through_the_descriptor(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.touch()
    root = proc(tmp_path, str(path), fd=2)

    found = resolve(42, "stderr", "linux", root)

    assert (found.path, found.opened) == (str(path), str(root / "42/fd/2"))


def lsof(out: str, err: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess([], 0, out, err)


@pytest.mark.parametrize(
    ("out", "reason"),
    [
        ("", "no such pid 42 (lsof: nothing is known of it)"),
        ("p42\nfcwd\ntDIR\nn/\n", "pid 42 has no fd 1 (stdout was closed)"),
        ("p42\nf1u\nn/x\n", "lsof returned no type for stdout"),
        ("p42\nf1\ntCHR\nn/dev/ttys001\n", "stdout is on a terminal; live tail not supported"),
        ("p42\nf1\ntCHR\nn/dev/null\n", "stdout is /dev/null; nothing to tail"),
        ("p42\nf1\ntPIPE\n", "stdout is a pipe; live tail not supported"),
        ("p42\nf1\ntunix\n", "stdout is a socket; live tail not supported"),
        ("p42\nf1\ntKQUEUE\n", "stdout fd type KQUEUE is not a regular file"),
    ],
)
def test_on_macos_lsof_tells_what_it_is(out: str, reason: str) -> None:
    with pytest.raises(CannotTailError) as refused:
        resolve(42, "stdout", "darwin", lsof=lambda _pid, _fd: lsof(out))

    assert str(refused.value) == reason


def test_on_macos_warnings_do_not_matter_where_there_is_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.touch()
    told = lsof(f"p42\nfcwd\ntDIR\nn/\nf1\ntREG\nn{path}\nf2\ntCHR\n", "lsof: WARNING")

    assert resolve(42, "stdout", "darwin", lsof=lambda _p, _f: told).path == str(path)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (FileNotFoundError(), "lsof not found; cannot resolve stdout on this host"),
        (subprocess.TimeoutExpired("lsof", 5), "lsof timed out resolving pid 42"),
    ],
)
def test_on_macos_lsof_may_be_missing_or_stuck(error: Exception, reason: str) -> None:
    def ask(_pid: int, _fd: int) -> subprocess.CompletedProcess[str]:
        raise error

    with pytest.raises(CannotTailError) as refused:
        resolve(42, "stdout", "darwin", lsof=ask)

    assert str(refused.value) == reason
