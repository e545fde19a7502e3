"""Reads one conversation, which is written anew as a whole with every message."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import msgspec

from agtop.agents.cline.places import MESSAGES, manifest_beside
from agtop.agents.cline.records import (
    Arguments,
    Block,
    Conversation,
    Label,
    Manifest,
    Message,
    Metrics,
    ModelInfo,
    Origin,
    Result,
)
from agtop.agents.decode import Decoder, count
from agtop.agents.document import DAMAGED, TOO_LONG, Document
from agtop.agents.facts import Facts
from agtop.agents.lines import STANDS_HERE
from agtop.agents.strange import NO_MESSAGES
from agtop.agents.writes import patched, patched_lines
from agtop.model import MOST, Claim, Reading, Response, Tokens
from agtop.units import instant

INPUT = re.compile(r"<user_input[^>]*>(.*?)</user_input>", re.DOTALL)
NO_USAGE = (
    "its answers tell no usage in a way known here; see whether a newer agtop reads this version"
    " of Cline"
)

_ARGUMENTS = Decoder(Arguments)


class ClineMeter:
    """One conversation."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._messages = Document(path, Conversation)
        self._manifest = Document(manifest_beside(path), Manifest)
        self._readings: tuple[Reading, ...] = ()
        self._claims: list[Claim] = []
        self._told: dict[str, Response] = {}

    @property
    def bytes_read(self) -> int:
        return self._messages.bytes_read + self._manifest.bytes_read

    @property
    def restarts(self) -> int:
        return 0

    def changed(self, status: os.stat_result | None = None) -> bool:
        """Whether a read could find anything new. Raises OSError."""
        return self._messages.changed(status)

    def claims(self) -> list[Claim]:
        taken, self._claims = self._claims, []
        return taken

    def read(self) -> tuple[Reading, ...]:
        """Take in what was written; the same objects when nothing was. Raises OSError."""
        before = self._messages.wrong
        is_new = self._messages.read()
        is_new |= self._manifest.look()
        if is_new or before != self._messages.wrong or not self._readings:
            reading = self._told_by(self._messages.value or Conversation())
            if self._readings != (reading,):
                self._readings = (reading,)
        return self._readings

    def _told_by(self, whole: Conversation) -> Reading:
        manifest = self._manifest.value or Manifest()
        name = os.path.basename(self.path).removesuffix(MESSAGES)
        facts = Facts(whole.session_id or name)
        origin = whole.origin or Origin()
        facts.parent_id, facts.version = origin.parent_thread_id, origin.version
        facts.cwd, facts.model = manifest.cwd, manifest.model
        is_own = facts.parent_id is None
        if is_own and manifest.metadata is not None:
            facts.title = manifest.metadata.title
            facts.branch = manifest.metadata.git.branch if manifest.metadata.git else None
        facts.interactive = is_own and manifest.interactive is not False
        if is_own:
            facts.seen(instant(manifest.started_at))
        messages = whole.messages or []
        _Teller(facts).tell(messages)
        for response in _responses(messages, facts):
            self._claim(response, facts)
        if is_own:
            _conclude(facts, manifest, self._manifest.written_at)
        wrong = self._messages.wrong
        facts.skipped = int(wrong == DAMAGED)
        facts.records = len(messages)
        is_over = facts.phase in ("done", "asks")
        if facts.model is not None and is_over and not facts.metered and _answers(messages):
            facts.problems = (NO_USAGE,)
        if self._messages.value is not None and whole.messages is None:
            facts.problems = (NO_MESSAGES,)
        if wrong == TOO_LONG:
            facts.problems = (TOO_LONG,)
        return facts.freeze(self.path)

    def _claim(self, response: Response, facts: Facts) -> None:
        facts.metered = True
        if self._told.get(response.key) == response:
            return
        self._told[response.key] = response
        born_at = float("inf") if facts.started_at is None else facts.started_at
        owner = facts.session_id
        self._claims.append(Claim(response, owner, STANDS_HERE, born_at, self.path))


