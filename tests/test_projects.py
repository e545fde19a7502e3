"""Projects: the repository a directory belongs to, found without git and without trust."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from agtop.projects import Projects


@pytest.mark.parametrize("below", [".", "src/deep"])
def test_a_directory_within_a_repository_has_its_name(tmp_path: Path, below: str) -> None:
    (tmp_path / "api" / ".git").mkdir(parents=True)

    assert Projects().name(str(tmp_path / "api" / below)) == "api"


def test_a_worktree_has_the_name_of_its_main_repository(tmp_path: Path) -> None:
    tree = tmp_path / "api-fix"
    tree.mkdir()
    (tree / ".git").write_text(f"gitdir: {tmp_path}/api/.git/worktrees/api-fix\n")

    assert Projects().name(str(tree)) == "api"


def test_a_directory_that_is_gone_has_its_own_name() -> None:
    assert Projects().name("/no/where/api/") == "api"


@pytest.mark.parametrize("cwd", ["/x" * 200_000, "/" * 300_000, "\0", "/a\ud800/b", "relative"])
def test_what_is_no_path_is_named_at_once(cwd: str) -> None:
    began = process_time()

    assert Projects().name(cwd)

    assert process_time() - began < 1
