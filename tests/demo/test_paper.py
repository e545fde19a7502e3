"""Files of the fleet appear whole, whoever else writes them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agtop.demo import paper


def test_two_actors_may_put_the_same_file_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, rename = tmp_path / "part.json", os.replace

    def overtaken(source: str, target: str) -> None:
        monkeypatch.setattr(os, "replace", rename)
        paper.replace(target, "the other's")
        rename(source, target)

    monkeypatch.setattr(os, "replace", overtaken)
    paper.replace(str(path), "mine")

    assert path.read_text() == "mine"
    assert list(tmp_path.glob("part*")) == [path]
