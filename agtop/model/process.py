"""Processes, and how they are bound to sessions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from agtop.model.record import Record

Role = Literal["session", "server", "daemon", "mcp", "helper", "desktop", "one-shot", "wrapper"]
"""What a process of an agent is for. Only `session` (and a `server` that owns live sessions) is a
session's process."""


class Recognition(Record):
    """A process taken for an agent's, and why."""

    agent: str
    role: Role
    reason: str
    session_id: str | None = None
    """A session id in the arguments; stale once the agent has moved on to another session."""
    is_unasked: bool = False
    """It was started so that it runs everything without asking the user."""


class Signature(Record):
    """How to know an agent's process by its program and arguments; never by a substring."""

    names: frozenset[str]
    """Program names: of the executable, argv[0] or the script an interpreter runs."""
    packages: tuple[str, ...] = ()
    """npm or PyPI packages and install folders (`@openai/codex`), as whole path components."""
    patterns: tuple[str, ...] = ()
    """Shell patterns of program names, as the user wrote them: they outrank what agtop knows."""
    modules: frozenset[str] = frozenset()
    """Python modules run by `python -m`."""
    runtimes: frozenset[str] = frozenset()
    """`node`, `python`: other programs share the name, so by itself it counts only under one of
    these interpreters; a path in one of the packages always counts."""
    foreign: frozenset[str] = frozenset()
    """First words that give away another program of the same name."""
    aliases: frozenset[str] = frozenset()
    """Names its executable takes for side work: `rg` is Claude's own program started as a grep."""
    roles: tuple[tuple[tuple[str, ...], Role, str], ...] = ()
    """(sub-commands or one flag, role, why), first match wins; none means a session."""
    desktop: tuple[str, ...] = ()
    """Parts of an executable's path, lower case, that mark the desktop program."""
    valued: frozenset[str] = frozenset()
    """Options that take a value, so that the value is not read as a sub-command."""
    session_options: frozenset[str] = frozenset()
    """Options whose value is a session id."""
    session_commands: frozenset[tuple[str, ...]] = frozenset()
    """Sub-commands directly followed by a session id."""
    forking: frozenset[str] = frozenset()
    """Options under which a resumed id is the origin's: this process serves a new one."""
    unasked: frozenset[str] = frozenset()
    """Options, with their value where they take one, under which it asks for no permission."""


class Tree(Record):
    """A process and everything below it."""

    processes: int
    cpu_percent: float | None
    rss: int


class Process(Record):
    """An OS process; its identity is (pid, started_at)."""

    pid: int
    started_at: float
    ppid: int | None
    name: str
    argv: tuple[str, ...] = ()
    exe: str | None = None
    cwd: str | None = None
    cwd_id: tuple[int, int] | None = None
    """(device, inode) of the working directory: equal for every spelling of its path."""
    start_ticks: int | None = None
    """Linux: field 22 of /proc/PID/stat, which agents write into their pid files."""
    places: Mapping[str, str] | None = None
    """HOME and the variables that move an agent's files, of what started it where its own were
    written over; None when they cannot be read."""
    status: str | None = None
    cpu_percent: float | None = None
    """Of one core; None on a first sample."""
    rss: int | None = None
    vsz: int | None = None
    disk_read: int | None = None
    disk_written: int | None = None
    disk_read_rate: float | None = None
    disk_write_rate: float | None = None
    threads: int | None = None
    fds: int | None = None
    tree: Tree | None = None
    children: tuple[Process, ...] = ()
    recognition: Recognition | None = None
    open_files: tuple[str, ...] = ()
    """Regular files it holds open; read only for agents that keep their transcript open."""
    wrappers: tuple[int, ...] = ()
    """Launchers above it that share its agent and do no work of their own."""
    is_foreign: bool = False
    """Another user's, and `places` cannot be read."""

    @property
    def identity(self) -> tuple[int, float]:
        return (self.pid, self.started_at)


class Registration(Record):
    """An agent's own note that a process serves a session (pid files, lock files)."""

    agent: str
    pid: int
    session_id: str
    path: str
    start_ticks: int | None = None
    started_at: float | None = None
    made_at: float | None = None
    """When the note was made, where it does not say when the process began: one with its pid that
    was there by then made it."""
    cwd: str | None = None
    status: str | None = None
    """The agent's own word: `busy`, `idle`, `waiting`, `shell`."""
    waiting_for: str | None = None
    status_at: float | None = None
    interactive: bool = True
    terminal: str | None = None
    """The pane of tmux it runs in, as the agent writes it: `work:@1.%7`."""


Confidence = Literal["high", "medium", "low", "ambiguous"]


class Match(Record):
    """Why a session is bound to a process, or why it is not."""

    confidence: Confidence | None = None
    evidence: tuple[str, ...] = ()
    candidates: tuple[int, ...] = ()
    """Pids that could be meant; more than one when `ambiguous`."""
