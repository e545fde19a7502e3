"""The broker passes on what is a message, to everybody else, whoever is slow or rude."""

from __future__ import annotations

import json
import logging
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agtop.bus import Message, broker, client, connection, publish, subscribe
from agtop.bus.client import condition
from agtop.bus.hosting import Host, elected
from agtop.bus.message import MOST_BYTES, load
from agtop.bus.wire import Wire
from agtop.errors import BusError
from tests.bus.plain import Plain, raw, sized


@pytest.fixture
def host(bus: Path) -> Iterator[Host]:
    host = elected(bus)
    assert host is not None
    yield host
    host.close()


def _wordless(_message: Message) -> bytes:
    return b'{"agent":"a:1","topic":"t"}\n'


def _spoilt(frame: bytes) -> dict[str, object]:
    return load(frame.replace(b"odd", b"\\q"))


def _strange(_peer: socket.socket) -> bool:
    return False


def number(found: dict[str, object] | None, name: str) -> int:
    value = found[name] if found else None
    assert isinstance(value, int)
    return value


def test_a_bare_socket_hears_what_another_says_and_not_itself(host: Host, bus: Path):
    with Plain(bus) as one, Plain(bus) as two:
        one.say(raw("from one"))
        assert two.hear()["summary"] == "from one"
        two.say(raw("from two"))

        assert one.hear()["summary"] == "from two"


def test_a_frame_without_id_and_time_gets_them(host: Host, bus: Path):
    with Plain(bus) as one, Plain(bus) as two:
        one.say(raw(colour="red"))

        heard = two.hear()

    assert heard["colour"] == "red"
    assert {"id", "timestamp"} <= set(heard)


def test_a_whole_frame_is_passed_on_as_it_is(host: Host, bus: Path):
    frame = raw(id="7", timestamp="long ago", data={"deep": [{}]})
    with Plain(bus) as one, Plain(bus) as two:
        one.say(frame)

        assert two.hear() == json.loads(frame)


def test_the_longest_frame_is_delivered_and_a_byte_more_is_left_out_with_a_warning(
    host: Host, bus: Path, caplog: pytest.LogCaptureFixture
):
    with Plain(bus) as one, Plain(bus) as two, caplog.at_level(logging.WARNING):
        one.say(sized(MOST_BYTES) + sized(MOST_BYTES + 1) + raw("after"))

        assert two.hear() == json.loads(sized(MOST_BYTES))
        assert two.hear()["summary"] == "after"
    assert caplog.messages == ["a frame on the bus was too long and was left out"]
    assert number(condition(), "oversize") == 1


def test_a_frame_in_two_halves_is_one_frame(host: Host, bus: Path):
    with Plain(bus) as one, Plain(bus) as two, Plain(bus) as three:
        one.say(raw("slow")[:9])
        three.say(raw("between"))
        assert two.hear()["summary"] == "between"
        one.say(raw("slow")[9:])

        assert two.hear()["summary"] == "slow"


def test_half_a_frame_dies_with_its_client(host: Host, bus: Path):
    with Plain(bus) as two:
        with Plain(bus) as one:
            one.say(raw("first") + raw("half")[:-1])
        assert two.hear()["summary"] == "first"
        publish(Message("a:1", "t", "after"))

        assert two.hear()["summary"] == "after"


def test_garbage_is_left_out_and_its_client_may_go_on(
    host: Host, bus: Path, caplog: pytest.LogCaptureFixture
):
    with Plain(bus) as one, Plain(bus) as two:
        one.say(b"\x00\xff\n[[[\n{}\nnull\n" + b"[" * 50_000 + b"\n" + raw("sense"))

        assert two.hear()["summary"] == "sense"
    assert number(condition(), "malformed") == 5
    assert len(caplog.messages) == 1  # the log is not for strangers to fill


def test_who_never_ends_a_line_is_disconnected(host: Host, bus: Path):
    with Plain(bus) as one, Plain(bus) as two:
        try:
            one.say(b"x" * (4 * MOST_BYTES))
        except OSError:
            pass  # it was fast
        assert one.ends()
        publish(Message("a:1", "t", "after"))

        assert two.hear()["summary"] == "after"


def test_asking_how_the_bus_does_makes_no_subscriber(host: Host, bus: Path):
    probes = [Wire(bus, {"hello": "probe"}) for _ in range(3)]

    try:
        assert number(condition(), "subscribers") == 0
        assert publish(Message("a:1", "t", "s")) == 0
        assert [probe.receive(0) for probe in probes] == [None] * 3
    finally:
        for probe in probes:
            probe.close()


def test_publishing_tells_how_many_listen(host: Host):
    with subscribe(), subscribe(), subscribe("other"):
        assert publish(Message("a:1", "t", "s")) == 2


