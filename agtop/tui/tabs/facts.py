"""Facts as aligned lines: a quiet name, then what is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content

from agtop.text import line, printable
from agtop.tui.tones import QUIET
from agtop.tui.words import toned
from agtop.units import UNKNOWN

NAME = 11
"""Cells for the name of a fact."""


def fact(name: str, *parts: Content | str | None) -> Content:
    """`name   part · part`: what is None or empty is left out, and if all is, `–` stands."""
    known = [_content(part) for part in parts if part]
    body = Content.styled(" · ", QUIET).join(known) if known else toned(UNKNOWN, QUIET)
    return Content.assemble((f"{name:<{NAME}}", QUIET), body)


def flowing(name: str, parts: Iterable[Content | str | None], width: int) -> list[Content]:
    """A fact whose parts go on below when they do not fit one line."""
    known = [_content(part) for part in parts if part]
    rows: list[Content] = []
    for part in known:
        if rows and NAME + rows[-1].cell_length + 3 + part.cell_length <= width:
            rows[-1] = Content.assemble(rows[-1], (" · ", QUIET), part)
        else:
            rows.append(part)
    return facts(name, rows) or [fact(name)]


def more(*parts: Content | str) -> Content:
    """A further line of the fact above."""
    return Content.assemble(" " * NAME, *[_content(part) for part in parts])


def facts(name: str, lines: Iterable[Content | str]) -> list[Content]:
    """One name in front of several lines; nothing when there are none."""
    rows = list(lines)
    return [] if not rows else [fact(name, rows[0]), *[more(row) for row in rows[1:]]]


def many(count: int | None, name: str) -> str:
    """`1 prompt`, `2 prompts`, `– prompts` where nobody counted."""
    number = UNKNOWN if count is None else f"{count:,}"
    return f"{number} {name}{'' if count == 1 else 's'}"


def heading(text: str, note: str = "") -> Content:
    return Content.assemble((text, "bold"), (f"  {note}" if note else "", QUIET))


def wrapped(text: str, width: int) -> list[Content]:
    """Text from outside over several lines."""
    return Content(line(printable(text))).wrap(max(10, width), overflow="fold")


def columns(
    rows: Sequence[Sequence[Content]], right: Sequence[bool], gap: int = 2
) -> list[Content]:
    """Rows as a table, each column as wide as its widest cell."""
    if not rows:
        return []
    sizes = [max(row[n].cell_length for row in rows) for n in range(len(rows[0]))]
    return [Content(" " * gap).join(_padded(row, sizes, right)) for row in rows]


def _padded(row: Sequence[Content], sizes: Sequence[int], right: Sequence[bool]) -> list[Content]:
    cells = [
        cell.pad_left(size - cell.cell_length) if flush else cell.truncate(size, pad=True)
        for cell, size, flush in zip(row, sizes, right, strict=True)
    ]
    return cells if right[-1] else [*cells[:-1], row[-1]]


def _content(part: Content | str) -> Content:
    return part if isinstance(part, Content) else Content(printable(part))
