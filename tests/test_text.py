"""Text from outside is harmless and fits."""

from __future__ import annotations

import pytest

from agtop.text import are_neat, cut, cut_start, fit, line, printable, width


@pytest.mark.parametrize("text", ["plain", "é", "世界", "👩‍💻", "list[int]", "[red]x[/]"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[31m", "\x9b31m", "\x1b]52;c;aGk=\x07", "a\0b", "a\u202eb", "a\u2066b", "\u200fx",
        "x\x7f", "\ud800", "\U000e0041", "a\rb", "a\u2028b", "soft\xadhyphen",
    ],
)  # fmt: skip
def test_nothing_a_terminal_obeys_gets_through(text: str) -> None:
    shown = printable(text)

    assert not any(ord(ch) < 32 or 0x7F <= ord(ch) < 0xA0 for ch in shown)
    assert not any(ch in "\u202e\u2066\u200f\u2028\ud800\U000e0041\xad" for ch in shown)


def test_a_line_has_no_newlines() -> None:
    assert line(" a\n\n b\tc ") == "a b c"


@pytest.mark.parametrize(
    "text", ["short", "a much longer text than fits", "世界世界世界世界世界", "👩‍💻" * 8]
)
@pytest.mark.parametrize("cells", [0, 1, 2, 5, 9])
def test_fitting_gives_exactly_the_cells(text: str, cells: int) -> None:
    assert width(fit(text, cells)) == cells
    assert width(cut(text, cells)) <= cells
    assert width(cut_start(text, cells)) <= max(cells, 0)


def test_what_is_cut_says_so() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert cut_start("/a/b/cdef", 5) == "…cdef"


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "a b",
        "",
        "– ≥$1.20",
        "●◆◌↻✗⊘○·?…†",
        " a",
        "a ",
        "a  b",
        "a\nb",
        "é",
        "世",
        "\x1b[0m",
        "\x7f",
    ],
)
def test_neat_is_what_stays_as_it_is_and_takes_a_cell_per_letter(text: str) -> None:
    if are_neat(["x", text, "y"]):
        assert line(text) == text
        assert width(text) == len(text)
    else:
        assert not text.isascii() or line(text) != text
