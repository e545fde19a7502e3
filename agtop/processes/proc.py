"""Linux: /proc read as it is, at a tenth of what going through psutil costs."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from agtop.processes.source import PLACES, Folder, Vitals

STATUSES = {
    "R": "running",
    "S": "sleeping",
    "D": "disk-sleep",
    "T": "stopped",
    "t": "tracing-stop",
    "Z": "zombie",
    "X": "dead",
    "x": "dead",
    "I": "idle",
    "P": "parked",
}


class Proc:
    """A tree like /proc. The boot time is read once, so that starts do not move with the clock."""

    def __init__(
        self,
        root: str | Path = "/proc",
        page_size: int | None = None,
        clock_ticks: int | None = None,
        boot_time: float | None = None,
    ) -> None:
        self.root = str(root)
        self.page_size = page_size or os.sysconf("SC_PAGE_SIZE")
        self.clock_ticks = clock_ticks or os.sysconf("SC_CLK_TCK")
        self.boot_time = self._boot_time() if boot_time is None else boot_time

    def listing(self) -> dict[int, int]:
        # The kernel makes a new inode for each process, and the directory tells it for free.
        try:
            with os.scandir(self.root) as entries:
                return {int(e.name): e.inode() for e in entries if e.name.isdecimal()}
        except OSError:
            return {}

    def vitals(self, pid: int) -> Vitals | None:
        data = self._read(f"{pid}/stat")
        if data is None:
            return None
        # The name stands in parentheses and may hold spaces and parentheses itself.
        opening, closing = data.find(b"("), data.rfind(b")")
        fields = data[closing + 2 :].split()  # from field 3 of proc(5)
        if opening < 0 or closing < 0 or len(fields) < 22:
            return None
        ticks = int(fields[19])
        return Vitals(
            ppid=int(fields[1]),
            group=int(fields[2]),
            name=data[opening + 1 : closing].decode(errors="replace"),
            status=STATUSES.get(fields[0].decode(errors="replace"), "unknown"),
            started_at=self.boot_time + ticks / self.clock_ticks,
            start_ticks=ticks,
            cpu_seconds=(int(fields[11]) + int(fields[12])) / self.clock_ticks,
            rss=int(fields[21]) * self.page_size,
            vsz=int(fields[20]),
            threads=int(fields[17]),
            children_seconds=(int(fields[13]) + int(fields[14])) / self.clock_ticks,
        )

    def owner(self, pid: int) -> str | None:
        # The folder's owner would be root's for a program that hides its memory.
        for line in (self._read(f"{pid}/status") or b"").splitlines():
            if line.startswith(b"Uid:"):
                return line.split()[1].decode()
        return None

    def argv(self, pid: int) -> tuple[str, ...] | None:
        data = self._read(f"{pid}/cmdline")
        if data is None:
            return None
        words = os.fsdecode(data).split("\0")
        return tuple(words[:-1] if words[-1] == "" else words)

    def exe(self, pid: int) -> str | None:
        return self._link(f"{pid}/exe")

    def folder(self, pid: int) -> Folder | None:
        path = self._link(f"{pid}/cwd")
        if path is None:
            return None
        try:
            status = os.stat(f"{self.root}/{pid}/cwd")
        except OSError:
            return Folder(path, None)
        return Folder(path, (status.st_dev, status.st_ino))

    def places(self, pid: int) -> Mapping[str, str] | None:
        data = self._read(f"{pid}/environ")
        if not data:
            return None
        pairs = (entry.partition(b"=") for entry in data.split(b"\0"))
        found = {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}
        # A title written over argv may have run over the environment too.
        return {name: found[name] for name in PLACES & found.keys()} or None

    def disk(self, pid: int) -> tuple[int, int] | None:
        data = self._read(f"{pid}/io")
        if data is None:
            return None
        values = _pairs(data)
        try:
            return values[b"read_bytes"], values[b"write_bytes"]
        except KeyError:
            return None

    def descriptors(self, pid: int) -> int | None:
        try:
            return len(os.listdir(f"{self.root}/{pid}/fd"))
        except OSError:
            return None

    def open_files(self, pid: int) -> tuple[str, ...]:
        folder = f"{self.root}/{pid}/fd"
        try:
            numbers = os.listdir(folder)
        except OSError:
            return ()
        paths = {self._regular_file(f"{folder}/{number}") for number in numbers}
        return tuple(sorted(path for path in paths if path is not None))

    def cpu_times(self) -> tuple[float, float] | None:
        data = self._read("stat")
        if data is None or not data.startswith(b"cpu "):
            return None
        # user nice system idle iowait irq softirq steal; guests are part of user already
        ticks = [int(word) for word in data.split(b"\n", 1)[0].split()[1:9]]
        if len(ticks) < 5:
            return None
        waiting = ticks[3] + ticks[4]
        return (sum(ticks) - waiting) / self.clock_ticks, sum(ticks) / self.clock_ticks

    def memory(self) -> tuple[int, int] | None:
        return self._used_of(b"MemTotal", b"MemAvailable")

    def swap(self) -> tuple[int, int] | None:
        return self._used_of(b"SwapTotal", b"SwapFree")

    def _used_of(self, total: bytes, free: bytes) -> tuple[int, int] | None:
        values = _pairs(self._read("meminfo") or b"")
        try:
            return (values[total] - values[free]) * 1024, values[total] * 1024
        except KeyError:
            return None

    def _boot_time(self) -> float:
        values = [line.split() for line in (self._read("stat") or b"").splitlines()]
        return next((float(words[1]) for words in values if words[:1] == [b"btime"]), 0.0)

    def _regular_file(self, link: str) -> str | None:
        try:
            target = os.readlink(link)
            if not target.startswith("/") or target.startswith("/dev/"):
                return None  # socket:[…], pipe:[…], anon_inode:…
            return target if stat.S_ISREG(os.stat(link).st_mode) else None
        except OSError:
            return None

    def _link(self, path: str) -> str | None:
        try:
            return os.readlink(f"{self.root}/{path}")
        except OSError:
            return None

    def _read(self, path: str) -> bytes | None:
        try:
            descriptor = os.open(f"{self.root}/{path}", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            data = chunk = os.read(descriptor, 65536)
            while len(chunk) == 65536:
                chunk = os.read(descriptor, 65536)
                data += chunk
            return data
        except OSError:  # it ended between the two
            return None
        finally:
            os.close(descriptor)


def _pairs(data: bytes) -> dict[bytes, int]:
    """`key: number unit` lines."""
    words = (line.split() for line in data.splitlines())
    return {w[0].rstrip(b":"): int(w[1]) for w in words if len(w) > 1 and w[1].isdigit()}
