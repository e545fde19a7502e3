"""`--json` keeps its promise to scripts."""

from __future__ import annotations

import io
import json
from typing import Any

import jsonschema
import msgspec
import pytest

from agtop.export import document, encode, json_schema, write_each, write_json
from agtop.model import Cost, Host, Process, Rates, Snapshot, Spend, State, Tokens, replace
from agtop.model.hour import SLOT, slot
from tests.snapshots import COST, PROCESS, TOKENS, bare, hostile_snapshot, session, snapshot, window

SESSION_KEYS = (
    "key agent agent_label session_id title cwd project branch transcript subscription started_at"
    " last_active duration_secs state state_reason state_since state_evidence needs_you"
    " needs_you_since model effort models"
    " tokens cost reported_cost tokens_estimated own subagents tokens_per_min cost_per_hour"
    " last_hour cost_today context turns tool_calls"
    " tool_errors current_action lines files_written pid liveness match process budget"
    " skipped_records problems"
)


def strict(schema: Any) -> Any:
    """`schema` with keys it does not name forbidden: agtop itself may add none unnoticed."""
    if isinstance(schema, dict):
        closed = {key: strict(value) for key, value in schema.items()}
        return {**closed, "additionalProperties": False} if "properties" in schema else closed
    return [strict(item) for item in schema] if isinstance(schema, list) else schema


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = strict(json_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def with_family() -> Snapshot:
    grandchild = session("grandchild", usage=())
    child = session("child", subagents=(grandchild,))
    return snapshot(session("parent", subagents=(child, bare("other"))))


@pytest.mark.parametrize(
    "taken",
    [
        snapshot(),
        snapshot(session(), bare()),
        with_family(),
        hostile_snapshot(),
        snapshot(bare(), complete=False, plan="included"),
    ],
    ids=["empty", "mixed", "family", "hostile", "reading"],
)
def test_every_document_follows_the_schema(
    validator: jsonschema.Draft202012Validator, taken: Snapshot
):
    written = json.loads(encode(document(taken)))

    validator.validate(written)


def test_a_session_says_since_when_it_or_a_subagent_of_it_needs_the_user():
    asks = State("waiting", "permission", 1_760_000_000.0, "its call waits to be allowed")
    child = replace(session("child"), state=asks)
    works = State("working", None, 1_760_000_100.0, "a request has no answer yet")
    parent = replace(session("parent", subagents=(child,)), state=works)
    idle = replace(session("idle"), state=State("idle", None, 1.0, "the last answer is complete"))

    needy, other = document(snapshot(parent, idle))["sessions"]

    assert (needy["needs_you"], needy["needs_you_since"]) == (True, "2025-10-09T08:53:20.000Z")
    assert (other["needs_you"], other["needs_you_since"]) == (False, None)
    (below,) = needy["subagents"]
    assert (below["state"], below["state_reason"]) == ("waiting", "permission")
    assert below["state_evidence"] == "its call waits to be allowed"


def test_a_session_has_every_key_in_its_order():
    (row,) = document(snapshot(bare()))["sessions"]

    assert " ".join(row) == SESSION_KEYS


def test_unknown_is_null_and_never_zero():
    (row,) = document(snapshot(bare()))["sessions"]

    unknown = [
        "title", "cwd", "branch", "model", "started_at", "last_active", "duration_secs", "tokens",
        "cost", "tokens_per_min", "cost_per_hour", "context", "lines", "pid", "liveness",
        "process", "budget", "state_since", "state_evidence", "transcript",
    ]  # fmt: skip
    assert {key: row[key] for key in unknown} == dict.fromkeys(unknown)
    assert row["last_hour"] == {"tokens": None, "cost": None, "slots": None}
    assert row["own"] == {"tokens": None, "cost": None}
    assert row["turns"]["agent"] is None


def test_reasoning_of_which_nobody_told_is_null():
    def reasoning(of: Any) -> Any:
        return of["tokens"]["reasoning"]

    silent, telling = Tokens(10, output=5), Tokens(10, output=5, reasoning=2)
    old = replace(session(), subagents=(), usage=(), tokens=silent, own=Spend(silent, None))
    told = replace(old, reading=replace(old.reading, reasoned=True))

    unknown, known = document(snapshot(old)), document(snapshot(told))
    assert reasoning(unknown["sessions"][0]) is None
    assert reasoning(unknown["sessions"][0]["own"]) is None
    assert reasoning(unknown["totals"]) is None
    assert reasoning(known["sessions"][0]) == 0
    assert reasoning(document(snapshot(old, told))["totals"]) == 0
    assert reasoning(document(snapshot(replace(old, tokens=telling)))["totals"]) == 2


def test_zero_is_not_null():
    idle = session(rates=Rates(0.0, 0.0, 0, 0.0, 0.0))

    (row,) = document(snapshot(idle))["sessions"]

    assert (row["tokens_per_min"], row["cost_per_hour"]) == (0.0, 0.0)
    assert row["last_hour"] == {"tokens": 0, "cost": 0.0, "slots": []}


def test_times_are_utc_with_milliseconds():
    written = document(snapshot(session()))

    assert written["generated_at"] == "2025-10-09T08:53:20.000Z"
    assert written["sessions"][0]["last_active"] == "2025-10-09T08:53:15.000Z"


def test_the_total_of_tokens_is_the_sum_of_its_disjoint_parts():
    (row,) = document(snapshot(session()))["sessions"]

    tokens = row["tokens"]
    assert tokens is not None
    parts = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
    assert tokens["total"] == sum(tokens[part] for part in parts) == TOKENS.total


def test_what_the_plan_covers_costs_nothing_and_tells_its_notional_price():
    covered = session(cost=replace(COST, included=True))

    (row,) = document(snapshot(covered, plan="max"))["sessions"]

    cost = row["cost"]
    assert cost is not None
    assert (cost["included"], cost["total"]) == (True, 0.0)
    assert cost["notional"] == pytest.approx(0.448)


def test_the_cost_of_one_cheap_token_is_not_rounded_away():
    (row,) = document(snapshot(session(cost=Cost(input=2.5e-9))))["sessions"]

    assert row["cost"] is not None
    assert row["cost"]["total"] == 2.5e-9


def test_subagents_are_one_flat_list_that_names_each_parent():
    (row,) = document(with_family())["sessions"]

    found = [(child["key"], child["parent"]) for child in row["subagents"]]
    assert found == [
        ("claude:child", "claude:parent"),
        ("claude:grandchild", "claude:child"),
        ("aider:other", "claude:parent"),
    ]


def test_sessions_keep_the_order_of_the_snapshot():
    taken = snapshot(session("b"), session("c"), session("a"))

    assert [row["session_id"] for row in document(taken)["sessions"]] == ["b", "c", "a"]


def test_the_arguments_of_a_process_are_not_exported():
    secret = session(process=replace(PROCESS, argv=("claude", "--api-key", "sk-secret")))

    assert "sk-secret" not in encode(document(snapshot(secret)))


def test_problems_of_the_transcript_and_of_the_session_are_told_once():
    troubled = session(problems=("cannot be read",))
    told = replace(troubled.reading, problems=("a line is broken", "cannot be read"))

    (row,) = document(snapshot(replace(troubled, reading=told)))["sessions"]

    assert row["problems"] == ["cannot be read", "a line is broken"]


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_becomes_null(validator: jsonschema.Draft202012Validator, wrong: float):
    process = Process(1, wrong, None, "x", cpu_percent=wrong, disk_read_rate=wrong)
    broken = session(
        rates=Rates(wrong, wrong, None, wrong, wrong),
        cost=Cost(input=wrong),
        own=Spend(None, Cost(fees=wrong)),
        started_at=wrong,
        last_active=wrong,
        process=process,
    )
    taken = snapshot(broken, host=Host("h", "o", cpu_percent=wrong, load_1m=wrong))

    text = encode(document(taken))

    assert "NaN" not in text
    assert "Infinity" not in text
    validator.validate(json.loads(text))
    assert json.loads(text)["sessions"][0]["cost"] is None


def test_an_instant_that_no_calendar_holds_is_null():
    (row,) = document(snapshot(session(started_at=1e300, last_active=-1e300)))["sessions"]

    assert (row["started_at"], row["last_active"]) == (None, None)


@pytest.mark.parametrize("indent", [2, None])
def test_nothing_in_a_title_or_path_can_steer_a_terminal(indent: int | None):
    text = encode(document(hostile_snapshot()), indent)

    assert all(" " <= letter <= "~" or letter == "\n" for letter in text)


def test_text_and_paths_are_raw_once_parsed():
    title = "漢字 👩‍👩‍👧 \x1b[31m [b]x[/b] \u202e\x7f"
    taken = session(reading=replace(session().reading, title=title))

    written = json.loads(encode(document(snapshot(taken))))

    assert written["sessions"][0]["title"] == title


def test_a_file_name_that_is_not_utf_8_leaves_a_document_that_strict_parsers_read():
    reading = replace(session().reading, cwd="/home/\udcff/👩/x")

    text = encode(document(snapshot(session(reading=reading))))

    assert msgspec.json.decode(text)["sessions"][0]["cwd"] == "/home/\ufffd/👩/x"


def test_ndjson_is_one_document_on_one_line_for_each_refresh():
    stream = io.StringIO()
    taken = iter([snapshot(session()), hostile_snapshot()])

    with pytest.raises(StopIteration):
        write_each(stream, lambda: next(taken), 2.0, lambda _delay: None)

    lines = stream.getvalue().splitlines()
    assert [len(json.loads(line)["sessions"]) for line in lines] == [1, 1]


def test_a_written_document_ends_its_line():
    stream = io.StringIO()

    write_json(stream, document(snapshot()))

    assert stream.getvalue().endswith("}\n")


def test_the_totals_say_what_is_missing_from_them():
    taken = snapshot(session(), session("unpriced", cost=None), bare())

    totals = document(taken)["totals"]

    assert (totals["sessions"], totals["live"]) == (3, 2)
    assert totals["cost"] == pytest.approx(0.448)
    assert (totals["unpriced_sessions"], totals["unpriced_tokens"]) == (1, TOKENS.total)
    assert totals["unmetered_sessions"] == 1


def test_an_agents_own_figures_stand_beside_those_of_agtop():
    told = session("told")
    reading = replace(told.reading, reported_cost=0.25, estimated=True)
    child = session("child", reading=replace(told.reading, reported_cost=0.5, estimated=False))
    taken = snapshot(replace(told, reading=reading, subagents=(child,)), session("plain"))

    written = document(taken)

    assert [row["reported_cost"] for row in written["sessions"]] == [0.75, None]
    assert [row["tokens_estimated"] for row in written["sessions"]] == [True, False]
    assert written["totals"]["estimated_sessions"] == 1
    assert written["sessions"][0]["cost"] == document(snapshot(told))["sessions"][0]["cost"]


def test_the_last_hour_is_told_in_its_slots_as_of_the_document():
    begun = 1_800_000_000.0
    busy = session("busy", rates=Rates(0.0, 0.0, 7, 0.5, 0.5, ((slot(begun), 7),)))
    still = session("still", rates=Rates(0.0, 0.0, 0, 0.0, 0.0))

    now = document(replace(snapshot(busy, still, bare()), taken_at=begun + 1))
    later = document(replace(snapshot(busy), taken_at=begun + SLOT))

    assert now["sessions"][0]["last_hour"]["slots"] == [0] * 29 + [7]
    assert later["sessions"][0]["last_hour"]["slots"] == [0] * 28 + [7, 0]
    assert [row["last_hour"]["slots"] for row in now["sessions"][1:]] == [[], None]
    assert now["totals"]["cost_last_hour"] == 0.5


def test_the_schema_describes_its_fields():
    schema = json_schema()

    assert schema["properties"]["complete"]["description"]
    assert set(schema["required"]) == set(document(snapshot()))


def test_a_plans_window_is_told_with_its_source_its_forecast_and_its_shares(
    validator: jsonschema.Draft202012Validator,
) -> None:
    unknown = window(
        used_percent=None, is_over=True, full_at=None, full_before_reset=None, cost=None
    )
    found = json.loads(encode(document(snapshot(session(), limits=(window(), unknown)))))
    validator.validate(found)

    first, second = found["limits"]

    assert (first["provider"], first["window"], first["used_percent"]) == ("anthropic", "5h", 62.0)
    assert (first["resets_at"], first["full_at"]) == (
        "2025-10-09T10:23:20.000Z",
        "2025-10-09T09:53:20.000Z",
    )
    assert (first["source"], first["is_stale"], first["full_before_reset"]) == (
        "measured",
        False,
        True,
    )
    assert first["by_session"][0] == {"key": "claude:0f3c9a1e-5b7d", "share": 0.75}
    assert [second[key] for key in ("used_percent", "full_at", "cost")] == [None] * 3
