"""The events of a Claude Code transcript."""

from __future__ import annotations

from collections.abc import Iterator

from agtop.agents.claude import usage
from agtop.agents.claude.content import (
    blocks,
    is_prompt,
    last_text,
    line_counts,
    word,
)
from agtop.agents.claude.facts import INTERRUPTED, WRITING
from agtop.agents.claude.records import Block, Message, Row, ToolInput, ToolUseResult
from agtop.agents.decode import Decoder, plain
from agtop.agents.events import LineEvents, mapping, spelled, text_in
from agtop.model import Author, Event
from agtop.units import compact, instant

_TOLD = ("user", "assistant", "system")


class ClaudeEvents(LineEvents):
    """Tells a session's transcript or a subagent's."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog)
        self._rows = Decoder(Row)
        self._inputs = Decoder(ToolInput)
        self._results = Decoder(ToolUseResult)

    def _tell(self, line: bytes) -> Iterator[Event]:
        if line.startswith(b'{"type":"api-request'):
            return
        row = self._rows.decode(line)
        if row is None or row.type not in _TOLD:
            return
        at = instant(row.timestamp)
        scope = row.agent_id or "sidechain" if row.is_sidechain else None
        if row.type == "system":
            yield from self._system(row, at)
        elif row.message is not None and row.type == "assistant":
            yield from self._answer(row, row.message, at, scope)
        elif row.message is not None:
            yield from self._user(row, row.message, at, scope)

    def _answer(
        self, row: Row, message: Message, at: float | None, scope: str | None
    ) -> Iterator[Event]:
        if row.is_api_error_message:
            yield self._failure(row, message, at, scope)
            return
        if isinstance(message.content, str) and message.model != usage.SYNTHETIC:
            yield from self._teller.said("text", at, message.content, scope)
        for block in blocks(message):
            if block.type == "text" and message.model != usage.SYNTHETIC:
                yield from self._teller.said("text", at, block.text or "", scope)
            elif block.type == "thinking":
                yield from self._teller.said("thinking", at, text_in(plain(block.thinking)), scope)
            elif block.type in ("tool_use", "server_tool_use"):
                yield self._call(block, at, scope)

    def _failure(self, row: Row, message: Message, at: float | None, scope: str | None) -> Event:
        error = word(row.error)
        said = last_text(message).strip() or f"the API answered with an error: {error or 'unnamed'}"
        kind = "limit" if error == "rate_limit" else "error"
        return self._teller.event(kind, at, said, said, failed=True, scope=scope)

    def _call(self, block: Block, at: float | None, scope: str | None) -> Event:
        given = bytes(block.input)
        known = self._inputs.decode(given)
        return self._teller.called(
            block.id, block.name or "tool", known.best if known else "", at,
            spelled(plain(given)), scope,
        )  # fmt: skip

    def _user(
        self, row: Row, message: Message, at: float | None, scope: str | None
    ) -> Iterator[Event]:
        results = [b for b in blocks(message) if b.type == "tool_result"]
        for block in results:
            yield from self._result(row, block, at, scope)
        said = message.content if isinstance(message.content, str) else last_text(message)
        if said.startswith(INTERRUPTED):
            self._teller.forget_calls()
            yield self._teller.event("error", at, "the user stopped the turn", scope=scope)
        elif not results and is_prompt(row, said):
            yield from self._teller.said("prompt", at, said, scope)

    def _result(
        self, row: Row, block: Block, at: float | None, scope: str | None
    ) -> Iterator[Event]:
        failed = bool(block.is_error)
        text = text_in(plain(block.content))
        answer = self._teller.answered(block.tool_use_id, text, at, failed, scope)
        yield answer
        if not failed and (answer.tool is None or answer.tool in WRITING):
            yield from self._write(row, answer)

    def _write(self, row: Row, answer: Event) -> Iterator[Event]:
        raw = bytes(row.tool_use_result)
        result = self._results.decode(raw) if raw.startswith(b"{") else None
        if result is None or result.staged:
            return
        path = result.filePath or result.notebook_path
        patched = result.structuredPatch is not None or result.type in ("create", "update")
        if path and (patched or answer.tool is not None):
            added, removed = line_counts(result) if patched else (None, None)
            yield self._teller.wrote(
                path, answer.at, added, removed, answer.call, answer.tool, answer.scope
            )

    def _system(self, row: Row, at: float | None) -> Iterator[Event]:
        if row.subtype == "compact_boundary":
            known = row.compact_metadata
            before = compact(known.preTokens) if known and known.preTokens else "?"
            after = compact(known.postTokens) if known and known.postTokens else "?"
            title = f"compacted: {before} → {after} tokens of context"
            yield self._teller.event("compaction", at, title)
        elif row.subtype == "api_error":
            tries = f", retry {row.retry_attempt}" if row.retry_attempt else ""
            why = text_in(plain(row.error)) or text_in(mapping(plain(row.error)).get("error"))
            title = f"the API failed and the request is repeated{tries}"
            yield self._teller.event("error", at, f"{title}: {why}" if why else title, failed=True)
