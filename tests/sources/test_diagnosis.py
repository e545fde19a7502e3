"""An agent's files are called what they are, and it is said why and what to do."""

from __future__ import annotations

from typing import Any

import pytest

from agtop.model import (
    Readiness,
    Root,
    SourceReport,
    Stray,
    StrayReason,
    Tokens,
    Unread,
    WarningCode,
)
from agtop.sources import Diagnosis, ModelUse, diagnose
from tests.sources.reports import (
    BARE,
    BROKEN,
    CLOSED,
    FOUND,
    GONE,
    LOCKED,
    NOW,
    STRANGE,
    STRAYS,
    bare,
    report,
)

LONG = Unread("s5", "/srv/e.json", "file_byte_limit", "its file is longer than what is read")
UNLISTED = ("unreadable_path", "/srv/agents/.bare/deep", "cannot be read (permission denied)")
STRANGERS = ("/srv/agents/.bare/history-v9.db",)
PIPE = ("unexpected_file_kind", "/srv/agents/pipe.jsonl", "is no file")


def judged(found: SourceReport, *uses: ModelUse) -> Diagnosis:
    return diagnose(found, uses, NOW)


def use(model: str, tokens: int, cost: float | None = None, agent: str = "claude") -> ModelUse:
    return ModelUse(agent, model, None, Tokens(tokens), 3, cost, cost)


def codes(found: Diagnosis) -> list[WarningCode | None]:
    return [finding.code for finding in found.findings]


# The state


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (report(), "ready"),
        (report(roots=(FOUND, GONE)), "ready"),
        (report(skipped=4, unread=BROKEN), "degraded"),
        (report(unread=(LOCKED,)), "degraded"),
        (report(unread=(STRANGE,)), "degraded"),
        (report(unread=(LONG,)), "degraded"),
        (report(problems=(PIPE,)), "degraded"),
        (report(problems=(UNLISTED,)), "degraded"),
        (bare(root=BARE, strangers=STRANGERS), "degraded"),
        (report(records=0, strangers=STRANGERS), "degraded"),
        (bare(root=GONE), "missing"),
        (bare(root=BARE), "empty"),
        (report(records=0, newest=None), "empty"),
        (bare(looked=False), "pending"),
        (report(waiting=60, is_first_reading=True), "pending"),
        (bare(root=CLOSED), "unknown"),
        (bare(root=BARE, problems=(UNLISTED,)), "unknown"),
        (SourceReport("house", "House", bare().capabilities, "1"), "unknown"),
    ],
)
def test_each_finding_comes_to_its_state(found: SourceReport, state: Readiness) -> None:
    assert judged(found).readiness == state


ANY_FAULT: dict[str, Any] = {"problems": (PIPE,), "newest": NOW + 9_000, "strays": STRAYS}


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (bare(root=GONE, **ANY_FAULT), "missing"),
        (bare(root=BARE, **ANY_FAULT), "empty"),
        (report(records=0, **ANY_FAULT), "empty"),
        (report(**ANY_FAULT), "degraded"),
        (report(newest=NOW + 9_000, strays=STRAYS), "ready"),
    ],
)
def test_missing_comes_before_empty_before_degraded_before_ready(
    found: SourceReport, state: Readiness
) -> None:
    assert judged(found).readiness == state


EVERY_FAULT = report(
    skipped=4,
    unread=(*BROKEN, LOCKED, STRANGE, LONG),
    problems=(PIPE,),
    newest=NOW + 9_000,
    waiting=3,
    is_first_reading=True,
)


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("malformed_row", 4),
        ("unsupported_row", 1),
        ("file_byte_limit", 1),
        ("unreadable_path", 1),
        ("unexpected_file_kind", 1),
        ("session_file_limit", 3),
        ("clock_skew", 1),
        ("unknown_price", 1),
    ],
)
def test_every_code_comes_with_its_count_and_what_to_do(code: WarningCode, count: int) -> None:
    (finding,) = (
        each for each in judged(EVERY_FAULT, use("mystery-1", 900)).findings if each.code == code
    )

    assert finding.count == count
    assert finding.text
    assert finding.advice


def test_files_of_an_unknown_form_are_named_where_nothing_else_was_found() -> None:
    found = judged(bare(root=BARE, strangers=STRANGERS))

    assert found.reason == "1 file may hold sessions in a form agtop does not know"
    assert found.findings[0].details == STRANGERS
    assert "update agtop" in found.findings[0].advice


