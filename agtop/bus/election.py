"""Who becomes the broker's host: one at a time asks, and only where nobody answers."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from agtop.bus import paths
from agtop.bus.ballot import Ballot, unopened
from agtop.bus.wire import Gone, Silent, Wire
from agtop.errors import BusError
from agtop.paths import FILE_MODE, write_atomically

BACKLOG = 512


def elect(path: Path) -> socket.socket | None:
    """The listening socket at `path`; None when another hosts, or is about to.

    Raises:
        BusError: nobody hosts, and this process cannot.
    """
    paths.prepare(paths.check(path))
    with Ballot(path) as ballot:
        if not ballot.held or is_hosted(path):
            return None
        return _open(path)


def is_hosted(path: Path) -> bool:
    """Somebody answers a hello: a socket's file, a pid or an open port prove nothing."""
    try:
        Wire(path, {"hello": "probe"}).close()
    except (Gone, Silent):
        return False
    return True


def _open(path: Path) -> socket.socket | None:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        paths.remove_stale(path)
        if sys.platform == "linux":
            os.fchmod(listener.fileno(), FILE_MODE)  # so that it is never open to others
        listener.bind(str(path))
    except OSError as error:
        listener.close()
        raise unopened(path.parent, error) from None
    except BusError:
        listener.close()
        raise
    try:
        path.chmod(FILE_MODE)
        listener.listen(BACKLOG)
        write_atomically(paths.sidecar(path), f"{os.getpid()}\n".encode("ascii"))
    except OSError as error:
        listener.close()
        path.unlink(missing_ok=True)
        raise unopened(path.parent, error) from None
    return listener
