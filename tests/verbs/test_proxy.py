"""`agtop spend --proxy`, as it is called: what a proxy tells, and a key that nothing tells."""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agtop.cli import main
from agtop.log import stop
from agtop.spend.proxy import reading
from tests.claude_rows import SESSION, answer, prompt, usage, write
from tests.spend.proxy.litellm import (
    ACTIVITY,
    KEY,
    LOGS,
    NOVEMBER,
    LiteLLM,
    Reply,
    day,
    logged,
    reply,
    running,
)
from tests.test_floors import modules_after
from tests.test_floors import running as running_of

DAYS = ("--since", "2025-11-01", "--until", "2025-11-20")
HOSTILE = "\x1b[2Jgpt\u202e\x9b\r\nx"


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[LiteLLM]:
    with running() as found:
        for name, value in found.environ("/v1/").items():
            monkeypatch.setenv(name, value)
        yield found


def told(capsys: pytest.CaptureFixture[str], *flags: str, status: int = 0) -> tuple[str, str]:
    """What was printed, and what was said; never the key."""
    assert main(["spend", "--proxy", *DAYS, *flags]) == status
    captured = capsys.readouterr()
    assert KEY not in captured.out
    assert KEY not in captured.err
    return captured.out, captured.err


def as_json(capsys: pytest.CaptureFixture[str], *flags: str) -> dict[str, Any]:
    return json.loads(told(capsys, "--json", *flags)[0])


def test_a_page_tells_models_days_both_books_and_agtops_own(
    proxy: LiteLLM, capsys: pytest.CaptureFixture[str]
) -> None:
    page, said = told(capsys)

    lines = {line.split()[0]: line for line in page.splitlines() if line}
    assert "$6.25" in lines["claude-opus-4-6"]
    assert lines["gpt-5.5"].split()[1:6] == ["$1.50", "$1.25", "100", "10", "1"]
    assert lines["TOTAL"].split()[1:6] == ["$7.75", "$7.50", "300", "30", "3"]
    assert "$7.75 says /user/daily/activity; $7.50 says /spend/logs" in lines["total"]
    assert "$0.00 at list price is what agtop counts itself" in lines["own"]
    assert "$7.75 less; it is no part of the proxy's figures" in lines["own"]
    assert "Thu 2025-11-20" in page
    assert lines["proxy"].endswith(proxy.base)
    assert said == ""


def test_json_and_csv_hold_the_same_figures(
    proxy: LiteLLM, capsys: pytest.CaptureFixture[str]
) -> None:
    document = as_json(capsys)
    rows = list(csv.DictReader(told(capsys, "--csv")[0].splitlines()))

    assert document["total"]["cost"] == 7.75
    assert document["total"]["cost_is_lower_bound"] is False
    assert document["period"] == {"span": "range", "first": "2025-11-01", "last": "2025-11-20"}
    assert document["own"] == {"cost": 0.0, "unpriced_tokens": 0, "above_proxy": -7.75}
    assert document["gaps"] == []
    for by, key in (("day", "days"), ("model", "models")):
        mine = [row for row in rows if row["by"] == by]
        assert [row["key"] for row in mine] == [each[by] for each in document[key]]
        assert [float(row["cost"]) for row in mine] == [each["cost"] for each in document[key]]
        assert sum(each["cost"] for each in document[key]) == 7.75
    assert next(row for row in rows if row["by"] == "total")["logged_cost"] == "7.5"


def test_agtops_own_is_of_the_proxys_days_and_no_part_of_its_figures(
    home: Path, proxy: LiteLLM, capsys: pytest.CaptureFixture[str]
) -> None:
    write(home, SESSION, prompt("go", 0), answer("m1", 1, usage(1_000_000, 500)))
    assert main(["spend", "--all", "--json"]) == 0
    spent = json.loads(capsys.readouterr().out)
    first = spent["days"][0]["day"]

    proxy.pages([[]])
    on_that_day = as_json(capsys, "--since", first, "--until", first)
    before = as_json(capsys, "--since", "2024-01-01", "--until", "2024-01-02")

    assert on_that_day["own"]["cost"] == spent["total"]["cost"] > 0
    assert on_that_day["total"]["cost"] == 0
    assert before["own"]["cost"] == 0


