"""Reads the usage of a large rollout and passes over what the model and its tools said."""

from __future__ import annotations

import re

from agtop.agents.base import Scanned
from agtop.agents.codex.meter import CodexMeter
from agtop.agents.codex.records import (
    Line,
    TokenCount,
    UnreadableError,
    UsageRecord,
    stamped,
)
from agtop.agents.codex.thread import IMPORTED
from agtop.block import Block
from agtop.model import Reading, replace
from agtop.tail import Tail

HEAD = 3 << 10
"""Bytes from the start that are read in full: they say whose file it is."""
TAIL = 6 << 10
"""Bytes to the end that are read in full: what is going on."""

_TYPE = b'"type":"'
_NEAR = 96
"""Bytes within which a line names its type: after the timestamp and the ordinal."""
_PASSED = (b'response_item"', b'compacted"', b"world_", b"inter_")
_SAID = tuple(
    b'response_item","payload":{"type":"' + kind
    for kind in (b"message", b"reasoning", b"function_", b"custom_tool_")
)
_SEARCH = b'"web_search_call"'
"""Searches are billed by the piece."""
_EVENT = b'event_msg","payload":{"type":"'
_TOTALS = b'token_count"'
_TURN = (b"task_", b"turn_")
_BEGINNINGS = (b'task_started"', b'turn_started"')
_WANTED = (*_TURN, b"thread_settings")
"""The events that usage, models and turns are known by, besides totals."""
_RECORD = b'token_usage_record","payload":{'
_CONTEXT = b'turn_context","payload":{'
_IMPORTED = IMPORTED.encode()
_LAST, _PLAN = b'"last_token_usage"', b'"rate_limits"'
_FILLED = re.compile(
    rb'"last_token_usage":\{"input_tokens":\d+,"cached_input_tokens":\d+,'
    rb'(?:"cache_write_input_tokens":\d+,)?"output_tokens":\d+,"reasoning_output_tokens":\d+,'
    rb'"total_tokens":([1-9]\d{0,9})\}'
)
_WINDOWS = re.compile(rb'"(?:limit_id|window_minutes|resets_at|resets_in_seconds)":[^,}]*')
_NEWLINE = 0x0A


def scan(path: str, sparsely: bool) -> Scanned:
    """Read a rollout once. Raises OSError."""
    once = _Scan(path, sparsely)
    readings = once.read()
    block = Block(path)
    once.fill(block)
    block.rest()
    return Scanned(readings, block, once.bytes_read)


