"""Agtop's own terminal: what it is told, and how to get from it to a session's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from agtop import paths, tmux
from agtop.agents.base import Agent
from agtop.attention import AlertWish
from agtop.attention.teller import Others, Teller
from agtop.errors import AgtopError
from agtop.model import Process, Session
from agtop.processes.variables import variables

if TYPE_CHECKING:
    from agtop.tui.attending import Attending  # which loads Textual: the first rows come before it

_NAMES = frozenset(("TMUX", "TMUX_PANE"))
Variables = Callable[[Process, frozenset[str]], Mapping[str, str] | None]


def connect(
    app: Attending,
    wish: AlertWish,
    agents: Iterable[Agent],
    others: Others | None = None,
    *,
    runs_commands: bool = True,
    may_jump: bool = True,
) -> None:
    """Let `app` tell what needs the user, and go there.

    Args:
        app: the screen.
        wish: the table [alerts] of config.toml.
        agents: whose pid files may name a pane.
        others: budgets and whatever else has alerts of its own.
        runs_commands: not where the sessions are invented.
        may_jump: not there either, nor where a guest looks at them.
    """
    app.teller = Teller(wish, "TMUX" in os.environ, others, runs_commands)
    if may_jump:
        app.jump = Terminals(agents, paths.home(), os.environ).jump


class Terminals:
    """Finds the pane of a session when somebody asks, and not before."""

    def __init__(
        self,
        agents: Iterable[Agent],
        home: Path,
        environ: Mapping[str, str],
        read: Variables = variables,
        run: tmux.Run | None = None,
    ) -> None:
        """
        Args:
            agents: whose pid files may name a pane.
            home: where they keep them.
            environ: agtop's own variables.
            read: reads those of a process.
            run: starts tmux.
        """
        self._agents = {agent.name: agent for agent in agents}
        self._home = home
        self._environ = environ
        self._read = read
        self._run = run

    def jump(self, session: Session) -> None:
        """Show the session's pane. Raises AgtopError."""
        pane = self._pane(session)
        if self._run is None:
            tmux.show(pane, tmux.pane_of(self._environ))
        else:
            tmux.show(pane, tmux.pane_of(self._environ), self._run)

    def _pane(self, session: Session) -> tmux.Pane:
        process = session.process
        if process is None or session.liveness == "stopped":
            raise AgtopError("no process of this session is known, so it has no terminal to go to")
        found = self._read(process, _NAMES)
        if found is not None:
            pane = tmux.pane_of(found)
            if pane is None:
                raise AgtopError(f"its process {process.pid} does not run in tmux")
            return pane
        name, here = self._noted(session, process), tmux.pane_of(self._environ)
        if name is None:
            raise AgtopError(f"the variables of its process {process.pid} cannot be read")
        if here is None:
            raise AgtopError(f"it runs in pane {name} of tmux, and agtop does not run in tmux")
        return tmux.Pane(here.socket, name)

    def _noted(self, session: Session, process: Process) -> str | None:
        """The pane in the pid file, whose server can only be taken for agtop's own."""
        agent = self._agents.get(session.agent)
        if agent is None:
            return None
        notes = (
            note
            for root in agent.roots(self._home, self._environ)
            for note in agent.registrations(root, [])
        )
        found = (note.terminal for note in notes if note.pid == process.pid)
        return tmux.noted_pane(next(found, None))