@pytest.mark.parametrize("form", ["--json", "--csv", ""])
def test_one_question_refused_is_said_and_the_other_shown(
    proxy: LiteLLM, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    proxy.at(ACTIVITY, reply({"error": f"Received API Key = {KEY}"}, 403))

    out, said = told(capsys, *filter(None, [form]))

    assert "7.5" in out
    assert "/user/daily/activity: the key may not read it (403)" in (said if form else out)


def test_a_page_that_fails_makes_the_total_a_bound(
    proxy: LiteLLM, capsys: pytest.CaptureFixture[str]
) -> None:
    proxy.at(
        ACTIVITY,
        lambda request: (
            reply({"results": NOVEMBER, "metadata": {"has_more": True}})
            if request.query["page"] == "1"
            else Reply(status=500)
        ),
    )

    page, _ = told(capsys)
    document = as_json(capsys)

    assert "≥ $7.75 says /user/daily/activity; $7.50 says /spend/logs" in page
    assert next(line for line in page.splitlines() if "TOTAL" in line).split()[1:4] == [
        "≥", "$7.75", "$7.50",
    ]  # fmt: skip
    assert "page 2 and all after it are missing" in page
    assert document["total"]["cost_is_lower_bound"] is True
    assert document["own"]["above_proxy"] == -7.5, "against the book that came in full"


def test_a_proxy_that_tells_nothing_is_one_sentence(
    proxy: LiteLLM, capsys: pytest.CaptureFixture[str]
) -> None:
    proxy.answers.clear()
    out, said = told(capsys, "--json", status=1)

    assert out == ""
    assert said.startswith(f"agtop: {proxy.base} tells nothing: it has no such page (404)")
    assert said.count("\n") == 1


def test_without_the_variables_it_says_what_to_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert "set LITELLM_BASE_URL and LITELLM_API_KEY" in told(capsys, status=1)[1]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--demo"], "has no proxy"),
        (["--by", "model"], "--by cannot go with --proxy"),
        (["--agent", "claude"], "--agent cannot go with --proxy"),
        (["--safe"], "--proxy and --safe cannot go together"),
        (["--json", "--csv"], "cannot go together"),
    ],
)
def test_what_the_proxy_cannot_tell_is_not_asked(
    proxy: LiteLLM, capsys: pytest.CaptureFixture[str], flags: list[str], said: str
) -> None:
    assert said in told(capsys, *flags, status=2)[1]
    assert proxy.asked == []


def test_nobody_is_asked_without_the_flag(
    proxy: LiteLLM, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["spend"], ["spend", "--json"], ["--list"], ["--json"], ["sources"]):
        assert main(words) == 0

    assert proxy.asked == []
    assert KEY not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("span", "first"), [("--all", "2023-01-01"), ("--week", None), ("--month", None)]
)
def test_periods_end_today_at_the_latest(
    proxy: LiteLLM, capsys: pytest.CaptureFixture[str], span: str, first: str | None
) -> None:
    assert main(["spend", "--proxy", "--json", span]) == 0
    document = json.loads(capsys.readouterr().out)

    (asked,) = proxy.questions(ACTIVITY)
    assert document["period"]["last"] == asked["end_date"] <= document["generated_at"][:10]
    assert asked["start_date"] == (first or document["period"]["first"])


def test_hostile_names_are_harmless_in_every_form(
    proxy: LiteLLM, capsys: pytest.CaptureFixture[str]
) -> None:
    proxy.pages([[day("2025-11-20", {HOSTILE: 1.0, "=cmd()": 1.0, KEY: 1.0})]])
    proxy.logs([logged("2025-11-20", {HOSTILE: 1.0})])

    page, table, document = (told(capsys, *form)[0] for form in ((), ("--csv",), ("--json",)))

    for text in (page, table, document):
        assert text.replace("\n", "").isprintable()
    assert "'=cmd()" in table
    assert "•••" in page


def test_what_it_takes_to_ask_is_loaded_only_to_ask(home: Path) -> None:
    assert modules_after(home, running_of("spend")).isdisjoint({"httpx", "agtop.spend.proxy"})


def _echo(request: object) -> Reply:
    return reply({"error": {"message": f"Invalid key: Bearer {KEY}"}}, 401)


SITUATIONS: dict[str, Callable[[LiteLLM], object]] = {
    "well": lambda proxy: None,
    "refused": lambda proxy: [proxy.at(path, _echo) for path in (ACTIVITY, LOGS)],
    "half refused": lambda proxy: proxy.at(LOGS, _echo),
    "sent away": lambda proxy: proxy.at(
        LOGS, Reply(status=302, headers={"Location": f"http://{KEY}.example.org/{KEY}"})
    ),
    "named": lambda proxy: proxy.pages([[day("2025-11-20", {f"a {KEY} b": 1.0})]]),
    "no answer": lambda proxy: proxy.at(ACTIVITY, Reply(KEY.encode())),
    "gone": lambda proxy: proxy.at(ACTIVITY, Reply(b"", headers={"Content-Length": "9"})),
}


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("form", [(), ("--json",), ("--csv",)], ids=["text", "json", "csv"])
def test_the_key_is_in_nothing_that_is_written(
    home: Path,
    proxy: LiteLLM,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    situation: str,
    form: tuple[str, ...],
) -> None:
    SITUATIONS[situation](proxy)
    log = home / "log"
    with caplog.at_level(logging.DEBUG):  # httpx and httpcore log too
        status = main(["spend", "--proxy", *DAYS, *form, "--log-file", str(log), "-v"])
    stop()

    captured = capsys.readouterr()
    assert status == (1 if situation == "refused" else 0)
    assert proxy.asked
    assert proxy.asked[0].key == f"Bearer {KEY}", "else this test could not fail"
    written = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    for text in (captured.out, captured.err, caplog.text):
        assert KEY not in text
    assert not any(KEY.encode() in each for each in written)


def test_a_bug_tells_no_key(
    home: Path,
    proxy: LiteLLM,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(document: object) -> None:
        raise KeyError("unforeseen")

    monkeypatch.setattr(reading, "logs", broken)
    log = home / "log"

    told(capsys, "--log-file", str(log), "-v", status=1)
    stop()

    text = log.read_text()
    assert "unforeseen" in text
    assert KEY not in text
