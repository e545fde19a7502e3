"""Files that two sessions wrote, and what agents met that they had not done themselves."""

from __future__ import annotations

from agtop.conflicts.episodes import DAY, PAUSE, WINDOW, Touch, episodes
from agtop.conflicts.history import History
from agtop.conflicts.unread import unread
from agtop.conflicts.watch import Conflicts

__all__ = ["DAY", "PAUSE", "WINDOW", "Conflicts", "History", "Touch", "episodes", "unread"]
