"""A tree like /proc, built of files."""

from __future__ import annotations

import shutil
from pathlib import Path

from agtop.agents.signatures import SIGNATURES
from agtop.model import Process
from agtop.processes.proc import Proc
from agtop.processes.table import ProcessTable

BOOT = 1_000_000.0
TICKS = 100
PAGE = 4096
NOW = BOOT + 1000


class FakeProc:
    """Writes processes below `init`; what is not given is as of a process that sleeps."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write(1, "init", ppid=0, ticks=0)

    def source(self) -> Proc:
        return Proc(self.root, page_size=PAGE, clock_ticks=TICKS, boot_time=BOOT)

    def write(
        self,
        pid: int,
        argv: list[str] | str = "sleep 1",
        *,
        ppid: int = 1,
        group: int | None = None,
        comm: str = "sleep",
        state: str = "S",
        ticks: int = 5000,
        cpu: int = 0,
        children: int = 0,
        pages: int = 10,
        threads: int = 3,
        exe: str | None = None,
        cwd: Path | None = None,
        disk: tuple[int, int] | None = (0, 0),
        files: tuple[Path, ...] = (),
    ) -> None:
        folder = self.root / str(pid)
        (folder / "fd").mkdir(parents=True, exist_ok=True)
        fields: list[object] = [state, ppid, group or pid, group or pid, 0, -1, 0, 0, 0, 0, 0]
        fields += [cpu, 0, children, 0, 20, 0, threads, 0, ticks, pages * 2 * PAGE, pages, 0, 0]
        (folder / "stat").write_text(f"{pid} ({comm}) {' '.join(map(str, fields))}\n")
        words = argv.split() if isinstance(argv, str) else argv
        (folder / "cmdline").write_bytes(b"".join(word.encode() + b"\0" for word in words))
        if disk is not None:
            (folder / "io").write_text(f"rchar: 9\nread_bytes: {disk[0]}\nwrite_bytes: {disk[1]}\n")
        for name, target in [("exe", exe), ("cwd", cwd)]:
            (folder / name).unlink(missing_ok=True)
            if target is not None:
                (folder / name).symlink_to(target)
        for number, file in enumerate(files):
            (folder / "fd" / str(number)).symlink_to(file)

    def remove(self, pid: int) -> None:
        shutil.rmtree(self.root / str(pid))


def table(proc: FakeProc, *holds: str) -> ProcessTable:
    return ProcessTable(SIGNATURES, frozenset(holds), proc.source())


def only(processes: tuple[Process, ...]) -> Process:
    assert len(processes) == 1
    return processes[0]
