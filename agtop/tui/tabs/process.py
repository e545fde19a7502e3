"""Process: the agent's process and everything below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from textual.content import Content

from agtop.model import Process, Session
from agtop.text import cut, line, printable
from agtop.tui.tabs.base import Tab
from agtop.tui.tabs.facts import columns, fact, wrapped
from agtop.tui.tones import ALARM, QUIET, STRONG, WARN
from agtop.tui.words import figure, quiet, toned
from agtop.units import UNKNOWN, compact, duration, percent, rate, size


class ProcessTab(Tab):
    TITLE = "Process"

    def draw(self, session: Session, now: float, width: int, /) -> Sequence[Content]:
        process = session.process
        if process is None:
            return [*_absence(session, width)]
        return [*_summary(process, session.liveness, now), Content(""), *_tree(process, now, width)]


def _absence(session: Session, width: int) -> Iterator[Content]:
    """Why there is no process to show."""
    match = session.match
    why = "; ".join(match.evidence) or "nothing on this machine serves the session"
    for text in wrapped(f"no process: {why}", width):
        yield toned(text.plain)
    if match.candidates:
        pids = ", ".join(str(pid) for pid in match.candidates)
        yield toned(f"ambiguous: it could be {pids}; agtop does not guess", WARN)


def _summary(
    process: Process, liveness: Literal["live", "stopped"] | None, now: float
) -> Iterator[Content]:
    stopped = liveness == "stopped"
    yield fact(
        "process",
        toned(f"{process.pid}{'†' if stopped else ''}", STRONG),
        toned("ended: these are its last figures", ALARM)
        if stopped
        else line(process.status or ""),
        "" if stopped else f"up {duration(now - process.started_at)}",
        _wrappers(process.wrappers),
    )
    tree = process.tree
    if tree is not None:
        name = "process" if tree.processes == 1 else "processes"
        yield fact(
            "tree",
            f"{tree.processes} {name}",
            f"cpu {percent(tree.cpu_percent, 1)}",
            f"memory {size(tree.rss)}",
        )
    yield fact(
        "disk",
        f"read {size(process.disk_read)} ({rate(process.disk_read_rate)})",
        f"written {size(process.disk_written)} ({rate(process.disk_write_rate)})",
    )


def _wrappers(pids: tuple[int, ...]) -> str:
    return f"started through {', '.join(str(pid) for pid in pids)}" if pids else ""


@dataclass(frozen=True, slots=True)
class _Field:
    title: str
    least: int
    """The width from which it shows."""


_FIELDS = (
    _Field("PID", 0),
    _Field("STATUS", 90),
    _Field("CPU", 0),
    _Field("MEM", 0),
    _Field("VSZ", 90),
    _Field("READ", 110),
    _Field("WRITTEN", 110),
    _Field("R/s", 120),
    _Field("W/s", 120),
    _Field("THR", 60),
    _Field("FDS", 60),
    _Field("UPTIME", 0),
    _Field("COMMAND", 0),
)


def _tree(process: Process, now: float, width: int) -> list[Content]:
    head = [toned(field.title, QUIET) for field in _FIELDS]
    rows = [head, *(_row(stem, each, now) for stem, each in _branches(process, "", ""))]
    shown = [n for n, field in enumerate(_FIELDS) if width >= field.least]
    right = [_FIELDS[n].title not in ("STATUS", "COMMAND") for n in shown]
    return columns([[row[n] for n in shown] for row in rows], right)


def _branches(process: Process, stem: str, below: str) -> Iterator[tuple[str, Process]]:
    yield stem, process
    for number, child in enumerate(process.children, 1):
        last = number == len(process.children)
        yield from _branches(
            child, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  ")
        )


def _row(stem: str, process: Process, now: float) -> list[Content]:
    command = line(printable(" ".join(process.argv) or process.name))
    return [
        toned(str(process.pid)),
        quiet(line(process.status or UNKNOWN)),
        figure(percent(process.cpu_percent, 1)),
        figure(size(process.rss)),
        figure(size(process.vsz)),
        figure(size(process.disk_read)),
        figure(size(process.disk_written)),
        figure(rate(process.disk_read_rate)),
        figure(rate(process.disk_write_rate)),
        figure(compact(process.threads)),
        figure(compact(process.fds)),
        quiet(duration(now - process.started_at)),
        Content.assemble((stem, QUIET), toned(cut(command, 400))),
    ]
