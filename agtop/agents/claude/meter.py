"""Reads one Claude Code transcript: a session's, or a subagent's."""

from __future__ import annotations

import os
import re

from agtop.agents.claude import usage
from agtop.agents.claude.facts import Facts
from agtop.agents.claude.names import is_uuid
from agtop.agents.claude.records import AgentMeta, Row, UsageRow
from agtop.agents.decode import Decoder
from agtop.model import Claim, Reading
from agtop.tail import Tail, contents
from agtop.units import instant

_BULK = (b'{"type":"api-request-blob"', b'{"type":"api-request-shape"')
"""How rows begin that hold whole requests (100 KB and more) and nothing a meter needs."""
_AGENT_FILE = re.compile(r"agent-(.+)\.jsonl")

_ROWS = Decoder(Row)
_METAS = Decoder(AgentMeta)
_ASIDE = tuple(
    b'{"type":"%s","sessionId":"' % kind
    for kind in (b"mode", b"permission-mode", b"atis-latch", b"tools-used")
)
"""How rows begin that say nothing, where the file's name tells whose they are."""
_SHORT = 512
"""Bytes that such a row is shorter than: a longer one may hold more than its beginning says."""
_STAMP = b'"timestamp"'
_META_LIMIT = 1 << 20
"""Bytes of `agent-<id>.meta.json` that are read at the most."""
_NEWLINE = 0x0A

_SIDECHAIN = 4
"""The proof of a subagent's claim: side questions replay their parent's messages."""


