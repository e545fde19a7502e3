"""Agents that keep one JSON document per session: Amp and Continue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agtop.agents.amp import AmpMeter
from agtop.agents.continue_cli import ContinueMeter
from agtop.agents.document import TOO_LONG
from agtop.model import Reading, Tokens


def amp(folder: Path, **fields: Any) -> AmpMeter:
    path = folder / "T-1.json"
    path.write_text(json.dumps({"id": "T-1", **fields}))
    return AmpMeter(str(path))


def cont(folder: Path, **fields: Any) -> ContinueMeter:
    path = folder / "c1.json"
    path.write_text(json.dumps({"sessionId": "c1", **fields}))
    return ContinueMeter(str(path))


def only(meter: AmpMeter | ContinueMeter) -> Reading:
    (reading,) = meter.read()
    return reading


def tokens(meter: AmpMeter | ContinueMeter) -> list[Tokens]:
    meter.read()
    return [claim.response.tokens for claim in meter.claims()]


def assistant(number: int, **used: Any) -> dict[str, Any]:
    return {"role": "assistant", "messageId": number, "content": [], "usage": used}


def test_amps_ledger_counts_only_where_the_message_has_no_usage(tmp_path: Path) -> None:
    event = {"tokens": {"input": 70, "output": 9}, "toMessageId": 1, "model": "m"}
    with_usage = assistant(1, model="m", inputTokens=5, outputTokens=6)
    meter = amp(tmp_path, messages=[with_usage], usageLedger={"events": [event]})
    assert tokens(meter) == [Tokens(input=5, output=6)]
    without = {"role": "assistant", "messageId": 1, "content": []}
    meter = amp(tmp_path, messages=[without], usageLedger={"events": [event]})
    assert tokens(meter) == [Tokens(input=70, output=9)]


def test_amps_ledger_counts_answers_that_the_thread_does_not_hold(tmp_path: Path) -> None:
    used = {"tokens": {"input": 70, "output": 9}, "model": "m"}
    events = [{**used, "toMessageId": 7}, {**used, "toMessageId": 7}, {**used, "toMessageId": 1}]
    own = assistant(1, model="m", inputTokens=5, outputTokens=6)
    meter = amp(tmp_path, messages=[own], usageLedger={"events": [*events, used]})
    assert tokens(meter) == [Tokens(5, output=6), Tokens(70, output=9), Tokens(70, output=9)]
    meter = amp(
        tmp_path, messages=[{"role": "user", "content": []}], usageLedger={"events": [used]}
    )
    assert tokens(meter) == [Tokens(70, output=9)]


@pytest.mark.parametrize("wrong", [-1, 2**40, "9", None, 1.5])
def test_a_count_that_is_none_costs_only_itself(tmp_path: Path, wrong: Any) -> None:
    meter = amp(tmp_path, messages=[assistant(1, inputTokens=wrong, outputTokens=6)])
    assert tokens(meter) == [Tokens(output=6)]


def test_a_thread_without_usage_has_unknown_tokens(tmp_path: Path) -> None:
    reading = only(amp(tmp_path, messages=[{"role": "assistant", "content": []}]))
    assert (reading.metered, reading.replies) == (False, 1)


def test_a_torn_document_is_a_session_with_a_problem_until_it_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "T-1.json"
    path.write_text('{"id": "T-1", "messages": [')
    meter = AmpMeter(str(path))
    reading = only(meter)
    assert reading.session_id == "T-1"
    assert reading.problems
    path.write_text('{"id": "T-1", "title": "Fine now", "messages": []}')
    assert (only(meter).title, only(meter).problems) == ("Fine now", ())


def test_a_document_that_became_too_long_keeps_what_it_said_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agtop.agents.document.LIMIT", 400)
    meter = amp(tmp_path, messages=[{"role": "assistant", "usage": {"inputTokens": 5}}])
    before = only(meter)
    amp(tmp_path, messages=[{"role": "user", "content": "x" * 400}])
    after = only(meter)

    assert (before.problems, after.problems) == ((), (TOO_LONG,))
    assert after.metered


def test_a_document_that_was_torn_says_so_until_it_is_whole(tmp_path: Path) -> None:
    meter = amp(tmp_path, title="Fish")
    only(meter)
    (tmp_path / "T-1.json").write_text('{"id": "T-1", "ti')
    torn = only(meter)
    amp(tmp_path, title="Fish and more")

    assert (torn.title, torn.skipped) == ("Fish", 1)
    assert (only(meter).title, only(meter).skipped) == ("Fish and more", 0)


def test_an_unchanged_document_gives_the_same_reading(tmp_path: Path) -> None:
    meter = amp(tmp_path, title="x")
    assert meter.read() is meter.read()


@pytest.mark.parametrize(
    ("prompt", "read", "written", "fresh", "estimated"),
    [(1500, 900, 100, 500, True), (40, 800, 50, 40, False), (40, 0, 0, 40, False)],
)
def test_continues_totals_become_disjoint_buckets(
    tmp_path: Path, prompt: int, read: int, written: int, fresh: int, estimated: bool
) -> None:
    used = {
        "promptTokens": prompt,
        "completionTokens": 7,
        "totalCost": 0.5,
        "promptTokensDetails": {"cachedTokens": read, "cacheWriteTokens": written},
    }
    meter = cont(tmp_path, usage=used)
    reading = only(meter)
    assert (reading.estimated, reading.reported_cost) == (estimated, 0.5)
    (claim,) = meter.claims()
    assert claim.response.tokens == Tokens(fresh, read, written, 0, 7)
    assert claim.response.at is None  # the sums of a session belong to no moment


def test_a_growing_total_stays_one_response(tmp_path: Path) -> None:
    meter = cont(tmp_path, usage={"promptTokens": 1, "completionTokens": 1})
    first = meter.read() and meter.claims()[0].response.key
    cont(tmp_path, usage={"promptTokens": 20, "completionTokens": 2})
    meter.read()
    assert meter.claims()[0].response.key == first


def test_a_call_that_waits_to_be_allowed_is_a_permission(tmp_path: Path) -> None:
    item = {
        "message": {"role": "assistant", "toolCalls": [{"id": "k", "function": {"name": "Bash"}}]},
        "toolCallStates": [{"toolCallId": "k", "status": "generated"}],
    }
    assert only(cont(tmp_path, history=[item])).activity.phase == "permission"
    item["toolCallStates"][0]["status"] = "errored"  # type: ignore[index]
    reading = only(cont(tmp_path, history=[item]))
    assert (reading.activity.phase, reading.tool_errors) == ("requested", 1)
