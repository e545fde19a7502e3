"""`git diff` since a session began: what it says, and that a repository's own programs never run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from agtop import changes
from agtop.changes import diff_since

OLD, NEW = 1_795_170_000, 1_795_180_000
Git = Callable[..., None]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits, one before and one since the session began, and a change that is in neither."""
    place = tmp_path / "shop"
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    (place / "cart.py").write_text("old\n")
    commit(place, OLD)
    (place / "cart.py").write_text("committed\n")
    commit(place, NEW)
    (place / "cart.py").write_text("working\n")
    return place


def git(place: Path, *arguments: str, at: int = OLD) -> None:
    when = f"{at} +0000"
    names = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *who, *arguments], cwd=place, check=True, env={**os.environ, **names})


def commit(place: Path, at: int) -> None:
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "change", at=at)


def test_the_diff_begins_with_the_commit_before_the_session(repository: Path) -> None:
    diff = diff_since(str(repository), OLD + 60.0)

    assert diff.problem is None
    assert diff.base is not None
    assert [each for each in diff.text.splitlines() if each[:1] in "+-"][2:] == ["-old", "+working"]


def test_a_repository_younger_than_the_session_began_empty(repository: Path) -> None:
    diff = diff_since(str(repository), OLD - 60.0)

    assert diff.base is None
    assert "+working" in diff.text
    assert "-old" not in diff.text


def test_no_program_that_the_repository_names_is_run(repository: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap.sh"
    sprung = tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\ncat\n")
    trap.chmod(0o755)
    (repository / ".gitattributes").write_text("*.py diff=evil filter=evil\n")
    names = ("core.fsmonitor", "core.pager", "diff.external", "core.sshCommand")
    for name in (*names, "diff.evil.command", "diff.evil.textconv", "filter.evil.clean"):
        git(repository, "config", name, str(trap))
    git(repository, "config", "filter.evil.required", "true")
    git(repository, "config", "core.hooksPath", str(tmp_path))

    diff = diff_since(str(repository), OLD + 60.0)

    assert "+working" in diff.text
    assert not sprung.exists()


def test_a_trap_would_have_sprung(repository: Path, tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    (repository / ".gitattributes").write_text("*.py filter=evil\n")
    git(repository, "config", "filter.evil.clean", f"touch {sprung}; cat")

    subprocess.run(["git", "diff"], cwd=repository, check=True, capture_output=True)

    assert sprung.exists()


def test_nothing_in_the_repository_is_written(repository: Path) -> None:
    (repository / "cart.py").touch()
    before = {p: p.stat().st_mtime_ns for p in (repository / ".git").rglob("*")}

    diff_since(str(repository), OLD + 60.0)

    assert {p: p.stat().st_mtime_ns for p in (repository / ".git").rglob("*")} == before


def test_a_long_diff_is_cut_off(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MOST", 1000)
    (repository / "cart.py").write_text("line\n" * 100_000)

    diff = diff_since(str(repository), OLD + 60.0)

    assert diff.is_cut
    assert len(diff.text) == 1000


def test_git_that_takes_long_is_ended(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "TIMEOUT", -1.0)

    assert "took longer" in (diff_since(str(repository), OLD + 60.0).problem or "")


def test_who_is_cancelled_waits_for_nothing(repository: Path) -> None:
    diff = diff_since(str(repository), OLD + 60.0, is_cancelled=lambda: True)

    assert diff.problem is not None


def test_no_repository_no_directory_and_no_git_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = {"PATH": str(tmp_path), "GIT_CEILING_DIRECTORIES": str(tmp_path)}

    assert "no git repository" in (diff_since(str(tmp_path), OLD).problem or "")
    assert diff_since(f"{tmp_path}/gone", OLD).problem == "its directory is gone"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert diff_since(str(tmp_path), OLD, nowhere).problem == "git is not installed"
