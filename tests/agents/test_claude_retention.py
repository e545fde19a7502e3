"""How long Claude Code keeps its transcripts, and that somebody is warned in time."""

from __future__ import annotations

from pathlib import Path

import pytest

from agtop.agents.claude import retention
from agtop.sources.diagnosis import diagnose
from tests.claude_rows import SESSION, answer, prompt, usage, write
from tests.test_index import Run
from tests.worlds import NOW


@pytest.mark.parametrize(
    ("settings", "days"),
    [
        (None, 30.0),
        (b"{}", 30.0),
        (b'{"cleanupPeriodDays": 365}', 365.0),
        (b'{"cleanupPeriodDays": true}', None),
        (b'{"cleanupPeriodDays": -1}', None),
        (b'{"cleanupPeriodDays": "soon"}', None),
        (b"[]", None),
        (b"\xff{", None),
        (b"[" * 100_000, None),
    ],
)
def test_the_settings_say_how_long(
    tmp_path: Path, settings: bytes | None, days: float | None
) -> None:
    if settings is not None:
        (tmp_path / "settings.json").write_bytes(settings)

    assert retention(tmp_path) == days


@pytest.mark.parametrize(("age", "count"), [(20, 0), (26, 1)])
def test_sources_warn_of_what_is_about_to_be_deleted(home: Path, age: int, count: int) -> None:
    write(home, SESSION, prompt("go", 0), answer("m1", 1, usage(1, 1)))
    run = Run(home, None, now=NOW + age * 86400)
    run.collector.collect()
    (told,) = [each for each in run.collector.sources() if each.agent == "claude"]

    found = diagnose(told, (), NOW)

    assert told.expiring == count
    assert any("about to be deleted" in each.text for each in found.findings) is bool(count)
