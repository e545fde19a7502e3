"""The events of one of the sessions in Aider's history; only their prompts have a time."""

from __future__ import annotations

import os
from collections.abc import Iterator

from agtop.agents.aider import (
    APPLIED,
    ASKING,
    ERROR,
    HEADER,
    INPUT,
    RATE_LIMIT,
    TOKENS,
    dates,
    session_of,
)
from agtop.agents.events import LineEvents
from agtop.model import Author, Event


class AiderEvents(LineEvents):
    """Tells one session; an answer is told when something else comes after it."""

    def __init__(self, path: str, author: Author, backlog: int) -> None:
        super().__init__(path, author, backlog)
        self._forget()

    def _forget(self) -> None:
        self._is_ours = True
        """Until a header says otherwise: the past that is read begins somewhere."""
        self._at: float | None = None
        self._prompt: list[str] = []
        self._answer: list[str] = []

    def _tell(self, line: bytes) -> Iterator[Event]:
        said = line.decode("utf-8", "replace").rstrip()
        if header := HEADER.match(said):
            yield from self._flush()
            session = self._teller.author.session
            self._is_ours = session.rstrip("b") == session_of(self.path, header[1]).rstrip("b")
        elif not self._is_ours:
            return
        elif said.startswith("#### "):
            yield from self._flush_answer()
            self._prompt.append(said[5:].strip())
        elif said.startswith("> "):
            yield from self._flush()
            yield from self._notice(said[2:])
        else:
            yield from self._flush_prompt()
            self._answer.append(said)

    def _flush(self) -> Iterator[Event]:
        yield from self._flush_prompt()
        yield from self._flush_answer()

    def _flush_prompt(self) -> Iterator[Event]:
        """Of a prompt of several lines each one is a heading."""
        lines, self._prompt = self._prompt, []
        if not lines or (lines[0].startswith("/") and not lines[0].startswith(ASKING)):
            return
        typed = dates(os.path.join(os.path.dirname(self.path), INPUT))
        later = (at for at, text in typed if text == lines[0] and at > (self._at or 0.0))
        self._at = next(later, self._at)
        yield from self._teller.said("prompt", self._at, "\n".join(lines))

    def _flush_answer(self) -> Iterator[Event]:
        lines, self._answer = self._answer, []
        yield from self._teller.said("text", self._at, "\n".join(lines))

    def _notice(self, said: str) -> Iterator[Event]:
        """What Aider itself says; most of it is no event."""
        if applied := APPLIED.match(said):
            yield self._teller.wrote(applied[1].strip(), self._at)
        elif said.startswith("^C"):
            yield self._teller.event("error", self._at, "the user stopped the turn")
        elif RATE_LIMIT.match(said):
            yield self._teller.event("limit", self._at, said, said, failed=True)
        elif ERROR.match(said) and not TOKENS.match(said):
            yield self._teller.event("error", self._at, said, said, failed=True)
