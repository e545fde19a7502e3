"""The events of a session of Continue's `cn`; when they happened is recorded nowhere."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from agtop.agents.arguments import best, opened
from agtop.agents.continue_cli import Message, text_of
from agtop.agents.decode import plain
from agtop.agents.events import spelled, text_in
from agtop.agents.retold import DocumentEvents
from agtop.model import Author, Event

_OVER = ("done", "errored", "canceled")


class State(msgspec.Struct):
    toolCallId: str | None = None  # noqa: N815
    status: str | None = None
    output: msgspec.Raw = msgspec.Raw(b"null")


class Item(msgspec.Struct):
    message: Message | None = None
    toolCallStates: list[State] | None = None  # noqa: N815


class Saved(msgspec.Struct):
    history: list[Item] | None = None


class ContinueEvents(DocumentEvents[Saved]):
    """Tells what was not told before."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog, Saved)

    def _tell(self, document: Saved) -> Iterator[Event]:
        for number, item in enumerate(document.history or ()):
            if item.message is None:
                continue
            said = text_of(item.message)
            if item.message.role == "user" and self._once.is_new(number):
                yield from self._teller.said("prompt", None, said)
            elif item.message.role == "assistant":
                if said and self._once.is_new(number):
                    yield from self._teller.said("text", None, said)
                yield from self._calls(item, item.message)

    def _calls(self, item: Item, message: Message) -> Iterator[Event]:
        for call in message.toolCalls or ():
            function = call.function
            given = opened((function.arguments or "").encode() if function is not None else b"")
            name = (function.name if function is not None else None) or "tool"
            if call.id and self._once.is_new("call", call.id):
                arguments = spelled(dict(given))
                yield self._teller.called(call.id, name, best(given), None, arguments)
        for state in item.toolCallStates or ():
            is_over = state.status in _OVER and state.toolCallId is not None
            if is_over and self._once.is_new("result", state.toolCallId):
                said = text_in(plain(state.output))
                failed = state.status != "done"
                yield self._teller.answered(state.toolCallId, said, None, failed)
