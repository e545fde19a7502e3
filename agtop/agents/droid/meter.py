"""Reads one session's conversation forward, and what its settings say it has used."""

from __future__ import annotations

import os

import msgspec

from agtop.agents.decode import Decoder, count
from agtop.agents.document import Document
from agtop.agents.droid.places import root_of, settings_beside
from agtop.agents.droid.records import (
    Arguments,
    Block,
    Line,
    Message,
    Result,
    Settings,
)
from agtop.agents.droid.usage import Sum, models_of, prompt_of, tokens_of
from agtop.agents.facts import Facts
from agtop.agents.lines import LineMeter
from agtop.agents.writes import patched
from agtop.model import Response, WriteKind
from agtop.units import instant

_QUESTIONS = ("AskUser", "AskUserQuestion", "ExitSpecMode")
WRITERS = ("Create", "Edit", "MultiEdit", "Write", "ApplyPatch")
STOPS = ("cancel", "abort", "interrupt")
LIMITS = ("rate_limit", "quota", "usage_limit", "credit")
REMINDER = "<system-reminder>"
NO_USAGE = (
    "its settings.json tells no tokenUsage; see whether a newer agtop reads this version of Droid"
)

_LINES, _RESULTS, _ARGUMENTS = Decoder(Line), Decoder(Result), Decoder(Arguments)


_PASSED = ("message", "todo_state")
"""Kinds of row that say nothing more."""


