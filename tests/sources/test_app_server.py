"""The app server is asked how it is, within a second or three, and never to change anything."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from agtop.sources import asking
from agtop.sources.app_server import ACTIONS, COUNTERS, State
from agtop.sources.asking import probe
from agtop.sources.wire import MESSAGE_MOST
from tests.sources.codex import ANSWERS, Codex, Reply, answers, codex, frame


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no reason to fail."""
    monkeypatch.setattr(asking, "HEALTH_WITHIN", 30.0)
    monkeypatch.setattr(asking, "RPC_WITHIN", 30.0)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch, patient: None) -> None:
    """What does not answer is given up sooner than a person would."""
    monkeypatch.setattr(asking, "HEALTH_WITHIN", 0.05)
    monkeypatch.setattr(asking, "RPC_WITHIN", 0.05)


def test_a_person_never_waits_for_long() -> None:
    source = Path(asking.__file__).read_text("utf-8")

    assert "HEALTH_WITHIN = 1.0\n" in source
    assert "RPC_WITHIN = 2.0\n" in source


def status(code: int) -> bytes:
    return b"HTTP/1.1 %d Whatever\r\nlocation: http://example.com/\r\n\r\n" % code


# The eight states


@pytest.mark.parametrize("url", [None, ""])
def test_nothing_named_is_missing(url: str | None) -> None:
    found = probe(url)

    assert (found.state, found.action, found.counters) == ("missing", "", None)


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("ws://localhost:4500", "rejected"),
        ("ws://me:word@127.0.0.1:4500", "rejected"),
        ("ws://10.0.0.1:4500", "rejected"),
        ("unix:///run/codex.sock", "unsupported"),
    ],
)
def test_what_may_not_be_asked_is_never_connected_to(
    url: str, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a socket was made")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    assert probe(url).state == state


def test_nobody_listening_is_unavailable() -> None:
    with codex() as server:
        url = server.url

    found = probe(url)

    assert found.state == "unavailable"
    assert found.action == "start Codex's app server there, or leave it"


@pytest.mark.usefixtures("hurried")
def test_no_answer_is_a_timeout() -> None:
    with codex(health=b"") as server:
        assert probe(server.url).state == "timeout"


def test_an_answer_that_never_ends_is_given_up() -> None:
    with codex(health=b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 9_000) as server:
        assert probe(server.url).state == "unsupported"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (status(401), "auth_required"),
        (status(403), "auth_required"),
        (status(302), "unsupported"),
        (status(404), "unsupported"),
        (status(503), "unavailable"),
        (b"SSH-2.0-OpenSSH_9\r\n\r\n", "unsupported"),
        (b"\x00\xff\r\n\r\n", "unsupported"),
        (b"HTTP/1.1 200", "unsupported"),
    ],
)
def test_the_health_tells_the_state(answer: bytes, state: State) -> None:
    with codex(health=answer) as server:
        assert probe(server.url).state == state
        assert len(server.requests) == 1


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_server_that_answers_everything_is_ready_and_counted(
    family: socket.AddressFamily,
) -> None:
    try:
        with codex(family=family) as server:
            found = probe(server.url)
    except OSError:
        pytest.skip("this machine has no such loopback")

    assert (found.state, found.rpc, found.warnings) == ("ready", "ok", ())
    assert found.counters == {
        "loadedThreads": 2,
        "models": 1,
        "apps": 0,
        "plugins": None,
        "mcpServers": 3,
        "mcpTools": 2,
        "mcpResources": None,
    }
    assert tuple(found.counters or ()) == COUNTERS


def test_http_and_ws_name_the_same_server() -> None:
    with codex() as server:
        assert probe(server.url.replace("ws:", "http:")).state == "ready"


# What is asked


def test_no_origin_no_credentials_and_only_questions_that_list() -> None:
    with codex() as server:
        probe(server.url)

    health, upgrade = server.requests
    assert health.startswith("GET /readyz HTTP/1.1\r\n")
    assert upgrade.startswith("GET / HTTP/1.1\r\n")
    for head in server.requests:
        assert not {"origin", "authorization", "cookie"} & {
            line.partition(":")[0].lower() for line in head.splitlines()
        }
    assert [message["method"] for message in server.messages] == [
        "initialize",
        "initialized",
        "thread/loaded/list",
        "model/list",
        "app/list",
        "mcpServerStatus/list",
    ]
    assert server.messages[-1]["params"] == {"detail": "toolsAndAuthOnly"}
    assert "id" not in server.messages[1]


def test_pages_are_followed_to_the_last() -> None:
    def paged(method: str, params: dict[str, Any]) -> dict[str, Any]:
        if method != "model/list":
            return answers(method, params)
        if "cursor" not in params:
            return {"result": {"data": [1, 2], "nextCursor": "more"}}
        assert params["cursor"] == "more"
        return {"result": {"data": [3]}}

    with codex(reply=paged) as server:
        found = probe(server.url)

    assert found.counters is not None
    assert found.counters["models"] == 3


