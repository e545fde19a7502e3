"""The themes as Textual wants them: each palette on the terminal's background."""

from __future__ import annotations

from textual.theme import Theme

from agtop.tui.palette import PALETTES, Palette


def _theme(name: str, palette: Palette) -> Theme:
    is_mono = palette.primary == "ansi_default"
    faint = "ansi_bright_black" if palette.dims and not is_mono else "ansi_default"
    return Theme(
        f"agtop-{name}",
        ansi=True,
        dark=name != "light",
        primary=palette.primary,
        secondary=palette.secondary,
        warning=palette.warning,
        error=palette.error,
        success=palette.success,
        accent=palette.accent,
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        variables={
            "ansi-background": "ansi_default",
            "ansi-foreground": "ansi_default",
            "border": palette.primary,
            "border-blurred": faint,
            "block-cursor-foreground": "ansi_black",
            "block-cursor-background": palette.primary,
            "block-cursor-text-style": "reverse" if is_mono else "none",
            "footer-key-foreground": palette.primary,
            "scrollbar": faint,
            "scrollbar-hover": palette.primary,
            "scrollbar-active": palette.primary,
            "scrollbar-background": "ansi_default",
            "scrollbar-background-hover": "ansi_default",
            "scrollbar-background-active": "ansi_default",
            "input-cursor-text-style": "reverse",
            # Without the two of them a selection has Textual's own colours.
            "input-selection-background": palette.primary,
            "screen-selection-background": palette.primary,
        },
    )


THEMES = {name: _theme(name, palette) for name, palette in PALETTES.items()}
"""Without colour (NO_COLOR) the cursor is still reversed in each."""
