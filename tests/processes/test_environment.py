"""The names of a process's variables."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agtop.processes.environment import variables

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def test_only_the_names_are_told(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "environ").write_bytes(b"HOME=/home/ada\0API_KEY=sk-1=2\0EMPTY=\0")

    assert variables(7, str(tmp_path)) == ("API_KEY", "EMPTY", "HOME")


def test_scraps_of_a_title_are_no_names(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "environ").write_bytes(b"claude \x1b[31m=x\0scrap\0PATH=/bin\0")

    assert variables(7, str(tmp_path)) == ("PATH",)


def test_a_process_that_is_gone_has_none(tmp_path: Path) -> None:
    assert variables(7, str(tmp_path)) is None
