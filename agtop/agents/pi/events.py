"""The events of a Pi session."""

from __future__ import annotations

from collections.abc import Iterator

from agtop.agents.arguments import best, opened
from agtop.agents.decode import Decoder, plain
from agtop.agents.events import LineEvents, spelled, text_in
from agtop.agents.pi.records import Block, Entry, Message, blocks_of, text_of
from agtop.model import Author, Event
from agtop.units import compact, instant


class PiEvents(LineEvents):
    """Tells one session's file."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog)
        self._entries = Decoder(Entry)

    def _tell(self, line: bytes) -> Iterator[Event]:
        entry = self._entries.decode(line)
        if entry is None:
            return
        at = instant(entry.timestamp)
        if entry.type == "compaction":
            before = f": {compact(entry.tokens_before)} tokens" if entry.tokens_before else ""
            yield self._teller.event("compaction", at, f"the context was compacted{before}")
        elif entry.type == "message" and entry.message is not None:
            yield from self._message(entry.message, at)

    def _message(self, message: Message, at: float | None) -> Iterator[Event]:
        if message.role == "user":
            yield from self._teller.said("prompt", at, text_of(message))
        elif message.role == "toolResult":
            yield self._teller.answered(
                message.tool_call_id, text_of(message), at, bool(message.is_error),
                tool=message.tool_name,
            )  # fmt: skip
        elif message.role == "assistant":
            yield from self._answer(message, at)

    def _answer(self, message: Message, at: float | None) -> Iterator[Event]:
        if isinstance(message.content, str):
            yield from self._teller.said("text", at, message.content)
        for block in blocks_of(message):
            if block.type == "text":
                yield from self._teller.said("text", at, block.text or "")
            elif block.type == "thinking":
                yield from self._teller.said("thinking", at, text_in(plain(block.thinking)))
            elif block.type == "toolCall":
                yield self._call(block, at)
        if message.stop_reason == "error":
            said = message.error_message or "the model answered with an error"
            yield self._teller.event("error", at, said, said, failed=True)

    def _call(self, block: Block, at: float | None) -> Event:
        given = opened(block.arguments)
        return self._teller.called(
            block.id, block.name or "tool", best(given), at, spelled(dict(given))
        )
