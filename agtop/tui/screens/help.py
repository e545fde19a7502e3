"""Help: every key there is, and what every column means, made from the bindings and columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from textual.binding import Binding, BindingType
from textual.content import Content

from agtop.columns import COLUMNS
from agtop.columns.cells import GLYPHS
from agtop.filters import EXAMPLES
from agtop.model import STATES
from agtop.tui.lines import beside
from agtop.tui.screens.sheet import Sheet
from agtop.tui.tones import ACCENT, STATE_TONES, TITLE
from agtop.tui.words import toned

_GROUPS = (
    ("app", "Everywhere"),
    ("act", "To act on a session"),
    ("sort", "Order"),
    ("table", "In the table"),
    ("panel", "In the tabs"),
    ("tab", "In the tabs"),
    ("trace", "In the tabs"),
    ("bus", "In the tabs"),
    ("stream", "In the tabs"),
    ("entry", "While a line is typed in a tab"),
    ("filter", "While a filter is typed"),
    ("command", "While a command is typed"),
    ("search", "While a search is typed"),
    ("menu", "In the menu of columns"),
    ("signal", "In the menu of signals"),
    ("budget", "While a budget is typed"),
    ("setup", "In the setup"),
    ("sheet", "On a page like this"),
    ("spend", "On the page of what was spent"),
    ("proxy", "On the page of the LiteLLM proxy"),
)
_KEYS = 20
"""Cells for the keys."""
_TWO_COLUMNS = 124


class HelpScreen(Sheet):
    NAME = "Help"

    def __init__(self, bindings: Sequence[BindingType], keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._listed = bindings
        self._keymap = keymap

    def lines(self, width: int, /) -> Sequence[Content]:
        keys = [*self._keys(), *_filters(), *_states()]
        if width < _TWO_COLUMNS:
            return [*keys, *_columns(width)]
        half = 62
        return beside(keys, [*_columns(width - half - 2)], half + 2)

    def _keys(self) -> Iterator[Content]:
        known = self._known()
        for title in dict.fromkeys(title for _, title in _GROUPS):
            prefixes = tuple(f"{prefix}." for prefix, name in _GROUPS if name == title)
            yield toned(title, TITLE)
            for name, (keys, about) in known.items():
                if name.startswith(prefixes):
                    yield _entry(" ".join(self._shown(key) for key in keys), about)
            yield Content("")

    def _known(self) -> dict[str, tuple[list[str], str]]:
        """Binding id → its keys, remapped or not, and what it does."""
        known: dict[str, tuple[list[str], str]] = {}
        for binding in Binding.make_bindings(self._listed):
            if binding.id is not None:
                entry = known.setdefault(binding.id, ([], binding.tooltip or binding.description))
                if binding.key not in entry[0]:
                    entry[0].append(binding.key)
        for name, keys in self._keymap.items():
            if name in known:
                known[name] = (keys.split(","), known[name][1])
        return known

    def _shown(self, key: str) -> str:
        binding = Binding(key, "")
        return self.app.get_key_display(binding)  # pyright: ignore[reportUnknownMemberType]


def _entry(name: str, about: str, tone: str = ACCENT) -> Content:
    return Content.assemble("  ", toned(f"{name:<{_KEYS}}", tone), toned(about))


def _filters() -> Iterator[Content]:
    yield toned("Filters", TITLE)
    for example, about in EXAMPLES:
        yield _entry(example, about)
    yield Content("")


def _states() -> Iterator[Content]:
    yield toned("States", TITLE)
    for state in STATES:
        yield _entry(f"{GLYPHS[state]} {state}", _STATES[state], STATE_TONES[state])
    yield Content("")


_STATES = {
    "waiting": "it waits for you: a permission, a question, a prompt",
    "limited": "a rate or usage limit holds it up",
    "error": "its last request failed",
    "stalled": "it should be at work, but nothing moves",
    "looping": "it repeats itself",
    "working": "the model or a tool is at work",
    "unknown": "its files do not tell",
    "idle": "it answered and has nothing to do",
    "ended": "no process serves it any more",
}


def _columns(width: int) -> Iterator[Content]:
    yield toned("Columns", TITLE)
    for column in COLUMNS:
        name = column.title.strip() or "●"
        parts = Content(column.about).wrap(max(20, width - 16))
        yield Content.assemble("  ", toned(f"{name:<12}", ACCENT), "  ", parts[0])
        for part in parts[1:]:
            yield Content.assemble(" " * 16, part)
