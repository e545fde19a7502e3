"""One session of OpenCode: its messages and parts, in whatever order they come, as a reading.

Counting: Σ of the parts `step-finish`; a message's own tokens only where it has none. A fork
copies messages under new ids, so a response is known by when its message was created, by model and
tokens; what is older than its session is such a copy. Sources: the bundle of 1.18, real databases
of 1.14 and 1.18 and files of 1.0 whose sums are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from agtop.agents.opencode.exchange import Exchange, Request, understand
from agtop.agents.opencode.records import ModelName, messages, parts
from agtop.agents.opencode.telling import tell
from agtop.model import Claim, Reading, Record, Response, Tokens

_HOLDS_REQUEST = 1
_HOLDS_COPY = 2
"""Proofs, as in `Claim`."""


class Info(Record):
    """What is noted of the session itself."""

    session_id: str
    parent_id: str | None = None
    forked_from: str | None = None
    cwd: str | None = None
    title: str | None = None
    version: str | None = None
    model: ModelName | None = None
    created_at: float | None = None
    interactive: bool = True
    compacting_at: float | None = None
    spent: Tokens | None = None
    """All it used, by its own account; looked at only where there are no messages."""
    cost: float | None = None
    problems: tuple[str, ...] = ()


class Names(Protocol):
    """Gives responses the keys that the ledger knows them by."""

    def key(self, alike: str, message_id: str, is_copy: bool, /) -> str: ...


class SameNames:
    """Every response by what it is, for transcripts that cannot be compared with others."""

    def key(self, alike: str, _message_id: str, _is_copy: bool) -> str:
        return alike


class Originals:
    """Tells apart requests of different sessions that are alike down to the millisecond.

    Only copies may share a key, and a copy is told by its age.
    """

    def __init__(self) -> None:
        self._first: dict[int, int] = {}

    def key(self, alike: str, message_id: str, is_copy: bool) -> str:
        if is_copy:
            return alike
        own = hash(message_id)
        first = self._first.setdefault(hash(alike), own)
        return alike if first == own else f"{alike}:{message_id}"


class Conversation:
    """Takes records in and tells what they come to."""

    def __init__(self, info: Info, transcript: str, names: Names) -> None:
        self.info = info
        self.exchanges: dict[str, Exchange] = {}
        self._transcript = transcript
        self._names = names
        self._damaged: set[str] = set()
        self._claimed: set[str] = set()

    def take_message(self, message_id: str, data: bytes) -> bool:
        """A message as it stands now; False where it cannot be read."""
        message = messages.decode(data)
        self._judge(message_id, message is not None)
        if message is not None:
            self._exchange(message_id).take(message)
        return message is not None

    def take_part(self, message_id: str, part_id: str, data: bytes) -> bool:
        part = parts.decode(data)
        self._judge(part_id, part is not None)
        if part is not None and (told := understand(part_id, part)) is not None:
            self._exchange(message_id).take_part(part_id, told)
        return part is not None

    def drop_message(self, message_id: str) -> None:
        """It was taken back. Its responses stay counted: those tokens were spent."""
        self.exchanges.pop(message_id, None)
        self._damaged.discard(message_id)

    @property
    def is_open(self) -> bool:
        """An answer is being written."""
        newest = max(self.exchanges.values(), key=lambda each: each.order, default=None)
        return newest is not None and newest.completed_at is None

    def ordered(self) -> list[Exchange]:
        known = [each for each in self.exchanges.values() if each.message is not None]
        return sorted(known, key=lambda each: each.order)

    def is_copy(self, exchange: Exchange) -> bool:
        """It is older than its session, so a fork copied it."""
        made, born = exchange.created_at, self.info.created_at
        return made is not None and born is not None and made < born

    def reading(self) -> Reading:
        return tell(self, self._transcript, len(self._damaged))

    def claims(self) -> Iterator[Claim]:
        """The responses that were not claimed before."""
        for exchange in self.ordered():
            for request in exchange.requests():
                claim = self._claim(exchange, request)
                if claim is not None and claim.response.key not in self._claimed:
                    self._claimed.add(claim.response.key)
                    yield claim
        if not self.exchanges and self.info.spent is not None:
            yield self._lump(self.info.spent)

    def _claim(self, exchange: Exchange, request: Request) -> Claim | None:
        message, spent = exchange.message, request.tokens
        if message is None or spent is None or message.role != "assistant":
            return None
        is_copy = self.is_copy(exchange)
        made = exchange.message_id if message.time is None else message.time.created
        buckets = (spent.input, spent.cache_read, spent.cache_write_5m, spent.output)
        alike = f"{made}:{message.provider_id}:{message.model_id}:{request.number}:{buckets}"
        key = self._names.key(alike, exchange.message_id, is_copy)
        response = Response(
            key, request.at, message.model_id, spent, provider=message.provider_id or ""
        )
        return self._of(response, _HOLDS_COPY if is_copy else _HOLDS_REQUEST)

    def _lump(self, spent: Tokens) -> Claim:
        model = self.info.model or ModelName()
        key = f"{self.info.session_id}:all"
        response = Response(
            key, self.info.created_at, model.id, spent, provider=model.provider_id or ""
        )
        return self._of(response, _HOLDS_REQUEST)

    def _of(self, response: Response, proof: int) -> Claim:
        born = self.info.created_at
        born_at = float("inf") if born is None else born
        return Claim(response, self.info.session_id, proof, born_at, self._transcript)

    def _exchange(self, message_id: str) -> Exchange:
        known = self.exchanges.get(message_id)
        if known is None:
            known = self.exchanges[message_id] = Exchange(message_id)
        return known

    def _judge(self, record_id: str, is_sound: bool) -> None:
        if is_sound:
            self._damaged.discard(record_id)
        else:
            self._damaged.add(record_id)
