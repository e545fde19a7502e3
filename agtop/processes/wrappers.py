"""Launchers that only wait for the agent they started: one session is one row.

`npm exec claude` → `sh -c claude` → `claude`, or `node bin/gemini` → `node --max-old-space-size=…
bin/gemini`. An agent that another agent's tool started is a session of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from agtop.model import Record
from agtop.processes.classify import Start


class Link(Record):
    """A recognised process and where it hangs."""

    ppid: int | None
    group: int | None
    start: Start


def collapse(links: Mapping[int, Link]) -> dict[int, tuple[int, ...]]:
    """The pids that do the work, each with the launchers above it, nearest first."""
    launcher_of = {
        pid: link.ppid
        for pid, link in links.items()
        if link.ppid is not None and link.ppid in links and _launched(links[link.ppid], link)
    }
    launchers = set(launcher_of.values())
    return {pid: _chain(pid, launcher_of) for pid in links if pid not in launchers}


def _launched(parent: Link, child: Link) -> bool:
    above, below = parent.start.recognition, child.start.recognition
    if above.agent != below.agent:
        return False
    if above.role == "wrapper":
        return True
    # A script that starts itself again, or its native program, with the same arguments. A tool's
    # command could look the same, but agents run tools in process groups of their own.
    return (
        below.role == above.role
        and parent.start.runtime is not None
        and parent.start.arguments == child.start.arguments
        and (parent.group == child.group or None in (parent.group, child.group))
    )


def _chain(pid: int, launcher_of: Mapping[int, int]) -> tuple[int, ...]:
    chain: list[int] = []
    while (above := launcher_of.get(pid)) is not None and above not in chain:
        chain.append(above)
        pid = above
    return tuple(chain)
