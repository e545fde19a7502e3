"""Transcripts that real versions of Codex wrote, held against what their server sent."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agtop.agents.codex import AGENT
from agtop.agents.codex.meter import CodexMeter
from agtop.agents.walk import Walk
from agtop.model import Claim, Reading, Tokens
from tests.agents.codex import reference
from tests.agents.codex.rollouts import added_up, read

OLD = ("0.20.0", "0.50.0", "0.105.0", "0.150.0")
ROOT = "01a1f9b5-efd6-7421-86f7-f2137264ce74"
FORK = "01a1f9b9-c481-7f41-88b9-d54345caccba"
SUBAGENT = "01a1f9b7-d005-7d93-aa19-64053e7983bb"
SUBAGENT_WITH_COPY = "01a1f9f0-b143-7980-8d61-34a4378aaeba"


def paths(corpus: Path, version: str) -> list[str]:
    root = corpus / f"codex-{version}" / "home" / ".codex"
    return sorted(AGENT.transcripts(root, Walk([])))


def truth(corpus: Path, version: str) -> dict[str, Any]:
    return json.loads((corpus / f"codex-{version}" / "truth.json").read_bytes())


@pytest.fixture(scope="module")
def newest(corpus: Path) -> dict[str, tuple[Reading, list[Claim]]]:
    """The threads of 0.169 by id."""
    readings = [read(path) for path in paths(corpus, "0.169.0")]
    return {reading.session_id: (reading, claims) for reading, claims in readings}


@pytest.mark.parametrize("version", OLD)
def test_an_old_version_s_tokens_are_exact(corpus: Path, version: str) -> None:
    expected = truth(corpus, version)["parsed_from_transcript"]

    ((_, claims),) = [read(path) for path in paths(corpus, version)]

    tokens = added_up(claims)
    assert tokens.input == expected["input"]
    assert tokens.cache_read == expected["cache_read"]
    assert tokens.cache_write_5m == expected["cache_write"]
    assert tokens.output == expected["output_incl_reasoning"]


def test_every_thread_s_tokens_are_exact(
    corpus: Path, newest: dict[str, tuple[Reading, list[Claim]]]
) -> None:
    for session_id, session in truth(corpus, "0.169.0")["sessions"].items():
        expected = session["recorded"]
        claims = newest[session_id][1] if session_id in newest else []
        assert added_up(claims) == Tokens(
            input=expected["input"],
            cache_read=expected["cache_read"],
            cache_write_5m=expected["cache_write_5m"],
            cache_write_1h=expected["cache_write_1h"],
            output=expected["output"] + expected["reasoning"],
            reasoning=expected["reasoning"],
        ), session_id


def test_all_threads_add_up_to_the_total(
    corpus: Path, newest: dict[str, tuple[Reading, list[Claim]]]
) -> None:
    claims = [claim for _, made in newest.values() for claim in made]
    expected = truth(corpus, "0.169.0")["totals"]["recorded"]["total"]
    assert added_up(claims).total == expected


def test_models_folders_and_files_are_those_of_the_truth(
    corpus: Path, newest: dict[str, tuple[Reading, list[Claim]]]
) -> None:
    sessions = truth(corpus, "0.169.0")["sessions"]
    for session_id, (reading, claims) in newest.items():
        session = sessions[session_id]
        assert reading.cwd == session["cwd"]
        assert {claim.response.model for claim in claims} == set(session["models"])
        written = {write.path for write in reading.writes}
        assert written == {path for path in session["files_touched"] if path.startswith("/")}


def test_replies_and_turns_are_those_of_the_truth(
    corpus: Path, newest: dict[str, tuple[Reading, list[Claim]]]
) -> None:
    sessions = truth(corpus, "0.169.0")["sessions"]
    for session_id, (reading, _) in newest.items():
        assert reading.replies == sessions[session_id]["requests"]
        if sessions[session_id]["scripts"]:  # one prompt there was typed by hand
            expected = 0 if reading.parent_id else sessions[session_id]["user_turns"]
            assert reading.user_turns == expected


def test_forks_and_subagents_name_where_they_come_from(
    newest: dict[str, tuple[Reading, list[Claim]]],
) -> None:
    root, fork = newest[ROOT][0], newest[FORK][0]
    assert (root.parent_id, root.forked_from) == (None, None)
    assert (fork.parent_id, fork.forked_from) == (None, ROOT)
    subagent = newest[SUBAGENT][0]
    assert (subagent.parent_id, subagent.forked_from) == (ROOT, None)
    copied = newest[SUBAGENT_WITH_COPY][0]
    assert copied.parent_id == "01a1f9f0-b0a7-7a21-8cb4-2443de0c059e"
    assert (copied.tool_calls, copied.user_turns, copied.title) == (0, 0, None)


def test_names_lines_context_and_clients_are_read(
    newest: dict[str, tuple[Reading, list[Claim]]],
) -> None:
    root = newest[ROOT][0]
    assert root.title == "Scripted title"
    assert root.interactive
    assert root.context is not None
    assert (root.context.window, root.context.compactions) == (258_400, 1)
    assert root.context.used == 236_404
    edited = newest["01a1f9b4-6157-7672-b189-1d3dd9d9c695"][0]
    assert edited.lines is not None
    assert (edited.lines.added, edited.lines.removed) == (2, 0)
    assert (edited.interactive, edited.version) == (False, "0.169.0")
    assert edited.title == "Please do [s:edit1]"


def test_the_oldest_format_has_turns_but_no_usage(corpus: Path) -> None:
    (path,) = paths(corpus, "0.20.0")

    reading, claims = read(path)

    assert reading.session_id == "3df516b7-f8b8-409b-b126-1fcffc21bacf"
    assert (reading.metered, claims) == (False, [])
    assert (reading.replies, reading.user_turns, reading.tool_calls) == (3, 1, 2)
    assert reading.title == "Please do [s:edit1]"
    assert reading.activity.phase == "done"


@pytest.mark.parametrize("version", [*OLD, "0.169.0"])
def test_nothing_is_skipped_and_all_threads_have_ended(corpus: Path, version: str) -> None:
    for path in paths(corpus, version):
        reading, _ = read(path)
        assert reading.skipped == 0
        assert reading.activity.phase == "done"
        assert (reading.action, reading.tool_errors) == (None, 0)


@pytest.mark.parametrize("version", [*OLD, "0.169.0"])
def test_the_meter_agrees_with_the_slow_counter(corpus: Path, version: str) -> None:
    for path in paths(corpus, version):
        reading, claims = read(path)
        assert (reading.session_id, added_up(claims)) == reference.tokens_of(Path(path))


def pieces(content: bytes, seed: int) -> Iterator[bytes]:
    cuts = sorted(random.Random(seed).choices(range(len(content)), k=12))
    for start, end in zip([0, *cuts], [*cuts, len(content)], strict=True):
        yield content[start:end]


@pytest.mark.parametrize("version", [*OLD, "0.169.0"])
def test_a_rollout_in_pieces_gives_the_same_reading(
    corpus: Path, version: str, tmp_path: Path
) -> None:
    for seed, original in enumerate(paths(corpus, version)):
        content = Path(original).read_bytes()
        copy = tmp_path / "sessions" / str(seed) / Path(original).name
        copy.parent.mkdir(parents=True)
        copy.write_bytes(content)
        whole = read(str(copy))
        copy.write_bytes(b"")
        meter = CodexMeter(str(copy))
        claims: list[Claim] = []
        for piece in pieces(content, seed):
            with copy.open("ab") as file:
                file.write(piece)
            meter.read()
            claims += meter.claims()
        assert (meter.read()[0], claims) == whole
