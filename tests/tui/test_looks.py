"""The looks: themes, colours that everybody can tell apart, and ASCII."""

from __future__ import annotations

import io
import math
from itertools import combinations

import pytest
from textual._compositor import LayoutUpdate

from agtop.model import STATES
from agtop.text import width
from agtop.themes import THEMES, Theme
from agtop.tui.app import Agtop
from agtop.tui.palette import PALETTES, Palette
from agtop.tui.plain import STATE_SIGNS, needs_ascii, plain
from tests.tui.fleet import PROBLEMS, snapshot
from tests.tui.hostile import hostile
from tests.tui.records import NOW
from tests.tui.stage import seen, show

Light = tuple[float, float, float]
"""Red, green and blue, each from 0 to 1 and linear."""

SIZES = [(80, 24), (120, 36), (200, 50)]

# How eyes see that lack one kind of cone: Machado, Oliveira and Fernandes (2009), severity 1.
MISSING = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def light(colour: str) -> Light:
    red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    return _linear(red), _linear(green), _linear(blue)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    red, green, blue = light(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def seen_without(cone: str, colour: str) -> Light:
    rows = MISSING[cone]
    red, green, blue = (
        min(max(sum(a * b for a, b in zip(row, light(colour), strict=True)), 0.0), 1.0)
        for row in rows
    )
    return red, green, blue


def lab(seen: Light) -> Light:
    red, green, blue = seen
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    a, b, c = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * b - 16, 500 * (a - b), 200 * (b - c)


def telling(palette: Palette) -> tuple[str, ...]:
    """The colours that tell something."""
    return palette.success, palette.warning, palette.error, palette.secondary, palette.accent


# Themes


@pytest.mark.parametrize("theme", THEMES)
async def test_each_theme_stands_on_the_terminal_s_own_background(theme: Theme) -> None:
    app = Agtop(None, theme=theme)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(problems=PROBLEMS))
        strips = app.screen._compositor.render_strips()

        grounds = {s.style.bgcolor for strip in strips for s in strip if s.style is not None}
        assert all(ground is None or ground.is_default for ground in grounds), grounds


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("page", ["", "f1", "f6", "w", "exclamation_mark", "ctrl+p", "slash"])
async def test_each_page_opens_in_each_theme(theme: Theme, page: str) -> None:
    app = Agtop(None, theme=theme, why=lambda _: ())
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot())
        await pilot.press(*[page] if page else [])
        await pilot.pause()

        assert seen(app).strip()


@pytest.mark.parametrize("theme", ["mono"])
async def test_mono_has_no_colour(theme: Theme) -> None:
    app = Agtop(None, theme=theme)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot(problems=PROBLEMS))
        strips = app.screen._compositor.render_strips()

        colours = {s.style.color for strip in strips for s in strip if s.style is not None}
        assert all(colour is None or colour.is_default for colour in colours), colours


async def test_nothing_is_faint_in_high_contrast() -> None:
    app = Agtop(None, theme="high-contrast")
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        strips = app.screen._compositor.render_strips()

        assert not any(s.style.dim for strip in strips for s in strip if s.style is not None)


async def test_the_theme_changes_while_it_runs() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        before = app.table.paint("$text-error").color
        app.set_theme("Light")
        await pilot.pause()
        lit = app.table.paint("$text-error").color
        app.set_theme("high-contrast")
        await pilot.pause()
        strips = app.screen._compositor.render_strips()

        assert app.worn == "high-contrast"
        assert before is not None
        assert lit is not None
        assert (before.number, lit.name) == (1, PALETTES["light"].error)
        assert not any(s.style.dim for strip in strips for s in strip if s.style is not None)


def test_a_theme_that_is_not_there_is_told_with_the_one_meant() -> None:
    app = Agtop(None)

    with pytest.raises(ValueError, match=r'no theme "lihgt"; did you mean "light"\?'):
        app.set_theme("lihgt")

    assert app.worn == "dark"


def contrast(colour: str, ground: float) -> float:
    bright, faint = sorted((luminance(colour), ground), reverse=True)
    return (bright + 0.05) / (faint + 0.05)


def test_the_light_theme_can_be_read_on_white() -> None:
    palette = PALETTES["light"]

    for colour in (*telling(palette), palette.primary):
        assert contrast(colour, 1.0) >= 4.5, colour


@pytest.mark.parametrize("theme", ["deuteranopia", "tritanopia"])
def test_colours_for_the_colour_blind_can_be_read_on_black_and_on_white(theme: Theme) -> None:
    palette = PALETTES[theme]

    for colour in (*telling(palette), palette.primary):
        assert contrast(colour, 0.0) >= 2.9, colour
        assert contrast(colour, 1.0) >= 2.9, colour


