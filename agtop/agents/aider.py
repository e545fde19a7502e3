"""Aider: a Markdown history in the folder it works in, with rounded token counts.

All sessions of a folder are appended to `.aider.chat.history.md` at the root of its repository.
Each begins with `# aider chat started at <local time>`; prompts are level-4 headings, what Aider
itself says is quoted (`> Tokens: 2.3k sent, 24 received. Cost: …`). Nothing else has a time, but
`.aider.input.history` beside it dates the prompts. While answers are streamed, which is the
default, the counts are Aider's own estimates. (Aider 0.86, `coders/base_coder.py`, `io.py`.)
"""

from __future__ import annotations

import os
import re
from _blake2 import blake2b  # hashlib's own, without loading all of OpenSSL first
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from agtop.agents.base import Agent, Capabilities, EventReader
from agtop.agents.facts import Facts
from agtop.agents.lines import LineMeter
from agtop.agents.signatures import AIDER
from agtop.agents.walk import Walk
from agtop.model import Author, Process, Reading, Response, Tokens, replace
from agtop.tail import contents

HISTORY = ".aider.chat.history.md"
INPUT = ".aider.input.history"
_INPUT_LIMIT = 8 << 20
_DEPTH = 40
"""Folders above the working directory in which the repository's root is looked for."""

HEADER = re.compile(r"# aider chat started at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\s*$")
_NUMBER = r"([\d.,]+)([kM]?)"
TOKENS = re.compile(
    rf"Tokens: {_NUMBER} sent(?:, {_NUMBER} cache write)?(?:, {_NUMBER} cache hit)?"
    rf", {_NUMBER} received"
)
_COST = re.compile(r"Cost: \$[\d.,]+ message, \$([\d.,]+) session")
_MODEL = re.compile(r"(?:Main model|Model): (\S+)")
_VERSION = re.compile(r"Aider v(\S+)")
APPLIED = re.compile(r"Applied edit to (.+)")
ERROR = re.compile(r"(?:litellm\.)?\w*(?:Error|Exception)\b.*")
RATE_LIMIT = re.compile(r"litellm\.RateLimitError.*")
_STAMP = re.compile(r"# (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+)$")
ASKING = ("/ask ", "/code ", "/architect ", "/context ", "/help ")
"""Commands that put a prompt to the model; the others are Aider's own business."""


class AiderMeter(LineMeter):
    """Reads one history: every session that a folder has seen."""

    def __init__(self, path: str) -> None:
        self._dates: list[tuple[float, str]] = []
        super().__init__(path)

    def read(self) -> tuple[Reading, ...]:
        self._dates = dates(os.path.join(os.path.dirname(self.path), INPUT))
        return super().read()

    def _named(self) -> str:
        return ""  # what stands before the first header is no session's

    def _begin(self) -> None:
        super()._begin()
        self._sessions: dict[str, Reading] = {}
        """Those that are over."""
        self._at: float | None = None
        self._in_prompt = False
        self._answer = ""
        self._count = 0
        self._streams = True

    def _freeze(self) -> tuple[Reading, ...]:
        if not self._facts.session_id:
            return ()
        newest = self._facts.freeze(self.path)
        last = max(newest.last_active or 0.0, self._tail.mtime_ns / 1e9)
        return (*self._sessions.values(), replace(newest, last_active=last))

    # ---- one line

    def _take(self, line: bytes) -> bool:
        text = line.decode("utf-8", "replace").rstrip()
        if header := HEADER.match(text):
            self._start(header[1])
        elif self._facts.session_id and text.startswith("#### "):
            self._take_prompt(text[5:].strip())
        elif self._facts.session_id:
            self._in_prompt = False
            if text.startswith("> "):
                self._take_notice(self._facts, text[2:])
            elif text.strip():
                self._answer = text
        return True

    def _start(self, stamp: str) -> None:
        """A session begins; the one before it is over."""
        before = self._facts
        before.records -= 1  # the header is the new one's
        if before.session_id:
            self._sessions[before.session_id] = before.freeze(self.path)
        at = _local(stamp, "%Y-%m-%d %H:%M:%S")
        session_id = session_of(self.path, stamp)
        while session_id in self._sessions:  # two in one second
            session_id += "b"
        self._facts = Facts(session_id)
        self._facts.cwd, self._facts.records = os.path.dirname(self.path), 1
        self._facts.seen(at)
        self._at = self._born_at = at
        self._count, self._streams = 0, True

    def _take_prompt(self, text: str) -> None:
        """Of a prompt of several lines each one is a heading."""
        facts = self._facts
        if self._in_prompt or (text.startswith("/") and not text.startswith(ASKING)):
            return
        self._in_prompt = True
        self._answer = ""
        self._at = self._date(text)
        facts.seen(self._at)
        facts.prompted(text, self._at)

    def _date(self, prompt: str) -> float | None:
        """When the prompt was typed: the first time after the last one that it was."""
        for at, text in self._dates:
            if text == prompt and (self._at is None or at > self._at):
                return at
        return self._at

    def _take_notice(self, facts: Facts, said: str) -> None:
        if model := _MODEL.match(said):
            facts.model = model[1]
        elif version := _VERSION.match(said):
            facts.version = version[1]
        elif " --no-stream" in said and facts.model is None:
            self._streams = False
        elif used := TOKENS.match(said):
            self._take_usage(facts, used)
        elif applied := APPLIED.match(said):
            facts.writes.add(applied[1].strip(), self._at, None, None, cwd=facts.cwd)
        elif said.startswith("^C"):
            facts.interrupted(self._at)
        elif RATE_LIMIT.match(said):
            facts.limited(said, self._at)
        elif ERROR.match(said):
            facts.failed(said, self._at)
        if cost := _COST.search(said):
            facts.reported_cost = _amount(cost[1], "")

    def _take_usage(self, facts: Facts, used: re.Match[str]) -> None:
        """`sent` holds the cache's reads and, twice, its writes."""
        sent, written, read, received = (
            round(_amount(used[n] or "0", used[n + 1] or "")) for n in (1, 3, 5, 7)
        )
        self._count += 1
        facts.estimated |= self._streams
        facts.replied(str(self._count))
        facts.answered(self._answer, self._at)
        response = Response(
            f"{facts.session_id}:{self._count}",
            self._at,
            facts.model,
            Tokens(max(0, sent - read - 2 * written), read, written, 0, received),
        )
        self._claim(response)


