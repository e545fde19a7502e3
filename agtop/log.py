"""The log file: private, appended to, and made when there is something to say."""

from __future__ import annotations

import logging
import os
from io import TextIOWrapper
from pathlib import Path

LOGGER = "agtop"
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class PlainFormatter(logging.Formatter):
    """Lines in printable ASCII: a log is read in a terminal too. Tracebacks are without locals."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record).encode("ascii", "backslashreplace").decode("ascii")
        return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)


class PrivateFile(logging.FileHandler):
    """A file that only its owner can read."""

    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        if os.name == "posix" and path.is_file():
            os.fchmod(descriptor, 0o600)
        return open(descriptor, "a", encoding="ascii", errors="backslashreplace")


def start(path: Path | None, verbose: bool, at_once: bool = True) -> None:
    """Send what agtop logs to `path`, or to stderr when there is none.

    Args:
        path: Where to.
        verbose: Details too, not only what went wrong.
        at_once: Make the file now rather than with its first line.

    Raises:
        OSError: the file cannot be made.
    """
    handler = logging.StreamHandler() if path is None else PrivateFile(path, delay=not at_once)
    handler.setFormatter(PlainFormatter(FORMAT))
    logger = logging.getLogger(LOGGER)
    stop()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG if verbose else logging.WARNING)
    logger.propagate = False
    logging.raiseExceptions = False  # a full disk must not write into the screen


def record(message: str, error: BaseException) -> None:
    """Log `error` with its traceback, if anything is logged."""
    logger = logging.getLogger(LOGGER)
    if logger.handlers:
        logger.error(message, exc_info=error)


def stop() -> None:
    """Close what `start` opened."""
    logger = logging.getLogger(LOGGER)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
