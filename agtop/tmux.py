"""Panes of tmux: which one a program runs in, and one call that shows it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agtop.errors import AgtopError
from agtop.model import Record

PATIENCE = 5.0
"""Seconds tmux may take; it answers in milliseconds."""
_PANE = re.compile(r"%[0-9]{1,9}")

Run = Callable[..., "subprocess.CompletedProcess[Any]"]


class Pane(Record):
    """A pane of one server of tmux."""

    socket: str
    name: str
    """`%7`, the same for as long as it is there."""


def pane_of(environ: Mapping[str, str]) -> Pane | None:
    """The pane that a program with these variables was started in."""
    # TMUX is socket,server,session; the socket's path may hold commas.
    socket = environ.get("TMUX", "").rsplit(",", 2)[0]
    name = environ.get("TMUX_PANE", "")
    return Pane(socket, name) if os.path.isabs(socket) and _PANE.fullmatch(name) else None


def noted_pane(note: str | None) -> str | None:
    """`work:@1.%7`, as Claude Code notes it → `%7`."""
    name = (note or "").rpartition(".")[2]
    return name if _PANE.fullmatch(name) else None


def show(pane: Pane, here: Pane | None, run: Run = subprocess.run) -> None:
    """Turn the terminal that agtop runs in to `pane`.

    Args:
        pane: where to.
        here: the pane agtop runs in, None when it does not run in tmux.
        run: starts a program.

    Raises:
        AgtopError: it cannot be shown; nothing is done in another server, or another user's.
    """
    _check(pane, here)
    try:
        ended = run(
            _command(pane),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except FileNotFoundError:
        raise AgtopError("there is no program tmux on the PATH") from None
    except subprocess.TimeoutExpired:
        raise AgtopError(f"tmux did not answer within {PATIENCE:.0f} seconds") from None
    except OSError as error:
        raise AgtopError(f"tmux cannot be run: {(error.strerror or str(error)).lower()}") from None
    if ended.returncode:
        said = ended.stderr.decode(errors="replace").strip() or "it gave no reason"
        raise AgtopError(f"tmux cannot show pane {pane.name}: {said}")


def _check(pane: Pane, here: Pane | None) -> None:
    attach = f"tmux -S {shlex.quote(pane.socket)} attach -t {pane.name}"
    try:
        owner = os.stat(pane.socket).st_uid
    except OSError:
        raise AgtopError(f"its tmux server is gone; {pane.socket} is not there") from None
    if owner != os.getuid():
        raise AgtopError("it runs in another user's tmux")
    if here is None:
        raise AgtopError(f"agtop does not run in tmux, and it does; type: {attach}")
    if os.path.realpath(here.socket) != os.path.realpath(pane.socket):
        raise AgtopError(f"it runs in another tmux server; detach and type: {attach}")


def _command(pane: Pane) -> Sequence[str]:
    """One call for all three steps; the last one also changes the session."""
    to = ("-t", pane.name)
    steps = (("select-window", *to), ";", ("select-pane", *to), ";", ("switch-client", *to))
    words = [word for step in steps for word in ((step,) if isinstance(step, str) else step)]
    return ("tmux", "-S", pane.socket, *words)
