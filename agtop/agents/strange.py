"""Kinds of record that a meter has never heard of: its agent may be newer than agtop."""

from __future__ import annotations

from collections.abc import Collection

_NAMED = 3
"""Kinds that are named in the sentence."""
_KEPT = 20
"""Kinds that are remembered: a damaged file may hold any number."""
_LONGEST = 40

NO_MESSAGES = "it holds no messages where this agtop looks for them; update agtop"
NO_COUNTS = "its answers hold no token counts that can be read; update agtop"


class Strange:
    """The kinds of record met in one transcript that are not among those known."""

    def __init__(self, known: Collection[str] = (), prefixes: tuple[str, ...] = ()) -> None:
        self._known = known
        self._prefixes = prefixes
        self._met: set[str] = set()

    def meet(self, kind: str | None) -> None:
        """A record of this kind, None for one that does not say."""
        if kind in self._known or (kind and self._prefixes and kind.startswith(self._prefixes)):
            return
        if len(self._met) < _KEPT:
            self._met.add((kind or "unnamed")[:_LONGEST])

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence, or none where every kind was known."""
        if not self._met:
            return ()
        kinds = ", ".join(sorted(self._met)[:_NAMED])
        return (f"it holds records of a kind unknown here ({kinds}); update agtop",)
