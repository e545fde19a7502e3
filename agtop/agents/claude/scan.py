"""Reads the usage of a large Claude Code transcript and passes over the rest.

Nine tenths of a transcript are tool results, attachments and request bodies. Lines are told apart
by a few bytes: finding the next newline, or the first nested brace, is a search for one byte and
runs at memory speed. Only rows that can hold usage are decoded, and of the several rows of one
response only those whose usage differs.
"""

from __future__ import annotations

import re

from agtop.agents.claude.meter import ClaudeMeter
from agtop.agents.claude.usage import is_metered
from agtop.model import Reading
from agtop.units import instant

HEAD = 3 << 10
"""Bytes from the start that are read in full: they say whose file it is, where and since when."""
TAIL = 12 << 10
"""Bytes to the end that are read in full: the newest title and what is going on."""

# As Claude Code writes; whatever was written otherwise is read in full.
_COMPACT = re.compile(rb'\{"\w+":[^ ]')
_REQUEST = b'{"type":"api-request",'
_MESSAGE = b'"message":'
_USER = b'{"role":"user"'
_USAGE = b'"usage":{'
# Rows of these kinds nest something else first, and hold no response.
_PASSED = (b'"attachment":', b'"snapshot":', b'"backup":', b'"data":', b'"compactMetadata":')


class ClaudeScan(ClaudeMeter):
    """A meter whose first read passes over what holds no usage; later ones read everything."""

    def read(self) -> tuple[Reading, ...]:
        self._sparse = self._tail.offset == 0 and not self._readings
        return super().read()

    _sparse = False

    def _take_chunk(self, start: int, chunk: bytes) -> None:
        self._sparse = self._sparse and (start > 0 or _COMPACT.match(chunk) is not None)
        if not self._sparse:
            super()._take_chunk(start, chunk)
            return
        full_until, full_from = HEAD - start, self._tail.size - TAIL - start
        if full_until > 0:
            cut = chunk.find(b"\n", full_until) + 1 or len(chunk)
            super()._take_chunk(start, chunk[:cut])
        else:
            cut = 0
        begin = cut
        until = len(chunk)
        if full_from < len(chunk):
            until = chunk.rfind(b"\n", begin, max(begin, full_from)) + 1 or begin
        if begin < until:
            self._facts.lose_track()
            self._scan(chunk, begin, until)
        if until < len(chunk):
            super()._take_chunk(start + until, chunk[until:])

    def _scan(self, chunk: bytes, begin: int, until: int) -> None:
        find, starts = chunk.find, chunk.startswith
        last: tuple[bytes, bytes] | None = None
        while begin < until:
            end = find(b"\n", begin, until)
            brace = find(b"{", begin + 1, end)
            if brace > 0:
                key = chunk[brace - len(_MESSAGE) : brace]
                if key != _MESSAGE:
                    brace = self._later_message(chunk, begin, brace, end)
                if brace > 0 and not starts(_USER, brace):
                    usage = chunk.rfind(_USAGE, brace, end)
                    # Model and id; the counts and what follows them.
                    seen = (chunk[brace : brace + 90], chunk[usage : usage + 320])
                    if usage > 0 and seen != last:
                        last = seen
                        self._take_usage(chunk[begin:end])
            begin = end + 1

    def _later_message(self, chunk: bytes, begin: int, brace: int, end: int) -> int:
        """Where the message of a row begins that nests something else before it, or −1."""
        if chunk.startswith(_REQUEST, begin):
            self._take_request(chunk[begin:end])
            return -1
        if chunk.endswith(_PASSED, begin, brace):
            return -1
        found = chunk.find(_MESSAGE + b"{", brace, end)
        return found + len(_MESSAGE) if found > 0 else -1

    def _take_usage(self, line: bytes) -> None:
        row = self._decode(line)
        if row is not None and row.type == "assistant" and row.message is not None:
            self._facts.records += 1
            if is_metered(row):
                made = len(self._claims)
                self._claim(row, instant(row.timestamp))
                if len(self._claims) > made and (self._agent_id or not row.is_sidechain):
                    self._facts.pass_over(row.message, self._claims[made].response.tokens.total)
                self._keep_fuller(made)

    def _keep_fuller(self, made: int) -> None:
        """Rows of one response follow each other: of two claims one says it all."""
        if made == 0 or len(self._claims) != made + 1:
            return
        before, after = self._claims[made - 1], self._claims[made]
        if (before.owner, before.proof) != (after.owner, after.proof):
            return
        one, other = before.response, after.response
        if one.key != other.key:
            return
        is_fuller = (other.tokens.output, other.tokens.total) > (
            one.tokens.output,
            one.tokens.total,
        )
        del self._claims[made - 1 if is_fuller else made]

    def _take_request(self, line: bytes) -> None:
        row = self._decode(line)
        if row is not None and row.id is not None:
            self._requests.add(row.id)
