"""Asking a proxy: pages, gaps, limits of time and size, and a key that stays with its host."""

from __future__ import annotations

import asyncio
import gzip
import json
import shutil
import ssl
import subprocess
from datetime import date
from pathlib import Path

import httpx
import pytest

from agtop.spend.proxy import wire
from agtop.spend.proxy.bill import Bill, Figures
from agtop.spend.proxy.door import door
from tests.spend.proxy.litellm import (
    ACTIVITY,
    KEY,
    LOGS,
    NOVEMBER,
    LiteLLM,
    Reply,
    Request,
    day,
    logged,
    metrics,
    page,
    reply,
    running,
)

FIRST, LAST = date(2025, 11, 1), date(2025, 11, 20)


def billed(
    proxy: LiteLLM, path: str = "", within: float = wire.WITHIN, first: date = FIRST
) -> Bill:
    where = door(proxy.environ(path))
    return asyncio.run(wire.bill(where, first, LAST, lambda _: None, within))


def dollars(figures: Figures | None) -> float | None:
    return None if figures is None else figures.dollars


# What is asked


def test_an_answer_has_three_seconds() -> None:
    assert wire.WITHIN == 3.0


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/"])
def test_both_questions_are_asked_with_the_key(proxy: LiteLLM, path: str) -> None:
    found = billed(proxy, path)

    assert {request.path for request in proxy.asked} == {ACTIVITY, LOGS}
    assert {request.key for request in proxy.asked} == {f"Bearer {KEY}"}
    assert found.gaps == ()


def test_a_path_before_the_pages_is_kept(proxy: LiteLLM) -> None:
    proxy.pages([NOVEMBER], f"/llm{ACTIVITY}")

    found = billed(proxy, "/llm/v1")

    assert dollars(found.activity.total) == 7.75
    assert found.gaps[0][0] == LOGS


def test_the_last_day_is_asked_for_as_the_proxy_understands_it(proxy: LiteLLM) -> None:
    """LiteLLM's logs end where the last day begins."""
    billed(proxy)

    (logs,) = proxy.questions(LOGS)
    (activity,) = proxy.questions(ACTIVITY)
    assert (logs["start_date"], logs["end_date"]) == ("2025-11-01", "2025-11-21")
    assert (activity["start_date"], activity["end_date"]) == ("2025-11-01", "2025-11-20")


def test_days_that_were_not_asked_for_are_left_out(proxy: LiteLLM) -> None:
    proxy.pages([[*NOVEMBER, day("2025-11-21", {"x": 9}), day("2025-10-31", {"x": 9})]])
    proxy.logs([logged("2025-11-20", {"x": 1}), logged("2025-11-21", {"x": 9})])

    found = billed(proxy)

    assert dollars(found.activity.total) == 7.75
    assert dollars(found.logs.total) == 1.0


# Pages


def test_every_page_is_read_and_a_day_on_two_of_them_is_one_day(proxy: LiteLLM) -> None:
    proxy.pages([
        [day("2025-11-20", {"a": 1.0})],
        [day("2025-11-20", {"a": 2.0, "b": 4.0}), day("2025-11-19", {"a": 8.0})],
        [day("2025-11-18", {"b": 16.0})],
    ])  # fmt: skip

    activity = billed(proxy).activity

    assert [(f"{when}", dollars(figures)) for when, figures in activity.days] == [
        ("2025-11-18", 16.0),
        ("2025-11-19", 8.0),
        ("2025-11-20", 7.0),
    ]
    assert [(name, dollars(figures)) for name, figures in activity.models] == [
        ("b", 20.0),
        ("a", 11.0),
    ]
    assert [each["page"] for each in proxy.questions(ACTIVITY)] == ["1", "2", "3"]
    assert {each["page_size"] for each in proxy.questions(ACTIVITY)} == {"1000"}


@pytest.mark.parametrize("told", [{"total_pages": 2}, {"total_pages": "2"}, {"has_more": True}])
def test_pages_are_followed_by_whichever_field_tells_of_them(
    proxy: LiteLLM, told: dict[str, object]
) -> None:
    def answering(request: Request) -> Reply:
        number = int(request.query["page"])
        rows = [day(f"2025-11-{number:02}", {"a": 1.0})]
        return reply({"results": rows, "metadata": told if number == 1 else {}})

    proxy.at(ACTIVITY, answering)

    assert dollars(billed(proxy).activity.total) == 2.0


