"""Reads what is left of a Kimi CLI session from before it kept a log: what the model was sent."""

from __future__ import annotations

import os
import re

from agtop.agents.decode import Decoder
from agtop.agents.kimi.places import CONTEXT, home_of, place_of
from agtop.agents.kimi.records import Part, Spoken
from agtop.agents.lines import LineMeter
from agtop.model import Reading

CHECKPOINT = re.compile(r"<system>CHECKPOINT \d+</system>")


class ContextMeter(LineMeter):
    """Knows what was asked and that it was answered; neither when nor with what tokens."""

    def __init__(self, path: str) -> None:
        self._decoder = Decoder(Spoken)
        place = place_of(path)
        if os.path.basename(path) == CONTEXT:
            self._session, hashed, root = place.session, place.hashed, place.root
        else:  # <hash>/<session>.jsonl
            self._session = os.path.basename(path).removesuffix(".jsonl")
            hashed, root = place.session, os.path.dirname(os.path.dirname(place.folder))
        self._hashed, self._root = hashed, root
        super().__init__(path)

    def _named(self) -> str:
        return self._session

    def read(self) -> tuple[Reading, ...]:
        """As ever; a context is there before anything was said."""
        readings = super().read()
        return readings if self._facts.user_turns else ()

    def _begin(self) -> None:
        super()._begin()
        self._facts.cwd = home_of(self._root).directory(self._hashed)

    def _take(self, line: bytes) -> bool:
        spoken = self._decoder.decode(line)
        if spoken is None:
            return False
        text = text_of(spoken.content)
        if spoken.role == "user" and not CHECKPOINT.fullmatch(text.strip()):
            self._facts.prompted(text, None)
        elif spoken.role == "assistant":
            self._facts.replied(str(self._facts.records))
            self._facts.answered(text, None)
        return True


def text_of(content: str | list[Part] | None) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.text or "" for part in content or () if part.type in ("", "text"))
