"""Events of content blocks, as Anthropic's messages have them and many agents keep them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from agtop.agents.arguments import best
from agtop.agents.events import Teller, mapping, spelled, text_in
from agtop.agents.loose import text
from agtop.agents.writes import patched, patched_lines
from agtop.model import Event

Given = Mapping[str, object]
Write = tuple[str, int | None, int | None]
"""(path, lines added, lines removed)."""
Writes = Callable[[str, Given, object], Iterable[Write]]
"""(tool, arguments, result) → what a call that succeeded wrote."""
_UNKNOWN: tuple[str | None, Given] = (None, {})
_RESULT_IDS = ("tool_use_id", "toolUseID", "toolUseId")


def patch_writes(patch: str) -> Iterator[Write]:
    """What a patch in the `*** Begin Patch` format writes, its lines counted with the first."""
    added, removed = patched_lines(patch)
    for number, path in enumerate(patched(patch)):
        yield (path, None, None) if number else (path, added, removed)


def no_writes(_tool: str, _given: Given, _result: object) -> Iterable[Write]:
    return ()


class Blocks:
    """Tells the blocks of messages that come in order."""

    def __init__(
        self,
        teller: Teller,
        writes: Writes = no_writes,
        named: Callable[[Given], str] = best,
        failed: Callable[[object], bool] = lambda _result: False,
    ) -> None:
        """
        Args:
            writes: the files that a call wrote.
            named: arguments → the most telling of them.
            failed: whether a result says itself that the call failed.
        """
        self._teller = teller
        self._writes, self._named, self._failed = writes, named, failed
        self._given: dict[str, tuple[str | None, Given]] = {}

    def answer(self, blocks: Iterable[Given], at: float | None, name: str = "") -> Iterator[Event]:
        """What the model said and called; `name` is the message's."""
        for number, block in enumerate(blocks):
            kind = block.get("type")
            if kind == "text":
                yield from self._teller.said("text", at, text(block.get("text")) or "")
            elif kind in ("thinking", "reasoning"):
                said = text_in(block.get("thinking") or block.get("text"))
                yield from self._teller.said("thinking", at, said)
            elif kind == "tool_use":
                yield self._call(block, text(block.get("id")) or f"{name}:{number}", at)

    def _call(self, block: Given, call: str, at: float | None) -> Event:
        tool, given = text(block.get("name")) or "tool", mapping(block.get("input"))
        self._given[call] = (tool, given)
        return self._teller.called(call, tool, self._named(given), at, spelled(dict(given)))

    def results(self, blocks: Iterable[Given], at: float | None) -> Iterator[Event]:
        """What the tools answered, and the files that they wrote."""
        for block in blocks:
            if block.get("type") != "tool_result":
                continue
            call = next((known for name in _RESULT_IDS if (known := text(block.get(name)))), None)
            tool, given = self._given.pop(call or "", _UNKNOWN)
            content = block.get("content", block.get("run"))
            failed = block.get("is_error") is True or self._failed(content)
            yield self._teller.answered(call, text_in(content), at, failed, tool=tool or "tool")
            if failed or tool is None:
                continue
            for path, added, removed in self._writes(tool, given, content):
                yield self._teller.wrote(path, at, added, removed, call, tool)

    def forget(self) -> None:
        self._given.clear()