def test_a_proxy_that_always_has_more_is_left_and_that_is_said(
    proxy: LiteLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MOST_PAGES", 4)
    proxy.at(ACTIVITY, reply({"results": NOVEMBER, "metadata": {"has_more": True}}))

    activity = billed(proxy).activity

    assert len(proxy.questions(ACTIVITY)) == 4
    assert "more than 4 pages" in activity.gaps[0]


def test_what_came_before_a_page_that_fails_is_kept_and_the_gap_is_said(proxy: LiteLLM) -> None:
    def answering(request: Request) -> Reply:
        number = int(request.query["page"])
        if number == 3:
            return reply({"error": KEY}, 500)
        return reply(page([day(f"2025-11-{number:02}", {"a": 1.0})], number, 5))

    proxy.at(ACTIVITY, answering)

    activity = billed(proxy).activity

    assert dollars(activity.total) == 2.0
    assert "page 3 and all after it are missing" in activity.gaps[0]
    assert "500" in activity.gaps[0]


# What fails


@pytest.mark.parametrize("failing", [ACTIVITY, LOGS])
@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "database"),
        (401, "LITELLM_API_KEY"),
        (403, "may not read it"),
        (404, "no such page"),
        (407, "HTTPS_PROXY"),
        (429, "too often"),
        (500, "itself failed (500)"),
        (503, "itself failed (503)"),
        (204, "204"),
        (304, "304"),
        (418, "418"),
    ],
)
def test_one_question_refused_leaves_the_other(
    proxy: LiteLLM, failing: str, status: int, said: str
) -> None:
    body = b"" if status in (204, 304) else json.dumps({"error": f"key {KEY}"}).encode()
    proxy.at(failing, Reply(body, status))

    found = billed(proxy)

    ((question, gap),) = found.gaps
    assert question == failing
    assert said in gap
    assert KEY not in gap
    assert found.activity.came is (failing == LOGS)
    assert found.logs.came is (failing == ACTIVITY)


def test_an_answer_that_takes_too_long_is_given_up(proxy: LiteLLM) -> None:
    proxy.slow(LOGS)

    found = billed(proxy, within=0.3)

    assert found.gaps == ((LOGS, "it did not answer within 0.3 s"),)
    assert dollars(found.activity.total) == 7.75


def test_an_answer_that_begins_in_time_must_end_in_time(proxy: LiteLLM) -> None:
    proxy.at(LOGS, Reply(b"[", headers={"Content-Length": "10"}, holds=True))

    assert billed(proxy, within=0.3).gaps == ((LOGS, "it did not answer within 0.3 s"),)


def test_an_answer_that_breaks_off_is_a_gap(proxy: LiteLLM) -> None:
    proxy.at(LOGS, Reply(b"[", headers={"Content-Length": "10"}))

    ((question, gap),) = billed(proxy).gaps
    assert (question, gap) == (LOGS, "it breaks off or speaks no HTTP; is LiteLLM there at all?")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>welcome</html>",
        b'{"results": [',
        b"\xff\xfe",
        b"[" * 100_000,
        b"NaN",
        b'{"spend": 1}',
        b'"text"',
        b"null",
        b'{"results": {"a": 1}}',
    ],
)
def test_what_is_no_answer_of_litellm_is_a_gap(proxy: LiteLLM, body: bytes) -> None:
    for path in (ACTIVITY, LOGS):
        proxy.at(path, Reply(body))

    found = billed(proxy)

    assert len(found.gaps) == 2
    assert all("JSON" in gap or "another shape" in gap for _, gap in found.gaps)
    assert not found.came


