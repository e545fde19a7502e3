"""Copilot CLI: real homes come to their truth."""

from __future__ import annotations

import json
from pathlib import Path

from tests.agents.sums import check_against, in_truths_terms
from tests.worlds import World


def test_the_real_home_of_1_0_102_is_exact(corpus: Path) -> None:
    folder = corpus / "copilot-1.0.102"
    check_against(json.loads((folder / "truth.json").read_text()), folder / "home")


def test_the_real_home_of_1_0_55_is_exact(corpus: Path) -> None:
    folder = corpus / "copilot-1.0.55"
    known = json.loads((folder / "truth.json").read_text())["parsed_from_transcript"]
    tokens = World(folder / "home", now=1795300000.0).collect().totals.tokens
    assert in_truths_terms(tokens) == tuple(known.values())


def test_the_real_database_alone_comes_to_the_same(corpus: Path, home: Path) -> None:
    """Its log without its records: what a version between would have left."""
    origin = corpus / "copilot-1.0.102" / "home" / ".copilot"
    (home / ".copilot").mkdir()
    data = (origin / "session-store.db").read_bytes()
    (home / ".copilot" / "session-store.db").write_bytes(data)
    for folder in (origin / "session-state").iterdir():
        lines = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if b'"type":"session.usage_record"' not in line]
        (home / ".copilot" / "session-state" / folder.name).mkdir(parents=True)
        target = home / ".copilot" / "session-state" / folder.name / "events.jsonl"
        target.write_bytes(b"".join(kept))
    truth = json.loads((corpus / "copilot-1.0.102" / "truth.json").read_text())
    check_against(truth, home)
