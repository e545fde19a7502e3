"""How the screen ends when somebody else ends it."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App


def close_on_sigterm(app: App[None]) -> None:
    """Whoever ends agtop from outside gets the terminal back too."""
    if os.name != "posix":
        return

    def close() -> None:
        app.exit(return_code=128 + signal.SIGTERM)

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, close)
