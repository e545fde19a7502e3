"""Factory Droid: one sum per session, taken apart, and the conversation beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agtop.agents.droid import AGENT
from agtop.agents.droid.meter import NO_USAGE, DroidMeter
from agtop.agents.droid.usage import PART, Sum, models_of
from agtop.model import Reading, Tokens
from tests.agents.sums import Sums, check_against, sums_of
from tests.worlds import World, find

SID = "0dd00000-1111-4000-8000-000000000001"
Json = dict[str, Any]


def folder_of(home: Path) -> Path:
    folder = home / ".factory" / "sessions" / "-work-acme"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def start(**more: object) -> Json:
    return {"type": "session_start", "id": SID, "title": "Tidy up", "cwd": "/work/acme", **more}


def message(at: int, role: str, *content: Json, **more: object) -> Json:
    inner: Json = {"role": role, "content": list(content), **more}
    stamp = f"2026-11-20T12:00:{at:02}.000Z"
    return {"type": "message", "id": f"x{at}", "timestamp": stamp, "message": inner}


def user(at: int, said: str = "Tidy up") -> Json:
    return message(at, "user", {"type": "text", "text": said})


def answer(at: int, said: str = "Done.", model: str = "gpt-5.4") -> Json:
    return message(at, "assistant", {"type": "text", "text": said}, modelId=model)


def call(at: int, tool: str, **arguments: object) -> Json:
    use = {"type": "tool_use", "id": "t", "name": tool, "input": arguments}
    return message(at, "assistant", use, modelId="gpt-5.4")


def result(at: int, content: object, is_error: bool = False) -> Json:
    told = {"type": "tool_result", "tool_use_id": "t", "content": content, "is_error": is_error}
    return message(at, "user", told)


def outcome(reason: str) -> Json:
    return {"type": "agent_turn_outcome", "turnId": "x", "reason": reason}


def write(home: Path, *lines: Json) -> Path:
    path = folder_of(home) / f"{SID}.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def settle(home: Path, *counts: object, **more: object) -> Path:
    names = ("inputTokens", "cacheReadTokens", "cacheCreationTokens", "outputTokens")
    usage = dict(zip(names, counts, strict=False)) | {"thinkingTokens": 7}
    path = folder_of(home) / f"{SID}.settings.json"
    path.write_text(json.dumps({"model": "gpt-5.4", "tokenUsage": usage, **more}))
    return path


def read(home: Path, *lines: Json) -> Reading:
    (reading,) = DroidMeter(str(write(home, start(), *lines))).read()
    return reading


# ---- the sum


def test_the_buckets_are_apart_and_the_estimated_thinking_is_left_alone(home: Path) -> None:
    write(home, start(), user(1), answer(2))
    settle(home, 900, 5000, 300, 80)
    assert sums_of(AGENT, home).tokens(SID) == Tokens(900, 5000, 300, 0, 80)


def test_a_growing_sum_is_never_counted_twice(home: Path) -> None:
    write(home, start(), user(1), answer(2))
    settle(home, 900, 5000, 300, 80)
    sums = sums_of(AGENT, home)
    for step in range(1, 30):
        settle(home, 900 * step, 50_000 * step, 300 * step, 80 * step)
        sums.read()
    assert sums.tokens(SID) == Tokens(26_100, 1_450_000, 8_700, 0, 2_320)


def test_another_reading_of_the_same_files_claims_the_same(home: Path) -> None:
    path = write(home, start(), user(1), answer(2))
    settle(home, 40_000, 200_000, 300, 9_000)
    sums = sums_of(AGENT, home)
    settle(home, 70_000, 900_000, 20_000, 30_000)
    sums.read()
    sums.meters.append(DroidMeter(str(path)))
    assert sums.read().tokens(SID) == Tokens(70_000, 900_000, 20_000, 0, 30_000)


def test_a_sum_that_was_set_back_takes_nothing_away(home: Path) -> None:
    write(home, start(), user(1), answer(2))
    settle(home, 50_000, 0, 0, 80)
    sums = sums_of(AGENT, home)
    settle(home, 10, 0, 0, 5)
    assert sums.read().tokens(SID).input == 50_000


def test_no_part_is_as_large_as_a_long_context(home: Path) -> None:
    whole = Tokens(1_000_000, 30_000_000, 900_000, 0, 200_000)
    parts = [part for _, part, _ in Sum().grown(whole)]
    assert sum(parts, Tokens()) == whole
    assert max(part.prompt for part in parts) <= PART.prompt < 100_000


def test_an_absurd_sum_takes_no_more_than_its_share_of_memory() -> None:
    whole = Tokens(output=2**32 - 1)
    parts = list(Sum().grown(whole))
    assert len(parts) == 5_000
    assert sum((part for _, part, _ in parts), Tokens()) == whole


def test_the_parts_are_spread_over_the_answers_and_their_models(home: Path) -> None:
    write(home, start(), user(1), answer(2), answer(30, model="claude-sonnet-4-5"))
    settle(home, 0, 120_000, 0, 10)
    made = sums_of(AGENT, home).responses(SID)
    assert [r.model for r in made] == ["gpt-5.4", "claude-sonnet-4-5"]
    assert [round((r.at or 0) % 60) for r in made] == [2, 30]


def test_what_grows_while_it_is_watched_belongs_to_the_newest_answer(home: Path) -> None:
    path = write(home, start(), user(1), answer(2))
    settle(home, 0, 60_000, 0, 10)
    sums = sums_of(AGENT, home)
    with path.open("a") as file:
        file.write(json.dumps(answer(40)) + "\n")
    settle(home, 0, 100_000, 0, 10)
    made = sums.read().responses(SID)
    assert [(r.tokens.cache_read, round((r.at or 0) % 60)) for r in made] == [
        (60_000, 2),
        (40_000, 40),
    ]


def test_turns_are_the_answers_not_the_parts(home: Path) -> None:
    write(home, start(), user(1), answer(2))
    settle(home, 0, 600_000, 0, 10)
    assert find(World(home).collect(), SID).agent_turns == 1


def test_a_name_of_the_user_s_own_is_resolved(home: Path) -> None:
    models_of.cache_clear()
    custom = {"id": "custom:Own-0", "model": "glm-5", "provider": "openai", "apiKey": "x"}
    folder_of(home)
    (home / ".factory/settings.json").write_text(json.dumps({"customModels": [custom]}))
    write(home, start(), user(1), answer(2, model="custom:Own-0"))
    settle(home, 900, 0, 0, 80)
    sums = sums_of(AGENT, home)
    (made,) = sums.responses(SID)
    assert (made.model, made.provider) == ("glm-5", "openai")
    assert sums.readings[SID].model == "glm-5"


def test_settings_caught_half_written_leave_what_was_known(home: Path) -> None:
    write(home, start(), user(1), answer(2))
    path = settle(home, 900, 0, 0, 80)
    sums = sums_of(AGENT, home)
    path.write_text('{"tokenUsage": {"inputTok')
    assert sums.read().tokens(SID) == Tokens(900, output=80)
    assert sums.readings[SID].metered


def test_counts_that_are_none_count_nothing(home: Path) -> None:
    write(home, start(), user(1), answer(2))
    settle(home, "many", -4, 2**40, 80)
    assert sums_of(AGENT, home).tokens(SID) == Tokens(output=80)


def test_a_session_without_its_sum_is_unknown_and_says_so(home: Path) -> None:
    write(home, start(), user(1), answer(2))
    session = find(World(home).collect(), SID)
    assert session.tokens is None
    assert session.reading.problems == (NO_USAGE,)


def test_the_context_is_the_last_call(home: Path) -> None:
    write(home, start(), user(1), answer(2))
    settle(home, 900, 0, 0, 80, lastCallTokenUsage={"inputTokens": 40, "cacheReadTokens": 600})
    context = sums_of(AGENT, home).readings[SID].context
    assert context is not None
    assert context.used == 640


# ---- the conversation


def test_reminders_are_no_prompts_and_notices_no_answers(home: Path) -> None:
    reminder = message(1, "user", {"type": "text", "text": "<system-reminder>Tools"})
    hidden = message(2, "user", {"type": "text", "text": "Env"}, visibility="llm_only")
    notice = message(3, "user", {"type": "text", "text": "Offline"}) | {"visibility": "user_only"}
    assert read(home, reminder, hidden, notice, user(4)).user_turns == 1


def test_the_phase_follows_the_messages_and_the_outcome(home: Path) -> None:
    shell = call(2, "Execute", command="make")

    def phase(*lines: Json) -> str:
        return read(home, user(1), *lines).activity.phase

    assert phase() == "requested"
    assert phase(shell) == "tool"
    assert phase(shell, result(3, "ok")) == "requested"
    assert phase(call(2, "AskUser", questionnaire="Red?")) == "question"
    assert phase(answer(2), outcome("completed")) == "done"
    assert phase(answer(2, "Shall I?"), outcome("completed")) == "asks"
    assert phase(shell, result(3, "ok"), outcome("model_provider_unreachable")) == "error"
    assert phase(shell, outcome("cancelled")) == "interrupted"
    assert phase(outcome("rate_limit_exceeded")) == "limited"


def test_the_same_call_again_and_again_is_a_loop(home: Path) -> None:
    uses = [
        {"type": "tool_use", "id": f"t{at}", "name": "Execute", "input": {"command": "make"}}
        for at in range(2, 9)
    ]
    calls = [message(at, "assistant", use) for at, use in enumerate(uses, 2)]
    assert "make" in (read(home, user(1), *calls).loop or "")
    for use in uses:
        del use["input"]
    assert read(home, user(1), *calls).loop is None


def test_files_are_written_when_the_result_proves_it(home: Path) -> None:
    edit = call(2, "Edit", file_path="/work/acme/a.md")
    told = '{"success":true,"file_path":"/work/acme/a.md","linesAdded":3,"linesRemoved":1}'
    good = read(home, user(1), edit, result(3, told))
    assert [w.path for w in good.writes] == ["/work/acme/a.md"]
    assert good.lines is not None
    assert (good.lines.added, good.lines.removed) == (3, 1)
    assert read(home, user(1), edit, result(3, "Error", is_error=True)).writes == ()
    assert read(home, user(1), edit, result(3, '{"success":false}')).writes == ()
    assert read(home, user(1), call(2, "Read", file_path="/a"), result(3, "text")).writes == ()


def test_a_patch_names_its_files(home: Path) -> None:
    patch = "*** Begin Patch\n*** Update File: a.md\n*** Move to: b.md\n*** Add File: c.md\n+x\n"
    reading = read(home, user(1), call(2, "ApplyPatch", input=patch), result(3, '{"success":true}'))
    assert [w.path for w in reading.writes] == ["/work/acme/b.md", "/work/acme/c.md"]


def test_a_fork_forgets_the_history_it_was_made_from(home: Path) -> None:
    lines = [start(parent="p", forkedAtMessageId="x2"), user(1), answer(2), user(3), answer(4)]
    settle(home, 900, 0, 0, 80)
    write(home, *lines)
    sums = sums_of(AGENT, home)
    reading = sums.readings[SID]
    assert (reading.forked_from, reading.user_turns, reading.replies) == ("p", 1, 1)
    assert (reading.title, reading.cwd, reading.metered) == ("Tidy up", "/work/acme", True)
    assert sums.tokens(SID) == Tokens(900, output=80)


def test_a_session_called_by_another_is_its_subagent(home: Path) -> None:
    write(home, start(callingSessionId="boss"), user(1))
    assert sums_of(AGENT, home).readings[SID].parent_id == "boss"


def test_exec_runs_have_nobody_to_answer_them(home: Path) -> None:
    path = write(home, start(), user(1), answer(2))
    settle(home, 900, 0, 0, 80, tags=[{"name": "exec"}])
    assert not Sums(DroidMeter(str(path))).read().readings[SID].interactive


def test_nonsense_is_passed_over(home: Path) -> None:
    path = write(home, start(), user(1), answer(2))
    with path.open("a") as file:
        file.write('{"type":"future"}\n{"type":"message","message":{"role":"user","content":4}}\n')
        file.write('{"type":"message","message":{"content":[{"type":"tool_result"},5]}}\n{\n[]\n')
    (reading,) = DroidMeter(str(path)).read()
    assert (reading.replies, reading.skipped) == (1, 2)


def test_the_home_can_be_moved(home: Path) -> None:
    assert AGENT.roots(home, {}) == (home / ".factory",)
    assert AGENT.roots(home, {"FACTORY_HOME_OVERRIDE": "/srv"}) == (Path("/srv/.factory"),)


def test_the_real_home_is_exact(corpus: Path) -> None:
    folder = corpus / "droid-0.215.0"
    check_against(json.loads((folder / "truth.json").read_text()), folder / "home")
