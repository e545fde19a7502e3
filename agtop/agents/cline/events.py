"""The events of a Cline conversation: a document that is written anew with every message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from agtop.agents.blocks import Blocks, Given, Write, patch_writes
from agtop.agents.cline.meter import INPUT, has_failed, seconds
from agtop.agents.cline.records import NOTHING, Label
from agtop.agents.decode import plain
from agtop.agents.loose import objects, text
from agtop.agents.retold import DocumentEvents
from agtop.agents.writes import patched
from agtop.model import Author, Event

_LIMITS = ("429", "rate limit", "quota")


class Message(msgspec.Struct):
    """With all of its content, of which counting needs less."""

    id: str | None = None
    role: str = ""
    ts: float | None = None
    content: msgspec.Raw = NOTHING
    metadata: Label | None = None


class Document(msgspec.Struct):
    messages: list[Message] | None = None


class ClineEvents(DocumentEvents[Document]):
    """Tells the messages that were not told before."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog, Document)
        self._blocks = Blocks(self._teller, _writes, _best, _says_failed)

    def _tell(self, document: Document) -> Iterator[Event]:
        for number, message in enumerate(document.messages or ()):
            if self._once.is_new(message.id or number):
                yield from self._message(message, message.metadata or Label())

    def _message(self, message: Message, label: Label) -> Iterator[Event]:
        at, content = seconds(message.ts), plain(message.content)
        said = [{"type": "text", "text": content}] if isinstance(content, str) else objects(content)
        words = " ".join(each for block in said if (each := text(block.get("text"))))
        if label.display_role == "error":
            is_limit = any(word in words.lower() for word in _LIMITS)
            kind = "limit" if is_limit else "error"
            yield self._teller.event(kind, at, words or "the request failed", words, failed=True)
        elif label.kind == "compaction_summary":
            yield self._teller.event("compaction", at, "the conversation was summed up", words)
        elif message.role == "assistant":
            yield from self._blocks.answer(said, at, message.id or "")
        elif message.role == "user":
            results = list(self._blocks.results(said, at))
            yield from results
            typed = INPUT.search(words)
            if not results:
                yield from self._teller.said("prompt", at, typed[1] if typed else words)


def _says_failed(result: object) -> bool:
    return has_failed(msgspec.Raw(msgspec.json.encode(result)))


def _best(given: Given) -> str:
    commands = given.get("commands")
    if isinstance(commands, list) and commands:
        return "; ".join(str(each) for each in commands)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    named = [text(given.get(name)) for name in ("path", "question", "query", "task")]
    patch = patched(text(given.get("input")) or "")
    return next((each for each in (*named, *patch) if each), "")


def _writes(tool: str, given: Given, _result: object) -> Iterable[Write]:
    if tool == "apply_patch":
        yield from patch_writes(text(given.get("input")) or "")
    elif tool == "editor" and (path := text(given.get("path"))):
        new, old = text(given.get("new_text")) or "", text(given.get("old_text")) or ""
        yield path, len(new.splitlines()), len(old.splitlines())
