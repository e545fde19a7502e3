"""Reads the usage of a large Claude Code transcript and passes over the rest.

Nine tenths of a transcript are tool results, attachments and request bodies. Lines are told apart
by a few bytes: finding the next newline, or the first nested brace, is a search for one byte and
runs at memory speed. Only rows that can hold usage are decoded, and of the several rows of one
response only those whose usage differs.
"""

from __future__ import annotations

import re

from agtop.agents.base import Scanned
from agtop.agents.claude import usage
from agtop.agents.claude.meter import ClaudeMeter
from agtop.agents.claude.records import RequestRow, Row, UsageRow
from agtop.agents.decode import Decoder
from agtop.block import Block, number
from agtop.units import instant

HEAD = 3 << 10
"""Bytes from the start that are read in full, up to the first answer: whose file it is, where and
since when."""
TAIL = 4 << 10
"""Bytes to the end that are read in full (and more, if no answer is among them): what goes on."""

# As Claude Code writes; whatever was written otherwise is read in full.
_COMPACT = re.compile(rb'\{"\w+":[^ ]')
_SPACED = b'": '
_FIRST = 24
"""Bytes of a row that hold its first name, and show how it was written."""
_REQUEST = b'{"type":"api-request",'
_TITLES = tuple(
    b'{"type":"%s"' % kind for kind in (b"custom-title", b"ai-title", b"agent-name", b"summary")
)
_MESSAGE = b'"message":{'
_BY_USER = b'"message":{"role":"user"'
_BY_MODEL = b'"role":"assistant"'
_USAGE = b'"usage":{'
# Rows of these kinds nest something else first, and hold no response.
_PASSED = (b'"attachment":{', b'"snapshot":{', b'"backup":{', b'"data":{', b'"compactMetadata":{')
_KEY = len(_MESSAGE) - 1
_NAMES = 90
"""Bytes of a message that hold its id, and mostly its model."""
_COUNTS = 320
"""Bytes of a row from its usage on that hold all counts, and often more."""
_ID = re.compile(rb'"id":"[^"]+"')
_OUTPUT = re.compile(rb'"output_tokens":(\d{1,10})\b')
_NEWLINE, _BRACE = 0x0A, 0x7B

_ROWS = Decoder(UsageRow)
_REQUESTS = Decoder(RequestRow)


def scan(path: str, sparsely: bool) -> Scanned:
    """Read a transcript once. Raises OSError."""
    once = _Scan(path, sparsely)
    readings = once.read()
    once.block.rest()
    return Scanned(readings, once.block, once.bytes_read)


class _Scan(ClaudeMeter):
    """A meter for one read, that fills a block."""

    def __init__(self, path: str, sparsely: bool) -> None:
        super().__init__(path)
        self.block = Block(path)
        self._sparse = sparsely

    def _take_window(self, start: int, window: bytearray, end: int) -> None:
        self._sparse = self._sparse and (start > 0 or _COMPACT.match(window) is not None)
        if not self._sparse:
            super()._take_window(start, window, end)
            return
        begin, until = 0, end
        full_until, full_from = HEAD - start, self._tail.size - TAIL - start
        if full_until > 0:
            begin = self._end_of_head(window, full_until, end)
            self._take_lines(bytes(memoryview(window)[:begin]))
        if full_from < end:
            until = self._tail_of(window, begin, end, max(begin, full_from))
        if begin < until:
            self._facts.lose_track()
            self._scan(window, begin, until)
        if until < end:
            self._take_lines(bytes(memoryview(window)[until:end]))

    @staticmethod
    def _end_of_head(window: bytearray, full_until: int, end: int) -> int:
        """Where the head ends: at a whole line, and before the first answer."""
        begin = window.find(b"\n", full_until, end) + 1 or end
        answer = window.find(_BY_MODEL, 0, begin)
        return begin if answer < 0 else window.rfind(b"\n", 0, answer) + 1

    @staticmethod
    def _tail_of(window: bytearray, begin: int, end: int, full_from: int) -> int:
        """Where to begin reading in full: at a whole line, with the last answer behind it.

        Mostly it is a tool's long result that lies across the border.
        """
        after = window.find(b"\n", full_from, end) + 1 or end
        answer = window.rfind(_BY_MODEL, begin, end)
        if answer > after:
            return after
        return window.rfind(b"\n", begin, answer if answer > 0 else full_from) + 1 or begin

    def _scan(self, window: bytearray, begin: int, until: int) -> None:
        """Hop from line to line, looking at a few bytes of each.

        The rows of one response follow each other, each with the usage known by then: only the
        first of those that know most is decoded.
        """
        find, rfind, starts = window.find, window.rfind, window.startswith
        message, counts, first, last = bytearray(), bytearray(), 0, -1
        while begin < until:
            end = find(_NEWLINE, begin, until)
            brace = find(_BRACE, begin + 1, end)
            if find(_SPACED, begin, begin + _FIRST) >= 0:
                self._take_usage(window[begin:end])
            elif brace > 0 and not starts(_BY_USER, brace - _KEY):
                if not starts(_MESSAGE, brace - _KEY):
                    brace = self._later_message(window, begin, brace, end)
                used = rfind(_USAGE, brace, end) if brace > 0 else -1
                if used > 0:
                    named, told = window[brace : brace + _NAMES], window[used : used + _COUNTS]
                    is_same = named == message and _ID.search(named) is not None
                    if not is_same or told != counts:
                        if last > 0 and not (is_same and _is_more(told, counts)):
                            self._take_usage(window[first:last])
                        message, counts, first, last = named, told, begin, end
            elif brace < 0 and starts(_TITLES, begin):
                self._take(bytes(window[begin:end]))
            begin = end + 1
        if last > 0:
            self._take_usage(window[first:last])

    def _later_message(self, window: bytearray, begin: int, brace: int, end: int) -> int:
        """Where the message of a row begins that nests something else before it, or −1."""
        if window.startswith(_REQUEST, begin):
            row = _REQUESTS.decode(window[begin:end])
            if row is not None and row.id is not None:
                self._requests.add(row.id)
            return -1
        if window.startswith(_TITLES, begin):
            self._take(bytes(window[begin:end]))
            return -1
        if window.endswith(_PASSED, begin, brace + 1):
            return -1
        found = window.find(_MESSAGE, brace, end)
        return found + _KEY if found > 0 else -1

    def _take_usage(self, line: bytearray) -> None:
        row = _ROWS.decode(line)
        if row is None:
            self._facts.skipped += 1
            return
        message = row.message
        if row.type != "assistant" or message is None:
            return
        self._facts.records += 1
        if not usage.is_metered(row) or message.usage is None:
            return
        self._claim(row, instant(row.timestamp))
        if self._agent_id or not row.is_sidechain:
            self._facts.pass_over(message.model, usage.context(message.usage))

    def _claim(self, row: Row | UsageRow, at: float | None) -> None:
        assert row.message is not None
        self._facts.metered = True
        self._facts.reasoned |= usage.tells_reasoning(row.message.usage)
        block = self.block
        block.born_at = self._born_at or float("inf")
        owner, proof = self._owner(row)
        for key, model, used in usage.parts(row, row.message):
            kind = (model, *usage.tier(used), "")
            searches = usage.searches(used) if used.server_tool_use is not None else 0
            block.note(number(key), at, kind, owner, proof, usage.counts(used), searches)


def _is_more(told: bytearray, before: bytearray) -> bool:
    """Whether a usage is surely fuller than another of the same response."""
    new, old = _OUTPUT.search(told), _OUTPUT.search(before)
    return new is not None and old is not None and int(new[1]) > int(old[1])
