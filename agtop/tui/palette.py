"""The colours of each theme. Knows nothing of Textual: a line can be drawn before that is loaded.

All stand on the terminal's own background. Only `light` and `high-contrast` ask which that is;
the colours for the colour-blind can be read on black and on white, and told apart by those who
lack a kind of cone; `mono` has none, for every state has its sign and its word too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from agtop.themes import Theme


class Palette(NamedTuple):
    """`ansi_…` is what the terminal makes of it, anything else `#rrggbb`."""

    primary: str
    secondary: str
    success: str
    warning: str
    error: str
    accent: str
    dims: bool = True
    """Whether what matters less is drawn fainter."""


_OWN = "ansi_default"
"""Whatever the terminal writes in."""

PALETTES: Mapping[Theme, Palette] = {
    "dark": Palette(
        "ansi_cyan", "ansi_blue", "ansi_green", "ansi_yellow", "ansi_red", "ansi_magenta"
    ),
    "light": Palette("#005f87", "#1d4ed8", "#12692a", "#8a4b00", "#b3130f", "#86198f"),
    "high-contrast": Palette(
        "ansi_bright_cyan",
        "ansi_bright_white",
        "ansi_bright_green",
        "ansi_bright_yellow",
        "ansi_bright_red",
        "ansi_bright_magenta",
        dims=False,
    ),
    "deuteranopia": Palette("#3c86c6", "#1239ff", "#32a39e", "#f36d00", "#9d3827", "#a282f0"),
    "tritanopia": Palette("#2a8f9c", "#6048ae", "#00ab4f", "#ed43a6", "#f1000a", "#ba8a59"),
    "mono": Palette(_OWN, _OWN, _OWN, _OWN, _OWN, _OWN),
}

_ANSI = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_ROLES = {
    "$primary": "primary",
    "$text-primary": "primary",
    "$text-secondary": "secondary",
    "$text-success": "success",
    "$text-warning": "warning",
    "$text-error": "error",
    "$text-accent": "accent",
}
_WEIGHTS = {"bold": "1", "dim": "2", "reverse": "7"}
WORDS = frozenset({*_ROLES, *_WEIGHTS})
"""What tones are made of."""


def sgr(tone: str, colour: bool, theme: Theme = "dark") -> str:
    """The codes of a tone; without colour its weight only."""
    palette = PALETTES[theme]
    codes = [_WEIGHTS[word] for word in tone.split() if word in _WEIGHTS]
    if not palette.dims:
        codes = [code for code in codes if code != _WEIGHTS["dim"]]
    if colour:
        roles = [_ROLES[word] for word in tone.split() if word in _ROLES]
        codes += [_code(getattr(palette, role)) for role in roles]
    return ";".join(code for code in codes if code)


def _code(colour: str) -> str:
    """The code that makes letters of that colour; none for the terminal's own."""
    if colour.startswith("#"):
        red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
        return f"38;2;{red};{green};{blue}"
    name = colour.removeprefix("ansi_")
    if name == "default":
        return ""
    bright = name.startswith("bright_")
    return str((90 if bright else 30) + _ANSI.index(name.removeprefix("bright_")))
