"""Reads a session of Goose before 1.10: a line of sums, then a line per message."""

from __future__ import annotations

import os

from agtop.agents.goose.records import message, tokens
from agtop.agents.goose.telling import Teller
from agtop.agents.lines import LineMeter
from agtop.agents.loose import line_of, number, text
from agtop.model import Response


class GooseFile(LineMeter):
    """One `<id>.jsonl`, written anew with every message."""

    def _begin(self) -> None:
        super()._begin()
        self._teller = Teller(self._facts)
        self._sums: dict[str, object] = {}
        self._claimed: Response | None = None

    def _named(self) -> str:
        return os.path.basename(self.path).removesuffix(".jsonl")

    def _take(self, line: bytes) -> bool:
        record = line_of(line)
        if "role" in record:
            order, role = self._facts.records, record["role"]
            told = message(order, role, record.get("created"), record.get("content"), {})
            self._teller.take(told)
        elif "working_dir" in record or "description" in record:
            self._sums = record
            self._facts.cwd = text(record.get("working_dir"))
            self._facts.title = text(record.get("description"))
            self._facts.filled(int(number(record.get("total_tokens")) or 0))
        return bool(record)

    def _look_beside(self) -> bool:
        """The sums are those of all messages, so they are dated when those have been read."""
        spent = tokens(
            self._sums.get("accumulated_input_tokens"),
            self._sums.get("accumulated_output_tokens"),
            self._sums.get("accumulated_total_tokens"),
        )
        if spent is None:
            return False
        found = Response(f"{self._facts.session_id}:all", self._facts.last_active, None, spent)
        if found != self._claimed:
            self._claimed = found
            self._claim(found)
        return False