@pytest.mark.parametrize(
    ("theme", "cone"),
    [
        ("deuteranopia", "deuteranopia"),
        ("deuteranopia", "protanopia"),
        ("tritanopia", "tritanopia"),
    ],
)
def test_the_colour_blind_can_tell_the_colours_apart(theme: Theme, cone: str) -> None:
    for one, other in combinations(telling(PALETTES[theme]), 2):
        difference = math.dist(lab(seen_without(cone, one)), lab(seen_without(cone, other)))
        assert difference > 35, (one, other)


def test_a_palette_for_others_would_not_do() -> None:
    pairs = combinations(telling(PALETTES["light"]), 2)

    assert any(
        math.dist(lab(seen_without("protanopia", a)), lab(seen_without("protanopia", b))) < 35
        for a, b in pairs
    )


# The terminal


async def test_after_the_shell_had_the_terminal_the_whole_screen_is_drawn_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        drawn: list[object] = []

        def display(_: object, update: object) -> None:
            drawn.append(update)

        monkeypatch.setattr(app, "_display", display)
        app._resume_signal()
        await pilot.pause()

        assert any(isinstance(update, LayoutUpdate) for update in drawn)


async def test_a_bug_is_told_when_the_terminal_is_given_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        raise RuntimeError("no such luck")

    app = Agtop(None)
    monkeypatch.setattr(app, "action_invert", fail)
    with pytest.raises(RuntimeError, match="no such luck"):
        async with app.run_test(size=(120, 36)) as pilot:
            await pilot.press("I")

    assert app._exit_renderables == []
    with pytest.raises(RuntimeError, match="no such luck"):
        app.raise_bug()


# ASCII


@pytest.mark.parametrize("size", SIZES)
async def test_in_ascii_nothing_else_is_drawn_and_nothing_moves(size: tuple[int, int]) -> None:
    full, bare = Agtop(None), Agtop(None, ascii=True)
    drawn: list[list[str]] = []
    for app in (full, bare):
        async with app.run_test(size=size) as pilot:
            for taken_at in (NOW - 2, NOW):
                await show(pilot, snapshot(problems=PROBLEMS, taken_at=taken_at))
            strips = app.screen._compositor.render_strips()
            drawn.append([strip.text for strip in strips])

    assert all(line.isascii() for line in drawn[1])
    assert [width(line) for line in drawn[0]] == [width(line) for line in drawn[1]]
    assert [len(line) for line in drawn[1]] == [size[0]] * size[1]


@pytest.mark.parametrize("page", ["f1", "f6", "w", "exclamation_mark", "ctrl+p", "slash"])
async def test_pages_are_drawn_in_ascii_too(page: str) -> None:
    app = Agtop(None, ascii=True, why=lambda _: ())
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press(page)
        await pilot.pause()

        assert seen(app).isascii()


async def test_a_stranger_s_text_is_drawn_in_ascii_too() -> None:
    app = Agtop(None, ascii=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot((hostile(),)))

        assert seen(app).isascii()
        assert all(len(line) == 120 for line in seen(app).splitlines())


def test_in_ascii_too_each_state_has_a_sign_of_its_own() -> None:
    assert len({STATE_SIGNS[state] for state in STATES}) == len(STATES)
    assert all(sign.isascii() for sign in STATE_SIGNS.values())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("▇▇▇───", "###---"),
        ("⣀⣤⣶⣿ ", "_-=# "),
        ("▾COST │ café → 62%", "vCOST | cafe > 62%"),
        ("世界", "????"),
        ("abc", "abc"),
    ],
)
def test_each_sign_has_a_plain_one(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize("text", ["👩‍👩‍👧 x", "e\u0301t\u0301", "ﬁn ㎏ ½", "漢字▇⣿…", "\u200d"])
def test_a_plain_text_takes_as_many_cells(text: str) -> None:
    assert plain(text).isascii()
    assert width(plain(text)) == width(text)


@pytest.mark.parametrize(
    ("encoding", "needs"),
    [("utf-8", False), ("latin-1", True), ("ascii", True), ("cp437", True), ("utf-16", False)],
)
def test_a_terminal_that_cannot_encode_the_signs_gets_ascii(encoding: str, needs: bool) -> None:
    assert needs_ascii(io.TextIOWrapper(io.BytesIO(), encoding=encoding)) is needs


def test_a_stream_without_an_encoding_is_trusted() -> None:
    assert not needs_ascii(None)
    assert not needs_ascii(io.StringIO())
