"""What a system can tell about its processes, one question at a time.

A process that has vanished, or that belongs to somebody else, answers None: that is ordinary.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Protocol

from agtop.model import Record

GONE = frozenset({"zombie", "dead"})
"""Statuses of a process that has ended, whoever has yet to collect it."""


class Vitals(Record):
    """The numbers of one process that are cheap to read together."""

    ppid: int | None
    group: int | None
    """The process group: what a launcher starts stays in its own."""
    name: str
    status: str
    started_at: float
    start_ticks: int | None
    cpu_seconds: float
    """User and system time since it began."""
    rss: int
    vsz: int
    threads: int | None
    children_seconds: float = 0.0
    """The same of its children that have ended, as far as the system keeps it."""


class Folder(Record):
    """A working directory."""

    path: str
    identity: tuple[int, int] | None
    """(device, inode); found even when the folder has been deleted."""


PLACES = frozenset(
    [
        "HOME",
        "USERPROFILE",
        "APPDATA",
        "LOCALAPPDATA",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
        "XDG_CACHE_HOME",
        "CLAUDE_CONFIG_DIR",
        "CODEX_HOME",
        "GEMINI_CLI_HOME",
        "OPENCODE_DB",
        "KILO_DATA_DIR",
        "CURSOR_CONFIG_DIR",
        "CURSOR_DATA_DIR",
        "COPILOT_HOME",
        "QWEN_HOME",
        "QWEN_RUNTIME_DIR",
        "KIMI_CODE_HOME",
        "KIMI_SHARE_DIR",
        "PI_CODING_AGENT_DIR",
        "PI_CODING_AGENT_SESSION_DIR",
        "PI_AGENT_DIR",
        "CLINE_DIR",
        "CLINE_DATA_DIR",
        "CLINE_SESSION_DATA_DIR",
        "CRUSH_GLOBAL_DATA",
        "GOOSE_PATH_ROOT",
        "AMP_DATA_DIR",
        "AIDER_CHAT_HISTORY_FILE",
        "CONTINUE_GLOBAL_DIR",
        "CLAUDE_CODE_MODEL",
        "CODEX_MODEL",
        "FACTORY_HOME",
        "FACTORY_HOME_OVERRIDE",
    ]
)
"""The only variables that are looked at: the others may hold secrets."""


class Source(Protocol):
    """Asked for what is needed only."""

    def listing(self) -> Mapping[int, int]:
        """pid → a number that changes when the pid is given to another process, or 0."""
        ...

    def vitals(self, pid: int) -> Vitals | None: ...

    def owner(self, pid: int) -> str | None:
        """The user it was started by: a number or a name, as the system has it."""
        ...

    def argv(self, pid: int) -> tuple[str, ...] | None: ...

    def exe(self, pid: int) -> str | None: ...

    def folder(self, pid: int) -> Folder | None: ...

    def places(self, pid: int) -> Mapping[str, str] | None:
        """Those of its environment's variables that say where agents keep their files."""
        ...

    def disk(self, pid: int) -> tuple[int, int] | None:
        """Bytes read from and written to disks."""
        ...

    def descriptors(self, pid: int) -> int | None: ...

    def open_files(self, pid: int) -> tuple[str, ...]:
        """Regular files held open, sorted; a deleted one may end in ` (deleted)`."""
        ...

    def cpu_times(self) -> tuple[float, float] | None:
        """(busy, all) seconds of all the machine's processors."""
        ...

    def memory(self) -> tuple[int, int] | None:
        """(used, total) bytes; what the system can take back at once is not used."""
        ...

    def swap(self) -> tuple[int, int] | None:
        """(used, total) bytes."""
        ...


def system_source() -> Source:
    """The cheapest way to ask this system."""
    if sys.platform.startswith("linux"):
        from agtop.processes.proc import Proc

        return Proc()
    from agtop.processes.portable import Portable

    return Portable()