def test_an_answer_that_is_too_large_is_given_up(
    proxy: LiteLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MOST_BYTES", 1 << 20)
    proxy.at(LOGS, Reply(b"[" + b" " * (2 << 20) + b"]"))

    assert "larger than 1 MB" in billed(proxy).gaps[0][1]


def test_an_answer_is_not_unfolded(proxy: LiteLLM) -> None:
    bomb = gzip.compress(b" " * (1 << 20))
    proxy.at(LOGS, Reply(bomb, headers={"Content-Encoding": "gzip"}))

    assert "compressed" in billed(proxy).gaps[0][1]


def test_nobody_there_is_said(proxy: LiteLLM) -> None:
    with running() as other:
        base = other.base
    proxy.base = base

    assert {gap for _, gap in billed(proxy).gaps} == {
        "nobody answers there; start the proxy, or check LITELLM_BASE_URL"
    }


# Redirects


def test_a_redirect_on_the_same_server_is_followed(proxy: LiteLLM) -> None:
    proxy.at(f"{ACTIVITY}/", proxy.answers[ACTIVITY])

    def elsewhere(request: Request) -> Reply:
        query = "&".join(f"{name}={value}" for name, value in request.query.items())
        return Reply(status=307, headers={"Location": f"{ACTIVITY}/?{query}"})

    proxy.at(ACTIVITY, elsewhere)

    assert dollars(billed(proxy).activity.total) == 7.75


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_another_server_never_gets_the_key(proxy: LiteLLM, status: int) -> None:
    with running() as thief:
        there = {"Location": f"{thief.base}{ACTIVITY}?key={KEY}"}
        proxy.at(ACTIVITY, Reply(status=status, headers=there))

        found = billed(proxy)

        assert thief.asked == []
    ((question, gap),) = found.gaps
    assert question == ACTIVITY
    assert "which is not asked" in gap
    assert KEY not in gap


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1/",
        f"http://{KEY}.example.org/",
        "//evil.example.org/",
        "http://127.0.0.1.evil.example.org/",
        "file:///etc/passwd",
        "http://[::bad",
    ],
)
def test_where_it_is_sent_to_is_told_without_the_key(proxy: LiteLLM, location: str) -> None:
    proxy.at(LOGS, Reply(status=302, headers={"Location": location}))

    ((_, gap),) = billed(proxy).gaps

    assert "it sends to" in gap or "no HTTP" in gap
    assert KEY not in gap


@pytest.mark.parametrize("base", ["", "http://192.0.2.1:4000"])
def test_a_proxy_on_the_way_never_reads_the_key(
    proxy: LiteLLM, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.base = base or proxy.base
    with running() as thief:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, thief.base)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)

        found = billed(proxy, within=0.5)

        assert thief.asked == []
    assert found.came is not bool(base)


def test_a_circle_of_redirects_ends(proxy: LiteLLM) -> None:
    proxy.at(LOGS, Reply(status=302, headers={"Location": LOGS}))

    assert "without end" in billed(proxy).gaps[0][1]
    assert len(proxy.questions(LOGS)) == 3


# TLS


def test_tls_where_there_is_none_is_said(proxy: LiteLLM) -> None:
    proxy.base = proxy.base.replace("http:", "https:")

    assert {gap for _, gap in billed(proxy).gaps} == {
        "it speaks no TLS that is understood; is it http rather than https?"
    }


def test_a_certificate_that_nobody_signed_is_not_taken(proxy: LiteLLM, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("nothing here makes certificates")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-keyout", str(key), "-out", str(certificate), "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with running(context) as hidden:
        refused = billed(hidden)
        assert hidden.asked == []

        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(certificate))
            trusted = billed(hidden)

    assert {gap[:30] for _, gap in refused.gaps} == {"its certificate cannot be trus"}
    assert dollars(trusted.activity.total) == 7.75


def test_a_certificate_is_looked_at_behind_other_errors() -> None:
    error = httpx.ConnectError(f"Bearer {KEY}")
    error.__context__ = ssl.SSLCertVerificationError("self-signed")

    assert "certificate" in wire._why(error)


def test_no_error_is_told_in_its_own_words() -> None:
    for kind in (httpx.ReadError, httpx.LocalProtocolError, httpx.ConnectError, httpx.ProxyError):
        assert KEY not in wire._why(kind(f"Illegal header value b'Bearer {KEY}'"))


# What it says


