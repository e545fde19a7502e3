"""The events of a transcript of Cursor's agent; when they happened is recorded nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agtop.agents.base import EventReader
from agtop.agents.blocks import Blocks, Given, Write
from agtop.agents.cursor import STORE, WRITING, argument, without_tags
from agtop.agents.events import LineEvents, mapping
from agtop.agents.loose import line_of, objects, text
from agtop.agents.retold import NoEvents
from agtop.model import Author, Event


def events(path: str, author: Author, backlog: int) -> EventReader:
    return NoEvents(path) if path.endswith(STORE) else CursorEvents(path, author, backlog)


class CursorEvents(LineEvents):
    """Tells one transcript."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog)
        self._forget()

    def _forget(self) -> None:
        self._blocks = Blocks(self._teller, _writes, argument)
        self._count = 0

    def _tell(self, line: bytes) -> Iterator[Event]:
        row = line_of(line)
        content = mapping(row.get("message")).get("content")
        said = [{"type": "text", "text": content}] if isinstance(content, str) else objects(content)
        self._count += 1
        if row.get("role") == "user":
            for block in said:
                if block.get("type") == "text":
                    typed = without_tags(text(block.get("text")) or "")
                    yield from self._teller.said("prompt", None, typed)
        else:
            yield from self._blocks.answer(said, None, str(self._count))
        yield from self._blocks.results(said, None)


def _writes(tool: str, given: Given, _result: object) -> Iterable[Write]:
    path = argument(given)
    if tool in WRITING and path:
        yield path, None, None
