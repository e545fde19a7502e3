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
from agtop.agents.claude.records import Message, RequestRow, Row, UsageMessage, UsageRow
from agtop.agents.decode import Decoder
from agtop.agents.sightings import Sightings
from agtop.block import Block
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
    return Scanned(readings, once.block(), once.bytes_read)


class _Scan(ClaudeMeter):
    """A meter for one read, that fills a block."""

    def __init__(self, path: str, sparsely: bool) -> None:
        super().__init__(path)
        self._sightings = Sightings()
        self._sparse = sparsely

    def block(self) -> Block:
        """The responses that were met."""
        block = Block(self.path)
        block.born_at = self._born_at or float("inf")
        self._sightings.fill(block)
        return block

    def _take_window(self, start: int, window: bytearray, end: int) -> None:
        self._sparse = self._sparse and (start > 0 or _COMPACT.match(window) is not None)
        if not self._sparse:
            super()._take_window(start, window, end)
            return
        begin, until = 0, end
        full_until, full_from = HEAD - start, self._tail.size - TAIL - start
        if full_until > 0:
            begin = self._end_of_head(window, full_until, end)
            self._take_lines(window, 0, begin)
        if full_from < end:
            until = self._tail_of(window, begin, end, max(begin, full_from))
        if begin < until:
            self._facts.lose_track()
            self._scan(window, begin, until)
        if until < end:
            self._take_lines(window, until, end)

    @staticmethod
    def _end_of_head(window: bytearray, full_until: int, end: int) -> int:
        """Where the head ends: at a whole line, and before the first answer."""
        begin = window.find(_NEWLINE, full_until, end) + 1 or end
        answer = window.find(_BY_MODEL, 0, begin)
        return begin if answer < 0 else window.rfind(_NEWLINE, 0, answer) + 1

    @staticmethod
    def _tail_of(window: bytearray, begin: int, end: int, full_from: int) -> int:
        """Where to begin reading in full: at a whole line, with the last answer behind it.

        Mostly it is a tool's long result that lies across the border.
        """
        line, has_answer = end, False
        while line > begin and not (has_answer and line <= full_from):
            after, line = line, window.rfind(_NEWLINE, begin, line - 1) + 1 or begin
            if line < full_from and has_answer:
                return after
            has_answer = has_answer or _is_answer(window, line, after)
        if has_answer:
            return line
        return window.rfind(_NEWLINE, begin, full_from) + 1 or begin

    def _scan(self, window: bytearray, begin: int, until: int) -> None:
        """Hop from line to line, looking at a few bytes of each.

        The rows of one response follow each other, each with the usage known by then: only the
        first of those that know most is decoded.
        """
        find, rfind, starts = window.find, window.rfind, window.startswith
        message, run = b"", _Run()
        while begin < until:
            end = find(_NEWLINE, begin, until)
            brace = find(_BRACE, begin + 1, end)
            if brace < 0:
                if starts(_TITLES, begin):
                    self._take(bytes(window[begin:end]))
            elif not starts(_BY_USER, brace - _KEY):
                if not starts(_MESSAGE, brace - _KEY):
                    brace = self._later_message(window, begin, brace, end)
                used = rfind(_USAGE, brace, end) if brace > 0 else -1
                if used > 0:
                    named, told = window[brace : brace + _NAMES], window[used : used + _COUNTS]
                    if named != message:
                        self._take_run(window, run)
                        message, run = named if _ID.search(named) else b"", _Run()
                    if told != run.told:
                        run.add(told, begin, end)
            begin = end + 1
        self._take_run(window, run)

    def _take_run(self, window: bytearray, run: _Run) -> None:
        """Decode the fullest rows of a response, and others only if those tell no usage."""
        told = [self._take_usage(window[begin:end]) for begin, end in run.fullest]
        if not any(told):
            for begin, end in run.others:
                self._take_usage(window[begin:end])

    def _later_message(self, window: bytearray, begin: int, brace: int, end: int) -> int:
        """Where the message of a row begins that nests something else before it, or −1."""
        if window.find(_SPACED, begin, begin + _FIRST) >= 0:
            self._take_usage(window[begin:end])
            return -1
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

    def _take_usage(self, line: bytearray) -> bool:
        """Decode a row that may tell usage; whether it does."""
        row = _ROWS.decode(line)
        if row is None:
            self._facts.skipped += 1
            return False
        message = row.message
        if row.type != "assistant" or message is None:
            return False
        self._facts.records += 1
        if not usage.is_metered(row) or message.usage is None:
            return False
        used = self._note(row, message, instant(row.timestamp))
        if self._agent_id or not row.is_sidechain:
            self._facts.pass_over(message.model, used)
        return True

    def _claim(self, row: Row, at: float | None) -> None:
        assert row.message is not None
        self._note(row, row.message, at)

    def _note(self, row: Row | UsageRow, message: Message | UsageMessage, at: float | None) -> int:
        """Take in what a row tells of responses; the tokens in the context after it."""
        self._facts.metered = True
        self._facts.reasoned |= usage.tells_reasoning(message.usage)
        owner, proof = self._owner(row)
        note, filled = self._sightings.note, None
        for key, model, used in usage.parts(row, message):
            counts = usage.counts(used)
            searches = usage.searches(used) if used.server_tool_use is not None else 0
            note(key, at, (model, *usage.tier(used), ""), owner, proof, counts, searches)
            if filled is None:
                filled = usage.context(used) if used.iterations else sum(counts[:5])
        return filled or 0


def _is_answer(window: bytearray, begin: int, end: int) -> bool:
    """Whether a row may be the model's: no prompt, and no result of a tool."""
    brace = window.find(_BRACE, begin + 1, end)
    if brace < 0 or window.startswith(_BY_USER, brace - _KEY):
        return False
    if window.endswith(_PASSED, begin, brace + 1):
        return False
    return window.find(_BY_MODEL, brace, end) > 0


class _Run:
    """The rows of one response, as far as they differ in what they tell of its usage."""

    __slots__ = ("_output", "fullest", "others", "told")

    def __init__(self) -> None:
        self.told = bytearray()
        """The usage of the last of the fullest rows, and what follows it."""
        self.fullest: list[tuple[int, int]] = []
        """Begin and end of those with the most output."""
        self.others: list[tuple[int, int]] = []
        self._output = -1

    def add(self, told: bytearray, begin: int, end: int) -> None:
        found = _OUTPUT.search(told)
        output = int(found[1]) if found is not None else self._output  # it may be the fullest
        if output < self._output:
            self.others.append((begin, end))
            return
        if output > self._output:
            self.others += self.fullest
            self.fullest = []
            self._output = output
        self.fullest.append((begin, end))
        self.told = told