class ClaudeMeter:
    """Keeps the facts of one transcript and hands its responses to the ledger."""

    def __init__(self, path: str) -> None:
        self._tail = Tail(path)
        self._claims: list[Claim] = []
        self._readings: tuple[Reading, ...] = ()
        self._meta_mtime: int | None = None
        agent = _AGENT_FILE.fullmatch(os.path.basename(path))
        self._agent_id = agent[1] if agent else None
        self._stem = os.path.basename(path).removesuffix(".jsonl")
        self._named = self._agent_id or (self._stem if is_uuid(self._stem) else None)
        """The session's id where the file's name tells it."""
        self._restarts = 0
        self._begin()

    @property
    def path(self) -> str:
        return self._tail.path

    @property
    def bytes_read(self) -> int:
        return self._tail.bytes_read

    def changed(self, status: os.stat_result | None = None) -> bool:
        return self._tail.changed(status) or self._meta_changed()

    def read(self) -> tuple[Reading, ...]:
        offset, oversized = self._tail.offset, self._tail.oversized
        is_new = not self._readings
        for start, window, end in self._tail.windows():
            is_new |= self._begin_if_replaced()
            self._take_window(start, window, end)
        is_new |= self._begin_if_replaced()  # by a file without a whole line
        self._facts.skipped += self._tail.oversized - oversized
        is_new |= self._tail.offset != offset
        if self._read_meta() or is_new:
            self._freeze()
        return self._readings

    @property
    def restarts(self) -> int:
        return self._tail.restarts

    def claims(self) -> list[Claim]:
        taken, self._claims = self._claims, []
        return taken

    def _begin_if_replaced(self) -> bool:
        if self._tail.restarts == self._restarts:
            return False
        self._restarts = self._tail.restarts
        self._begin()
        return True

    def _begin(self) -> None:
        """Forget what was read of the file. Claims already made stand: those tokens were spent."""
        self._facts = Facts(is_subagent=self._agent_id is not None)
        self._born_at: float | None = None
        self._requests: set[str] = set()
        self._meta: AgentMeta | None = None
        self._meta_mtime = None

    def _freeze(self) -> None:
        reading = self._facts.freeze(self._session_id(), self.path, self._parent_id())
        if self._readings != (reading,):
            self._readings = (reading,)

    def _take_window(self, _start: int, window: bytearray, end: int) -> None:
        """Take in the whole lines of a piece of the file."""
        self._take_lines(window, 0, end)

    def _take_lines(self, window: bytearray, begin: int, until: int) -> None:
        with memoryview(window) as view:  # which cuts without a copy
            while begin < until:
                end = window.find(_NEWLINE, begin, until)
                if line := bytes(view[begin:end]).lstrip(b"\0"):
                    self._take(line)
                begin = end + 1

    def _take(self, line: bytes) -> None:
        if line.startswith(_BULK) or (self._named and _is_aside(line)):
            self._facts.records += 1
            return
        row = self._decode(line)
        if row is None:
            return
        at = instant(row.timestamp)
        if self._born_at is None and at is not None:
            self._born_at = at
        if row.type == "api-request" and row.id is not None:
            self._requests.add(row.id)
        self._facts.take(row, at, self._is_copy(row))
        if row.type == "assistant":
            self._claim_if_metered(row)

    def _decode(self, line: bytes) -> Row | None:
        row = _ROWS.decode(line)
        if row is None:
            self._facts.skipped += 1
        return row

    def _claim_if_metered(self, row: Row) -> None:
        if row.message is not None and usage.is_metered(row):
            self._claim(row, instant(row.timestamp))

    def _claim(self, row: Row, at: float | None) -> None:
        assert row.message is not None
        self._facts.metered = True
        self._facts.reasoned |= usage.tells_reasoning(row.message.usage)
        owner, proof = self._owner(row)
        for response in usage.responses(row, row.message, at):
            self._claims.append(
                Claim(response, owner, proof, self._born_at or float("inf"), self.path)
            )

    def _owner(self, row: Row | UsageRow) -> tuple[str, int]:
        """Who made the request, and how well the row proves it (lower is better).

        `session_id` is the session its process began with: after /clear that is an older one, so
        it only decides between transcripts that hold the same response.
        """
        if self._agent_id is not None:
            return self._agent_id, _SIDECHAIN
        own = self._session_id()
        if (origin := _origin(row)) is not None:
            return origin, 0
        if row.request_ref in self._requests:
            return own, 0
        if row.made_in is None:
            return own, 2
        return own, 1 if row.made_in == own else 3

    def _is_copy(self, row: Row) -> bool:
        """Whether the row was made in another session and copied here by a fork."""
        own = self._session_id()
        if self._agent_id is not None:
            return False
        if (origin := _origin(row)) is not None:
            return origin != own
        if row.request_ref is None or row.request_ref in self._requests:
            return False
        return row.made_in is not None and row.made_in != own

    def _session_id(self) -> str:
        return self._named or self._facts.session_id or self._stem

    def _parent_id(self) -> str | None:
        if self._agent_id is None:
            return None
        if self._meta is not None and self._meta.parentAgentId:
            return self._meta.parentAgentId
        if self._facts.session_id:
            return self._facts.session_id
        folder = os.path.dirname(self.path)
        while os.path.basename(folder) not in ("subagents", "projects", ""):
            folder = os.path.dirname(folder)
        above = os.path.basename(os.path.dirname(folder))
        return above if os.path.basename(folder) == "subagents" else None

    # ---- agent-<id>.meta.json

    def _meta_path(self) -> str:
        return self.path.removesuffix(".jsonl") + ".meta.json"

    def _meta_changed(self) -> bool:
        if self._agent_id is None:
            return False
        try:
            return os.stat(self._meta_path()).st_mtime_ns != self._meta_mtime
        except OSError:
            return False

    def _read_meta(self) -> bool:
        if not self._meta_changed():
            return False
        path = self._meta_path()
        try:
            self._meta_mtime = os.stat(path).st_mtime_ns
            self._meta = _METAS.decode(contents(path, _META_LIMIT))
        except OSError:
            return False
        if self._meta is not None:
            self._facts.name = self._meta.description or self._meta.name or self._meta.agentType
        return True


def _is_aside(line: bytes) -> bool:
    if not line.startswith(_ASIDE) or len(line) > _SHORT:
        return False
    return line.endswith(b"}") and _STAMP not in line


def _origin(row: Row | UsageRow) -> str | None:
    """The session that made a copied row's request.

    `forkedFrom` names only the session that was branched: of a branch's branch, a copy itself.
    """
    branched = row.forked_from.sessionId if row.forked_from else None
    return row.request_session_id or branched
