"""How a rollout is followed: in pieces, cut off, replaced, broken, hostile."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agtop.agents.codex.meter import CodexMeter
from agtop.model import Claim, Tokens
from tests.agents.codex import test_copies
from tests.agents.codex.rollouts import NOON, Rollout, added_up, read, usage, uuid7

THREAD = uuid7(NOON)


@pytest.fixture
def rollout() -> Rollout:
    rollout = Rollout(THREAD).meta().context().prompt().says().calls("c1", cmd="true")
    return rollout.answers("c1").record("resp_1", usage(100, 40, 10))


def append(path: str, content: bytes) -> None:
    with open(path, "ab") as file:
        file.write(content)


def read_in_pieces(path: str, content: bytes, cuts: list[int]) -> tuple[object, list[Claim]]:
    Path(path).write_bytes(b"")
    meter = CodexMeter(path)
    claims: list[Claim] = []
    for start, end in zip([0, *cuts], [*cuts, len(content)], strict=True):
        append(path, content[start:end])
        meter.read()
        claims += meter.claims()
    return meter.read()[0], claims


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_split_of_the_bytes_gives_the_same(
    rollout: Rollout, home: Path, data: st.DataObject
) -> None:
    path, content = rollout.write(home), rollout.content()
    whole = read(path)
    cuts = data.draw(st.lists(st.integers(0, len(content)), max_size=6).map(sorted))

    assert read_in_pieces(path, content, cuts) == whole


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("seconds", [0.0, 7.5])
def test_a_fork_in_pieces_gives_the_same(home: Path, ids: bool, seconds: float) -> None:
    original = test_copies.parent(ids)
    original.write(home)
    fork = test_copies.child(original, ids, seconds)
    path, content = fork.write(home), fork.content()
    whole = read(path)
    for seed in range(12):
        cuts = sorted(random.Random(seed).choices(range(len(content)), k=9))
        assert read_in_pieces(path, content, cuts) == whole


def test_a_line_delivered_in_two_writes_counts_once(rollout: Rollout, home: Path) -> None:
    path = rollout.write(home)
    meter = CodexMeter(path)
    meter.read()
    before = meter.claims()
    line = rollout.record("resp_2", usage(300, 0, 20)).lines[-1] + b"\n"

    append(path, line[:70])
    (half,) = meter.read()
    assert (meter.claims(), half.skipped) == ([], 0)
    append(path, line[70:])
    meter.read()

    assert added_up([*before, *meter.claims()]).total == 110 + 320


def test_nothing_new_gives_the_same_objects(rollout: Rollout, home: Path) -> None:
    meter = CodexMeter(rollout.write(home))
    first = meter.read()
    assert not meter.changed()
    assert meter.read() is first
    meter.claims()
    assert (meter.claims(), meter.read()) == ([], first)


def test_a_reading_does_not_change_afterwards(rollout: Rollout, home: Path) -> None:
    path = rollout.write(home)
    meter = CodexMeter(path)
    (before,) = meter.read()
    turns = before.user_turns or 0
    append(path, rollout.prompt("more").lines[-1] + b"\n")
    (after,) = meter.read()
    assert (before.user_turns, after.user_turns) == (turns, turns + 1)


def test_a_replaced_file_is_counted_anew(rollout: Rollout, home: Path) -> None:
    path = rollout.write(home)
    meter = CodexMeter(path)
    meter.read()
    meter.claims()
    shorter = Rollout(THREAD).meta().context().record("resp_9", usage(7, 0, 1))
    shorter.write(home)

    (reading,) = meter.read()

    assert added_up(meter.claims()) == Tokens(input=7, output=1)
    assert (reading.tool_calls, reading.records) == (0, 3)


def test_a_file_cut_to_nothing_forgets_its_tallies(rollout: Rollout, home: Path) -> None:
    path = rollout.write(home)
    meter = CodexMeter(path)
    meter.read()
    Path(path).write_bytes(b"")
    (reading,) = meter.read()
    assert (reading.session_id, reading.records, reading.replies) == (THREAD, 0, 0)


def test_a_vanished_file_is_an_error_that_loses_nothing(rollout: Rollout, home: Path) -> None:
    path = rollout.write(home)
    meter = CodexMeter(path)
    meter.read()
    Path(path).unlink()
    with pytest.raises(FileNotFoundError):
        meter.read()
    assert added_up(meter.claims()).total == 110


def noon(kind: bytes, payload: bytes) -> bytes:
    return b'{"timestamp":"2026-03-01T12:00:00Z","type":"%b","payload":%b}' % (kind, payload)


HOSTILE = [
    b"",
    b"\0\0\0",
    b"null",
    b"[]",
    b'"text"',
    b"{}{}",
    b"\xff\xfe\x00",
    b'{"timestamp":"x","type":"event_msg"}',
    b'{"timestamp":5,"type":"event_msg","payload":[]}',
    b'{"timestamp":"9999-99-99","type":"turn_context","payload":{"model":{"a":1},"cwd":7}}',
    noon(b"event_msg", b'{"type":"token_count","info":[1]}'),
    noon(b"event_msg", b'{"type":"token_count","info"')[:-1],
    noon(b"event_msg", b'{"type":"user_message","message":"\xff"}'),
    noon(b"event_msg", b'{"type":"task_complete","error":' + b"[" * 20_000 + b"]" * 20_000 + b"}"),
    noon(b"event_msg", b'{"type":"item_completed","item":{"type":"FileChange","changes":{"a":5}}}'),
    noon(b"response_item", b'{"type":"message","role":"user","content":[[],5,null]}'),
    noon(b"response_item", b'{"type":"function_call","arguments":"{{{","call_id":{}}'),
    noon(b"token_usage_record", b'{"usage":NaN}'),
    noon(b"session_meta", b"null"),
]


@pytest.mark.parametrize("n", range(len(HOSTILE)))
def test_a_hostile_line_harms_no_other(rollout: Rollout, home: Path, n: int) -> None:
    expected = read(rollout.write(home))[1]
    for place in (0, 3, len(rollout.lines)):
        broken = Rollout(THREAD)
        broken.lines = [*rollout.lines[:place], HOSTILE[n], *rollout.lines[place:]]
        reading, claims = read(broken.write(home))
        assert [claim.response.tokens for claim in claims] == [
            claim.response.tokens for claim in expected
        ]
        assert reading.session_id == THREAD


def test_a_line_that_does_not_decode_is_skipped_and_counted(rollout: Rollout, home: Path) -> None:
    rollout.raw(b'{"timestamp":"2026-03-01T12:00:00Z","type":"turn_context","payload":{"mo')
    rollout.raw(b"not json").raw(b"[1,2]")
    reading, _ = read(rollout.write(home))
    assert reading.skipped == 3


def test_escape_sequences_stay_text(home: Path) -> None:
    rollout = Rollout(THREAD).meta().prompt("\x1b]0;title\x07 [red]x[/red]\u202e")
    assert read(rollout.write(home))[0].title == "\x1b]0;title\x07 [red]x[/red]\u202e"


def test_json_with_spaces_and_another_order_is_read(home: Path) -> None:
    head = b'"payload": { "cwd": "/w", "id": "t-1" }, "timestamp": "2026-03-01T12:00:00Z" }'
    info = b'{ "total_token_usage": { "input_tokens": 9 } }'
    rollout = Rollout("t-1").raw(b'{ "type": "session_meta", ' + head)
    rollout.raw(b'{"payload": {"info": ' + info + b', "type": "token_count"}, "type": "event_msg"}')
    reading, claims = read(rollout.write(home))
    assert (reading.session_id, reading.cwd) == ("t-1", "/w")
    assert added_up(claims) == Tokens(input=9)


def test_line_ends_of_windows_and_a_byte_order_mark_are_borne(rollout: Rollout, home: Path) -> None:
    path = rollout.write(home)
    Path(path).write_bytes(b"\xef\xbb\xbf" + rollout.content().replace(b"\n", b"\r\n"))
    reading, claims = read(path)
    assert (reading.skipped, added_up(claims).total) == (0, 110)


def test_an_empty_file_is_a_session_of_which_nothing_is_known(home: Path) -> None:
    (reading,) = CodexMeter(Rollout(THREAD).write(home)).read()

    assert (reading.session_id, reading.records, reading.metered) == (THREAD, 0, False)


def test_a_file_without_its_head_is_known_by_its_name(home: Path) -> None:
    reading, claims = read(Rollout(THREAD).says().record("r", usage(1, 0, 1)).write(home))
    assert (reading.session_id, added_up(claims).total) == (THREAD, 2)
