"""What the screen remembers from one time to the next: state.toml in agtop's state directory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from agtop.columns import BY_NAME, DEFAULT, DEFAULT_SORT
from agtop.errors import AgtopError
from agtop.filters import readable
from agtop.model import Problem, Record, replace
from agtop.paths import write_atomically
from agtop.tui.opening import Look

FILE_NAME = "state.toml"
NARROWEST, WIDEST = 1, 80
"""Cells of a column."""
_FIRST_LINE = "# Written by agtop when its screen closes; agtop --fresh does without.\n"


class Remembered(Record, array_like=False):
    """How the screen was left; what was never changed is not set."""

    sort: str | None = None
    reverse: bool = False
    filter: str = ""
    show_ended: bool = True
    columns: tuple[str, ...] = ()
    """None chosen means those of config.toml, or the default set."""
    widths: Mapping[str, int] = msgspec.field(default_factory=dict[str, int])
    tab: str = "info"
    panel: bool | None = None
    """Whether the tabs show, where that is not as the height has it."""
    tree: bool = False
    unfolds: bool = True
    """Whether the tree unfolds all but `exceptions`, or folds all but them."""
    exceptions: tuple[str, ...] = ()
    tagged: tuple[str, ...] = ()
    selected: str | None = None
    theme: str | None = None

    def under(self, sort: str | None, text: str, usual: str) -> Remembered:
        """With what flags ask for, which goes above it, and the usual order below it."""
        begun = self
        if sort is not None or self.sort is None:
            begun = replace(begun, sort=sort or usual, reverse=False)
        return replace(begun, filter=text) if text else begun

    def usable(self) -> Remembered:
        """Without what this version of agtop does not know."""
        widths = {
            name: min(max(cells, NARROWEST), WIDEST)
            for name, cells in self.widths.items()
            if name in BY_NAME
        }
        known = dict.fromkeys(name for name in self.columns if name in BY_NAME)
        return replace(
            self,
            sort=self.sort if self.sort in BY_NAME else None,
            filter="" if readable(self.filter)[1] else self.filter,
            columns=tuple(known),
            widths=widths,
        )

    def since(self, start: Remembered, before: Remembered) -> Remembered:
        """What to keep: an order or a filter that was only asked for by a flag is not kept."""
        kept = self
        if (self.sort, self.reverse) == (start.sort, start.reverse):
            kept = replace(kept, sort=before.sort, reverse=before.reverse)
        return replace(kept, filter=before.filter) if self.filter == start.filter else kept


def recall(folder: Path | None) -> tuple[Remembered, Problem | None]:
    """How the screen was left; what cannot be understood is set aside and told of."""
    if folder is None:
        return Remembered(), None
    path = folder / FILE_NAME
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Remembered(), None
    except OSError as error:
        return Remembered(), _problem(path, f"cannot be read ({_reason(error)}); the screen is new")
    try:
        return _parsed(data), None
    except (ValueError, RecursionError) as error:
        return Remembered(), _set_aside(path, str(error))


def _parsed(data: bytes) -> Remembered:
    """Raises ValueError."""
    import tomllib

    raw: dict[str, Any] = tomllib.loads(data.decode())
    return msgspec.convert(raw, Remembered).usable()


def _set_aside(path: Path, reason: str) -> Problem:
    aside = path.with_name(f"{path.name}.broken")
    try:
        os.replace(path, aside)
    except OSError as error:
        return _problem(path, f"is broken ({reason}) and cannot be set aside ({_reason(error)})")
    return _problem(path, f"is broken ({reason}); it is set aside as {aside.name}, and all is new")


def _problem(path: Path, message: str) -> Problem:
    return Problem(str(path), message)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def keep(folder: Path | None, remembered: Remembered) -> None:
    """Write it down whole or not at all. Raises AgtopError."""
    if folder is None:
        return
    import tomli_w

    fields: dict[str, Any] = msgspec.to_builtins(remembered)
    told = {name: value for name, value in fields.items() if value is not None}
    path = folder / FILE_NAME
    try:
        write_atomically(path, (_FIRST_LINE + tomli_w.dumps(told)).encode())
    except (OSError, ValueError) as error:
        reason = _reason(error) if isinstance(error, OSError) else str(error)
        raise AgtopError(
            f"{path} cannot be written ({reason}); the screen will be as new the next time"
        ) from None


class Memory:
    """How the screen was left, how it begins this time, and where that is kept."""

    def __init__(
        self,
        folder: Path | None = None,
        columns: tuple[str, ...] = (),
        usual_sort: str = DEFAULT_SORT,
        sort: str | None = None,
        text: str = "",
    ) -> None:
        """
        Args:
            folder: agtop's state directory; None remembers nothing.
            columns: Those that config.toml names.
            usual_sort: The column to sort by when nothing else is said.
            sort: The one a flag names.
            text: The filter a flag gives.
        """
        self._folder = folder
        self._kept, problem = recall(folder)
        self.problems = () if problem is None else (problem,)
        self.start = self._kept.under(sort, text, usual_sort)
        self.columns = columns or DEFAULT
        """Those of the table when none were chosen on the screen."""

    @property
    def look(self) -> Look:
        """What the table looks like at first."""
        start = self.start
        return Look(start.columns or self.columns, start.widths, start.reverse)

    @property
    def order(self) -> tuple[str, bool]:
        """The column to sort by at first, and whether it is turned round."""
        return self.start.sort or DEFAULT_SORT, self.start.reverse

    def keep(self, left: Remembered) -> None:
        """Raises AgtopError."""
        keep(self._folder, left.since(self.start, self._kept))