# What is answered badly


def but(method: str, reply: dict[str, Any]) -> Reply:
    """Answers as it should, but one method."""

    def replied(asked: str, params: dict[str, Any]) -> dict[str, Any]:
        return reply if asked == method else answers(asked, params)

    return replied


def saying(server: Codex, said: bytes, and_answers: bool = False) -> None:
    """Have the server answer with these bytes, before what it should say or instead of it."""
    answer = server.said

    def noise(message: dict[str, Any]) -> bytes:
        return said + (answer(message) if and_answers else b"")

    server.said = noise


@pytest.mark.parametrize(
    ("reply", "warning"),
    [
        ({"error": {"code": -32001, "message": "Server overloaded"}}, "answered with an error"),
        ({"error": {"code": -1, "message": "authentication required"}}, "needs a login"),
        ({"error": "odd"}, "answered with an error"),
        ({"result": {"data": "many"}}, "a way this agtop does not know"),
        ({"result": 7}, "a way this agtop does not know"),
        ({"result": {"data": [], "nextCursor": "same"}}, "a way this agtop does not know"),
    ],
)
def test_a_question_without_an_answer_leaves_the_others(
    reply: dict[str, Any], warning: str
) -> None:
    with codex(reply=but("app/list", reply)) as server:
        found = probe(server.url)

    assert (found.state, found.rpc) == ("degraded", "partial")
    assert found.counters is not None
    assert (found.counters["apps"], found.counters["models"]) == (None, 1)
    assert len(found.warnings) == 1
    assert warning in found.warnings[0]


def test_a_server_that_wants_a_login_first_requires_one() -> None:
    refusal = {"error": {"code": -32600, "message": "Unauthorized: log in first"}}

    with codex(reply=but("initialize", refusal)) as server:
        assert probe(server.url).state == "auth_required"


def test_a_server_that_will_not_begin_is_degraded() -> None:
    with codex(reply=but("initialize", {"error": {"code": 1, "message": "no"}})) as server:
        found = probe(server.url)

    assert (found.state, found.rpc) == ("degraded", "failed")


@pytest.mark.parametrize("code", [401, 403])
def test_a_handshake_that_wants_credentials_requires_them(code: int) -> None:
    with codex(handshake=status(code)) as server:
        assert probe(server.url).state == "auth_required"


@pytest.mark.parametrize(
    "handshake",
    [
        status(404),
        b"HTTP/1.1 101 Sure\r\nSec-WebSocket-Accept: c3VyZQ==\r\n\r\n",
        b"HTTP/1.1 101 Sure\r\n\r\n",
    ],
)
def test_health_alone_is_degraded(handshake: bytes) -> None:
    with codex(handshake=handshake) as server:
        found = probe(server.url)

    assert (found.state, found.rpc) == ("degraded", "failed")
    assert found.action == ACTIONS["degraded"]
    assert len(found.warnings) == 1


@pytest.mark.parametrize(
    "bytes_said",
    [
        b"\xff\xff\xff\xff",
        b"\x81\x85abcdhello",
        b"\x82\x01x",
        b"\x81\x7f" + (MESSAGE_MOST + 1).to_bytes(8, "big"),
        frame(8, b"\x03\xe8"),
    ],
    ids=["noise", "masked", "binary", "too long", "closed"],
)
def test_a_server_that_breaks_the_rules_is_degraded(bytes_said: bytes) -> None:
    with codex() as server:
        saying(server, bytes_said)
        found = probe(server.url)

    assert (found.state, found.rpc) == ("degraded", "failed")


def test_a_server_that_falls_silent_is_degraded(monkeypatch: pytest.MonkeyPatch) -> None:
    with codex() as server:
        monkeypatch.setattr(asking, "RPC_WITHIN", 0.05)
        saying(server, b"")
        found = probe(server.url)

    assert found.state == "degraded"
    assert found.warnings == ("it did not answer all questions in time",)


@pytest.mark.parametrize("text", [b"[" * 100_000, b"\xff", b"null", b'"x"', b"{"])
def test_what_is_no_json_is_passed_over(text: bytes) -> None:
    with codex() as server:
        saying(server, b"\x81\x7f" + len(text).to_bytes(8, "big") + text, and_answers=True)
        found = probe(server.url)

    assert found.state == "ready"


def test_nothing_a_server_says_is_kept_but_counts() -> None:
    evil = {"error": {"code": "\x1b]0;owned\x07", "message": "/home/ada sk-secret"}}

    with codex(reply=but("model/list", evil)) as server:
        found = probe(server.url)

    assert found.warnings == ("model/list was answered with an error",)
    assert set(ANSWERS) >= {"model/list"}
