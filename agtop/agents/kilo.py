"""Kilo's command line: a fork of OpenCode with the same database as `kilo.db` in `kilo`."""

from __future__ import annotations

from agtop.agents.opencode import relative
from agtop.agents.signatures import KILO

AGENT = relative("kilo", "Kilo", KILO)
