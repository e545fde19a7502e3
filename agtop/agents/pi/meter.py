"""Reads one session of Pi forward and keeps its totals."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agtop.agents.arguments import best, opened
from agtop.agents.decode import Decoder
from agtop.agents.lines import STANDS_HERE, LineMeter
from agtop.agents.pi.places import named
from agtop.agents.pi.records import Entry, Message, Usage, blocks_of, text_of, tokens_of
from agtop.model import Claim, Response
from agtop.units import instant

KNOWN_VERSION = 3
_QUESTIONS = frozenset({"ask", "ask_user", "question", "questionnaire", "AskUserQuestion"})
"""Tools of extensions that put a question to the user; Pi itself has none."""
_PASSED = frozenset(
    ["message", "usage", "custom", "custom_message", "label", "mode_change", "bookmark"]
)
"""Kinds of entry that say nothing more."""
_LIMIT = re.compile(r"\b429\b|rate.?limit|quota|usage limit|too many requests", re.IGNORECASE)
_OWN_NOTES = frozenset({"openclaw"})
"""A provider that is none: OpenClaw notes what it sent to a chat as an answer."""


class PiMeter(LineMeter):
    """One session's file."""

    def __init__(self, path: str) -> None:
        self._decoder = Decoder(Entry)
        self._unnumbered: set[str] = set()
        """Keys of answers without ids: they keep them when the file is written anew with ids."""
        super().__init__(path)

    def _named(self) -> str:
        return named(self.path) or self.path

    def _begin(self) -> None:
        super()._begin()
        self._version: int | None = None
        self._origin: str | None = None
        self._copied_until: float | None = None
        self._provider = ""
        self._last: str | None = None
        self._used: int | None = None
        self._used_at: dict[str, int | None] = {}
        """Entry → how full the context was there: a branch goes on from what its parent held."""
        self._calls: dict[str, tuple[str, Mapping[str, object]]] = {}
        """Calls of tools that write files, until their result is known."""
        self._counted: set[str] = set()

    def _take(self, line: bytes) -> bool:
        entry = self._decoder.decode(line)
        if entry is None:
            return False
        if entry.type == "session":
            self._meet(entry)
            return True
        at = instant(entry.timestamp)
        is_copy = at is not None and self._copied_until is not None and at < self._copied_until
        self._branch(entry)
        if not is_copy:
            self._facts.seen(at)
        self._read_entry(entry, at, is_copy)
        self._last = entry.id
        if entry.id is not None:
            self._used_at[entry.id] = self._used
        return True

    # ---- what the file is

    def _meet(self, header: Entry) -> None:
        if self._version is not None:
            return  # a second header says nothing new
        facts, at = self._facts, instant(header.timestamp)
        self._version = header.version or 1
        self._born_at = at
        facts.session_id = header.id or facts.session_id
        facts.cwd = header.cwd
        facts.model = header.model_id
        facts.effort = header.thinking_level
        facts.seen(at)
        origin = header.parent_session or header.branched_from
        if origin:
            facts.forked_from = self._origin = named(origin)
            self._copied_until = at
        if self._version > KNOWN_VERSION:
            self._warn()

    def _warn(self) -> None:
        said = f"its transcript has version {self._version} of Pi's format, newer than agtop knows"
        advice = "what is shown may lack something; look for a newer agtop"
        self._facts.problems = (f"{said}: {advice}",)

    def _branch(self, entry: Entry) -> None:
        """Go on from another entry than the last one."""
        if entry.parent_id == self._last or entry.parent_id not in self._used_at:
            return
        self._used = self._used_at[entry.parent_id]
        if self._used is not None:
            self._facts.filled(self._used)

    # ---- entries

    def _read_entry(self, entry: Entry, at: float | None, is_copy: bool) -> None:
        facts = self._facts
        match entry.type:
            case "message" if entry.message is not None:
                self._read_message(entry, entry.message, at, is_copy)
            case "usage" if entry.usage is not None:
                self._spend(entry, entry.usage, at, is_copy, entry.model, entry.provider)
            case "compaction" | "branch_summary":
                if entry.type == "compaction":
                    facts.compacted(entry.tokens_before)
                if entry.usage is not None:
                    self._spend(entry, entry.usage, at, is_copy, facts.model, self._provider)
            case "model_change":
                facts.model = entry.model_id or facts.model
                self._provider = entry.provider or self._provider
            case "thinking_level_change":
                facts.effort = entry.thinking_level
            case "session_info":
                facts.title = (entry.name or "").strip() or None
            case kind if kind not in _PASSED:
                facts.strange.meet(kind)
            case _:
                pass

    def _read_message(
        self, entry: Entry, message: Message, at: float | None, is_copy: bool
    ) -> None:
        match message.role:
            case "user" if not is_copy:
                self._facts.prompted(text_of(message), at)
            case "assistant" if message.provider not in _OWN_NOTES:
                self._answer(entry, message, at, is_copy)
            case "toolResult":
                if message.usage is not None:
                    self._spend(entry, message.usage, at, is_copy, None, None)
                if not is_copy:
                    self._take_result(message, at)
            case _:
                pass

    def _answer(self, entry: Entry, message: Message, at: float | None, is_copy: bool) -> None:
        facts = self._facts
        facts.model = message.response_model or message.model or facts.model
        self._provider = message.provider or self._provider
        if message.usage is not None:
            self._spend(entry, message.usage, at, is_copy, facts.model, self._provider)
            self._fill(message)
        if is_copy:
            self._end_copied(message, at)
            return
        facts.replied(self._key(entry, message.usage))
        for block in blocks_of(message):
            if block.type == "toolCall" and block.id:
                arguments, name = opened(block.arguments), block.name or "tool"
                if name in ("write", "edit"):
                    self._calls[block.id] = (name, arguments)
                asks = name in _QUESTIONS
                facts.called(block.id, name, best(arguments), at, asks, bytes(block.arguments))
        self._stop(message, at)

    def _fill(self, message: Message) -> None:
        if message.stop_reason in ("error", "aborted"):
            return  # they count what was sent so far, if anything
        used = tokens_of(message.usage).total
        if used:
            self._used = used
            self._facts.filled(used)

    def _end_copied(self, message: Message, at: float | None) -> None:
        """A fork stands where its origin stood."""
        if message.stop_reason in ("stop", "length"):
            self._facts.answered(text_of(message), at)

    def _stop(self, message: Message, at: float | None) -> None:
        said = message.error_message or ""
        match message.stop_reason:
            case "stop" | "length" | None:
                self._facts.answered(text_of(message), at)
            case "aborted":
                self._facts.interrupted(at)
            case "error" if _LIMIT.search(said):
                self._facts.limited(said, at)
            case "error":
                self._facts.failed(said, at)
            case _:
                self._facts.answering(at)

    def _take_result(self, message: Message, at: float | None) -> None:
        call = message.tool_call_id or ""
        is_error = message.is_error is True
        self._facts.resolved(call, at, is_error)
        name, arguments = self._calls.pop(call, ("", {}))
        path = arguments.get("path") or arguments.get("file_path")
        if not name or message.is_error is not False or not isinstance(path, str):
            return
        added, removed = _changed(message, arguments)
        path = path.removeprefix("@")
        kind = "edit" if name == "edit" else None  # a write may make a file or not
        self._facts.writes.add(path, at, added, removed, self._facts.cwd, kind)

    # ---- usage

    def _spend(
        self,
        entry: Entry,
        usage: Usage,
        at: float | None,
        is_copy: bool,
        model: str | None,
        provider: str | None,
    ) -> None:
        """Count a usage record: the origin's where it is a copy."""
        tokens, key = tokens_of(usage), self._key(entry, usage)
        if is_copy:
            response = Response(key, at, model, tokens, provider=provider or "")
            self._claim_copy(response)
            return
        self._facts.metered = True
        self._facts.reasoned |= usage.reasoning is not None
        if key in self._counted:
            return
        self._counted.add(key)
        self._claim(Response(key, at, model, tokens, provider=provider or ""))
        cost = usage.cost.total if usage.cost is not None else None
        if cost is not None and 0 < cost < float("inf"):
            self._facts.reported_cost = (self._facts.reported_cost or 0.0) + cost

    def _claim_copy(self, response: Response) -> None:
        born_at = self._born_at if self._born_at is not None else float("inf")
        owner = self._origin or self._facts.session_id
        self._claims.append(Claim(response, owner, STANDS_HERE, born_at, self.path))

    def _key(self, entry: Entry, usage: Usage | None) -> str:
        """The same in every copy: copies keep ids and instants.

        The provider's id alone would not do: programs that serve local models count from one.
        """
        message = entry.message
        when = entry.timestamp or ""
        if message is not None and message.timestamp is not None:
            when = f"{message.timestamp:.0f}"
        spent = tokens_of(usage)
        vector = f"{spent.input}/{spent.cache_read}/{spent.cache_write_5m}/{spent.output}"
        if message is not None and message.response_id:
            return f"{message.response_id}@{when}"
        bare = f"@{entry.timestamp}@{when}@{vector}"
        if entry.id is None or bare in self._unnumbered:
            self._unnumbered.add(bare)
            return bare
        return f"{entry.id}{bare}"


def _changed(message: Message, arguments: Mapping[str, object]) -> tuple[int, int]:
    """Lines added and removed: an edit's result holds its difference, a write is all new."""
    diff = message.details.diff if message.details is not None else None
    if diff is None:
        content = arguments.get("content")
        return (len(content.splitlines()) if isinstance(content, str) else 0), 0
    rows = diff.splitlines()
    return sum(row.startswith("+") for row in rows), sum(row.startswith("-") for row in rows)
