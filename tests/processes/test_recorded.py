"""Process trees of real agents, as they were recorded at work."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from agtop.agents.signatures import SIGNATURES
from agtop.processes.classify import recognise


def observed(folder: Path) -> Iterator[tuple[str, list[str], str]]:
    """(short name, argv, exe) of every process in the recorded trees."""
    for file in sorted(folder.glob("*.txt")):
        name, argv = "", [""]
        for line in file.read_text().splitlines():
            if found := re.search(r"^ *pid=.*comm='(.*)'$", line):
                name = found[1]
            elif found := re.match(r" *argv=(\[.*\])$", line):
                argv = ast.literal_eval(found[1])
            elif found := re.match(r" *exe=(.*) cwd=", line):
                yield name, argv, found[1]


def test_every_process_of_the_recorded_trees_is_placed(corpus: Path) -> None:
    agents: dict[str, set[str]] = {}
    for name, argv, exe in observed(corpus / "processes"):
        tools = {"bash", "perl"}
        if name in tools:
            assert recognise(name, argv, exe, SIGNATURES) is None, argv
            continue
        found = recognise(name, argv, exe, SIGNATURES)
        assert found is not None, argv
        agents.setdefault(f"{found.agent} {found.role}", set()).add(name)

    assert set(agents) == {
        "aider session",
        "claude session",
        "cline daemon",
        "cline session",
        "codex helper",
        "codex daemon",
        "codex session",
        "copilot session",
        "gemini session",
        "kimi session",
        "kimi-code session",
        "opencode session",
        "pi session",
        "qwen session",
    }
