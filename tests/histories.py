"""Homes with a history, and what happens to them while agtop runs."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from agtop.model import Process, replace
from tests.claude_rows import answer, encode, prompt, usage
from tests.worlds import NOW, World, process

DAY = 86400.0


def stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def identity(number: int) -> str:
    return str(UUID(int=number, version=4))


def claude_file(home: Path, number: int, folder: str = "p0") -> Path:
    path = home / ".claude" / "projects" / folder / f"{identity(number)}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def reply(number: int | str, at: float, session: str, output: int = 7, **more: Any) -> bytes:
    used = usage(10, output)
    row = answer(f"msg_{number}", 0, used, session=session, timestamp=stamp(at), **more)
    return encode(row)


def age(home: Path, files: Sequence[Path], by: float = DAY) -> None:
    """Let everything have been written some time ago, the last of the files last."""
    then = time.time() - by
    for folder in home.rglob("*"):
        os.utime(folder, (then, then))
    for n, path in enumerate(files):
        os.utime(path, (then + n, then + n))


def history(home: Path, files: int, folders: int = 10) -> list[Path]:
    """Claude sessions of yesterday, the last one written last."""
    paths: list[Path] = []
    for n in range(files):
        path = claude_file(home, n, f"p{n % folders}")
        path.write_bytes(reply(n, NOW - DAY + n, identity(n), cwd=f"/work/p{n % folders}"))
        paths.append(path)
    age(home, paths)
    return paths


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


class Life:
    """Things that happen at random to a home and to the processes of a machine."""

    def __init__(self, home: Path, world: World, seed: int) -> None:
        self.home = home
        self.world = world
        self.chance = random.Random(seed)
        self.processes: dict[int, Process] = {}
        self._count = 0
        self._place = [home / "src" / name for name in ("a", "b", "c")]
        for place in self._place:
            place.mkdir(parents=True)

    def happen(self) -> None:
        deed: Callable[[], None] = self.chance.choice(
            [
                self.begin_claude,
                self.begin_codex,
                self.spawn,
                self.fork,
                self.adopt,
                self.forget,
                self.move,
                self.copy,
                self.archive,
                self.start,
                self.start_noted,
                self.start_codex,
                self.end,
                self.end,
                *[self.go_on] * 8,
            ]
        )
        deed()

    def wait(self) -> float:
        return self.chance.choice([0.0, 0.5, 2.0, 2.0, 2.0, 20.0, 100.0, 1000.0, 5000.0, 30000.0])

    # ---- files

    def claudes(self) -> list[Path]:
        return sorted(self.home.glob(".claude/projects/*/*.jsonl"))

    def subagents(self) -> list[Path]:
        return sorted(self.home.glob(".claude/projects/*/*/subagents/*.jsonl"))

    def rollouts(self) -> list[Path]:
        return sorted(self.home.glob(".codex/**/*.jsonl"))

    def number(self) -> int:
        self._count += 1
        return self._count

    def begin_claude(self) -> None:
        number, place = self.number(), self.chance.choice(self._place)
        path = claude_file(self.home, number, f"-src-{place.name}")
        append(path, self._asked(path, str(place)))

    def begin_codex(self) -> None:
        at, thread = self.world.now, identity(self.number())
        day = datetime.fromtimestamp(at, UTC)
        folder = self.home / f".codex/sessions/{day:%Y/%m/%d}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"rollout-{day:%Y-%m-%dT%H-%M-%S}-{thread}.jsonl"
        meta = {"id": thread, "cwd": str(self.chance.choice(self._place)), "source": "cli"}
        append(path, self._record("session_meta", meta))

    def spawn(self) -> None:
        """A subagent, of a session or of one whose transcript does not exist."""
        parents = [path.with_suffix("") for path in self.claudes()]
        above = self.chance.choice([*parents, claude_file(self.home, 10_000).with_suffix("")])
        folder = above / "subagents"
        folder.mkdir(parents=True, exist_ok=True)
        agent = f"a{self.number()}"
        more: dict[str, Any] = {"isSidechain": True, "agentId": agent}
        append(
            folder / f"agent-{agent}.jsonl",
            reply(agent, self.world.now, above.name, **more),
        )

    def adopt(self) -> None:
        """A subagent says whose it is: another's, perhaps in a circle."""
        known = self.subagents()
        if known:
            path, other = self.chance.choice(known), self.chance.choice(known)
            above = other.stem.removeprefix("agent-")
            path.with_suffix(".meta.json").write_text(json.dumps({"parentAgentId": above}))

    def fork(self) -> None:
        known = self.claudes()
        if known:
            origin = self.chance.choice(known)
            path = claude_file(self.home, self.number(), origin.parent.name)
            own = origin.read_bytes().replace(origin.stem.encode(), path.stem.encode())
            path.write_bytes(own + self._answered(path))

    def go_on(self) -> None:
        if rollouts := self.rollouts():
            path = self.chance.choice(rollouts)
            append(path, self._record("event_msg", self._spent()))
        known = [*self.claudes(), *self.subagents()]
        if known:
            path = self.chance.choice(known)
            data = self._asked(path) if self.chance.random() < 0.4 else self._answered(path)
            # Sometimes the last line is caught half-written.
            cut = self.chance.randrange(len(data)) if self.chance.random() < 0.2 else len(data)
            append(path, data[:cut])
            if cut < len(data):
                self.world.collect(*self.processes.values())
                append(path, data[cut:])

    def forget(self) -> None:
        """Nothing was spent in it, so nothing of it stays."""
        for path in self.claudes():
            if b'"usage"' not in path.read_bytes() and self.chance.random() < 0.5:
                path.unlink()

    def move(self) -> None:
        known = self.claudes()
        if known:
            path = self.chance.choice(known)
            target = path.parent.parent / f"moved{self.chance.randrange(3)}" / path.name
            target.parent.mkdir(exist_ok=True)
            if not target.exists():
                path.rename(target)

    def copy(self) -> None:
        """The same session twice, as restored from a backup."""
        if known := self.claudes():
            path = self.chance.choice(known)
            target = path.parent.parent / "copies" / path.name
            target.parent.mkdir(exist_ok=True)
            if not target.exists():
                target.write_bytes(path.read_bytes())

    def archive(self) -> None:
        if known := self.rollouts():
            path = self.chance.choice(known)
            target = self.home / ".codex" / "archived_sessions" / path.name
            target.parent.mkdir(exist_ok=True)
            path.rename(target)

    # ---- processes

    def start(self) -> None:
        """One that says nothing but where it runs."""
        pid = 100 + self.number()
        place = self.chance.choice(self._place)
        started = process(pid, cwd=place, started_at=self.world.now - 1)
        self.processes[pid] = started

    def start_noted(self) -> None:
        known = self.claudes()
        pid = 100 + self.number()
        session = self.chance.choice(known).stem if known else identity(20_000 + pid)
        folder = self.home / ".claude" / "sessions"
        folder.mkdir(parents=True, exist_ok=True)
        record = {"pid": pid, "sessionId": session, "procStart": str(pid * 10), "status": "busy"}
        (folder / f"{pid}.json").write_text(json.dumps(record))
        self.processes[pid] = process(pid, ticks=pid * 10, started_at=self.world.now - 1)

    def start_codex(self) -> None:
        known = self.rollouts()
        if known:
            pid, path = 100 + self.number(), self.chance.choice(known)
            begun = process(pid, "codex", started_at=self.world.now - 1, holds=[path])
            self.processes[pid] = begun

    def end(self) -> None:
        for pid in list(self.processes):
            if self.chance.random() < 0.4:
                del self.processes[pid]
                if self.chance.random() < 0.7:
                    (self.home / f".claude/sessions/{pid}.json").unlink(missing_ok=True)
            else:
                busy = self.chance.choice([0.0, 50.0])
                self.processes[pid] = replace(self.processes[pid], cpu_percent=busy)

    # ---- records

    def _session(self, path: Path) -> dict[str, Any]:
        if path.parent.name != "subagents":
            return {"session": path.stem}
        agent = path.stem.removeprefix("agent-")
        return {"session": path.parent.parent.name, "isSidechain": True, "agentId": agent}

    def _asked(self, path: Path, cwd: str = "/work/api") -> bytes:
        row = prompt("go", 0, timestamp=stamp(self.world.now), cwd=cwd, **self._session(path))
        return encode(row)

    def _answered(self, path: Path) -> bytes:
        model = self.chance.choice(["claude-sonnet-4-5", "claude-opus-5-5", "mystery-9"])
        at = self.world.now + self.chance.choice([0.0, 0.0, 0.0, 1.0, 90.0])
        output = self.chance.randrange(1, 99)
        return reply(self.number(), at, output=output, model=model, **self._session(path))

    def _record(self, kind: str, payload: dict[str, Any]) -> bytes:
        line = {"timestamp": stamp(self.world.now), "type": kind, "payload": payload}
        return json.dumps(line).encode() + b"\n"

    def _spent(self) -> dict[str, Any]:
        total = 1000 * self.number()
        counts = {"input_tokens": total, "cached_input_tokens": 0, "output_tokens": total // 10}
        return {"type": "token_count", "info": {"total_token_usage": counts}}
