"""What is a message, and what is told to those who send something else."""

from __future__ import annotations

import json

import pytest

from agtop.bus.frames import Frames
from agtop.bus.message import MOST_BYTES, Message, decode, encode
from agtop.bus.outbox import Outbox
from agtop.errors import BusError
from tests.bus.plain import raw, sized


def test_a_message_comes_back_as_it_went():
    message = Message("claude:8421", "finding", "it leaks", path="a.py:4", data={"n": [1, None]})

    assert decode(encode(message)) == message


def test_only_what_is_known_is_sent():
    fields = json.loads(encode(Message("a:1", "t", "s")))

    assert set(fields) == {"agent", "topic", "summary", "id", "timestamp", "schema_version"}


def test_what_a_plain_program_leaves_out_is_unknown():
    message = decode(b'{"agent":"a:1","topic":"t","summary":"s","colour":"red","path":null}')

    assert (message.id, message.timestamp, message.path) == (None, None, None)
    assert (dict(message.data), message.schema_version) == ({}, 1)


def test_data_cannot_be_changed_afterwards():
    data: dict[str, object] = {"a": 1}
    message = Message("a:1", "t", "s", data=data)

    data["a"] = 2

    assert message.data["a"] == 1
    with pytest.raises(TypeError):
        message.data["a"] = 3  # pyright: ignore[reportIndexIssue]


def test_ids_are_random_uuids():
    one, two = (Message("a:1", "t", "s").id or "" for _ in range(2))

    assert one != two
    assert (one[14], one[19] in "89ab", len(one)) == ("4", True, 36)


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (b"nonsense", "a frame on the bus is not JSON; write one object to a line"),
        (b"[" * 60_000, "a frame on the bus is not JSON; write one object to a line"),
        (b'{"agent":NaN}', "a frame on the bus is not JSON; write one object to a line"),
        (b"\xff\xfe{}", "a frame on the bus is not JSON; write one object to a line"),
        (
            b'{"a":' + b"9" * 5000 + b"}",
            "a frame on the bus is not JSON; write one object to a line",
        ),
        (b"[1]", "a frame on the bus is an object, not a list"),
        (b"null", "a frame on the bus is an object, not null"),
        (b"{}", "a message needs agent: who speaks, such as claude:8421"),
        (b'{"agent":"a:1","topic":"t"}', "a message needs summary: one sentence"),
        (b'{"agent":"a:1","topic":7}', "topic of a message is text, not a number"),
        (b'{"agent":" "}', "agent of a message is empty; write who speaks, such as claude:8421"),
        (raw(path=5), "path of a message is text, not a number"),
        (raw(data=[]), "data of a message is an object, not a list"),
        (raw(schema_version="1"), "schema_version of a message is a number, not text"),
        (raw(schema_version=True), "schema_version of a message is a number, not true or false"),
        (raw(schema_version=0), "schema_version of a message is 1 or more, not 0"),
    ],
)
def test_what_is_no_message_is_told_in_a_sentence(frame: bytes, sentence: str):
    with pytest.raises(BusError) as caught:
        decode(frame)

    assert str(caught.value) == sentence


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, b"bytes"])
def test_data_that_is_not_json_is_refused(value: object):
    with pytest.raises(BusError, match="data of a message cannot be written as JSON"):
        encode(Message("a:1", "t", "s", data={"v": value}))


def test_a_message_may_be_64_kib_and_not_a_byte_more():
    room = MOST_BYTES - (len(encode(Message("a:1", "t", "s"))) - 1)

    assert len(encode(Message("a:1", "t", "s" * (room + 1)))) == MOST_BYTES + 1  # the newline
    with pytest.raises(BusError, match="65,537 bytes and the bus carries 65,536"):
        encode(Message("a:1", "t", "s" * (room + 2)))


def test_no_byte_of_a_frame_can_steer_a_terminal():
    frame = encode(Message("a:1", "t", "\x1b[2J\x7f\x9b\u202e\ud800"))

    assert frame.rstrip(b"\n").decode("ascii").isprintable()


# ---- frames


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_frames_are_the_same_however_the_bytes_are_split(step: int):
    stream = raw("one") + b"\n  \n" + raw("two") + b'{"half'
    frames = Frames()

    found = [f for n in range(0, len(stream), step) for f in frames.feed(stream[n : n + step])]

    assert found == [raw("one")[:-1], raw("two")[:-1]]


def test_a_frame_of_exactly_the_cap_goes_in_and_a_byte_more_does_not():
    frames = Frames()

    assert frames.feed(sized(MOST_BYTES)) == [sized(MOST_BYTES)[:-1]]
    assert frames.feed(sized(MOST_BYTES + 1) + raw("after")) == [raw("after")[:-1]]
    assert frames.oversize == 1


@pytest.mark.parametrize("step", [4096, 262_143])
def test_256_kib_without_a_newline_are_too_much(step: int):
    frames = Frames()
    stream = b"x" * 262_144

    for n in range(0, 262_143, step):
        assert frames.feed(stream[n : min(n + step, 262_143)]) == []
    with pytest.raises(BusError, match="262,144 bytes without a newline"):
        frames.feed(stream[-1:])


# ---- what waits


def test_the_oldest_is_dropped_and_counted_when_too_many_wait():
    outbox = Outbox(most_frames=2)

    for frame in (b"1", b"2", b"3"):
        outbox.add(frame)

    assert (outbox.take(99), outbox.dropped, bool(outbox)) == (b"23", 1, False)


def test_the_oldest_is_dropped_when_too_many_bytes_wait():
    outbox = Outbox(most_bytes=10)

    for frame in (b"aaaa", b"bbbb", b"cccc"):
        outbox.add(frame)

    assert (outbox.take(1), outbox.take(99), outbox.dropped) == (b"bbbb", b"cccc", 1)
