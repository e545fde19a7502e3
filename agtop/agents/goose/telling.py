"""Goes through the messages of one of Goose's sessions and says what they come to."""

from __future__ import annotations

import re

from agtop.agents.facts import Facts
from agtop.agents.goose.records import Message
from agtop.agents.loose import fields, text
from agtop.model import WriteKind

BEST = ("path", "file_path", "command", "query", "url", "pattern", "prompt", "instructions")
WRITING = ("write", "str_replace", "insert", "edit", "diff", "create_file", "edit_file")
_KINDS: dict[str | None, WriteKind] = {
    **dict.fromkeys(("str_replace", "insert", "edit", "diff", "edit_file"), "edit"),
    "create_file": "create",
}
NEW = ("file_text", "content", "new_str", "after", "new_text")
"""Arguments that hold what is written; what it replaces is not recorded."""
FAILED = "Ran into this error"
"""How Goose begins the answer that reports a failed request."""
LIMIT = re.compile(r"rate.?limit|too many requests|quota|credits|\b429\b", re.IGNORECASE)
_ASKS = ("toolConfirmationRequest", "actionRequired")


class Teller:
    """Puts what the messages say into `facts`, the oldest first."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._files: dict[str, tuple[str, int, WriteKind | None]] = {}
        """Call id → the file it is to write, its lines, and whether the file is there before."""

    def take(self, message: Message) -> None:
        self._facts.seen(message.at)
        if message.role == "user":
            self._hear(message)
        else:
            self._answer(message)

    def _hear(self, message: Message) -> None:
        """A prompt, or what the tools answered."""
        words, is_prompt = "", False
        for content in message.contents:
            kind = content.get("type")
            if kind == "toolResponse":
                self._resolve(content, message.at)
            elif kind in ("text", "image"):
                is_prompt = message.is_typed
                words = words or text(content.get("text")) or ""
        if is_prompt:
            self._facts.prompted(words, message.at)

    def _answer(self, message: Message) -> None:
        facts, words, has_calls, asks = self._facts, "", False, None
        for content in message.contents:
            kind = content.get("type")
            if kind == "text":
                words = text(content.get("text")) or words
            elif kind in ("toolRequest", "frontendToolRequest"):
                has_calls = True
                self._call(content, message.at)
            elif kind in _ASKS:
                asks = content
        if words.startswith(FAILED):
            said = words.removeprefix(FAILED).lstrip(": ")
            limited = LIMIT.search(said) is not None
            facts.limited(said, message.at) if limited else facts.failed(said, message.at)
            return
        if words or has_calls:
            facts.replied(str(message.order))
        if asks is not None:
            data = fields(asks.get("data"))
            facts.permission(
                text(asks.get("toolName")) or text(data.get("toolName")) or "a tool", message.at
            )
        elif words and not has_calls:
            facts.answered(words, message.at)

    def _call(self, content: dict[str, object], at: float | None) -> None:
        call = fields(fields(content.get("toolCall")).get("value"))
        given, key = fields(call.get("arguments")), str(content.get("id"))
        name = (text(call.get("name")) or "tool").rpartition("__")[2]
        best = next((said for each in BEST if (said := text(given.get(each)))), "")
        self._facts.called(key, name, best, at)
        path = text(given.get("path")) or text(given.get("file_path"))
        does = text(given.get("command")) if name == "text_editor" else name
        if path and does in WRITING:
            written = next((t for k in NEW if (t := text(given.get(k)))), "")
            self._files[key] = (path, len(written.splitlines()), _KINDS.get(does))

    def _resolve(self, content: dict[str, object], at: float | None) -> None:
        result, key = fields(content.get("toolResult")), str(content.get("id"))
        is_error = (
            result.get("status") == "error" or fields(result.get("value")).get("isError") is True
        )
        self._facts.resolved(key, at, is_error)
        if key in self._files and not is_error:
            path, lines, kind = self._files[key]
            self._facts.writes.add(path, at, lines, 0, self._facts.cwd, kind)
