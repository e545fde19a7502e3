"""Why: the answers of models behind a session's figures, one line each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import on
from textual.content import Content
from textual.message import Message

from agtop.columns.cells import short_id
from agtop.model import Cost, Response, Session, Tokens
from agtop.text import cut, line
from agtop.tui.screens.sheet import Sheet
from agtop.tui.tabs.facts import columns
from agtop.tui.tones import QUIET, STRONG
from agtop.tui.words import figure, quiet, toned
from agtop.units import UNKNOWN, clock, dollars

Why = Callable[[str], tuple[Response, ...]]
"""A session's key → its responses. Called from a thread of its own."""

Priced = Callable[[Session, Response], Cost | None]
"""A session's response → what it cost, or None without a known price."""

MOST = 2_000
"""Lines shown: the newest."""

_WIDE = 84
"""Cells from which the two kinds of cache writes have columns of their own."""


class WhyScreen(Sheet):
    NAME = "Why: the answers behind the figures"

    @dataclass
    class Found(Message):
        """The thread has read the records."""

        responses: Sequence[Response]
        costs: Sequence[Cost | None]

    def __init__(self, session: Session, now: float) -> None:
        super().__init__()
        self._session = session
        self._now = now
        self._found: list[tuple[Response, Cost | None]] | None = None
        self._counted = ""
        self._failed = ""

    def find(self, why: Why, price: Priced | None) -> None:
        """Have the records read; in the thread of the collector."""
        session = self._session
        responses = why(session.key)
        costs = [None if price is None else price(session, each) for each in responses]
        self.post_message(self.Found(responses, costs))

    @on(Found)
    def show(self, message: Found) -> None:
        """Fill in what the thread has found: the newest answer first."""
        responses, costs = message.responses, message.costs
        pairs = sorted(zip(responses, costs, strict=True), key=lambda p: -(p[0].at or 0.0))
        self._found = pairs[:MOST]
        tokens = sum((response.tokens for response in responses), Tokens())
        self._counted = f"{len(pairs):,} answers, {tokens.total:,} tokens"
        if any(cost is not None for cost in costs):
            total = sum(cost.notional for cost in costs if cost is not None)
            unpriced = sum(cost is None for cost in costs)
            gap = f", {unpriced:,} without a known price" if unpriced else ""
            self._counted += f", {'≥ ' if unpriced else ''}{dollars(total, 4)}{gap}"
        if len(pairs) > MOST:
            self._counted += f"; the newest {MOST:,} are shown"
        self.redraw()

    def fail(self, reason: str) -> None:
        self._failed = reason
        self.redraw()

    def lines(self, width: int, /) -> Sequence[Content]:
        session = self._session
        head = Content.assemble(
            toned(f"{session.agent} {line(short_id(session))}", STRONG), "  ", quiet(self._counted)
        )
        if self._failed:
            return [head, Content(""), toned(line(self._failed))]
        if self._found is None:
            return [head, Content(""), quiet("reading its records…")]
        if not self._found:
            return [head, Content(""), quiet("No answer with token counts has been recorded.")]
        wide = width >= _WIDE
        rows = [_row(response, cost, self._now, wide) for response, cost in self._found]
        right = [n > 1 and bool(title.plain) for n, title in enumerate(_titles(wide))]
        return [head, Content(""), *columns([_titles(wide), *rows], right, gap=2 if wide else 1)]


def _titles(wide: bool) -> list[Content]:
    caches = ("CACHE READ", "WRITE 5M", "WRITE 1H") if wide else ("READ", "WRITE")
    titles = ("TIME", "MODEL", "INPUT", *caches, "OUTPUT", "COST", "")
    return [toned(title, QUIET) for title in titles]


def _row(response: Response, cost: Cost | None, now: float, wide: bool) -> list[Content]:
    tokens = response.tokens
    short, long = tokens.cache_write_5m, tokens.cache_write_1h
    writes = (short, long) if wide else (short + long,)
    return [
        toned(clock(response.at, now)),
        toned(cut(line(response.model or UNKNOWN), 28 if wide else 17)),
        *(
            figure(f"{count:,}")
            for count in (tokens.input, tokens.cache_read, *writes, tokens.output)
        ),
        figure(UNKNOWN if cost is None else dollars(cost.notional, 4)),
        quiet(_terms(response)),
    ]


def _terms(response: Response) -> str:
    """What changes the price of this answer."""
    tier = response.service_tier if response.service_tier != "standard" else ""
    searches = f"{response.searches} searches" if response.searches else ""
    words = (tier, "fast" if response.fast else "", response.geo, searches)
    return " ".join(line(word) for word in words if word)