def test_nothing_is_pending_once_it_was_looked_for() -> None:
    late = report(waiting=3, is_first_reading=False)

    assert judged(bare(looked=False, root=GONE)).readiness == "pending"
    assert judged(bare(root=GONE)).readiness == "missing"
    assert judged(late).readiness == "ready"


def test_an_unreadable_file_without_records_is_not_called_empty() -> None:
    assert judged(report(files=1, records=0, unread=(LOCKED,))).readiness == "degraded"


def test_one_folder_that_is_there_is_enough_not_to_be_missing() -> None:
    assert judged(bare(root=GONE, agent="x")).readiness == "missing"
    both = report(roots=(GONE, BARE), files=0, records=0)

    assert judged(both).readiness == "empty"


def test_a_first_reading_tells_how_far_it_is() -> None:
    found = judged(report(files=1_842, waiting=1_782, is_first_reading=True))

    assert found.reason == "60 of 1,842 files read so far"
    assert codes(found) == ["session_file_limit"]
    assert found.findings[0].count == 1_782


# What is wrong


def test_an_agent_that_is_well_has_no_findings() -> None:
    assert judged(report()).findings == ()


def test_broken_lines_are_added_up_over_their_sessions() -> None:
    (finding,) = judged(report(skipped=4, unread=BROKEN)).findings

    assert (finding.code, finding.count) == ("malformed_row", 4)
    assert finding.text == "4 lines of 2 sessions could not be read"
    assert finding.details == ("s1: 3 lines were skipped", "s2: 1 line was skipped")


def test_what_a_version_does_not_know_is_told_in_the_meter_s_own_words() -> None:
    (finding,) = judged(report(unread=(STRANGE,))).findings

    assert finding.code == "unsupported_row"
    assert finding.details == ("s4: the table of messages has moved",)
    assert "update agtop" in finding.advice


def test_a_database_that_cannot_be_read_is_one_problem_whatever_sessions_it_holds() -> None:
    twin = LOCKED.__class__("s9", LOCKED.transcript, LOCKED.code, LOCKED.reason)

    (finding,) = judged(report(unread=(LOCKED, twin), problems=(UNLISTED,))).findings

    assert (finding.code, finding.count) == ("unreadable_path", 2)
    assert finding.text == "2 files or folders could not be read"


@pytest.mark.parametrize(("ahead", "is_told"), [(300.0, False), (301.0, True)])
def test_a_record_of_the_future_is_told_but_harms_nothing(ahead: float, is_told: bool) -> None:
    found = judged(report(newest=NOW + ahead))

    assert codes(found) == (["clock_skew"] if is_told else [])
    assert found.readiness == "ready"


def test_models_without_a_price_are_counted_and_leave_the_source_ready() -> None:
    found = judged(
        report(),
        use("mystery-9", 1_000),
        use("riddle-2", 500),
        use("known", 7, 0.5),
        use("other", 9, agent="codex"),
    )

    assert found.readiness == "ready"
    assert [(f.code, f.count) for f in found.findings] == [("unknown_price", 2)]
    assert "2 models without a known price, 1,500 tokens" in found.findings[0].text


@pytest.mark.parametrize(
    ("reason", "word"),
    [("unwritten", "no transcript yet"), ("ambiguous", "one of several"), ("elsewhere", "another")],
)
def test_a_process_without_a_session_is_told_with_its_reason(
    reason: StrayReason, word: str
) -> None:
    (finding,) = judged(report(strays=(Stray(8421, reason),))).findings

    assert finding.code is None
    assert finding.text.startswith("1 live process ")
    assert word in finding.text
    assert finding.details[0].startswith("process 8421: ")
    assert finding.advice


def test_only_details_hold_words_from_outside() -> None:
    evil = "\x1b]0;owned\x07 /home/ada/secret"
    found = judged(
        report(
            unread=(STRANGE.__class__(evil, evil, "unsupported_row", evil),),
            problems=(("unreadable_path", evil, evil),),
            roots=(Root(evil, True, 1),),
        )
    )

    said = [found.reason, *(f.text + f.advice for f in found.findings)]
    assert found.readiness == "degraded"
    assert not any("secret" in text or "\x1b" in text for text in said)
