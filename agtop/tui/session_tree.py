"""The table as a tree: subagents unfold below the sessions that started them."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.binding import BindingType
from textual.reactive import var

from agtop import columns
from agtop.columns.cells import GLYPHS, short_id
from agtop.model import Session, replace
from agtop.text import line, printable
from agtop.tui.keys import bind
from agtop.tui.opening import Glimpse
from agtop.tui.places import WIDE
from agtop.tui.session_table import SessionTable
from agtop.tui.tree import Folding, Tree, asking

_STEMS = ("project", "title", "session", "agent", "doing", "state")
"""The columns that can hold the lines of the tree; the first that shows does."""

_STEM = 26
"""Cells for the lines of the tree and the names at their ends, where there is room."""


class SessionTree(SessionTable):
    """Keeps what is unfolded by session, and the cursor on a parent when it hides its child."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("table.unfold", "plus,equals_sign", "unfold", "Unfold", "Tree: unfold the session"),
        bind("table.fold", "minus,backspace", "fold", "Fold", "Tree: fold it, or its parent"),
        bind("table.fold-all", "asterisk", "fold_all", "All", "Tree: unfold all, or fold all"),
        bind("table.left", "left", "left", "Left", "Show columns further left; in the tree, fold"),
        bind(
            "table.right",
            "right",
            "right",
            "Right",
            "In the tree, unfold; then show columns further right",
        ),
    ]

    folding: var[Folding] = var(Folding())

    def __init__(self, glimpse: Glimpse | None = None) -> None:
        super().__init__(glimpse)
        self._tree = Tree(lambda sessions: sessions)

    # What is shown

    def arranged(self) -> None:
        known = self._tree.branches
        column = columns.find(self.sort)
        self._tree = Tree(
            partial(columns.order, column=column, reverse=self.reverse),
            None if self.show_ended else _has_not_ended,
        )
        self._tree.branches = known

    def lines(self, tops: tuple[Session, ...]) -> tuple[Session, ...]:
        return self._tree.lines(tops, self.folding)

    def watch_folding(self, before: Folding, after: Folding) -> None:
        if before.is_on != after.is_on:
            self._lay_out()
        self.take_anew()

    def chosen_columns(self) -> tuple[columns.Column, ...]:
        """The tree needs room for its lines."""
        wished = super().chosen_columns()
        stem = next((name for name in _STEMS if name in self.column_names), None)
        if stem is None or not self.folding.is_on or self.size.width < WIDE:
            return wished
        return tuple(
            replace(column, width=max(column.width, _STEM)) if column.name == stem else column
            for column in wished
        )

    def texts(self, session: Session) -> tuple[str, ...]:
        texts = dict(zip(self.shown_columns, super().texts(session), strict=True))
        is_open = self.folding.is_open(session.key)
        if session.subagents and "session" in texts:
            texts["session"] = self._counted(session, is_open)
        stem = next((name for name in _STEMS if name in texts), None)
        if self.folding.is_on and stem is not None:
            texts[stem] = printable(self._stem(session, texts[stem], is_open))
        return tuple(texts.values())

    def _counted(self, session: Session, is_open: bool) -> str:
        """Its id with what it hides: `+3`, and a sign when one of them asks."""
        folded = f"+{len(session.subagents)}"
        name = printable(line(short_id(session))).removesuffix(folded)
        if is_open:
            return name
        end = folded + (GLYPHS["waiting"] if asking(session) else "")
        return name[-max(1, columns.find("session").width - len(end)) :] + end

    def _stem(self, session: Session, text: str, is_open: bool) -> str:
        branch = self._tree.branches.get(session.key)
        if branch is not None:
            name = session.reading.title or session.reading.action or short_id(session)
            sign = "" if not session.subagents else "▾" if is_open else "▸"
            return f"{branch.lines}{sign} {line(name)}"
        if not self._tree.children(session):
            return f"  {text}"
        return f"{'▾' if is_open else '▸'} {text}"

    # The cursor

    def line_of(self, key: str) -> int | None:
        """When a fold hides the session, the line of what it is folded into."""
        place = super().line_of(key)
        while place is None and (branch := self._tree.branches.get(key)) is not None:
            key = branch.parent
            place = super().line_of(key)
        return place

    # What people do

    def action_tree(self) -> None:
        self.folding = self.folding.turned()

    def action_unfold(self) -> None:
        if self.selected is not None and self.selected.subagents:
            self.folding = self.folding.with_open(self.selected.key)

    def action_fold(self) -> None:
        """Fold the session, or else go to its parent."""
        session = self.selected
        if session is None:
            return
        if session.subagents and self.folding.is_open(session.key):
            self.folding = self.folding.with_folded(session.key)
        elif (branch := self._tree.branches.get(session.key)) is not None:
            self.folding = self.folding.with_folded(branch.parent)

    def action_fold_all(self) -> None:
        self.folding = self.folding.with_all_turned()

    def action_left(self) -> None:
        if self.scroll_offset.x or not self.folding.is_on:
            self.action_scroll_left()
        else:
            self.action_fold()

    def action_right(self) -> None:
        session = self.selected
        is_parent = session is not None and bool(session.subagents) and self.folding.is_on
        if session is not None and is_parent and not self.folding.is_open(session.key):
            self.action_unfold()
        else:
            self.action_scroll_right()


def _has_not_ended(session: Session) -> bool:
    return session.state.name != "ended"
