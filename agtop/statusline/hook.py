"""What Claude Code runs for its status line: keeps what it is told, then draws as before.

Claude Code hands the command a JSON object on its standard input, several times a minute. It is
written to a file of agtop's own, where the limits and the context stand that no transcript holds.
Started as `python -I -S hook.py FOLDER [COMMAND]`: it loads next to nothing, starts no process
(the user's own status line takes this one over) and never fails.
"""

from __future__ import annotations

import contextlib
import os
import sys

MOST = 1 << 20
"""Bytes that are kept; Claude Code writes a few thousand."""
_NAME = b'"session_id"'
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")


def session_of(data: bytes) -> str | None:
    """The session's id, if it is fit for a file's name. Importing `json` takes longer than this."""
    _, found, rest = data.partition(_NAME)
    parts = rest.split(b'"', 2)
    if not found or len(parts) < 3 or parts[0].strip() != b":":
        return None
    name = parts[1]
    return name.decode("ascii") if 0 < len(name) <= 64 and _LETTERS.issuperset(name) else None


def keep(folder: str, data: bytes) -> None:
    """Write `data` for agtop to read, whole or not at all. Raises OSError."""
    session = session_of(data)
    if session is None or len(data) > MOST:
        return
    os.makedirs(folder, 0o700, exist_ok=True)
    path = os.path.join(folder, f"{session}.json")
    temporary = f"{path}.{os.getpid()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)
    os.replace(temporary, path)


def draw(command: str, data: bytes) -> None:
    """Become the user's own status line, with what Claude Code wrote on its standard input."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    os.write(writing, data[:65536])  # as much as a pipe holds: Claude Code writes far less
    os.close(writing)
    os.dup2(reading, 0)
    os.execv("/bin/sh", ["sh", "-c", command])


def main(argv: list[str]) -> int:
    data = b""
    # A status line that fails is worse than one that is not kept.
    with contextlib.suppress(Exception):
        while piece := os.read(0, 65536):
            data += piece
        keep(argv[1], data)
    if len(argv) > 2 and argv[2]:
        with contextlib.suppress(OSError):
            draw(argv[2], data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
