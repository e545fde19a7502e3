"""How the screen looks, whatever it shows: its theme, and plain ASCII where that is wanted."""

from __future__ import annotations

from typing import cast

from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter
from textual.signal import Signal

from agtop.config import meant, one_of
from agtop.themes import THEMES as NAMES
from agtop.themes import Theme
from agtop.tui.palette import PALETTES
from agtop.tui.plain import plain
from agtop.tui.themes import THEMES

_FULL = Style(dim=False)


class Plain(LineFilter):
    """Draws all in ASCII."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [Segment(plain(text), style, control) for text, style, control in segments]


class Undimmed(LineFilter):
    """Draws nothing fainter than the rest."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [
            Segment(text, style + _FULL if style is not None and style.dim else style, control)
            for text, style, control in segments
        ]


class Looks(App[None]):
    """An app that wears a theme of ours, and can do without what is not ASCII."""

    worn: Theme = "dark"
    """The theme that is worn."""
    wished: Theme = "dark"
    """The one that config.toml asks for."""

    def dress(self, theme: Theme, ascii: bool) -> None:  # noqa: A002
        """Put the first theme on: for `__init__`."""
        for each in THEMES.values():
            self.register_theme(each)
        self._undimmed = Undimmed(enabled=False)
        self._filters += [Plain(enabled=ascii), self._undimmed]
        self.wished = theme
        self._wear(theme)

    def on_mount(self) -> None:
        resumed = cast("Signal[object]", self.app_resume_signal)  # pyright: ignore[reportUnknownMemberType]
        resumed.subscribe(self, self._repaint)

    def _repaint(self, _: object) -> None:
        """The shell had the terminal: nothing that was drawn is there any more."""
        self.refresh(layout=True)

    def set_theme(self, name: str) -> None:
        """Change the theme. Raises ValueError with a sentence."""
        by_name: dict[str, Theme] = {theme: theme for theme in NAMES}
        found = by_name.get(name.strip().casefold())
        if found is None:
            raise ValueError(f'there is no theme "{name}"{meant(name, NAMES)}: {one_of(NAMES)}')
        self._wear(found)

    def _wear(self, name: Theme) -> None:
        self.worn = name
        self._undimmed.enabled = not PALETTES[name].dims
        self.theme = THEMES[name].name

    def _fatal_error(self) -> None:
        """A bug ends the screen; the terminal is whole again before anybody tells of it."""
        self._close_messages_no_wait()

    def raise_bug(self) -> None:
        """Raise what ended the screen, if a bug did: to be called when it has closed."""
        if self._exception is not None:
            raise self._exception
