"""Invents a past of Codex, written the ways its versions write, with its truth beside it."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agtop.model import Tokens
from tests.agents.codex.rollouts import NOON, Rollout, add, usage, uuid7

Spent = dict[str, int]
WINDOW = 258_400
NOTHING = usage(0, 0, 0)


class Thread:
    """A thread, its file and where it stands."""

    def __init__(self, rollout: Rollout, style: str, total: Spent) -> None:
        self.rollout = rollout
        self.style = style
        """`counts`, `ids` (counts, and turns with ids) or `records`."""
        self.total = total
        self.folder = "sessions/2026/03/01"
        self.is_fork = False


class Story:
    """Threads, their files and what each of them really used."""

    def __init__(self, home: Path, seed: int) -> None:
        self.home = home
        self.chance = random.Random(seed)
        self.now = NOON
        self.n = 0
        self.threads: list[Thread] = []
        self.truth: defaultdict[str, Tokens] = defaultdict(Tokens)
        self.extra: dict[Path, bytes] = {}

    def tell(self, chapters: int = 20) -> Story:
        self.begin()
        happenings: list[Callable[[], object]] = [
            self.begin, self.go_on, self.fork_in_place, self.fork_with_copy, self.spawn,
            self.spawn_with_copy, self.overflow, self.take_over, self.upgrade,
        ]  # fmt: skip
        for _ in range(chapters):
            self.chance.choices(happenings, [2, 6, 2, 4, 1, 2, 1, 1, 2])[0]()
        return self

    def contents(self) -> dict[Path, bytes]:
        """Path → what stands there, copies in the archive included."""
        found: dict[Path, bytes] = {}
        for thread in self.threads:
            name = f"rollout-2026-03-01T12-00-00-{thread.rollout.thread_id}.jsonl"
            content = thread.rollout.content()
            kind = self.chance.random()
            live, archived = (
                self.home / thread.folder / name,
                self.home / "archived_sessions" / name,
            )
            if kind < 0.15:
                found[archived] = content
            elif kind < 0.3:  # an older state of it lies in the archive
                kept = self.chance.randint(1, len(thread.rollout.lines))
                found[archived] = b"".join(line + b"\n" for line in thread.rollout.lines[:kept])
                found[live] = content
            else:
                found[live] = content
        return found

    # ---- what happens

    def begin(self, style: str | None = None) -> Thread:
        style = style or self.chance.choice(["counts", "ids", "records"])
        rollout = Rollout(self.name(), self.now, 0 if style == "records" else None).meta()
        return self.join(Thread(rollout, style, NOTHING))

    def join(self, thread: Thread) -> Thread:
        self.threads.append(thread)
        for _ in range(self.chance.randint(1, 3)):
            self.turn(thread)
        return thread

    def go_on(self) -> None:
        self.turn(self.someone())

    def upgrade(self) -> None:
        """A thread begun by an old version goes on in a new one."""
        thread = self.someone("ids")
        thread.style = "records"
        self.turn(thread)

    def fork_in_place(self) -> None:
        """The history stays in the parent's file; ordinals and totals continue."""
        parent = self.someone("records")
        base = {"thread_id": parent.rollout.thread_id, "end_ordinal_exclusive": 9}
        rollout = Rollout(self.name(), self.now, len(parent.rollout.lines))
        rollout.meta(forked_from_id=parent.rollout.thread_id, history_base=base)
        self.join(Thread(rollout, "records", parent.total)).is_fork = True

    def fork_with_copy(self) -> None:
        """The parent's history is copied in front, stamped with the time of the fork."""
        parent = self.someone(self.chance.choice(["counts", "ids"]), with_forks=False)
        at = self.now + 60
        rollout = Rollout(self.name(at), at).meta(forked_from_id=parent.rollout.thread_id)
        rollout.copy_of(parent.rollout, at + 0.001, self.chance.choice([0.0, 7.5]))
        self.now = rollout.at + 30
        self.join(Thread(rollout, parent.style, parent.total)).is_fork = True

    def spawn(self) -> None:
        parent = self.someone("records")
        rollout = Rollout(self.name(), self.now, 0)
        rollout.meta(parent_thread_id=parent.rollout.thread_id, thread_source="subagent")
        self.join(Thread(rollout, "records", NOTHING))

    def spawn_with_copy(self) -> None:
        """A subagent that knows where its own lines start."""
        parent = self.someone(with_forks=False)
        rollout = Rollout(self.name(), self.now, 0)
        start = self.chance.choice([str, int])(len(parent.rollout.lines) + 1)
        rollout.meta(
            parent_thread_id=parent.rollout.thread_id, subagent_history_start_ordinal=start
        )
        rollout.copy_of(without_ordinals(parent.rollout), self.now, 3.0)
        self.now = rollout.at + 30
        self.join(Thread(rollout, parent.style, parent.total)).is_fork = True

    def overflow(self) -> None:
        """The context was too long: the totals are set to the window's size."""
        thread = self.someone(self.chance.choice(["counts", "ids"]))
        filled = NOTHING | {"total_tokens": WINDOW}
        thread.rollout.count(filled, filled)
        thread.total = filled
        self.turn(thread)

    def take_over(self) -> None:
        """A session of another program is imported as turns that Codex never asked for."""
        thread = self.someone("ids", with_forks=False)
        turn = f"external-import-turn-{self.n}"
        spent = usage(5000, 0, 500)
        thread.total = add(thread.total, spent)
        thread.rollout.event("task_started", turn_id=turn).context(turn_id=turn)
        thread.rollout.prompt("imported").says().count(thread.total, spent)
        thread.rollout.event("task_complete", turn_id=turn)
        self.turn(thread)

    # ---- how it is written

    def turn(self, thread: Thread) -> None:
        rollout = thread.rollout
        self.now = rollout.at = max(self.now, rollout.at) + self.chance.uniform(2, 40)
        ids: dict[str, Any] = {} if thread.style == "counts" else {"turn_id": self.name()}
        if ids:
            rollout.event("task_started", **ids)
        rollout.context(**ids).prompt(f"turn {self.n}")
        for _ in range(self.chance.randint(1, 3)):
            self.response(thread, ids)
        if thread.style == "records" and self.chance.random() < 0.2:
            self.compact(thread, ids)
        if ids:
            rollout.event("task_complete", last_agent_message="Done.", **ids)

    def response(self, thread: Thread, ids: dict[str, Any]) -> None:
        rollout = thread.rollout
        whole, out = self.chance.randint(1000, 90_000), self.chance.randint(1, 3000)
        cached = self.chance.randint(0, whole // 2)
        written = self.chance.randint(0, 400) if thread.style == "records" else 0
        spent = usage(whole, cached, out, written, out // 3)
        self.truth[rollout.thread_id] += Tokens(
            whole - cached - written, cached, written, 0, out, out // 3
        )
        thread.total = add(thread.total, spent)
        if thread.style == "records":
            rollout.record(f"resp_{self.name()}", spent, **ids)
        rollout.says("Working.").calls(f"call-{self.n}", cmd="true").answers(f"call-{self.n}")
        if self.chance.random() < 0.2:
            rollout.count(None)
        for _ in range(self.chance.randint(1, 3)):
            rollout.count(thread.total, spent)

    def compact(self, thread: Thread, ids: dict[str, Any]) -> None:
        """Its own request is recorded; the count after it estimates the context."""
        spent = usage(20_000, 0, 800)
        self.truth[thread.rollout.thread_id] += Tokens(input=20_000, output=800)
        thread.total = add(thread.total, spent)
        thread.rollout.count(thread.total, thread.total)
        thread.rollout.record(f"resp_{self.name()}", spent, **ids)
        thread.rollout.add("compacted", {"message": "", "latest_token_usage_record": spent})
        thread.rollout.count(thread.total, NOTHING | {"total_tokens": 7260})

    def name(self, at: float | None = None) -> str:
        self.n += 1
        return uuid7(self.now if at is None else at, self.n)

    def someone(self, style: str | None = None, with_forks: bool = True) -> Thread:
        fitting = [
            thread
            for thread in self.threads
            if style in (None, thread.style) and (with_forks or not thread.is_fork)
        ]
        return self.chance.choice(fitting) if fitting else self.begin(style)


def without_ordinals(rollout: Rollout) -> Rollout:
    plain = Rollout(rollout.thread_id)
    for line in rollout.lines:
        row = {name: part for name, part in json.loads(line).items() if name != "ordinal"}
        plain.raw(json.dumps(row).encode())
    return plain
