"""Tells when an agent goes round in circles: the same call with the same arguments again."""

from __future__ import annotations

from _blake2 import blake2b  # hashlib's own, without loading all of OpenSSL first
from collections import Counter, deque

WINDOW = 20
"""Calls that are looked back at."""
OFTEN = 4
"""Times that one call may come among them before it is a loop."""
LONGEST = 6
"""Calls in the longest circle that is looked for."""
ROUNDS = 3
"""Times a circle has to be gone through."""
_WAITING = frozenset(
    (
        "BashOutput",
        "TaskOutput",
        "AgentOutputTool",
        "read_bash",
        "write_stdin",
        "wait",
        "wait_agent",
        "sleep",
    )
)
"""Tools that ask again and again by nature."""


class Repeats:
    """The last calls of a turn."""

    def __init__(self) -> None:
        self._calls: deque[tuple[bytes, str]] = deque(maxlen=WINDOW)

    def add(self, name: str, arguments: bytes, label: str = "") -> None:
        """A tool is called.

        Args:
            arguments: all of them, as they stand in the record.
            label: what to call it by, if not by its name.
        """
        if name not in _WAITING:
            digest = blake2b(name.encode("utf-8", "replace") + b"\0" + arguments, digest_size=8)
            self._calls.append((digest.digest(), label or name))

    def clear(self) -> None:
        """The user spoke: what is done again now was asked for again."""
        self._calls.clear()

    def found(self) -> str | None:
        """What is going round, as a sentence; nothing while every call is a new one."""
        if len(self._calls) < OFTEN:
            return None
        newest, label = self._calls[-1]
        times = Counter(digest for digest, _ in self._calls)[newest]
        if times >= OFTEN:
            return f"the call {label} came {times} times in the last {len(self._calls)}"
        circle = self._circle([digest for digest, _ in self._calls])
        return f"the same {circle} calls came {ROUNDS} times over" if circle else None

    def _circle(self, calls: list[bytes]) -> int | None:
        """How many calls the circle has that the newest ones go round in."""
        for length in range(2, LONGEST + 1):
            rounds = calls[-length * ROUNDS :]
            if len(rounds) == length * ROUNDS and rounds == rounds[:length] * ROUNDS:
                return length
        return None
