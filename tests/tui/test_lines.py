"""Lines of a tab: as many as there are, and only those that changed are painted again."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.strip import Strip

from agtop.tui.tabs.base import Lines


class Stage(App[None]):
    def compose(self) -> ComposeResult:
        yield Lines()


def numbered(count: int, **changed: str) -> list[Content]:
    return [Content(changed.get(f"line{n}", str(n))) for n in range(count)]


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    drawn: list[int] = []
    draw = Lines.render_line

    def counted(lines: Lines, y: int) -> Strip:
        drawn.append(y)
        return draw(lines, y)

    monkeypatch.setattr(Lines, "render_line", counted)
    return drawn


async def test_one_changed_line_paints_one_line(painted: list[int]) -> None:
    app = Stage()
    async with app.run_test(size=(40, 20)) as pilot:
        lines = app.query_one(Lines)
        lines.show(numbered(9))
        await pilot.pause()
        painted.clear()
        lines.show(numbered(9, line4="other"))
        await pilot.pause()

        assert painted == [4]
        assert lines.render_line(4).text.strip() == "other"


async def test_the_same_lines_paint_nothing(painted: list[int]) -> None:
    app = Stage()
    async with app.run_test(size=(40, 20)) as pilot:
        lines = app.query_one(Lines)
        lines.show(numbered(9))
        await pilot.pause()
        painted.clear()
        lines.show(numbered(9))
        await pilot.pause()

        assert painted == []


async def test_the_last_of_several_heights_is_the_one_that_holds() -> None:
    app = Stage()
    async with app.run_test(size=(40, 20)) as pilot:
        lines = app.query_one(Lines)
        for count in (18, 1, 13):
            lines.show(numbered(count))
        await pilot.pause()

        assert lines.size.height == 13