def test_a_subscriber_hears_only_its_topics(host: Host):
    with subscribe("one", "two") as messages:
        for topic in ("three", "one", "three", "two"):
            publish(Message("a:1", topic, "s"))

        assert [getattr(messages.receive(20), "topic", None) for _ in range(2)] == ["one", "two"]


def test_what_was_said_before_is_told_only_when_asked_for(host: Host):
    for n in range(4):
        publish(Message("a:1", "odd" if n % 2 else "even", str(n)))

    with subscribe() as fresh, subscribe(last=3) as late, subscribe("odd", last=9) as odd:
        publish(Message("a:1", "odd", "now"))

        assert [getattr(late.receive(20), "summary", "") for _ in range(4)] == [
            "1",
            "2",
            "3",
            "now",
        ]
        assert [getattr(odd.receive(20), "summary", "") for _ in range(3)] == ["1", "3", "now"]
        assert getattr(fresh.receive(20), "summary", "") == "now"


def test_a_message_that_is_refused_is_told_to_its_publisher(host: Host, bus: Path):
    wire = Wire(bus, {"hello": "publish"})
    try:
        wire.send(b'{"agent":"a:1","topic":"t"}\n')

        answer = wire.receive(20)
    finally:
        wire.close()
    assert answer == b'{"refused":"a message needs summary: one sentence"}'


def test_a_publisher_whose_message_is_refused_is_told_why(
    host: Host, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(client, "encode", _wordless)

    with pytest.raises(BusError, match="refused the message: a message needs summary"):
        publish(Message("a:1", "t", "s"))


def test_what_a_broker_of_another_kind_passes_on_is_counted_and_left_out(
    host: Host, monkeypatch: pytest.MonkeyPatch
):
    with subscribe() as messages:
        monkeypatch.setattr(client, "load", _spoilt)
        publish(Message("a:1", "t", "odd"))
        publish(Message("a:1", "t", "after"))

        assert getattr(messages.receive(20), "summary", "") == "after"
        assert messages.malformed == 1


def test_only_so_many_messages_are_kept_for_who_comes_later(
    host: Host, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(broker, "MOST_KEPT", 2)
    for n in range(5):
        publish(Message("a:1", "t", str(n)))

    with subscribe(last=9) as late:
        publish(Message("a:1", "t", "now"))

        assert [getattr(late.receive(20), "summary", "") for _ in range(3)] == ["3", "4", "now"]


def test_a_stranger_who_got_through_to_the_socket_is_hung_up_on(
    host: Host, bus: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connection, "_is_ours", _strange)
    with closing(socket.socket(socket.AF_UNIX)) as stranger:
        stranger.settimeout(20)
        stranger.connect(str(bus))

        assert stranger.recv(1) == b""


def test_a_reader_that_stops_delays_nobody_and_learns_what_it_missed(host: Host):
    text = "s" * 60_000
    with subscribe() as stopped, subscribe() as reader:
        for n in range(300):  # 18 MB, of which 8 wait for the one that stopped
            publish(Message("a:1", "t", f"{n} {text}"))
            message = reader.receive(20)
            assert message is not None
            assert message.summary.startswith(f"{n} ")
        assert reader.dropped == 0

        heard: list[str] = []
        while "299" not in heard[-1:]:  # the newest are kept
            message = stopped.receive(20)
            assert message is not None
            heard.append(message.summary.split()[0])

    assert stopped.dropped > 50
    assert len(heard) + stopped.dropped == 300


def test_fifty_clients_of_a_thousand_frames_lose_none(host: Host, bus: Path):
    clients = [Plain(bus) for _ in range(50)]
    ears = [Wire(bus, {"hello": "subscribe"}) for _ in range(3)]
    counts = [0] * len(ears)

    def listen(place: int) -> None:
        while counts[place] < 50_000 and ears[place].receive(30) is not None:
            counts[place] += 1

    def speak(client: Plain, name: int) -> None:
        for n in range(1000):
            client.say(raw(f"{name}/{n}", id="1", timestamp="now"))

    threads = [threading.Thread(target=listen, args=(place,)) for place in range(len(ears))]
    threads += [
        threading.Thread(target=speak, args=(client, name)) for name, client in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for end in (*clients, *ears):
        end.close()
    assert counts == [50_000] * len(ears)


def test_the_socket_and_what_is_beside_it_are_their_owners_alone(host: Host, bus: Path):
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in bus.parent.iterdir()}

    assert modes == {"b.sock": 0o600, "b.sock.pid": 0o600, "b.sock.lock": 0o600}


def test_a_host_that_closes_leaves_no_socket_and_no_pid(host: Host, bus: Path):
    host.close()

    assert [path.name for path in bus.parent.iterdir()] == ["b.sock.lock"]
    assert condition() is None


def test_a_second_host_is_not_elected(host: Host, bus: Path):
    assert elected(bus) is None


def test_a_message_that_is_too_long_never_leaves(host: Host):
    with pytest.raises(BusError, match="shorten its data"):
        publish(Message("a:1", "t", "s" * 70_000))
