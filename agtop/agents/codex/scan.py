"""Reads the usage of a large rollout and passes over what the model and its tools said."""

from __future__ import annotations

from agtop.agents.codex.meter import CodexMeter
from agtop.model import Reading, replace
from agtop.tail import Tail

HEAD = 3 << 10
"""Bytes from the start that are read in full: they say whose file it is."""
TAIL = 6 << 10
"""Bytes to the end that are read in full: what is going on."""

_TYPE = b'"type":"'
_EVENT = b'"payload":{"type":"'
_NEAR = 96
"""Bytes within which a line names its type: after the timestamp and the ordinal."""
_PASSED = frozenset((b"respon", b"compac", b"world_", b"inter_"))
_SEARCH = b'"web_search_call"'
"""Searches are billed by the piece."""
_TOTALS = b"token_count"
_EVENTS = (b"task_", b"turn_", b"thread_settings")
"""The events that usage, models and turns are known by."""


class CodexScan(CodexMeter):
    """A meter whose first read passes over what holds no usage; later ones read everything.

    A fork's own records can only be told from copied ones by reading all of them.
    """

    _partial = False
    _totals = b""

    def _take_lines(self) -> None:
        if not isinstance(self._tail, Tail) or self._tail.offset or self._readings:
            super()._take_lines()
            return
        for start, chunk in self._tail.chunks():
            self._restart_if_replaced()
            self._take_chunk(chunk, HEAD - start, self._tail.size - TAIL - start)

    def _take_chunk(self, chunk: bytes, first: int, last: int) -> None:
        """Read in full what begins before `first` or from `last` on."""
        find = chunk.find
        begin = 0
        while (end := find(b"\n", begin)) >= 0:
            if begin < first or begin >= last or self._may_matter(chunk, begin, end):
                self._take(chunk[begin:end])
            else:
                self._partial = True
                self._records += 1
                self._thread.facts.calls.pending.clear()  # answered in what is passed over
            begin = end + 1

    def _may_matter(self, chunk: bytes, begin: int, end: int) -> bool:
        if self._copies is not None and not self._copies.over:
            return True
        kind = chunk.find(_TYPE, begin, min(end, begin + _NEAR)) + len(_TYPE)
        word = chunk[kind : kind + 6]
        if word in _PASSED:
            return chunk.find(_SEARCH, kind, min(end, kind + _NEAR)) >= 0
        if word != b"event_":
            return True
        event = chunk.find(_EVENT, kind, min(end, kind + _NEAR))
        if event < 0:
            return True
        if chunk.startswith(_TOTALS, event + len(_EVENT)):
            # Totals are repeated at every turn; what says the same again spends nothing.
            totals = chunk[event:end]
            is_news = totals != self._totals
            self._totals = totals
            return is_news
        return chunk.startswith(_EVENTS, event + len(_EVENT))

    def _frozen(self) -> Reading:
        reading = super()._frozen()
        if not self._partial:
            return reading
        context = reading.context
        return replace(
            reading,
            partial=True,
            user_turns=None,
            tool_calls=None,
            tool_errors=None,
            lines=None,
            writes=(),
            context=None if context is None else replace(context, compactions=None),
        )