class _Teller:
    """Tells the facts what the messages say."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._calls: dict[str, tuple[str, Arguments]] = {}

    def tell(self, messages: list[Message]) -> None:
        for message in messages:
            at = seconds(message.ts)
            content = message.content
            blocks = [Block("text", content)] if isinstance(content, str) else content or []
            label = message.metadata or Label()
            if label.display_role == "error":
                self._fail(_text(blocks), at)
            elif label.kind == "compaction_summary":
                self._facts.compacted()
            elif message.role == "assistant":
                self._answer(message, blocks, at)
            elif message.role == "user":
                self._hear(blocks, at)
            self._facts.seen(at)

    def _fail(self, said: str, at: float | None) -> None:
        if "429" in said or "rate limit" in said.lower() or "quota" in said.lower():
            self._facts.limited(said, at)
        else:
            self._facts.failed(said, at)

    def _answer(self, message: Message, blocks: list[Block], at: float | None) -> None:
        facts = self._facts
        facts.replied(message.id or str(at))
        if message.model_info is not None:
            facts.model = message.model_info.id or facts.model
        calls = [block for block in blocks if block.type == "tool_use" and block.id]
        for call in calls:
            name = call.name or "a tool"
            arguments = _ARGUMENTS.decode(bytes(call.input)) or Arguments()
            self._calls[call.id or ""] = (name, arguments)
            facts.called(
                call.id or "", name, _best(arguments), at, name == "ask_question", bytes(call.input)
            )
        if not calls:
            facts.answered(_text(blocks), at)

    def _hear(self, blocks: list[Block], at: float | None) -> None:
        results = [block for block in blocks if block.type == "tool_result" and block.tool_use_id]
        for result in results:
            call = result.tool_use_id or ""
            is_error = bool(result.is_error) or has_failed(result.content)
            self._facts.resolved(call, at, is_error)
            name, arguments = self._calls.pop(call, ("", Arguments()))
            if not is_error:
                self._note_writes(name, arguments, at)
        if not results:
            said = _text(blocks)
            typed = INPUT.search(said)
            text = typed[1] if typed else said
            if self._facts.parent_id is None:
                self._facts.prompted(text, at)
            else:
                self._facts.answering(at)
                self._facts.title = self._facts.title or text or None

    def _note_writes(self, name: str, arguments: Arguments, at: float | None) -> None:
        if name == "apply_patch":
            patch = arguments.input or ""
            kinds, lines = patched(patch), patched_lines(patch)
        elif name == "editor" and arguments.path:
            kinds = {arguments.path: None}
            old, new = arguments.old_text or "", arguments.new_text or ""
            lines = len(new.splitlines()), len(old.splitlines())
        else:
            return
        for path, kind in kinds.items():
            self._facts.writes.add(path, at, *lines, self._facts.cwd, kind)
            lines = (0, 0)


def _responses(messages: list[Message], facts: Facts) -> Iterator[Response]:
    """The answers with their usage; what the context holds and the program's own cost, too."""
    dollars = 0.0
    for number, message in enumerate(messages):
        metrics = message.metrics
        if metrics is None or message.role != "assistant":
            continue
        tokens = _tokens(metrics)
        dollars += metrics.cost if metrics.cost and 0 < metrics.cost < MOST else 0.0
        facts.filled(tokens.prompt)
        info = message.model_info or ModelInfo()
        key = message.id or f"{facts.session_id}/{number}"
        yield Response(
            key, seconds(message.ts), info.id or facts.model, tokens, provider=_seller(info)
        )
    facts.reported_cost = dollars or None


def _tokens(metrics: Metrics) -> Tokens:
    read, written = count(metrics.cache_read_tokens), count(metrics.cache_write_tokens)
    raw = count(metrics.input_tokens)
    # Less than the cache alone can only be what was in none.
    prompt = raw - read - written if raw >= read + written else raw
    return Tokens(prompt, read, written, 0, count(metrics.output_tokens))


def _seller(info: ModelInfo) -> str:
    """`openai-native` is OpenAI itself; `cline` passes requests on."""
    provider = (info.provider or "").removesuffix("-native")
    return "" if provider == "cline" else provider


def _conclude(facts: Facts, manifest: Manifest, at: float | None) -> None:
    """What the session's own status, told at `at`, adds to its messages.

    The messages are written when an answer is complete, so a prompt is not among them until then.
    """
    ended_at = instant(manifest.ended_at)
    facts.seen(ended_at)
    is_open = facts.phase in ("requested", "tool", "question")
    if manifest.status == "cancelled" or (is_open and ended_at is not None):
        facts.interrupted(ended_at)
    elif manifest.status == "failed" and facts.phase not in ("error", "limited"):
        facts.failed("the session failed", ended_at)
    elif manifest.status == "pending" and facts.phase == "tool":
        facts.permission(facts.action or "a call", at)
    elif manifest.status == "running" and not is_open and _is_newer(at, facts.last_active):
        facts.act("requested", at, "the session's own record says that it runs")
        facts.seen(at)


def _is_newer(one: float | None, other: float | None) -> bool:
    return one is not None and (other is None or one > other)


def _answers(messages: list[Message]) -> bool:
    return any(
        message.role == "assistant" and (message.metadata or Label()).display_role is None
        for message in messages
    )


def has_failed(content: msgspec.Raw) -> bool:
    """Whether a tool's result, or all parts of it, say that it failed."""
    try:
        said = msgspec.json.decode(content)
        if isinstance(said, str):
            said = msgspec.json.decode(said)
        parts = msgspec.convert(said if isinstance(said, list) else [said], list[Result])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return False
    return bool(parts) and all(part.success is False or part.error for part in parts)


def _text(blocks: list[Block]) -> str:
    return " ".join(block.text for block in blocks if block.type == "text" and block.text)


def _best(arguments: Arguments) -> str:
    a = arguments
    patch = patched(a.input or "")
    commands = "; ".join(a.commands or ())
    named = (a.path, commands, a.question, a.query, a.task, next(iter(patch), None))
    return next((each for each in named if each), "")


def seconds(ts: float | None) -> float | None:
    return ts / 1000 if ts is not None and 0 < ts < 1e14 else None
