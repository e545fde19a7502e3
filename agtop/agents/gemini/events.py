"""The events of a Gemini CLI conversation, whichever way its release writes it down."""

from __future__ import annotations

from collections.abc import Iterator

from agtop.agents.base import EventReader
from agtop.agents.decode import Decoder, plain
from agtop.agents.events import LineEvents, Once, Teller, spelled, text_in
from agtop.agents.gemini import tools
from agtop.agents.gemini.conversation import CANCELLED, CONTEXT, LIMIT, QUIET
from agtop.agents.gemini.records import Head, Line, Message, ToolCall, answers_calls, text_of
from agtop.agents.loose import objects, text
from agtop.agents.retold import DocumentEvents
from agtop.model import Author, Event
from agtop.units import instant

_OVER = ("success", "error", "cancelled")


def events(path: str, author: Author, backlog: int) -> EventReader:
    if path.endswith(".json"):
        return GeminiDocumentEvents(path, author, backlog)
    return GeminiLineEvents(path, author, backlog)


class Messages:
    """Tells messages, each thing in them once however often they are written."""

    def __init__(self, teller: Teller, once: Once) -> None:
        self._teller = teller
        self._once = once

    def tell(self, message: Message) -> Iterator[Event]:
        if message.id is None:
            return
        at = instant(message.timestamp)
        is_new = self._once.is_new("message", message.id)
        if message.type == "gemini":
            if is_new:
                yield from self._words(message, at)
            for number, call in enumerate(message.tool_calls or ()):
                yield from self._call(call, call.id or f"{message.id}:{number}", at)
        elif is_new:
            yield from self._other(message, text_of(message.content).strip(), at)

    def pass_over(self, message: Message) -> None:
        """A checkpoint repeats it: under a new name, perhaps, but it was told."""
        self._once.is_new("message", message.id)
        for number, call in enumerate(message.tool_calls or ()):
            key = call.id or f"{message.id}:{number}"
            self._once.is_new("call", key)
            self._once.is_new("result", key)

    def _words(self, message: Message, at: float | None) -> Iterator[Event]:
        for thought in objects(message.thoughts):
            said = (text(thought.get("subject")), text(thought.get("description")))
            yield from self._teller.said("thinking", at, "\n".join(each for each in said if each))
        yield from self._teller.said("text", at, text_of(message.content))

    def _call(self, call: ToolCall, key: str, at: float | None) -> Iterator[Event]:
        name, given = call.name or "tool", tools.arguments(call.args)
        if self._once.is_new("call", key):
            yield self._teller.called(key, name, given.best, at, spelled(plain(call.args)))
        if call.status not in _OVER or not self._once.is_new("result", key):
            return
        ended_at = instant(call.timestamp) or at
        shown = plain(call.result_display)
        said = shown if isinstance(shown, str) else _answer(plain(call.result))
        is_stopped = call.status == "cancelled"
        failed = call.status != "success"
        words = "the user stopped it" if is_stopped and not said else said
        yield self._teller.answered(key, words, ended_at, failed, tool=name)
        display = tools.display(call.result_display)
        path = None if failed else tools.written(name, given, display)
        if path is not None:
            lines = tools.changed_lines(given, display)
            yield self._teller.wrote(path, ended_at, *lines, key, name)

    def _other(self, message: Message, said: str, at: float | None) -> Iterator[Event]:
        if message.type == "user":
            if not answers_calls(message.content) and not said.startswith(CONTEXT):
                yield from self._teller.said("prompt", at, said)
        elif message.type == "error":
            kind = "limit" if LIMIT.search(said) else "error"
            words = said or "the request failed"
            yield self._teller.event(kind, at, words, words, failed=True)
        elif said == CANCELLED and message.type in QUIET:
            yield self._teller.event("error", at, "the user stopped the turn")


class GeminiLineEvents(LineEvents):
    """Tells a file of lines."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog)
        self._lines = Decoder(Line)
        self._forget()

    def _tell(self, line: bytes) -> Iterator[Event]:
        record = self._lines.decode(line)
        if record is None or record.rewind_to is not None:
            return
        if record.id is not None:
            self._at = instant(record.timestamp) or self._at
            self._answers.add(record.id) if record.tokens is not None else None
            yield from self._messages.tell(record.message)
        elif record.patch is not None:
            yield from self._restated(record.patch)
        else:
            for message in record.messages or ():
                yield from self._messages.tell(message)

    def _restated(self, patch: Head) -> Iterator[Event]:
        """A checkpoint: the history is now this."""
        if patch.messages is None:
            return
        kept = {message.id for message in patch.messages}
        for message in patch.messages:
            self._messages.pass_over(message)
        if self._answers - kept:
            self._answers.clear()
            yield self._teller.event("compaction", self._at, "the conversation was summed up")

    def _forget(self) -> None:
        self._messages = Messages(self._teller, Once())
        self._answers: set[str] = set()
        """Paid answers that the model still sees."""
        self._at: float | None = None


class GeminiDocumentEvents(DocumentEvents[Head]):
    """Tells the one document of older releases."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog, Head)
        self._messages = Messages(self._teller, self._once)

    def _tell(self, document: Head) -> Iterator[Event]:
        for message in document.messages or ():
            yield from self._messages.tell(message)


def _answer(result: object) -> str:
    """What the model was sent: parts with a `functionResponse` each."""
    said = [part.get("functionResponse") for part in objects(result)]
    found = [text_in(objects([each])[0].get("response")) for each in said if objects([each])]
    return "\n".join(each for each in found if each) or text_in(result)
