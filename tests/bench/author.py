"""Writes the families of a corpus: sessions with their subagents, forks and resumed copies."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.bench import claude, codex
from tests.bench.pen import Pen, stamp, timed_uuid, uuid
from tests.bench.truth import Truth

NOW = 1_795_176_000.0
"""2026-11-20 12:00 UTC; all sessions are older."""
_DAYS = 180
_CLAUDE_SHARE = 0.74
_NEWEST = 60
_TORN = 0.03
_LEAST = 1000
_COPIED = 60_000
_SPREAD = 1.2
"""Sizes of files are log-normal: half are below half of the mean, a few fifty times above."""
_CLAUDE_MODELS = (["claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5"], [3, 5, 2])
_CODEX_MODELS = (["gpt-5", "gpt-5.1-codex"], [4, 6])
_CLAUDE_VERSIONS = ([claude.NEW, claude.MIDDLE, claude.OLD], [60, 22, 18])


class _Budget:
    """Shares out the bytes among the files, whatever the earlier ones really took."""

    def __init__(self, chance: Random, files: int, size: int) -> None:
        self._weights = [chance.lognormvariate(0, _SPREAD) for _ in range(files)]
        self._weight = sum(self._weights)
        self._left = size

    @property
    def files(self) -> int:
        return len(self._weights)

    def take(self) -> int:
        """The bytes the next file should have."""
        weight = self._weights.pop()
        share = weight / self._weight
        self._weight -= weight
        return max(_LEAST, int(self._left * share))

    def spend(self, size: int) -> None:
        self._left -= size


@dataclass
class Author:
    """Writes file after file until there are enough."""

    home: Path
    truth: Truth
    seed: int
    _ended: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    """When each session was written to last, and its id."""

    def write(self, files: int, size: int) -> None:
        """Write `files` transcripts of about `size` bytes in all."""
        self._chance = Random(self.seed)
        self._projects = max(2, files // 12)
        ours = round(files * _CLAUDE_SHARE)
        self._fill(ours, round(size * _CLAUDE_SHARE), self._claude_family)
        self.truth.claude_bytes = self.truth.bytes
        self._fill(files - ours, size - self.truth.bytes, self._codex_family)
        self.truth.folders = sum(1 for _ in os.walk(self.home)) - 1
        self.truth.newest = [key for _, key in sorted(self._ended, reverse=True)[:_NEWEST]]

    def _fill(self, files: int, size: int, family: Callable[[_Budget], None]) -> None:
        budget = _Budget(self._chance, files, size)
        while budget.files:
            family(budget)

    # ---- Claude Code

    def _claude_family(self, budget: _Budget) -> None:
        """A session, before it its subagents, behind it a copy that went on."""
        chance = self._chance
        version = chance.choices(*_CLAUDE_VERSIONS)[0]
        began = self._begins()
        cwd = self._cwd()
        session_id = uuid(chance)
        folder = self.home / ".claude" / "projects" / cwd.replace("/", "-")
        errands: list[tuple[str, Path]] = []
        if version != claude.OLD and chance.random() < 0.28:
            for _ in range(min(chance.randrange(1, 4), budget.files - 1)):
                below = folder / session_id / "subagents"
                errands.append(self._subagent(budget, below, session_id, version, cwd, began + 60))
        session = self._session(
            budget, folder / f"{session_id}.jsonl", session_id, version, cwd, began
        )
        session.errands = errands
        self._write_claude(budget, session)
        if budget.files and version != claude.MIDDLE and chance.random() < 0.14:
            self._copied_session(budget, session)

    def _session(
        self, budget: _Budget, path: Path, session_id: str, version: str, cwd: str, began: float
    ) -> claude.Session:
        pen = self._pen(path, began, budget.take(), "claude")
        return claude.Session(
            pen, session_id, version, cwd, self._chance.choices(*_CLAUDE_MODELS)[0]
        )

    def _subagent(
        self, budget: _Budget, folder: Path, parent: str, version: str, cwd: str, began: float
    ) -> tuple[str, Path]:
        key = f"a{self._chance.getrandbits(64):016x}"
        path = folder / f"agent-{key}.jsonl"
        session = self._session(budget, path, parent, version, cwd, began)
        session.agent_id = key
        self._write_claude(budget, session)
        meta = {"agentType": "general-purpose", "description": "look into it", "spawnDepth": 1}
        path.with_suffix(".meta.json").write_text(json.dumps(meta))
        return key, path

    def _copied_session(self, budget: _Budget, parent: claude.Session) -> None:
        """A fork, or for old versions a resumed session: the parent's rows, then its own."""
        copied = uuid(self._chance)
        path = parent.pen.path.with_name(f"{copied}.jsonl")
        began = parent.pen.now + 3600
        session = self._session(budget, path, copied, parent.version, parent.cwd, began)
        rows = _head(parent.pen.path, max(session.pen.target, _COPIED), b'"toolUseResult"')
        session.pen.target = max(session.pen.target // 3, 1) + sum(map(len, rows))
        copy = claude.resumed if parent.version == claude.OLD else claude.forked
        session.copied = copy(rows, parent.session_id, copied)
        self._write_claude(budget, session)

    def _write_claude(self, budget: _Budget, session: claude.Session) -> None:
        session.write()
        if self._chance.random() < _TORN:
            session.pen.tear(claude.torn(session))
        self._close(budget, session.pen)
        if not session.agent_id:
            self._count("claude", session.session_id, session.pen.now)

    # ---- Codex

    def _codex_family(self, budget: _Budget) -> None:
        """A thread, and perhaps a fork of it."""
        chance = self._chance
        version = codex.NEW if chance.random() < 0.6 else codex.OLD
        thread = self._thread(budget, self._begins(), version, self._cwd())
        thread.write()
        past = thread.end()
        is_forked = budget.files > 1 and chance.random() < 0.06
        if not is_forked and chance.random() < _TORN:
            thread.pen.tear(codex.torn(thread))
        self._close(budget, thread.pen)
        self._count("codex", thread.thread_id, thread.pen.now)
        if is_forked:
            self._fork(budget, thread, past)

    def _fork(self, budget: _Budget, parent: codex.Thread, past: codex.Past) -> None:
        fork = self._thread(budget, parent.pen.now + 3600, parent.version, parent.cwd)
        fork.parent = past
        if parent.version == codex.OLD:
            fork.history = parent.pen.path.read_bytes().splitlines(keepends=True)
            fork.pen.target += past.size
        fork.write()
        self._close(budget, fork.pen)
        self._count("codex", fork.thread_id, fork.pen.now)

    def _thread(self, budget: _Budget, began: float, version: str, cwd: str) -> codex.Thread:
        thread_id = timed_uuid(self._chance, began)
        day, time = stamp(began)[:10], stamp(began)[:19].replace(":", "-")
        folder = self.home / ".codex" / "sessions" / day.replace("-", "/")
        pen = self._pen(folder / f"rollout-{time}-{thread_id}.jsonl", began, budget.take(), "codex")
        return codex.Thread(pen, thread_id, version, cwd, self._chance.choices(*_CODEX_MODELS)[0])

    # ---- both

    def _begins(self) -> float:
        return NOW - 2 * 86400 - self._chance.random() * _DAYS * 86400

    def _cwd(self) -> str:
        # Some projects see far more work than others.
        number = int(self._chance.random() ** 2 * self._projects)
        return f"/home/dev/work/project-{number:04}"

    def _pen(self, path: Path, began: float, target: int, agent: str) -> Pen:
        return Pen(path, self._chance, began, target, self.truth.agents[agent])

    def _close(self, budget: _Budget, pen: Pen) -> None:
        pen.close()
        budget.spend(pen.size)
        self.truth.files += 1
        self.truth.bytes += pen.size
        self.truth.lines += pen.lines
        self.truth.usage_lines += pen.usage_lines
        self.truth.usage_bytes += pen.usage_bytes

    def _count(self, agent: str, session_id: str, at: float) -> None:
        self.truth.agents[agent].sessions += 1
        self._ended.append((at, session_id))


def _head(path: Path, most: int, end: bytes) -> Sequence[bytes]:
    """The first lines of a transcript, up to one that holds `end`: no response is cut."""
    with open(path, "rb") as file:
        lines = file.readlines(most)[:-1]
    while lines and end not in lines[-1]:
        lines.pop()
    return lines
