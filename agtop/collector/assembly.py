"""From readings, accounts and bindings to the sessions of a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from agtop.agents.base import Agent
from agtop.books import Books, add_costs, add_rates, merge_usage, total_cost, total_tokens
from agtop.correlate import Binding
from agtop.model import (
    Context,
    Cost,
    Match,
    Process,
    Reading,
    Session,
    Spend,
    Tokens,
    unpriced_tokens,
)
from agtop.states import Situation, resolve

Window = Callable[[str, str], int | None]
"""(model, provider) → the size of the model's context window."""

LONG_WINDOW = 1_000_000
"""What a window must be at least when more than the model's usual one was used."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A session whose process is known to have ended."""

    process: Process | None = None
    """As it was last seen, for as long as the row shows it."""


@dataclass(frozen=True, slots=True)
class Above:
    """What the session at the top of a tree runs in."""

    process: Process | None
    is_live: bool


class Assembly:
    """Builds the sessions of one agent at one instant."""

    def __init__(
        self,
        agent: Agent,
        books: Books,
        window: Window,
        project: Callable[[str | None], str | None],
        included: bool,
        now: float,
        midnight: float,
    ) -> None:
        self._agent = agent
        self._books = books
        self._window = window
        self._project = project
        self._included = included
        self._now = now
        self._midnight = midnight

    def session(
        self,
        reading: Reading,
        children: Mapping[str, list[Reading]],
        binding: Binding,
        ended: Ending | None = None,
        above: Above | None = None,
    ) -> Session:
        """A session with its subagents folded in.

        Args:
            children: session id → readings of the subagents it spawned; no circles.
            binding: its process, as far as known.
            ended: what is known of the process it had.
            above: what its parent runs in; None for a top-level session.
        """
        liveness: Literal["live", "stopped"] | None = None
        if binding.process is not None:
            liveness = "live"
        elif ended is not None and ended.process is not None:
            liveness = "stopped"
        host = above or Above(binding.process, liveness == "live")
        below = tuple(
            self.session(child, children, Binding(Match()), above=host)
            for child in children.get(reading.session_id, ())
        )
        owner = reading.session_id
        usage, requests = self._books.usage(owner), self._books.requests(owner)
        own = self._own(reading)
        tokens = _sum_tokens([own.tokens, *(s.tokens for s in below)])
        cost = _sum_costs(own, below)
        last = max(_known([reading.last_active, *(s.last_active for s in below)]), default=None)
        started = reading.started_at
        state = resolve(
            Situation(
                activity=reading.activity,
                now=self._now,
                last_active=last,
                liveness="stopped" if liveness is None and ended is not None else liveness,
                process=host.process,
                registration=binding.registration,
                match=binding.match,
                is_subagent=above is not None,
                parent_is_live=above is not None and above.is_live,
                is_read=_is_read(reading),
            )
        )
        rates = [self._books.rates(owner, self._now, self._midnight)]
        return Session(
            agent=self._agent.name,
            agent_label=self._agent.label,
            session_id=owner,
            reading=replace(reading, context=self._context(reading)),
            project=self._project(reading.cwd),
            state=state,
            usage=merge_usage([*usage, *(u for s in below for u in s.usage)]),
            tokens=tokens,
            cost=cost,
            own=own,
            agent_turns=reading.replies or None if own.tokens is None else requests,
            rates=add_rates([*rates, *(s.rates for s in below)]),
            started_at=started,
            last_active=last,
            subagents=tuple(sorted(below, key=lambda s: (s.started_at or 0.0, s.session_id))),
            process=binding.process or (ended.process if ended is not None else None),
            liveness=liveness,
            match=binding.match,
            problems=_problems(reading),
        )

    def _own(self, reading: Reading) -> Spend:
        """Zero for a session that asked nothing yet; unknown where nothing was recorded."""
        rows = self._books.usage(reading.session_id)
        if rows:
            return Spend(total_tokens(rows), total_cost(rows, self._included))
        unread = reading.problems and not reading.records
        exact = self._agent.capabilities.tokens == "exact"
        if not reading.metered and (reading.replies or unread or not exact):
            return Spend(None, None)
        return Spend(Tokens(), Cost(included=self._included))

    def _context(self, reading: Reading) -> Context | None:
        context = reading.context
        if context is None or context.window is not None or reading.model is None:
            return context
        window = self._window(reading.model, self._agent.provider)
        if window is not None and context.peak > window:
            window = LONG_WINDOW if context.peak <= LONG_WINDOW else None
        return replace(context, window=window)


def _sum_tokens(parts: Iterable[Tokens | None]) -> Tokens | None:
    known = [tokens for tokens in parts if tokens is not None]
    total = Tokens()
    for tokens in known:
        total += tokens
    return total if known else None


def _sum_costs(own: Spend, below: tuple[Session, ...]) -> Cost | None:
    """Together; tokens without a price are counted as a gap."""
    cost = add_costs([own.cost, *(s.cost for s in below)])
    if cost is None:
        return None
    missing = sum(unpriced_tokens(s) for s in below if s.cost is None)
    if own.cost is None and own.tokens is not None:
        missing += own.tokens.total
    return replace(cost, unpriced_tokens=cost.unpriced_tokens + missing)


def _problems(reading: Reading) -> tuple[str, ...]:
    said = list(reading.problems)
    if reading.skipped:
        lines = "1 line" if reading.skipped == 1 else f"{reading.skipped} lines"
        said.append(f"{lines} of its transcript could not be read and were skipped")
    if not reading.records and not reading.problems and not reading.skipped:
        said.append("its transcript is empty")
    return tuple(said)


def _is_read(reading: Reading) -> bool:
    """Whether its records can tell what it does: some were read, or there is none yet to read."""
    return bool(reading.records or not (reading.problems or reading.skipped))


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]
