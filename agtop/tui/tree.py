"""Subagents below the sessions that started them: which are unfolded, and what stands where."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agtop.model import Record, Session, replace

Sessions = tuple[Session, ...]


class Folding(Record):
    """Which parents show what is below them."""

    is_on: bool = False
    opens: bool = True
    """Whether a parent is unfolded unless it is among `others`."""
    others: frozenset[str] = frozenset()

    def is_open(self, key: str) -> bool:
        return self.is_on and self.opens != (key in self.others)

    def turned(self) -> Folding:
        """The tree, or none; what was folded in it stays folded."""
        return replace(self, is_on=not self.is_on)

    def with_open(self, key: str) -> Folding:
        if not self.is_on:
            return Folding(True, False, frozenset({key}))
        return self if self.is_open(key) else replace(self, others=self.others ^ {key})

    def with_folded(self, key: str) -> Folding:
        return replace(self, others=self.others ^ {key}) if self.is_open(key) else self

    def with_all_turned(self) -> Folding:
        """Everything unfolded; when it is already, everything folded."""
        return Folding(True, not (self.is_on and self.opens and not self.others))


class Branch(Record):
    """Where a subagent hangs."""

    parent: str
    lines: str
    """What is drawn in front of it."""


class Tree:
    """The lines of the table. Only the families of sessions that changed are put in order anew."""

    def __init__(
        self,
        order: Callable[[Sessions], Sessions],
        wanted: Callable[[Session], bool] | None = None,
    ) -> None:
        """
        Args:
            order: Puts brothers and sisters in order.
            wanted: Which subagents are shown; by default all.
        """
        self._order = order
        self._wanted = wanted
        self._folding = Folding()
        self._tops: Sessions = ()
        self._lines: Sessions = ()
        self._families: dict[str, tuple[Session, Sessions]] = {}
        """Parent → itself as it was seen, and the lines below it."""
        self.branches: dict[str, Branch] = {}
        """By subagent; of folded families too, once they were unfolded."""

    def lines(self, tops: Sessions, folding: Folding) -> Sessions:
        """`tops` with what is unfolded between them; the very same tuple when nothing changed."""
        if tops is self._tops and folding == self._folding:
            return self._lines
        if folding != self._folding:
            self._families.clear()
        self._tops, self._folding = tops, folding
        self._lines = tuple(self._unfolded(tops)) if folding.is_on else tops
        return self._lines

    def _unfolded(self, tops: Sessions) -> list[Session]:
        lines: list[Session] = []
        end = 0
        for place in [n for n, session in enumerate(tops) if session.subagents]:
            if below := self._family(tops[place]):
                lines += tops[end : place + 1]
                lines += below
                end = place + 1
        lines += tops[end:]
        return lines

    def _family(self, parent: Session) -> Sessions:
        key = parent.key
        if not self._folding.is_open(key):
            return ()
        known = self._families.get(key)
        if known is not None and known[0] is parent:
            return known[1]
        lines = tuple(self._below(parent, key, ""))
        self._families[key] = (parent, lines)
        return lines

    def _below(self, parent: Session, key: str, lines: str) -> Iterator[Session]:
        children = self._order(self.children(parent))
        for n, child in enumerate(children, 1):
            is_last = n == len(children)
            name = child.key
            self.branches[name] = Branch(key, f"{lines}{'└─' if is_last else '├─'}")
            yield child
            if child.subagents and self._folding.is_open(name):
                yield from self._below(child, name, f"{lines}{'  ' if is_last else '│ '}")

    def children(self, parent: Session) -> Sessions:
        """Those that are wanted."""
        if self._wanted is None:
            return parent.subagents
        return tuple(filter(self._wanted, parent.subagents))


def asking(session: Session) -> int:
    """How many below a session wait for somebody."""
    return sum((child.state.name == "waiting") + asking(child) for child in session.subagents)


def family(session: Session) -> Iterator[Session]:
    """A session and all below it."""
    yield session
    for child in session.subagents:
        yield from family(child)
