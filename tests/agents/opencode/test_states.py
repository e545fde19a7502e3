"""Where an OpenCode session stands, by its own records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agtop.model import Reading
from tests.agents.opencode.writing import Store, counts, read


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "opencode.db")


def reading(store: Store) -> Reading:
    (found,) = read(store.path)[0].values()
    return found


def test_an_empty_session_is_new(store: Store) -> None:
    store.session("talk")
    assert reading(store).activity.phase == "new"


def test_a_prompt_waits_for_its_answer(store: Store) -> None:
    store.user(store.session("talk", title="New session - 2026-11-20T13:06:40.000Z"), "Fix it")
    found = reading(store)
    assert (found.activity.phase, found.title) == ("requested", "Fix it")


def test_an_answer_that_ends_in_a_question_asks(store: Store) -> None:
    message = store.answer(store.session("talk"), counts(1, 1))
    store.part("talk", message, {"type": "text", "text": "Which of the two?"})
    assert reading(store).activity.phase == "asks"


def test_a_step_that_calls_tools_is_not_the_end(store: Store) -> None:
    message = store.answer(store.session("talk"), counts(1, 1), finish="tool-calls")
    store.tool("talk", message, "bash", "completed", input={"command": "ls"})
    assert reading(store).activity.phase == "requested"


def test_a_question_tool_waits_for_the_user(store: Store) -> None:
    message = store.answer(store.session("talk"), done=False)
    store.tool("talk", message, "question", "running", input={"questions": []})
    assert reading(store).activity.phase == "question"


@pytest.mark.parametrize(
    ("error", "phase", "said"),
    [
        ({"name": "MessageAbortedError", "data": {"message": "x"}}, "interrupted", "stopped"),
        ({"name": "APIError", "data": {"message": "Overloaded", "statusCode": 529}}, "error",
         "Overloaded"),
        ({"name": "APIError", "data": {"message": "no", "statusCode": 429}}, "limited", "no"),
        ({"name": "UnknownError", "data": {"message": "Usage limit reached"}}, "limited", "Usage"),
        ({"name": "ProviderAuthError"}, "error", "ProviderAuthError"),
        ({}, "error", "unnamed"),
    ],
)  # fmt: skip
def test_errors_are_told_apart(store: Store, error: dict[str, Any], phase: str, said: str) -> None:
    store.user(store.session("talk"))
    store.answer("talk", error=error)
    found = reading(store).activity
    assert found.phase == phase
    assert said in found.evidence


def test_a_rate_limit_says_when_it_ends(store: Store) -> None:
    data = {"message": "no", "statusCode": 429, "responseHeaders": {"Retry-After": "60"}}
    store.answer(store.session("talk"), error={"name": "APIError", "data": data})
    found = reading(store).activity
    assert found.since is not None
    assert found.until == found.since + 60


def test_a_retry_under_way_names_its_attempt(store: Store) -> None:
    message = store.answer(store.session("talk"), done=False)
    error = {"name": "APIError", "data": {"message": "Overloaded", "statusCode": 529}}
    retry = {"type": "retry", "attempt": 2, "error": error, "time": {"created": store.now}}
    store.part("talk", message, retry)
    found = reading(store).activity
    assert (found.phase, "attempt 2" in found.evidence) == ("requested", True)
    store.part("talk", message, {"type": "text", "text": "Here"})
    assert "attempt" not in reading(store).activity.evidence


def test_a_conversation_being_summed_up_is_at_work(store: Store) -> None:
    store.answer(store.session("talk", time_compacting=store.now), counts(1, 1))
    assert reading(store).activity.phase == "requested"


def test_sessions_of_run_have_nobody_to_ask(store: Store) -> None:
    rules = '[{"permission":"question","pattern":"*","action":"deny"}]'
    store.session("talk", permission=rules)
    assert not reading(store).interactive


def test_what_a_step_calls_failed_is_counted(store: Store) -> None:
    message = store.answer(store.session("talk"), counts(1, 1))
    store.tool("talk", message, "read", "error", input={"filePath": "/no"}, error="not found")
    store.tool("talk", message, "read", "completed", input={"filePath": "/yes"})
    found = reading(store)
    assert (found.tool_calls, found.tool_errors) == (2, 1)


def test_only_tools_that_succeeded_wrote(store: Store) -> None:
    message = store.answer(store.session("talk"), counts(1, 1))
    calls: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("write", "completed", {"input": {"filePath": "/w/new.py", "content": "a\nb"}}),
        ("write", "error", {"input": {"filePath": "/w/failed.py", "content": "a"}}),
        ("write", "running", {"input": {"filePath": "/w/running.py", "content": "a"}}),
        ("edit", "completed", {"input": {"filePath": "b.py"}, "metadata": {
            "filediff": {"file": "b.py", "additions": 3, "deletions": 1}}}),
        ("edit", "completed", {"input": {"filePath": "/w/c.py"}, "metadata": {
            "diff": "--- a\n+++ b\n@@ -1 +1,2 @@\n-old\n+new\n+newer\n"}}),
        ("multiedit", "completed", {"input": {"filePath": "/w/d.py"}, "metadata": {
            "results": [{"filediff": {"additions": 1, "deletions": 0}}, {"diff": "+x"}]}}),
        ("apply_patch", "completed", {"input": {}, "metadata": {"files": [
            {"filePath": "/w/e.py", "additions": 4, "deletions": 2}, {"filePath": "/w/old.py",
             "movePath": "/w/f.py"}, "odd"]}}),
        ("read", "completed", {"input": {"filePath": "/w/read.py"}}),
    )  # fmt: skip
    for name, status, state in calls:
        store.tool("talk", message, name, status, **state)
    store.part("talk", message, {"type": "patch", "files": ["/w/by-somebody-else.py"]})
    found = reading(store)
    assert [write.path for write in found.writes] == [
        "/w/new.py", "/work/shop/b.py", "/w/c.py", "/w/d.py", "/w/e.py", "/w/f.py"
    ]  # fmt: skip
    assert found.lines is not None
    assert (found.lines.added, found.lines.removed) == (2 + 3 + 2 + 2 + 4, 1 + 1 + 2)


def test_the_model_and_its_effort_are_those_of_the_newest_answer(store: Store) -> None:
    model = {"id": "gpt-5", "providerID": "openai", "variant": "high"}
    store.session("talk", model=model)
    assert (reading(store).model, reading(store).effort) == ("gpt-5", "high")
    store.answer("talk", counts(1, 1), modelID="claude-opus-5-5", variant="max")
    assert (reading(store).model, reading(store).effort) == ("claude-opus-5-5", "max")


@pytest.mark.parametrize(("tool", "at_once"), [("bash", True), ("write", True), ("task", False)])
def test_a_call_that_would_be_over_at_once_is_held_up_by_the_user(
    store: Store, tool: str, at_once: bool
) -> None:
    message = store.answer(store.session("talk"), done=False)
    store.tool("talk", message, tool, "running", input={"command": "curl -s http://a.test/x"})

    assert (reading(store).activity.phase, reading(store).activity.at_once) == ("tool", at_once)


def test_a_call_that_is_still_being_written_waits_for_nobody(store: Store) -> None:
    message = store.answer(store.session("talk"), done=False)
    store.tool("talk", message, "bash", "pending", input={})

    found = reading(store).activity
    assert (found.phase, found.at_once) == ("requested", False)
    assert found.evidence == "an answer is being written"