class DroidMeter(LineMeter):
    """One session."""

    def __init__(self, path: str) -> None:
        self._settings = Document(settings_beside(path), Settings)
        self._models = models_of(root_of(path))
        super().__init__(path)

    def _named(self) -> str:
        return os.path.basename(self.path).removesuffix(".jsonl")

    def _begin(self) -> None:
        super()._begin()
        self._fork_ends_at: str | None = None
        self._calls: dict[str, tuple[str, Arguments]] = {}
        self._answers: list[tuple[float | None, str | None]] = []
        """(when, model name) of each answer."""
        self._words = ""
        self._sum = Sum()

    def _look_beside(self) -> bool:
        is_new = self._settings.look()
        is_new |= self._models.look()
        settings = self._settings.value
        facts = self._facts
        if settings is not None:
            facts.interactive = all(tag.name != "exec" for tag in settings.tags)
            facts.effort = settings.reasoning_effort or facts.effort
            named = self._answers[-1][1] if self._answers else None
            facts.model = self._models.real(named or settings.model)[0]
            self._count(settings)
        has_none = settings is None or settings.token_usage is None
        is_over = facts.phase in ("done", "asks")
        facts.problems = (NO_USAGE,) if has_none and is_over and self._answers else ()
        return is_new

    def _take(self, line: bytes) -> bool:
        row = _LINES.decode(line)
        if row is None:
            return False
        at = instant(row.timestamp)
        if row.type == "session_start":
            self._start(row)
        elif row.type == "message" and row.message is not None:
            self._take_message(row, row.message, at)
            self._facts.seen(at)
            if row.id is not None and row.id == self._fork_ends_at:
                self._forget_copies()
        elif row.type == "agent_turn_outcome":
            self._end_turn(row.reason or "", self._facts.last_active)
        elif row.type == "compaction_state":
            self._facts.compacted()
        elif row.type not in _PASSED:
            self._facts.strange.meet(row.type)
        return True

    # ---- the conversation

    def _start(self, row: Line) -> None:
        facts = self._facts
        facts.title = row.session_title or row.title or facts.title
        facts.cwd = row.cwd or facts.cwd
        facts.parent_id = row.calling_session_id
        facts.forked_from = row.parent if row.parent != facts.session_id else None
        if facts.forked_from is not None:
            self._fork_ends_at = row.forked_at_message_id

    def _forget_copies(self) -> None:
        """What came until now was said in the session that this one was forked from."""
        old, self._facts = self._facts, Facts(self._facts.session_id)
        self._facts.title, self._facts.cwd = old.title, old.cwd
        self._facts.parent_id, self._facts.forked_from = old.parent_id, old.forked_from
        self._facts.records, self._facts.skipped = old.records, old.skipped
        self._calls, self._answers, self._fork_ends_at = {}, [], None

    def _take_message(self, row: Line, message: Message, at: float | None) -> None:
        if (row.visibility or message.visibility) in ("llm_only", "user_only"):
            return  # reminders to the model, notices to the user
        content = message.content
        blocks = [Block("text", content)] if isinstance(content, str) else content or []
        if message.role == "assistant":
            self._answer(row, message, blocks, at)
        elif message.role == "user":
            self._hear(blocks, at)

    def _answer(self, row: Line, message: Message, blocks: list[Block], at: float | None) -> None:
        facts = self._facts
        facts.replied(row.id or str(facts.records))
        self._answers.append((at, message.model_id))
        self._words = " ".join(
            block.text for block in blocks if block.type == "text" and block.text
        )
        calls = [block for block in blocks if block.type == "tool_use" and block.id]
        for call in calls:
            name = call.name or "a tool"
            arguments = _ARGUMENTS.decode(bytes(call.input)) or Arguments()
            self._calls[call.id or ""] = (name, arguments)
            facts.called(
                call.id or "", name, _best(arguments), at, name in _QUESTIONS, bytes(call.input)
            )
        if not calls:
            facts.answered(self._words, at)

    def _hear(self, blocks: list[Block], at: float | None) -> None:
        results = [block for block in blocks if block.type == "tool_result" and block.tool_use_id]
        for result in results:
            call = result.tool_use_id or ""
            self._facts.resolved(call, at, is_error=bool(result.is_error))
            name, arguments = self._calls.pop(call, ("", Arguments()))
            if not result.is_error:
                self._note_write(name, arguments, result, at)
        texts = [block.text or "" for block in blocks if block.type == "text"]
        said = [text for text in texts if text and not text.startswith(REMINDER)]
        if said and not results:
            self._facts.prompted(said[0], at)

    def _note_write(self, name: str, wanted: Arguments, result: Block, at: float | None) -> None:
        if name not in WRITERS:
            return
        try:
            said = _RESULTS.decode(str(msgspec.json.decode(result.content)).encode())
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            said = None
        if said is not None and said.success is False:
            return
        said = said or Result()
        patch = wanted.patch or wanted.input or ""
        kinds: dict[str, WriteKind] = patched(patch) if name == "ApplyPatch" else {}
        named = said.file_path or wanted.file_path
        if named and not kinds:
            kinds = {named: "create" if name == "Create" else "edit"}
        added, removed = count(said.lines_added), count(said.lines_removed)
        if said.lines_added is None and wanted.content is not None:
            added = len(wanted.content.splitlines())
        for number, (path, kind) in enumerate(kinds.items()):
            lines = (0, 0) if number else (added, removed)
            self._facts.writes.add(path, at, *lines, self._facts.cwd, kind)

    def _end_turn(self, reason: str, at: float | None) -> None:
        if reason in ("completed", ""):
            if self._facts.phase not in ("done", "asks"):
                self._facts.answered(self._words, at)
        elif any(word in reason for word in STOPS):
            self._facts.interrupted(at)
        elif any(word in reason for word in LIMITS):
            self._facts.limited(reason.replace("_", " "), at)
        else:
            self._facts.failed(reason.replace("_", " "), at)

    # ---- usage

    def _count(self, settings: Settings) -> None:
        """Claim what the sum has grown by."""
        last = settings.last_call_token_usage
        if last is not None:
            self._facts.filled(prompt_of(last))
        if settings.token_usage is None:
            return
        self._facts.metered = True
        whole = tokens_of(settings.token_usage)
        for number, part, place in self._sum.grown(whole):
            at, named = self._facts.last_active, settings.model
            if self._answers:
                index = min(int(place * len(self._answers)), len(self._answers) - 1)
                at, named = self._answers[index][0], self._answers[index][1] or named
            model, provider = self._models.real(named)
            key = f"{self._facts.session_id}/{number}"
            self._claim(Response(key, at, model, part, provider=provider))


def _best(arguments: Arguments) -> str:
    a = arguments
    named = (a.file_path, a.command, a.pattern, a.query, a.url, a.description)
    return next((each for each in named if each), "")
