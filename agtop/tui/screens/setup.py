"""The setup: which columns the table has, in which order, how wide, and in which theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from agtop.columns import BY_NAME, COLUMNS
from agtop.model import Record, replace
from agtop.text import cut
from agtop.tui.keys import bind
from agtop.tui.looks import Looks
from agtop.tui.remembered import NARROWEST, WIDEST
from agtop.tui.tones import ACCENT, QUIET, STRONG, TITLE
from agtop.tui.words import toned

Widths = Mapping[str, int]


class Choice(Record):
    """All columns in order, those that show, and the widths that are not as usual."""

    order: tuple[str, ...]
    shown: frozenset[str]
    widths: Widths

    @staticmethod
    def of(columns: tuple[str, ...], widths: Widths) -> Choice:
        """`columns` first, then the others."""
        others = (column.name for column in COLUMNS if column.name not in columns)
        return Choice((*columns, *others), frozenset(columns), dict(widths))

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(name for name in self.order if name in self.shown)

    def width(self, name: str) -> int:
        return self.widths.get(name, BY_NAME[name].width)

    def toggled(self, name: str) -> Choice:
        """One column at least stays."""
        shown = self.shown ^ {name}
        return replace(self, shown=shown) if shown else self

    def moved(self, place: int, step: int) -> Choice:
        """The column on line `place` changes places with a neighbour."""
        to = place + step
        if not 0 <= to < len(self.order):
            return self
        order = list(self.order)
        order[place], order[to] = order[to], order[place]
        return replace(self, order=tuple(order))

    def widened(self, name: str, cells: int) -> Choice:
        width = min(max(self.width(name) + cells, NARROWEST), WIDEST)
        widths = {**self.widths, name: width}
        if width == BY_NAME[name].width:
            del widths[name]
        return replace(self, widths=widths)


class SetupScreen(ModalScreen[None]):
    """The table behind it shows each change at once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("setup.keep", "f2,q", "dismiss", "Keep", "Keep it so", show=True),
        bind("setup.undo", "escape", "undo", "Undo", "Leave all as it was", show=True),
        bind(
            "setup.toggle", "space", "toggle_column", "Show", "Show the column, or not", show=True
        ),
        bind("setup.up", "shift+up,K", "shift(-1)", "Left", "Move it up: further left"),
        bind("setup.down", "shift+down,J", "shift(1)", "Right", "Move it down: further right"),
        bind("setup.wider", "plus,equals_sign", "widen(1)", "Wider", "Make it wider"),
        bind("setup.narrower", "minus", "widen(-1)", "Narrower", "Make it narrower"),
        bind("setup.reset", "r", "reset", "Reset", "The columns as they are without a choice"),
        bind("setup.theme", "t", "theme", "Theme", "The next theme"),
        bind("setup.next", "j", "step(1)", "Down", "The next column"),
        bind("setup.previous", "k", "step(-1)", "Up", "The column before"),
    ]

    @dataclass
    class Changed(Message):
        columns: tuple[str, ...]
        widths: Widths

    def __init__(
        self,
        columns: tuple[str, ...],
        widths: Widths,
        usual: tuple[str, ...],
        themes: Sequence[str],
    ) -> None:
        """
        Args:
            columns: Those that show.
            widths: Those that are not as usual.
            usual: The columns without a choice.
            themes: The names of the themes, of which one is chosen.
        """
        super().__init__()
        self._usual = usual
        self._themes = themes
        self._theme_before = ""
        self._before = self._choice = Choice.of(columns, widths)

    def compose(self) -> ComposeResult:
        yield OptionList(*self._options())

    def on_mount(self) -> None:
        self._theme_before = self._app.worn
        self._list.highlighted = 0
        self._say()

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    @property
    def _place(self) -> int:
        return self._list.highlighted or 0

    @property
    def _column(self) -> str:
        return self._choice.order[self._place]

    def _options(self) -> list[Option]:
        return [Option(self._line(name), id=name) for name in self._choice.order]

    def _line(self, name: str) -> Content:
        column, is_shown = BY_NAME[name], name in self._choice.shown
        title = column.title.strip() or "state sign"
        width = f"{self._choice.width(name):>3}{'+' if column.grows else ' '}"
        about = cut(column.about.split(";")[0].split(". ")[0].rstrip("."), 46)
        return Content.assemble(
            toned("● " if is_shown else "  ", ACCENT),
            toned(f"{title:<12} ", STRONG if is_shown else QUIET),
            toned(f"{width} ", ACCENT if name in self._choice.widths else QUIET),
            (about, QUIET),
        )

    def _say(self) -> None:
        theme = self._app.worn
        told = f"· theme {theme} " if len(self._themes) > 1 else ""
        self._list.border_title = toned(f" Setup: columns {told}", TITLE)
        keys = " Space shows  J K move  +− width  r reset  t theme  F2 keeps  Esc out "
        self._list.border_subtitle = Content(keys)

    def _take(self, choice: Choice, place: int | None = None) -> None:
        place = self._place if place is None else place
        is_same_order = choice.order == self._choice.order
        self._choice = choice
        if is_same_order:
            for name in choice.order:
                self._list.replace_option_prompt(name, self._line(name))
        else:
            self._list.set_options(self._options())
        self._list.highlighted = place
        self.post_message(self.Changed(choice.columns, choice.widths))

    def action_toggle_column(self) -> None:
        self._take(self._choice.toggled(self._column))

    def on_option_list_option_selected(self) -> None:
        self.action_toggle_column()

    def action_shift(self, step: int) -> None:
        place = min(max(self._place + step, 0), len(self._choice.order) - 1)
        self._take(self._choice.moved(self._place, step), place)

    def action_widen(self, cells: int) -> None:
        self._take(self._choice.widened(self._column, cells))

    def action_reset(self) -> None:
        self._take(Choice.of(self._usual, {}), 0)

    def action_theme(self) -> None:
        if self._themes:
            now = self._app.worn
            place = self._themes.index(now) if now in self._themes else -1
            self._set_theme(self._themes[(place + 1) % len(self._themes)])
            self._say()

    @property
    def _app(self) -> Looks:
        return cast("Looks", self.app)  # pyright: ignore[reportUnknownMemberType]

    def _set_theme(self, name: str) -> None:
        self._app.set_theme(name)

    def action_step(self, step: int) -> None:
        if step > 0:
            self._list.action_cursor_down()
        else:
            self._list.action_cursor_up()

    def action_undo(self) -> None:
        self._set_theme(self._theme_before)
        self.post_message(self.Changed(self._before.columns, self._before.widths))
        self.dismiss()
