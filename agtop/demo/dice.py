"""Choices and ids that are the same for the same seed."""

from __future__ import annotations

TYPE_CHECKING = False  # typing would cost every actor memory for nothing
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    T = TypeVar("T")

_MASK = (1 << 64) - 1
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Dice:
    """A small generator (splitmix64); `random` would weigh more than all the rest of an actor."""

    def __init__(self, seed: str) -> None:
        state = 0xCBF29CE484222325
        for byte in seed.encode():
            state = ((state ^ byte) * 0x100000001B3) & _MASK
        self._state = state

    def bits(self) -> int:
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        value = self._state
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
        return value ^ (value >> 31)

    def number(self, low: int, high: int) -> int:
        """From `low` to `high`, both included."""
        return low + self.bits() % (high - low + 1)

    def seconds(self, low: float, high: float) -> float:
        return low + (high - low) * (self.bits() % 1000) / 1000

    def pick(self, options: Sequence[T]) -> T:
        return options[self.bits() % len(options)]

    def hex(self, length: int) -> str:
        return "".join(f"{self.bits():016x}" for _ in range(-(-length // 16)))[:length]

    def base62(self, length: int) -> str:
        return "".join(_BASE62[self.bits() % 62] for _ in range(length))

    def uuid(self) -> str:
        """A version 4 id, as Claude Code makes them."""
        digits = self.hex(32)
        return (
            f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-"
            f"{'89ab'[self.bits() % 4]}{digits[17:20]}-{digits[20:]}"
        )

    def uuid7(self, at: float) -> str:
        """A version 7 id, as Codex makes them: the first 48 bits are the time."""
        moment, digits = f"{int(at * 1000):012x}", self.hex(18)
        return (
            f"{moment[:8]}-{moment[8:]}-7{digits[:3]}-"
            f"{'89ab'[self.bits() % 4]}{digits[3:6]}-{digits[6:]}"
        )
