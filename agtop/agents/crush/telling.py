"""Goes through the messages of one of Crush's sessions and says what they come to."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agtop.agents.crush.records import Data, Message, seconds
from agtop.agents.facts import Facts
from agtop.agents.loose import fields, number, text
from agtop.model import WriteKind

BEST = ("file_path", "path", "command", "pattern", "query", "url", "prompt", "description")
WRITING = ("edit", "multiedit", "write")
LIMIT = re.compile(r"rate.?limit|too many requests|quota|\b429\b", re.IGNORECASE)


def tell(facts: Facts, messages: Iterable[Message]) -> None:
    """Put what the messages say into `facts`, the oldest first."""
    teller = _Teller(facts)
    for message in messages:
        facts.seen(message.at)
        if message.parts is None:
            facts.skipped += 1
            continue
        facts.records += 1
        teller.take(message)


class _Teller:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._calls: dict[str, tuple[str, str | None]] = {}
        """Call id → (tool, file)."""

    def take(self, message: Message) -> None:
        if message.role == "user":
            self._hear(message)
        elif message.role == "assistant":
            self._answer(message)
        for result in message.all("tool_result"):
            self._resolve(result, message.at)

    def _hear(self, message: Message) -> None:
        """What the user typed; a text may also be Crush's own, to go on after a summary."""
        texts = message.all("text")
        typed = [each.text for each in texts if not each.hidden]
        if typed or message.all("binary"):
            self._facts.prompted("".join(typed[:1]), message.at)
        elif texts:
            self._facts.act("requested", message.at, "what Crush asked itself has no answer yet")

    def _answer(self, message: Message) -> None:
        facts = self._facts
        facts.model = message.model or facts.model
        for call in message.all("tool_call"):
            given = fields(call.input.encode("utf-8", "replace"))
            best = next((said for key in BEST if (said := text(given.get(key)))), "")
            facts.called(call.id, call.name, best, message.at)
            self._calls[call.id] = (call.name, text(given.get("file_path")))
        finish = next(iter(message.all("finish")), None)
        if finish is None:
            facts.answering(message.at)
        else:
            self._end(message, finish)

    def _end(self, message: Message, finish: Data) -> None:
        facts, at = self._facts, seconds(finish.time) or message.at
        facts.seen(at)
        if finish.reason == "canceled":
            facts.interrupted(at)
        elif finish.reason in ("error", "content_filter"):
            said = f"{finish.message} {finish.details}".strip() or finish.reason
            facts.limited(said, at) if LIMIT.search(said) else facts.failed(said, at)
        else:
            facts.replied(str(message.order))
            if message.sums_up:
                facts.compacted()
            if finish.reason != "tool_use":
                words = "".join(each.text for each in message.all("text"))
                facts.answered(words, at, finish.reason)

    def _resolve(self, result: Data, at: float | None) -> None:
        facts = self._facts
        facts.resolved(result.tool_call_id, at, result.is_error)
        name, path = self._calls.get(result.tool_call_id, (result.name, None))
        if path and name in WRITING and not result.is_error:
            told = fields(result.metadata.encode("utf-8", "replace"))
            added, removed = (number(told.get(key)) or 0.0 for key in ("additions", "removals"))
            facts.writes.add(path, at, int(added), int(removed), facts.cwd, _kind(told))


def _kind(told: dict[str, object]) -> WriteKind | None:
    """Whether the file was there before, where the tool's result holds what it was."""
    before = told.get("old_content")
    if not isinstance(before, str):
        return None
    return "edit" if before else "create"
