"""How the screen ends when somebody else ends it."""

from __future__ import annotations

import asyncio
import os
import signal
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App


def close_when_told(app: App[None]) -> None:
    """Whoever ends agtop from outside gets the terminal back too, as long as there is one."""
    if os.name != "posix":
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup asks for that
            loop.add_signal_handler(number, partial(app.exit, return_code=128 + number))
