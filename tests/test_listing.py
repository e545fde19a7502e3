"""`--list` tells the truth in plain text, on any terminal and in any pipe."""

from __future__ import annotations

import io
import os
import re
import signal
from collections.abc import Callable
from datetime import datetime

import pytest

from agtop.columns import BY_NAME, COLUMNS
from agtop.listing import (
    HIDE_CURSOR,
    SHOW_CURSOR,
    Page,
    chosen,
    cursor_hidden,
    footer,
    frame,
    page,
    problem_lines,
    table,
    totals_parts,
    watch,
)
from agtop.model import Problem, Progress, Snapshot, State, Totals, replace
from agtop.text import printable, width
from tests.snapshots import COST, HOSTILE, NOW, bare, hostile_snapshot, session, snapshot, window

SGR = re.compile(r"\x1b\[[0-9;]*m")
DEFAULT_COLUMNS = chosen()
TERMINAL = Page(80, 24, colour=True, redraws=True)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def waiting(name: str) -> State:
    return State("waiting", "permission", None, name)


def test_a_pipe_gets_every_default_column():
    header, row, *_ = table(snapshot(session()), Page(), DEFAULT_COLUMNS)

    assert header.split() == [c.title for c in DEFAULT_COLUMNS if c.title.strip()]
    assert row.split()[1:5] == ["working", "claude", "9a1e5b7d", "api"]
    assert row.endswith("Bash pytest -q")


def test_unknown_is_a_dash():
    _, row, *_ = table(snapshot(bare()), Page(), chosen(("cost", "tokens", "cpu", "pid")))

    assert row.split() == ["–", "–", "–", "–"]


@pytest.mark.parametrize("cells", [1, 7, 20, 40, 80, 120, 200, 300])
@pytest.mark.parametrize("colour", [True, False])
def test_no_line_is_wider_than_the_terminal(cells: int, colour: bool):
    taken = replace(hostile_snapshot(), sessions=(session(), bare(), *hostile_snapshot().sessions))

    lines = table(taken, Page(cells, 24, colour), DEFAULT_COLUMNS)

    assert max(width(SGR.sub("", text)) for text in lines) <= cells


@pytest.mark.parametrize("colour", [True, False])
def test_no_control_character_from_data_reaches_the_terminal(colour: bool):
    lines = table(hostile_snapshot(), Page(400, 24, colour), COLUMNS)

    plain = [SGR.sub("", text) for text in lines + problem_lines(hostile_snapshot())]
    assert all(printable(text) == text for text in plain)
    assert "[bold]markup[/]" in "".join(plain)


def test_columns_stay_under_each_other_whatever_a_title_holds():
    two = chosen(("title", "model", "cost"))
    taken = snapshot(session(), *hostile_snapshot().sessions)

    _, first, second, *_ = table(taken, Page(80), two)

    assert width(first) == width(second)


def test_colour_is_only_for_those_who_want_it():
    plain = table(snapshot(session()), replace(TERMINAL, colour=False), DEFAULT_COLUMNS)
    coloured = table(snapshot(session()), TERMINAL, DEFAULT_COLUMNS)

    assert "\x1b" not in "".join(plain)
    assert [SGR.sub("", text) for text in coloured] == plain
    assert coloured != plain


def test_a_pipe_is_wide_and_never_coloured():
    assert page(io.StringIO(), {}) == Page(200, None, False, False)


def test_a_terminal_is_as_wide_as_it_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "97")
    monkeypatch.setenv("LINES", "31")

    assert page(Terminal(), {}) == Page(97, 31, True, True)


@pytest.mark.parametrize(
    ("environ", "colour"), [({"NO_COLOR": "1"}, True), ({}, False), ({"TERM": "dumb"}, True)]
)
def test_colour_can_be_turned_off(environ: dict[str, str], colour: bool):
    assert not page(Terminal(), environ, colour).colour


def test_an_empty_no_color_does_not_count():
    assert page(Terminal(), {"NO_COLOR": ""}).colour


def test_a_dumb_terminal_is_never_redrawn():
    assert not page(Terminal(), {"TERM": "dumb"}).redraws


def test_a_limit_says_how_many_sessions_it_hides():
    taken = snapshot(*(session(f"session-{n}") for n in range(5)))

    lines = table(taken, Page(), DEFAULT_COLUMNS, limit=2)

    assert len(lines) == 1 + 2 + 1 + 1
    assert lines[-1].startswith("3 more sessions not shown · 5 sessions, 5 live")


