"""Invents a past of Claude Code, written the ways its versions write, with its truth beside it."""

from __future__ import annotations

import json
import random
import uuid
from collections import defaultdict
from pathlib import Path
from typing import Any

from agtop.model import Tokens
from tests.agents.codex.rollouts import stamp

Row = dict[str, Any]
START = 1_795_100_000.0
COUNTS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


class Story:
    """Sessions, their files and what each of them really used."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.chance = random.Random(seed)
        self.now = START
        self.files: dict[Path, list[Row]] = {}
        self.links: dict[Path, Path] = {}
        self.truth: defaultdict[str, dict[str, Tokens]] = defaultdict(dict)
        self.style: dict[str, str] = {}
        """Session → `old`, `mid` or `new`: what its rows say of where they were made."""
        self.process: dict[str, str] = {}
        """Session → the session its process began with."""
        self.closed: set[str] = set()
        """Continued elsewhere by a version that copied."""
        self.copies: set[str] = set()

    def bill(self) -> dict[str, Tokens]:
        return {who: sum(spent.values(), Tokens()) for who, spent in self.truth.items() if spent}

    def tell(self, chapters: int = 25) -> Story:
        self.begin()
        for _ in range(chapters):
            happening = self.chance.choices(
                [self.begin, self.go_on, self.fork, self.resume_by_copy, self.clear, self.delegate,
                 self.ask_aside, self.adopt, self.compact, self.litter],
                [2, 8, 3, 2, 1, 4, 1, 1, 1, 3],
            )[0]  # fmt: skip
            happening()
        return self

    def write(self) -> None:
        for path, rows in self.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"".join(map(encoded, rows)))
        for path, target in self.links.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            self.chance.choice([path.symlink_to, path.hardlink_to])(target)

    # ---- what happens

    def begin(self, process: str | None = None, style: str | None = None) -> str:
        session = self.name()
        self.style[session] = style or self.chance.choice(["old", "mid", "new"])
        self.process[session] = process or session
        self.files[self.path(session)] = []
        self.talk(session)
        return session

    def go_on(self) -> None:
        """--resume, as it is today: the same file grows."""
        self.talk(self.someone())

    def clear(self) -> None:
        """A new session in the same process, whose rows name the first one."""
        self.begin(self.process[self.someone()], "new")

    def fork(self) -> None:
        """--fork-session, or /branch, which marks every row; a fork may be forked again."""
        origin = self.someone(native=True)
        branch = self.chance.random() < 0.5
        session = self.name()
        self.style[session], self.process[session] = "new", session
        rows = self.files[self.path(origin)]
        copied = [r for r in rows if r["type"] != "api-request" and not r["isSidechain"]]
        self.files[self.path(session)] = [self.copy(r, session, origin, branch) for r in copied]
        self.talk(session)

    def copy(self, row: Row, session: str, origin: str, branch: bool) -> Row:
        made = json.loads(json.dumps(row)) | {"sessionId": session}
        if row["type"] == "assistant":
            named = (row.get("forkedFrom") or {}).get("sessionId")
            made["requestSessionId"] = row.get("requestSessionId") or named or row["sessionId"]
        if branch:
            made["forkedFrom"] = {"sessionId": origin, "messageUuid": row["uuid"]}
        usage = (made.get("message") or {}).get("usage")
        if usage and self.chance.random() < 0.2:  # kept across a compaction
            usage.update(dict.fromkeys(COUNTS, 0))
        return made

    def resume_by_copy(self) -> None:
        """As versions before 2.0 did: everything copied under a new id, nothing marked."""
        origin = self.someone(style="old")
        session = self.name()
        self.style[session], self.process[session] = "old", session
        self.closed.add(origin)
        self.copies.add(session)
        self.files[self.path(session)] = [
            r | {"sessionId": session} for r in self.files[self.path(origin)]
        ]
        self.now += 1
        self.talk(session)

    def delegate(self) -> None:
        """A subagent: in a file of its own, perhaps below another, or within the session's."""
        session = self.someone()
        path = self.path(session)
        if self.style[session] == "old" and self.chance.random() < 0.5:
            return self.answer(path, session, session, sidechain=True)
        agent = uuid.UUID(int=self.chance.getrandbits(128)).hex[:17]
        folder = path.with_suffix("") / "subagents"
        if self.style[session] == "old":
            folder = path.parent
        elif self.chance.random() < 0.2:
            folder = folder / "workflows" / "run-1"
        file = folder / f"agent-{agent}.jsonl"
        self.files[file] = [self.row("user", session, isSidechain=True, message={"content": "go"})]
        for _ in range(self.chance.randint(1, 3)):
            self.answer(file, session, agent, sidechain=True)
        return None

    def ask_aside(self) -> None:
        """/btw: a subagent's file that replays answers of its session before its own."""
        session = self.someone(native=True)
        rows = [r for r in self.files[self.path(session)] if is_plain_answer(r)]
        agent = uuid.UUID(int=self.chance.getrandbits(128)).hex[:17]
        file = self.path(session).with_suffix("") / "subagents" / f"agent-{agent}.jsonl"
        replayed = [r | {"isSidechain": True, "requestId": self.name()} for r in rows[-2:]]
        self.files[file] = [json.loads(json.dumps(r)) for r in replayed]
        self.answer(file, session, agent, sidechain=True)

    def adopt(self) -> None:
        """A resumed session takes a subagent of another: a copy of its file, or a link to it."""
        agents = [path for path in self.files if path.parent.name == "subagents"]
        if not agents:
            return
        path = self.chance.choice(agents)
        twin = self.path(self.someone()).with_suffix("") / "subagents" / path.name
        if twin in self.files or twin in self.links:
            return
        if self.chance.random() < 0.5:
            self.links[twin] = path
        else:
            self.files[twin] = [json.loads(json.dumps(row)) for row in self.files[path]]

    def compact(self) -> None:
        session = self.someone()
        meta = {"trigger": "auto", "preTokens": 9000, "postTokens": 900}
        self.add(session, "system", subtype="compact_boundary", compactMetadata=meta)

    def litter(self) -> None:
        """Rows that report usage and bill nothing."""
        session = self.someone()
        used = self.usage(Tokens(1000, 1000, 1000, 1000, 1000))
        message: Row = {"id": self.name(), "model": "claude-sonnet-4-5", "usage": used}
        for more in (
            {"isUnmetered": True},
            {"isApiErrorMessage": True},
            {"message": message | {"model": "<synthetic>"}},
            {"version": "claude-export-import"},
        ):
            self.add(session, "assistant", **({"message": message} | more))
        result = {"totalTokens": 5000, "usage": used}
        self.add(session, "user", toolUseResult=result, message={"content": "ok"})

    # ---- how it is written

    def talk(self, session: str) -> None:
        for _ in range(self.chance.randint(1, 3)):
            self.add(session, "user", message={"role": "user", "content": "Please go on"})
            self.answer(self.path(session), session, session)

    def answer(self, path: Path, session: str, owner: str, sidechain: bool = False) -> None:
        """One response as one to four rows, of which one has the final counts."""
        count = self.chance.randint
        used = Tokens(count(0, 5000), count(0, 5000), count(0, 5000), count(0, 5000), count(4, 900))
        identity = f"msg_{self.name()}"
        message: Row = {"id": identity, "model": "claude-sonnet-4-5", "stop_reason": "end_turn"}
        marks: Row = {"isSidechain": sidechain, "requestId": f"req_{self.name()}"}
        if self.chance.random() < 0.1:
            message["id"], identity = None, marks["requestId"]
        style = self.style[session]
        if style != "old":
            marks["session_id"] = self.process[session]
        if style == "new":
            marks["requestRef"] = self.name()
            self.files[path].append(self.row("api-request", session, id=marks["requestRef"]))
        self.truth[owner][identity] = used
        usage = self.usage(used)
        if self.chance.random() < 0.1:
            advisor: Row = {"type": "advisor_message", "input_tokens": 70, "output_tokens": 7}
            usage["iterations"] = [advisor]
            self.truth[owner][f"{identity}/advisor"] = Tokens(input=70, output=7)
        if self.chance.random() < 0.1:
            message["pausedResponses"] = [{"usage": {"input_tokens": 50, "output_tokens": 5}}]
            self.truth[owner][f"{identity}/paused"] = Tokens(input=50, output=5)
        early = usage | {"output_tokens": self.chance.randint(0, 3)}
        counts = [*(self.chance.choice([early, usage]) for _ in range(self.chance.randint(0, 3)))]
        counts.insert(self.chance.randint(0, len(counts)), usage)
        for each in counts:
            row = self.row("assistant", session, message=message | {"usage": each}, **marks)
            self.files[path].append(row)

    def usage(self, used: Tokens) -> Row:
        return {
            "input_tokens": used.input,
            "cache_read_input_tokens": used.cache_read,
            "cache_creation_input_tokens": used.cache_write_5m + used.cache_write_1h,
            "cache_creation": {
                "ephemeral_5m_input_tokens": used.cache_write_5m,
                "ephemeral_1h_input_tokens": used.cache_write_1h,
            },
            "output_tokens": used.output,
        }

    def add(self, session: str, kind: str, **more: Any) -> None:
        self.files[self.path(session)].append(self.row(kind, session, **more))

    def row(self, kind: str, session: str, **more: Any) -> Row:
        self.now += self.chance.uniform(0.1, 5.0)
        base = {"type": kind, "uuid": self.name(), "timestamp": stamp(self.now)}
        return {**base, "sessionId": session, "isSidechain": False, "cwd": "/work/api", **more}

    def name(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def path(self, session: str) -> Path:
        return self.root / "projects" / "-work-api" / f"{session}.jsonl"

    def someone(self, style: str | None = None, native: bool = False) -> str:
        known = [s for s in self.style if s not in self.closed]
        fitting = [
            s for s in known if style in (None, self.style[s]) and not (native and s in self.copies)
        ]
        return self.chance.choice(fitting) if fitting else self.begin(style=style)


def is_plain_answer(row: Row) -> bool:
    marks = ("isSidechain", "isUnmetered", "isApiErrorMessage", "requestSessionId", "forkedFrom")
    plain = not any(row.get(mark) for mark in marks) and "version" not in row
    return plain and row["type"] == "assistant" and bool(row["message"]["id"])


def encoded(row: Row) -> bytes:
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"
