"""Aider's histories: rounded counts, local times, several sessions in one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from agtop.agents.aider import AGENT, AiderMeter, written_by
from agtop.agents.walk import Walk
from agtop.model import Reading, Tokens
from tests.worlds import World, process

START = (
    "# aider chat started at 2026-11-20 10:00:00\n\n> Main model: gpt-5 with diff edit format  \n"
)


def history(folder: Path, text: str) -> AiderMeter:
    folder.mkdir(exist_ok=True)
    path = folder / ".aider.chat.history.md"
    path.write_text(text)
    return AiderMeter(str(path))


def spent(meter: AiderMeter) -> Tokens:
    meter.read()
    (claim,) = meter.claims()
    return claim.response.tokens


def only(meter: AiderMeter) -> Reading:
    (reading,) = meter.read()
    return reading


@pytest.mark.parametrize(
    ("said", "tokens"),
    [
        ("Tokens: 812 sent, 24 received.", Tokens(812, 0, 0, 0, 24)),
        ("Tokens: 4.2k sent, 245 received. Cost: $0.01 message, $0.05 session.",
         Tokens(4200, 0, 0, 0, 245)),
        ("Tokens: 27k sent, 21k cache hit, 1.0k received.", Tokens(6000, 21000, 0, 0, 1000)),
        # What was written to the cache stands twice in what was sent.
        ("Tokens: 10k sent, 1.1k cache write, 3k cache hit, 9 received.",
         Tokens(4800, 3000, 1100, 0, 9)),
        ("Tokens: 1.0k sent, 2k cache hit, 5 received.", Tokens(0, 2000, 0, 0, 5)),
    ],
)  # fmt: skip
def test_rounded_counts_become_disjoint_buckets(tmp_path: Path, said: str, tokens: Tokens) -> None:
    assert spent(history(tmp_path, f"{START}\n#### go\n\n> {said}  \n")) == tokens


def test_streamed_counts_are_estimates_and_a_provider_s_are_not(tmp_path: Path) -> None:
    used = "\n#### go\n\n> Tokens: 812 sent, 24 received.  \n"
    assert only(history(tmp_path / "a", START + used)).estimated
    plain = START.replace("> Main", "> /usr/bin/aider --no-stream  \n> Main")
    assert not only(history(tmp_path / "b", plain + used)).estimated


def test_aiders_own_dollars_are_the_last_sum_of_the_session(tmp_path: Path) -> None:
    text = START + "".join(
        f"\n#### go\n\n> Tokens: 9 sent, 1 received. Cost: $0.01 message, ${cost} session.  \n"
        for cost in ("0.01", "0.02")
    )
    assert only(history(tmp_path, text)).reported_cost == 0.02


def test_a_prompt_that_is_not_answered_is_work(tmp_path: Path) -> None:
    assert only(history(tmp_path, f"{START}\n#### go\n")).activity.phase == "requested"


def test_commands_to_aider_are_no_turns(tmp_path: Path) -> None:
    assert only(history(tmp_path, f"{START}\n#### /add x.py\n\n#### /ask why?\n")).user_turns == 1


def test_a_rate_limit_and_a_stop_are_told_apart(tmp_path: Path) -> None:
    limit = "> litellm.RateLimitError: slow down  \n"
    assert only(history(tmp_path, f"{START}\n#### go\n\n{limit}")).activity.phase == "limited"
    stop = "> ^C again to exit  \n"
    assert only(history(tmp_path, f"{START}\n#### go\n\n{stop}")).activity.phase == "interrupted"


def test_prompts_have_the_times_they_were_typed(tmp_path: Path) -> None:
    (tmp_path / ".aider.input.history").write_text(
        "\n# 2026-11-20 10:00:07.500000\n+go\n\n# 2026-11-20 10:05:00.000000\n+go\n"
    )
    text = START + "\n#### go\n\n> Tokens: 9 sent, 1 received.  \n" * 2
    meter = history(tmp_path, text)
    meter.read()
    first, second = [claim.response.at or 0.0 for claim in meter.claims()]
    assert second - first == pytest.approx(292.5)


def test_two_folders_begun_in_one_second_are_two_sessions(tmp_path: Path) -> None:
    one, other = history(tmp_path / "a", START), history(tmp_path / "b", START)
    assert only(one).session_id != only(other).session_id


def test_what_is_no_history_is_no_session(tmp_path: Path) -> None:
    assert history(tmp_path, "> Tokens: 9 sent, 1 received.\n\0\x1b]0;x\x07\n").read() == ()


def test_a_running_aider_brings_its_folder_and_agtop_remembers_it(home: Path) -> None:
    repository = home / "deep" / "work" / "api"
    (repository / ".git").mkdir(parents=True)
    history(repository, START)
    below = repository / "src"
    below.mkdir()
    world = World(home)
    assert not world.collect().sessions
    aider = process(7, "aider", repository)
    (session,) = world.collect(aider, later=2).sessions
    assert session.reading.cwd == str(repository)
    assert len(world.collect(later=60).sessions) == 1
    assert written_by(process(8, "aider", below)) == (str(repository / ".aider.chat.history.md"),)


def test_only_the_home_and_the_folders_in_it_are_looked_through(home: Path) -> None:
    history(home / "api", START)
    (home / "a" / "b").mkdir(parents=True)
    history(home / "a" / "b", START)
    found = list(AGENT.transcripts(home, Walk([])))
    assert str(home / "api" / ".aider.chat.history.md") in found
    assert not any("a/b" in path for path in found)


def test_a_real_history_reads_as_estimates(corpus: Path) -> None:
    meter = AiderMeter(str(corpus / "aider-0.86.2/work/ai-i/.aider.chat.history.md"))
    (reading,) = meter.read()
    assert (reading.user_turns, reading.estimated, reading.version) == (3, True, "0.86.2")
    assert [write.path.rpartition("/")[2] for write in reading.writes] == ["alpha.txt"]
    assert [claim.response.tokens.output for claim in meter.claims()] == [24, 11, 6]
    assert reading.reported_cost == 0.01
