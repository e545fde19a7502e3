"""Lines of text put together from parts, to the cell."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from agtop.tui.tones import QUIET

RULE = "─"


def spread(width: int, left: Content, right: Content | None = None) -> Content:
    """`left` and `right` at the two ends of `width` cells; `left` gives way."""
    if right is None:
        return left.truncate(width, ellipsis=True, pad=True)
    room = max(0, width - right.cell_length - 1)
    return Content.assemble(left.truncate(room, ellipsis=True, pad=True), " ", right)


def ruled(width: int, left: Content, right: Content) -> Content:
    """A line across the screen with words at both ends: `─ left ───── right ─`."""
    room = max(0, width - right.cell_length - 7)
    left = left.truncate(room, ellipsis=True)
    space = max(1, width - left.cell_length - right.cell_length - 6)
    if not right:
        return Content.assemble((f"{RULE} ", QUIET), left, (f" {RULE * (space + 3)}", QUIET))
    return Content.assemble(
        (f"{RULE} ", QUIET), left, (f" {RULE * space} ", QUIET), right, (f" {RULE}", QUIET)
    )


def beside(left: Sequence[Content], right: Sequence[Content], width: int) -> list[Content]:
    """Two blocks in two columns; the left one takes `width` cells."""
    empty = Content("")
    rows = max(len(left), len(right))
    lefts = [*left, *[empty] * (rows - len(left))]
    rights = [*right, *[empty] * (rows - len(right))]
    return [
        Content.assemble(a.truncate(width, ellipsis=True, pad=True), b)
        for a, b in zip(lefts, rights, strict=True)
    ]


def text_of(rows: Sequence[Content]) -> Content:
    return Content("\n").join(rows)