def test_dollars_may_be_strings_and_missing_ones_are_not_nothing(proxy: LiteLLM) -> None:
    proxy.pages([[day("2025-11-20", {"a": "0.25"}, "0.25"), day("2025-11-19", {}, None)]])
    rows = json.loads(json.dumps(NOVEMBER))
    rows[1]["metrics"]["spend"] = None
    proxy.pages([rows])

    total = billed(proxy).activity.total

    assert total is not None
    assert total.dollars == 5.5
    assert total.is_bound


@pytest.mark.parametrize("value", [None, "", "many", "nan", "inf", True, [], {}, 1e300, "1e999"])
def test_what_is_no_amount_is_unknown(proxy: LiteLLM, value: object) -> None:
    proxy.pages([[{"date": "2025-11-20", "metrics": metrics(value, value, value, value)}]])
    proxy.logs([{"startTime": "2025-11-20", "spend": value, "models": {"a": value}}])

    found = billed(proxy)

    assert (dollars(found.activity.total), dollars(found.logs.total)) == (None, None)
    assert found.activity.total is not None
    assert found.activity.total.requests is None


def test_nothing_booked_is_nothing_and_nothing_known_is_unknown(proxy: LiteLLM) -> None:
    proxy.pages([[]])
    proxy.at(LOGS, Reply(status=403))

    found = billed(proxy)

    assert dollars(found.activity.total) == 0.0
    assert found.logs.total is None


def test_models_without_a_name_and_days_without_models_keep_the_sum(proxy: LiteLLM) -> None:
    row = day("2025-11-20", {"a": 1.0, "": 2.0, "None": 4.0}, 20.0)
    proxy.pages([[row]])

    activity = billed(proxy).activity

    assert {name: dollars(figures) for name, figures in activity.models} == {"a": 1.0, None: 19.0}


def test_rows_that_are_none_are_left_out_and_counted(proxy: LiteLLM) -> None:
    proxy.pages([[*NOVEMBER, None, 7, {"date": "soon", "metrics": {}}, {"date": "2025-11-20"}]])
    proxy.logs([None, {"startTime": 5, "spend": 9.0}, logged("2025-11-20", {"a": 1.0})])

    found = billed(proxy)

    assert dollars(found.activity.total) == 7.75
    assert found.activity.gaps == ("4 rows without a day or figures, left out",)
    assert found.logs.gaps == ("2 rows without a day or figures, left out",)


def test_old_proxies_tell_models_without_a_level_between(proxy: LiteLLM) -> None:
    row = day("2025-11-20", {"a": 1.0})
    row["breakdown"] = {"models": {"a": metrics(1.0)}}
    proxy.pages([[row]])

    ((name, figures),) = billed(proxy).activity.models
    assert (name, figures.dollars, figures.input) == ("a", 1.0, 100)


def test_single_requests_are_added_up_by_the_proxys_days(proxy: LiteLLM) -> None:
    proxy.logs([
        {"startTime": "2025-11-20T23:30:00Z", "spend": 1.0, "model": "a"},
        {"startTime": "2025-11-20T01:30:00+02:00", "spend": 2.0, "model": "a"},
        {"startTime": "2025-11-20T09:00:00.000000", "spend": 4.0, "model": "b"},
    ])  # fmt: skip

    logs = billed(proxy).logs

    assert [(f"{when}", dollars(each)) for when, each in logs.days] == [
        ("2025-11-19", 2.0),
        ("2025-11-20", 5.0),
    ]


def test_the_key_in_a_name_is_hidden_and_names_are_short(proxy: LiteLLM) -> None:
    proxy.pages([[day("2025-11-20", {f"model-{KEY}": 1.0, "m" * 5000: 1.0})]])

    names = [name or "" for name, _ in billed(proxy).activity.models]

    assert "model-•••" in names
    assert max(map(len, names)) == 200


def test_ten_thousand_small_amounts_are_added_up_to_the_cent(proxy: LiteLLM) -> None:
    proxy.pages([[day("2025-11-20", {"a": 0.1}) for _ in range(1000)]] * 10)

    assert dollars(billed(proxy).activity.total) == 1000.0