def session_of(path: str, stamp: str) -> str:
    """The id of the session that a header with that time begins."""
    name = blake2b(os.fsencode(path), digest_size=4).hexdigest()
    return f"{re.sub(r'[^0-9]', '', stamp)}-{name}"


def _amount(digits: str, scale: str) -> float:
    """`2.3k`; below a thousand exact, below ten thousand to one place."""
    try:
        return float(digits.replace(",", "").rstrip(".")) * {"k": 1e3, "M": 1e6}.get(scale, 1)
    except ValueError:
        return 0.0


def _local(stamp: str, pattern: str) -> float | None:
    """Aider writes the machine's own time without saying so."""
    try:
        return datetime.strptime(stamp, pattern).timestamp()  # noqa: DTZ007
    except (ValueError, OverflowError, OSError):
        return None


def dates(path: str) -> list[tuple[float, str]]:
    """(instant, first line) of the prompts typed in a folder, oldest first."""
    try:
        lines = contents(path, _INPUT_LIMIT).decode("utf-8", "replace").split("\n")
    except OSError:
        return []
    found: list[tuple[float, str]] = []
    at: float | None = None
    for line in lines:
        if stamp := _STAMP.match(line):
            at = _local(stamp[1], "%Y-%m-%d %H:%M:%S.%f")
        elif line.startswith("+") and at is not None:
            found.append((at, line[1:].strip()))
            at = None
    return found


def transcripts(root: Path, walk: Walk) -> Iterator[str]:
    """The history of the folder itself and of those directly in it; no project is searched."""
    del walk
    yield from (str(path) for path in (root / HISTORY, *root.glob(f"*/{HISTORY}")))


def roots(home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Aider keeps nothing in one place: the processes tell where, or config.toml does."""
    del environ
    return (home,)


def written_by(process: Process) -> tuple[str, ...]:
    """The history it was told to write, or the one at the root of its repository."""
    told = (process.places or {}).get("AIDER_CHAT_HISTORY_FILE")
    for option, value in zip(process.argv, process.argv[1:], strict=False):
        told = value if option == "--chat-history-file" else told
    if process.cwd is None:
        return ()
    if told:
        return (os.path.normpath(os.path.join(process.cwd, told)),)
    folder = process.cwd
    for _ in range(_DEPTH):
        if os.path.exists(os.path.join(folder, ".git")):
            return (os.path.join(folder, HISTORY),)
        if (above := os.path.dirname(folder)) == folder:
            break
        folder = above
    return (os.path.join(process.cwd, HISTORY),)


def _events(path: str, author: Author, backlog: int) -> EventReader:
    from agtop.agents.aider_events import AiderEvents

    return AiderEvents(path, author, backlog)


AGENT = Agent(
    name="aider",
    label="Aider",
    provider="openai",
    capabilities=Capabilities(tokens="partial", cost="partial", state="partial", writes="exact"),
    signature=AIDER,
    roots=roots,
    transcripts=transcripts,
    meter=AiderMeter,
    events=_events,
    registrations=lambda _root, _problems: (),
    written_by=written_by,
    companions=lambda path: (os.path.join(os.path.dirname(path), INPUT),),
)