def test_the_footer_adds_up_what_is_known():
    taken = snapshot(session("a"), session("b", state=waiting("b"), liveness=None))

    (line,) = footer(taken, 200)

    assert line == (
        "2 sessions, 1 live, 1 waiting"
        " · 1.9M tokens (in 2.0k out 8.0k cache 1.9M) · $0.90 · today $2.50"
    )


def test_a_gap_in_a_sum_is_told_beside_it():
    parts = totals_parts(Totals.of([session("a"), session("b", cost=None), bare()]))

    assert parts[1].startswith("≥ 1.9M tokens")
    assert parts[1].endswith(", 1 session without counts")
    assert parts[2:] == ("≥ $0.45, 1 session unpriced", "today ≥ $2.50")


def test_a_session_without_counts_makes_the_cost_a_lower_bound_too():
    parts = totals_parts(Totals.of([session("a"), bare()]))

    assert parts[2:] == ("≥ $0.45", "today ≥ $1.25")


def test_a_cost_nobody_knows_is_not_zero():
    unpriced = totals_parts(Totals.of([session(cost=None)]))
    unmetered = totals_parts(Totals.of([bare()]))

    assert unpriced[2] == "cost unknown, 1 session unpriced"
    assert unmetered[1:] == ("tokens unknown", "cost unknown", "today –")


def test_sessions_in_the_plan_are_counted_beside_the_cost():
    parts = totals_parts(Totals.of([session(cost=replace(COST, included=True))]))

    assert parts[2] == "$0.00, 1 session in the plan"


def test_no_sessions_is_a_sentence_and_not_an_error():
    assert table(snapshot(), Page(), DEFAULT_COLUMNS)[1:] == ["", "no sessions"]


def test_a_narrow_footer_breaks_between_its_parts():
    lines = footer(snapshot(session()), 60)

    assert len(lines) == 3
    assert all(width(line) <= 60 for line in lines)
    assert " · ".join(lines) == footer(snapshot(session()), 200)[0]


def test_a_first_reading_says_how_far_it_is():
    taken = snapshot(session(), complete=False, progress=Progress(12, 400))

    assert footer(taken, 200)[0].endswith("still reading: 12 of 400 transcripts")


def test_what_many_sessions_have_in_common_is_told_once():
    said = "it holds records of a kind unknown here (x); update agtop"
    alike = [session(f"s{n}", problems=(said,)) for n in range(30)]
    taken = snapshot(*alike, session("own", problems=("its database is locked",)))

    assert problem_lines(taken) == [
        f"claude, 30 sessions: {said}",
        "claude:own: its database is locked",
    ]


def test_problems_are_sentences_and_end_somewhere():
    problems = tuple(Problem(f"/x/{n}", "cannot be read") for n in range(14))
    taken = snapshot(session(problems=("its database is locked",)), problems=problems)

    lines = problem_lines(taken)

    assert lines[0] == "/x/0: cannot be read"
    assert lines[-1] == "5 more problems: agtop --json has them all"
    assert problem_lines(taken, 15)[-1] == f"{session().key}: its database is locked"


def one_after_another(*taken: Snapshot) -> Callable[[], Snapshot]:
    left = iter(taken)
    return lambda: next(left)


def watched(stream: io.StringIO, on: Page, *taken: Snapshot) -> str:
    with pytest.raises(StopIteration):
        watch(
            stream,
            one_after_another(*taken),
            2.0,
            lambda: on,
            DEFAULT_COLUMNS,
            wait=lambda _delay: None,
        )
    return stream.getvalue()


def test_a_watched_pipe_gets_tables_parted_by_a_blank_line():
    text = watched(io.StringIO(), Page(), snapshot(), snapshot())

    assert text.count("STATE") == 2
    assert "no sessions\n\n  STATE" in text
    assert "\x1b" not in text


def test_a_watched_terminal_keeps_its_scrollback_and_gets_its_cursor_back():
    text = watched(Terminal(), TERMINAL, snapshot(session()), snapshot(session()))

    assert text.startswith("\n" * 23 + HIDE_CURSOR)
    assert text.endswith(SHOW_CURSOR + "\n")
    assert "\x1b[3J" not in text
    assert "\x1b[2J" not in text
    assert text.count("\x1b[?7l") == text.count("\x1b[?7h") == 2
    assert "every 2s, Ctrl+C ends" in text


