"""An app whose Trace can be told whose work it shows, and what of it."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Iterator, Sequence

from agtop.config import meant
from agtop.model import EVENT_KINDS
from agtop.trace.choice import Choice, kinds
from agtop.tui.commands import Command, only
from agtop.tui.ordering import Ordering
from agtop.tui.picking import Picking
from agtop.tui.running import words
from agtop.tui.tabs.trace import TraceTab


class Tracing(Ordering):
    """`:trace 8421 --kind error`, as `agtop trace` takes it."""

    def commands(self) -> Iterator[Command]:
        yield Command(
            *("trace", "The live work of the selected session, or of one that is named"),
            *(self._trace, "[TARGET] [--all] [--kind KIND] [--grep TEXT]", self._trace_words),
        )
        about = "Select a session by its id, pid or name"
        yield Command("go", about, self.go, "TARGET", only(self.called))
        yield from super().commands()

    def _trace_words(self, before: Sequence[str]) -> Iterable[str]:
        if before and before[-1] in ("--kind", "-k"):
            return [each.replace(" ", "-") for each in EVENT_KINDS]
        flags = [word for word in ("--all", "--kind", "--grep") if word not in before]
        return flags if before else [*self.called(), *flags]

    def _trace(self, text: str) -> Awaitable[object]:
        target, everyone, sought = "", False, ""
        wanted: list[str] = []
        rest = iter(words(text))
        for word in rest:
            if word in ("-a", "--all"):
                everyone = True
            elif word in ("-k", "--kind"):
                wanted.append(next(rest, ""))
            elif word in ("-g", "--grep"):
                sought = next(rest, "")
            elif word.startswith("-"):
                flags = ("--all", "--kind", "--grep")
                raise ValueError(f':trace takes no "{word}"{meant(word, flags)}')
            elif target:
                raise ValueError(f"one target at a time: {target} or {word}")
            else:
                target = word
        if target:
            self.go(target)
        self.query_one(TraceTab).show_only(Choice(kinds(wanted), sought), everyone)
        return self.run_action("show_tab('trace')")

    def go(self, word: str) -> None:
        """Select the session that is meant. Raises ValueError, AgtopError."""
        table = self.screen_stack[0].query_one(Picking)
        if word.isdecimal() and table.find_pid(word):
            return
        if self.errands is None:
            raise ValueError("names are not at hand here; F3 searches")
        key = self.errands.session(word, self.scene()).key
        place = next((n for n, row in enumerate(table.rows) if row.key == key), None)
        if place is None:
            raise ValueError(
                f"{key} is not among the sessions that are shown; Esc drops the filter"
            )
        table.move_to(place)