class _Scan(CodexMeter):
    """A meter for one read.

    A fork's own records can only be told from copied ones by reading all of them.
    """

    def __init__(self, path: str, sparsely: bool) -> None:
        super().__init__(path)
        self._sparse = sparsely
        self._partial = False
        self._totals = bytearray()
        self._waiting: bytearray | None = None
        """Totals that only matter if no others follow."""
        self._windows: list[bytes] | None = None
        """The windows of the plan that the totals taken last were told in."""
        self._turn: list[bytes] = []
        """How the turn under way began, and how it ended; of earlier ones nothing is left."""

    def fill(self, block: Block) -> None:
        """Put the responses into a block."""
        self._thread.note(block)

    def _take_lines(self) -> None:
        if not self._sparse or not isinstance(self._tail, Tail):
            super()._take_lines()
            return
        for start, window, end in self._tail.windows():
            self._take_window(window, end, HEAD - start, self._tail.size - TAIL - start)

    def _take_window(self, window: bytearray, until: int, first: int, last: int) -> None:
        """Read in full what begins before `first` or from `last` on."""
        begin = 0
        while begin < until:
            if first <= begin < last and not self._is_doubtful():
                begin = self._hop(window, begin, min(last, until), until)
                if begin >= until:
                    break
            end = window.find(_NEWLINE, begin, until)
            self._take_waiting()
            self._take_turn()
            if line := bytes(window[begin:end]).lstrip(b"\0"):
                self._take(line)
            begin = end + 1

    def _is_doubtful(self) -> bool:
        """Whether what follows may be another's: copied by a fork, or taken over.

        Whether the first totals of a fork are its own shows by whether its model has answered.
        """
        thread = self._thread
        is_silent = thread.spending.has_base and not thread.facts.answered
        is_copying = self._copies is not None and not self._copies.over
        return is_copying or is_silent or thread.is_imported

    def _hop(self, window: bytearray, begin: int, last: int, until: int) -> int:
        """Go from line to line, looking at a few bytes of each; where to go on in full."""
        find, starts = window.find, window.startswith
        passed = 0
        while begin < last:
            end = find(_NEWLINE, begin, until)
            kind = find(_TYPE, begin, begin + _NEAR) + len(_TYPE)
            if starts(_PASSED, kind):
                if not starts(_SAID, kind) and find(_SEARCH, kind, min(end, kind + _NEAR)) >= 0:
                    break
                passed += 1
            elif starts(_EVENT, kind):
                event = kind + len(_EVENT)
                if starts(_TOTALS, event):
                    # Totals are repeated at every turn; what says the same again spends nothing.
                    totals = window[event:end]
                    if totals != self._totals:
                        self._totals = totals
                        self._meet_totals(window[begin:end])
                elif starts(_WANTED, event):
                    if not starts(_TURN, event) or find(_IMPORTED, event, end) >= 0:
                        break
                    self._meet_turn(window[begin:end], begins=starts(_BEGINNINGS, event))
                else:
                    passed += 1
            elif starts(_RECORD, kind):
                self._take_record(window[begin:end])
            elif starts(_CONTEXT, kind) and find(_IMPORTED, kind, end) < 0:
                self._take_context(window[begin:end])
            else:
                break
            begin = end + 1
        if passed:
            self._pass_over(passed)
        return begin

    def _pass_over(self, count: int) -> None:
        self._partial = True
        self._records += count
        self._thread.facts.pause()
        self._thread.facts.calls.pending.clear()  # answered in what is passed over

    def _meet_totals(self, line: bytearray) -> None:
        """Take totals, or leave them until others follow.

        Where each response has a record of its own they tell nothing but what the context holds
        and what is left of the plan: of one window, the first and the last matter.
        """
        has_records = self._thread.spending.has_records
        filled = _FILLED.search(line, line.find(_LAST)) if has_records else None
        windows = _WINDOWS.findall(line, line.find(_PLAN)) if has_records else None
        if filled is None or windows != self._windows:
            self._take_waiting()
            self._take_totals(line)
            self._windows = windows
            return
        self._thread.facts.fill_to(int(filled[1]))
        self._records += self._waiting is not None
        self._waiting = line

    def _take_waiting(self) -> None:
        line, self._waiting = self._waiting, None
        if line is not None:
            self._take_totals(line)

    def _take_totals(self, line: bytearray) -> None:
        try:
            self._thread.take_totals(*stamped(line, TokenCount))
            self._records += 1
        except UnreadableError:
            self._skipped += 1

    def _take_record(self, line: bytearray) -> None:
        try:
            self._thread.take_record(*stamped(line, UsageRecord))
            self._records += 1
        except UnreadableError:
            self._skipped += 1

    def _take_context(self, line: bytearray) -> None:
        try:
            self._thread.take(Line(bytes(line), None, None, "turn_context"))
            self._records += 1
        except UnreadableError:
            self._skipped += 1

    def _meet_turn(self, line: bytearray, begins: bool) -> None:
        """Remember how a turn begins or ends: it matters only if no other follows."""
        if begins:
            self._records += len(self._turn)
            self._turn = []
        self._turn.append(bytes(line))

    def _take_turn(self) -> None:
        turn, self._turn = self._turn, []
        for line in turn:
            self._take(line)

    def _frozen(self) -> Reading:
        self._take_waiting()
        self._take_turn()
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