@pytest.mark.parametrize("rows", [1, 5, 10, 24, 50])
def test_a_frame_is_never_taller_than_the_screen(rows: int):
    taken = snapshot(*(session(f"session-{n}") for n in range(80)))

    drawn = frame(taken, replace(TERMINAL, rows=rows), DEFAULT_COLUMNS, 2)

    assert drawn.count("\n") < rows


def test_a_frame_says_what_it_had_no_room_for():
    taken = snapshot(*(session(f"session-{n}") for n in range(80)))

    drawn = frame(taken, Page(200, 24), DEFAULT_COLUMNS, 0.5)

    assert "60 more sessions not shown" in drawn
    assert "every 0.5s" in drawn


def test_a_limit_holds_in_frames_too():
    taken = snapshot(*(session(f"session-{n}") for n in range(80)))

    drawn = frame(taken, Page(200, 24), DEFAULT_COLUMNS, 2, limit=3)

    assert "77 more sessions not shown" in drawn


def test_a_frame_lets_nothing_through_but_its_own_commands():
    drawn = frame(hostile_snapshot(), replace(TERMINAL, cells=200), DEFAULT_COLUMNS, 2)

    ours = re.compile(r"\x1b\[(?:[0-9;]*m|\?7[lh]|H|K|J)|\r\n")
    assert printable(ours.sub("", drawn)) == ours.sub("", drawn)
    assert HOSTILE not in drawn


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send")
def test_a_terminated_watch_gives_the_cursor_back():
    stream = Terminal()
    before = signal.getsignal(signal.SIGTERM)

    with pytest.raises(SystemExit) as caught, cursor_hidden(stream):
        os.kill(os.getpid(), signal.SIGTERM)

    assert caught.value.code == 128 + signal.SIGTERM
    assert stream.getvalue() == HIDE_CURSOR + SHOW_CURSOR + "\n"
    assert signal.getsignal(signal.SIGTERM) is before


def test_every_column_can_be_listed():
    lines = table(snapshot(session(), bare()), Page(2000), tuple(BY_NAME.values()))

    assert lines[0].split()[0] == "STATE"
    assert len(lines) == 5


def test_the_agents_own_estimates_carry_a_sign() -> None:
    guessed = session(reading=replace(session().reading, estimated=True))
    _, row, *_ = table(snapshot(guessed), Page(), chosen(("cost", "tokens", "context")))
    assert [cell.startswith("~") for cell in row.split()] == [True, True, False]
    assert "~" in totals_parts(Totals.of([guessed]))[1]
    assert "1 estimated" in totals_parts(Totals.of([guessed]))[1]
    assert "~" in totals_parts(Totals.of([guessed]))[2]


def clock(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%H:%M")


def test_the_plan_windows_stand_below_the_totals_a_line_for_each_agent():
    week = window(minutes=10_080, used_percent=31.0, full_before_reset=False, as_of=NOW - 7200)
    codex = window(agent="codex", agent_label="Codex", full_at=None, resets_at=None, model="X")
    taken = snapshot(session(), limits=(window(), week, codex))

    lines = footer(taken, 200)

    reset, full = clock(NOW + 5400), clock(NOW + 3600)
    five, seven = lines[-2].split(" · ")
    assert five == f"Claude Code 5 h 62%, full {full}, resets {reset} in 1h30m"
    assert seven == f"7 d 31%, lasts to its reset, resets {reset} in 1h30m, as of 2h ago"
    assert lines[-1] == "Codex 5 h X 62%"
    assert all(width(text) <= 60 for text in footer(taken, 60))


def test_a_window_that_began_anew_says_so_and_an_estimate_says_nothing():
    past = window(resets_at=NOW - 60, is_over=True, used_percent=0.0)
    unknown = window(resets_at=NOW - 60, is_over=True, used_percent=None, minutes=10_080)
    guess = window(agent="codex", agent_label="Codex", source="estimate", used_percent=None)

    last = footer(snapshot(session(), limits=(past, unknown, guess)), 200)[-1]

    began = f"began anew {clock(NOW - 60)}"
    assert last == f"Claude Code 5 h 0%, {began} · 7 d –, {began}, not measured since"


def test_a_plans_hostile_words_stay_on_their_line():
    taken = snapshot(session(), limits=(window(agent_label=HOSTILE, model=HOSTILE),))

    assert all(printable(text) == text for text in footer(taken, 80))
