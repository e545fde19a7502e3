"""The names of the themes; agtop.tui.palette knows their colours."""

from __future__ import annotations

from typing import Literal, get_args

Theme = Literal["dark", "light", "high-contrast", "deuteranopia", "tritanopia", "mono"]
THEMES: tuple[Theme, ...] = get_args(Theme)
