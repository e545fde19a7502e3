"""agtop's totals, held against a slow counter and against invented pasts whose truth is known."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from agtop.model import Session, Snapshot, Tokens
from tests import claude_story, codex_story, reference
from tests.worlds import World

SEEDS = range(12)


def everyone(snapshot: Snapshot) -> Iterator[Session]:
    queue = list(snapshot.sessions)
    while queue:
        session = queue.pop()
        yield session
        queue += session.subagents


def bill(snapshot: Snapshot, agent: str) -> dict[str, Tokens]:
    """Session or subagent → what it used itself."""
    rows = [session for session in everyone(snapshot) if session.agent == agent]
    return {s.session_id: s.own.tokens for s in rows if s.own.tokens and s.own.tokens.total}


def put(contents: dict[Path, bytes]) -> None:
    for path, content in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_claude_past_adds_up_to_its_truth(home: Path, seed: int) -> None:
    story = claude_story.Story(home / ".claude", seed).tell()
    story.write()

    snapshot = World(home).collect()

    assert reference.claude(home / ".claude") == story.bill()
    assert bill(snapshot, "claude") == story.bill()
    assert snapshot.totals.tokens == sum(story.bill().values(), Tokens())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_codex_past_adds_up_to_its_truth(home: Path, seed: int) -> None:
    story = codex_story.Story(home / ".codex", seed).tell()
    put(story.contents())

    snapshot = World(home).collect()

    assert reference.codex(home / ".codex") == story.truth
    assert bill(snapshot, "codex") == story.truth
    assert snapshot.totals.tokens == sum(story.truth.values(), Tokens())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_claude_past_watched_while_files_move_and_shrink_adds_up(home: Path, seed: int) -> None:
    story = claude_story.Story(home / ".claude", seed).tell(14)
    chance = random.Random(seed)
    left = {path: b"".join(map(claude_story.encoded, rows)) for path, rows in story.files.items()}
    place = {path: path for path in left}
    world = World(home)

    while left:
        path = chance.choice(sorted(left))
        left[path] = append_some(place[path], left[path], chance)
        if not left[path]:
            del left[path]
            world.collect()
            place[path] = disturb(place[path], chance)
        if chance.random() < 0.7:
            world.collect()

    assert bill(world.collect(), "claude") == story.bill()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_codex_past_watched_while_it_is_written_and_archived_adds_up(
    home: Path, seed: int
) -> None:
    story = codex_story.Story(home / ".codex", seed).tell(14)
    chance = random.Random(seed)
    world = World(home)

    for path, content in story.contents().items():  # a parent is there before its forks
        while content:
            content = append_some(path, content, chance)
            world.collect()
        if chance.random() < 0.3 and path.parent.name != "archived_sessions":
            (home / ".codex/archived_sessions").mkdir(exist_ok=True)
            os.replace(path, home / ".codex/archived_sessions" / path.name)

    assert bill(world.collect(), "codex") == story.truth


def append_some(path: Path, content: bytes, chance: random.Random) -> bytes:
    """Write a part of `content`, cut anywhere, and return the rest."""
    cut = chance.randint(1, len(content)) if chance.random() < 0.7 else len(content)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(content[:cut])
    return content[cut:]


def disturb(path: Path, chance: random.Random) -> Path:
    """What happens to whole files, once agtop has read them; where the file is then."""
    content = path.read_bytes()
    lines = content.splitlines(keepends=True)
    match chance.randrange(8):
        case 0:  # old rows thrown out
            path.with_suffix(".tmp").write_bytes(b"".join(lines[len(lines) // 2 :]))
            os.replace(path.with_suffix(".tmp"), path)
        case 1 if not path.name.startswith("agent-"):  # the working directory changed
            moved = path.parents[1] / "-elsewhere" / path.name
            moved.parent.mkdir(exist_ok=True)
            os.replace(path, moved)
            return moved
        case 2:
            path.unlink()
        case 3:
            path.write_bytes(b"".join(lines[: len(lines) // 2]))
        case 4:
            path.write_bytes(content)
        case 5:
            path.write_bytes(content + b'{"type":"assistant","message":{"id":"torn')
        case _:
            pass
    return path


@pytest.mark.parametrize("name", ["claude-1.0.128", "claude-2.0.76", "claude-2.1.80", "claude-2.1.329"])  # fmt: skip
def test_real_claude_homes_are_counted_as_the_reference_counts_them(
    corpus: Path, name: str
) -> None:
    home = corpus / name / "home"

    assert bill(World(home).collect(), "claude") == reference.claude(home / ".claude")


@pytest.mark.parametrize("name", ["codex-0.50.0", "codex-0.105.0", "codex-0.150.0", "codex-0.169.0"])  # fmt: skip
def test_real_codex_homes_are_counted_as_the_reference_counts_them(corpus: Path, name: str) -> None:
    home = corpus / name / "home"

    assert bill(World(home).collect(), "codex") == reference.codex(home / ".codex")
