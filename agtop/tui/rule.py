"""The lines between the parts of the screen, which say what is below them."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.style import Style
from textual.widget import Widget

from agtop.filters import EVERYTHING, Filter
from agtop.model import Snapshot, Totals
from agtop.text import cut, line, printable
from agtop.tui.lines import ruled
from agtop.tui.messages import NOTHING
from agtop.tui.opening import Glimpse, remembered
from agtop.tui.tones import ACCENT, STRONG, WARN
from agtop.tui.words import quiet, toned
from agtop.units import dollars


class SessionsRule(Widget):
    """How many sessions are shown of how many, and what is missing from the sums."""

    DEFAULT_CSS = """
    SessionsRule { height: 1; text-wrap: nowrap; }
    """

    class ProblemsWanted(Message):
        """The number of problems was clicked."""

    snapshot: var[Snapshot] = var(NOTHING)
    filter: var[Filter] = var(EVERYTHING)
    show_ended: var[bool] = var(True)
    shown: var[int] = var(0)
    notes: var[tuple[str, ...]] = var(())
    """What is not as usual: tags, a table that stands still."""

    def __init__(self, glimpse: Glimpse | None = None) -> None:
        super().__init__()
        self._glimpse = glimpse

    def watch_snapshot(self) -> None:
        self.refresh()

    def watch_filter(self) -> None:
        self.refresh()

    def watch_show_ended(self) -> None:
        self.refresh()

    def watch_shown(self) -> None:
        self.refresh()

    def watch_notes(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        if event.style.meta.get("problems"):
            self.post_message(self.ProblemsWanted())

    def render(self) -> Content:
        width = self.size.width
        if self.snapshot is NOTHING and self._glimpse is not None:
            count = Content.assemble(toned("sessions ", STRONG), f"{self._glimpse.sessions:,}")
            return ruled(width, count, quiet(remembered(self._glimpse)))
        return ruled(width, self._sessions(), self._sums(width))

    def _sessions(self) -> Content:
        every = len(self.snapshot.sessions)
        count = f"{every:,}" if self.shown == every else f"{self.shown:,} of {every:,}"
        parts = [Content.assemble(toned("sessions ", STRONG), count)]
        if self.filter:
            text = cut(line(printable(self.filter.text)), 40)
            parts.append(Content.assemble(quiet("filter "), toned(text, ACCENT)))
        if not self.show_ended:
            parts.append(quiet("ended ones hidden"))
        parts += [toned(note, ACCENT) for note in self.notes]
        return quiet(" ─ ").join(parts)

    def _sums(self, width: int) -> Content:
        snapshot = self.snapshot
        parts: list[Content] = []
        if snapshot is not NOTHING and not snapshot.complete:
            progress = snapshot.progress
            reading = f"reading transcripts {progress.read:,} of {progress.total:,}"
            parts.append(toned(reading, ACCENT))
        parts += _cost(snapshot.totals, brief=width < 100)
        if snapshot.problems:
            count = len(snapshot.problems)
            text = f"! {count} problem{'s' if count > 1 else ''}"
            click = Style.from_meta({"problems": True})
            parts.append(toned(text, WARN).stylize(click))
        return quiet(" ─ ").join(parts)


def _cost(totals: Totals, brief: bool) -> list[Content]:
    """The sum over all sessions; `≥` and why when some of it is not known."""
    if totals.unmetered_sessions == totals.sessions:  # nothing is known of any
        return []
    if not totals.unpriced_sessions:
        return [Content.assemble(quiet("all "), toned(dollars(totals.cost), STRONG))]
    word = "" if brief else " session" + ("s" if totals.unpriced_sessions > 1 else "")
    gap = f", {totals.unpriced_sessions:,}{word} unpriced"
    return [
        Content.assemble(
            quiet("all "), toned(f"≥ {dollars(totals.cost)}", STRONG), toned(gap, WARN)
        )
    ]
