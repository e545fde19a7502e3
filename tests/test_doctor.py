"""`agtop sources` reads well, at any width, and cannot steer the terminal."""

from __future__ import annotations

import pytest

from agtop import doctor
from agtop.listing import Page
from agtop.model import Root, Unread, replace
from agtop.sources import examine
from agtop.text import width
from tests.snapshots import HOSTILE, hostile_snapshot, snapshot
from tests.sources.reports import REPORTS, SERVER, bare, report

PIPE = Page()
TERMINAL = Page(80, 24)


def shown(on: Page = PIPE) -> list[str]:
    return doctor.text(examine(snapshot(), REPORTS, SERVER), on)


def test_the_table_has_a_line_for_every_agent() -> None:
    lines = shown()

    assert lines[0].split() == [
        *("AGENT", "STATUS", "FILES", "SESSIONS", "RECORDS", "SKIPPED", "NEWEST", "LIVE"),
    ]
    assert [line.split()[-7] for line in lines[1:7] if "≥" not in line] == [
        *("ready", "missing", "empty", "unknown"),
    ]
    assert lines[7] == ""


def test_columns_are_aligned() -> None:
    head, *rows = shown()[:7]

    end = head.index("FILES") + len("FILES")
    assert all(row[end - 1] in "0–" and row[end : end + 2] == "  " for row in rows)


def test_every_agent_is_told_with_its_reasons_and_what_to_do() -> None:
    text = "\n".join(shown())

    assert "Codex: degraded" in text
    assert "  ! 4 lines of 2 sessions could not be read: the rest of them counts" in text
    assert "      s1: 3 lines were skipped" in text
    assert "      process 8421: no transcript of it was found" in text
    assert "  looked in   /srv/agents/.gone: not there" in text
    assert "Codex app server\n  status      degraded" in text


def test_nothing_is_wider_than_the_terminal() -> None:
    for cells in (20, 40, 80, 120):
        assert all(width(line) <= cells for line in shown(Page(cells, 24)))


def test_the_table_fits_eighty_columns_with_nothing_cut() -> None:
    table = shown(Page(80, 24))[:7]

    assert all(width(line) <= 80 for line in table)
    assert table == shown()[:7]


def test_a_pipe_gets_whole_lines() -> None:
    assert any("give each a directory of its own" in line for line in shown())


def test_long_sentences_go_on_below() -> None:
    lines = shown(TERMINAL)

    (start,) = [n for n, line in enumerate(lines) if line.startswith("  ! 4 lines")]
    assert lines[start + 1].startswith("    ")


def test_an_app_server_that_nobody_named_is_not_told() -> None:
    assert not any("app server" in line for line in doctor.text(examine(snapshot(), []), PIPE))


def test_colours_stand_only_where_they_are_wanted() -> None:
    plain, painted = shown(TERMINAL), shown(replace(TERMINAL, colour=True))

    assert not any("\x1b" in line for line in plain)
    assert any(line.startswith("\x1b[32m") for line in painted)


@pytest.mark.parametrize("on", [PIPE, TERMINAL], ids=["pipe", "terminal"])
def test_hostile_names_cannot_steer_the_terminal(on: Page) -> None:
    evil = report(
        label=HOSTILE,
        roots=(Root(HOSTILE, True, 1),),
        versions=((HOSTILE, 1),),
        formats=((HOSTILE, 1),),
        problems=(("unreadable_path", HOSTILE, HOSTILE),),
        unread=(Unread(HOSTILE, HOSTILE, "unsupported_row", HOSTILE),),
    )

    lines = doctor.text(examine(hostile_snapshot(), [evil, bare(HOSTILE)]), on)

    assert all(each.isprintable() or each == "\u200d" for line in lines for each in line)
