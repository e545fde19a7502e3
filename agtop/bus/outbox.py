"""What waits for one client: bounded, the oldest goes first, and what went is counted."""

from __future__ import annotations

from collections import deque

MOST_FRAMES = 65_536
MOST_BYTES = 8 * 1024 * 1024


class Outbox:
    """Frames on their way to a client that may be slow."""

    def __init__(self, most_frames: int = MOST_FRAMES, most_bytes: int = MOST_BYTES) -> None:
        self.dropped = 0
        self._frames: deque[bytes] = deque()
        self._size = 0
        self._most_frames = most_frames
        self._most_bytes = most_bytes

    def __bool__(self) -> bool:
        return bool(self._frames)

    def add(self, frame: bytes) -> None:
        self._frames.append(frame)
        self._size += len(frame)
        while self._size > self._most_bytes or len(self._frames) > self._most_frames:
            self._size -= len(self._frames.popleft())
            self.dropped += 1

    def take(self, most: int) -> bytes:
        """The oldest frames, whole, until `most` bytes are reached."""
        taken: list[bytes] = []
        size = 0
        while self._frames and size < most:
            frame = self._frames.popleft()
            taken.append(frame)
            size += len(frame)
        self._size -= size
        return b"".join(taken)

    def clear(self) -> None:
        self._frames.clear()
        self._size = 0
