"""The clock of a scene and the paper it is written on."""

from __future__ import annotations

import json
import os
import time

Record = dict[str, object]


class Clock:
    """What time it is in a scene; the past is played without waiting."""

    def __init__(self, at: float) -> None:
        self.at = at

    def tick(self, seconds: float = 0.004) -> float:
        self.at += seconds
        return self.at


def iso(at: float) -> str:
    """UTC with milliseconds, as both agents write it."""
    millis = round(at * 1000)
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(millis // 1000))
    return f"{whole}.{millis % 1000:03d}Z"


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class Paper:
    """A file of JSON lines that only grows."""

    def __init__(self, path: str, keep_open: bool = False) -> None:
        self.path = path
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        self._descriptor = self._open() if keep_open else None

    def _open(self) -> int:
        return os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def append(self, *records: Record) -> None:
        """Write whole lines at once, so that no reader ever needs to wait for half of one."""
        data = b"".join(compact(record).encode() + b"\n" for record in records)
        descriptor = self._open() if self._descriptor is None else self._descriptor
        try:
            os.write(descriptor, data)
        finally:
            if self._descriptor is None:
                os.close(descriptor)

    @property
    def size(self) -> int:
        return os.stat(self.path).st_size

    def date(self, at: float) -> None:
        """Let the file look as if it was last written then."""
        os.utime(self.path, (at, at))

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def replace(path: str, text: str) -> None:
    """Put a small file in place whole; of several actors at once, the last one's stays."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    temporary = f"{path}.{os.urandom(4).hex()}.new"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)
