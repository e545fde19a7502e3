"""The events of an Amp thread, as far as it was kept on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from agtop.agents.amp import Used, moment
from agtop.agents.blocks import Blocks, Given, Write
from agtop.agents.decode import plain
from agtop.agents.events import mapping
from agtop.agents.loose import objects, text
from agtop.agents.retold import DocumentEvents
from agtop.model import Author, Event

_WRITING = frozenset({"edit_file", "create_file"})


class Message(msgspec.Struct):
    """With all of its content, of which counting needs less."""

    role: str | None = None
    messageId: int | None = None  # noqa: N815
    content: msgspec.Raw = msgspec.Raw(b"[]")
    usage: Used | None = None


class Thread(msgspec.Struct):
    messages: list[Message] | None = None


class AmpEvents(DocumentEvents[Thread]):
    """Tells the messages that were not told before."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog, Thread)
        self._blocks = Blocks(self._teller, _writes, failed=_says_failed)

    def _tell(self, document: Thread) -> Iterator[Event]:
        """The last message may still be growing, so each of its blocks is told by itself."""
        for number, message in enumerate(document.messages or ()):
            key = number if message.messageId is None else message.messageId
            at = moment(message.usage.timestamp) if message.usage is not None else None
            blocks = enumerate(objects(plain(message.content)))
            new = [block for place, block in blocks if self._once.is_new(key, place)]
            if message.role == "user":
                yield from self._blocks.results(new, at)
                for block in new:
                    if block.get("type") == "text":
                        yield from self._teller.said("prompt", at, text(block.get("text")) or "")
            else:
                yield from self._blocks.answer(new, at, str(key))


def _says_failed(run: object) -> bool:
    return mapping(run).get("status") in ("error", "cancelled", "rejected-by-user")


def _writes(tool: str, given: Given, _result: object) -> Iterable[Write]:
    path = text(given.get("path"))
    if tool in _WRITING and path is not None:
        yield path, None, None
