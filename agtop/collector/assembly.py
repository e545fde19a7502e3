"""From readings, accounts and bindings to the sessions of a snapshot; what stays is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter, is_
from typing import Literal

from agtop.agents.base import Agent
from agtop.books import Books, add_costs, add_rates, merge_usage, total_cost, total_tokens
from agtop.collector.begun import Begun
from agtop.collector.families import Families
from agtop.collector.host import Host, host_of
from agtop.collector.past import Ending
from agtop.collector.work import Work
from agtop.correlate import Binding
from agtop.model import (
    PICO,
    Charge,
    Context,
    Cost,
    Match,
    Process,
    Rates,
    Reading,
    Record,
    Response,
    Session,
    Spend,
    State,
    Tokens,
    Usage,
    replace,
    unpriced_tokens,
)
from agtop.states import FRESH, GRACE, STALL, Situation, resolve

Liveness = Literal["live", "stopped"] | None

Window = Callable[[str, str], int | None]
"""(model, provider) → the size of the model's context window."""

LONG_WINDOW = 1_000_000
"""What a window must be at least when more than the model's usual one was used."""
QUIET = max(STALL, FRESH, GRACE)
"""Seconds of silence after which time alone changes no state."""
UNBOUND = Binding(Match())


class Instant(Record):
    """When a round takes place, and what is new in it."""

    now: float
    midnight: float
    touched: set[str]
    """Sessions whose reading, account or subagents may have changed since the last round."""
    before: float | None = None
    """When the last round took place; None when nothing of it may be relied on: at the first
    one, on a new day, or when the clock was set back."""
    woke_at: float | None = None
    """When the machine woke last, as far as that was seen."""


class Assembly:
    """Builds the sessions of one agent."""

    def __init__(
        self,
        agent: Agent,
        books: Books,
        families: Families,
        window: Window,
        project: Callable[[str | None], str | None],
        included: bool,
        work: Work,
        model: str | None = None,
        price: Callable[[Response], Charge | None] | None = None,
    ) -> None:
        self._agent = agent
        self._books = books
        self._families = families
        self._window = window
        self._windows: dict[str, int | None] = {}
        self._project = project
        self._included = included
        self._work = work
        self._model = model
        self._price = price
        self._begun = Begun()

    def session(
        self,
        reading: Reading,
        old: Session | None,
        at: Instant,
        binding: Binding = UNBOUND,
        ended: Ending | None = None,
    ) -> Session:
        """A session with its subagents folded in; `old` itself if nothing about it is new.

        Args:
            old: what the last round made of it.
            binding: its process, as far as known.
            ended: what is known of the process it had.
        """
        return self._session(reading, old, at, binding, ended, above=None, is_steady=True)

    def is_settled(self, session: Session, now: float, in_live: bool = False) -> bool:
        """Whether time alone can no longer change the session before the day ends.

        Args:
            in_live: it is below a live session, whose process tells whether it still works.
        """
        if session.liveness is not None:
            return False
        if in_live and session.state.name in ("working", "stalled"):
            return False
        last, since = session.last_active, session.reading.activity.since
        if last is not None and last > now - QUIET:
            return False
        if since is not None and since > now:
            return False
        rates = session.rates
        if rates.hour_tokens or (rates.hour_tokens is None) != (rates.hour_cost is None):
            return False
        return all(self.is_settled(below, now, in_live) for below in session.subagents)

    def _session(
        self,
        reading: Reading,
        old: Session | None,
        at: Instant,
        binding: Binding,
        ended: Ending | None,
        above: Host | None,
        is_steady: bool,
    ) -> Session:
        """A session, or with `above` a subagent.

        Args:
            above: what the session at the top of its tree runs in.
            is_steady: what it is below has not come alive or ended since the last round.
        """
        liveness = _liveness(binding, ended)
        host = above or host_of(binding, liveness == "live")
        is_steady = is_steady and old is not None and old.liveness == liveness
        below = self._below(reading, old, at, host, is_steady)
        last = _last_active(reading, below)
        state = resolve(
            Situation(
                reading.activity,
                at.now,
                last,
                "stopped" if liveness is None and ended is not None else liveness,
                host.process,
                binding.registration,
                binding.match,
                above is not None,
                above is not None and above.is_live,
                self._agent.capabilities.state != "none" and _is_read(reading),
                reading.loop,
                at.woke_at,
                host.servers,
                above.word if above is not None else None,
                self._begun.look(reading.session_id, reading.activity, host),
            )
        )
        process = binding.process
        if process is None and ended is not None:
            process = ended.process
        rates = self._rates(reading.session_id, below, at)
        where = reading.cwd or (process and process.cwd)
        if old is None or reading.session_id in at.touched or where != old.reading.cwd:
            reading = reading if where == reading.cwd else replace(reading, cwd=where)
            return self._put_together(
                reading, old, below, last, state, rates, process, liveness, binding.match
            )
        if (
            state == old.state
            and rates == old.rates
            and below is old.subagents
            and process == old.process
            and liveness == old.liveness
            and binding.match == old.match
        ):
            return old
        self._work.sessions_assembled += 1
        return replace(
            old,
            state=state,
            rates=rates,
            subagents=below,
            process=process,
            liveness=liveness,
            match=binding.match,
        )

    def _put_together(
        self,
        reading: Reading,
        old: Session | None,
        below: tuple[Session, ...],
        last: float | None,
        state: State,
        rates: Rates,
        process: Process | None,
        liveness: Liveness,
        match: Match,
    ) -> Session:
        owner = reading.session_id
        usage = self._books.usage(owner)
        own = self._own(reading, usage)
        tokens = _sum_tokens([own.tokens, *(s.tokens for s in below)]) if below else own.tokens
        self._work.sessions_assembled += 1
        new = Session(
            self._agent.name,
            self._agent.label,
            owner,
            self._with_window(reading),
            self._project(reading.cwd),
            state,
            merge_usage([*usage, *(u for s in below for u in s.usage)]) if below else usage,
            tokens,
            None if tokens is None else _sum_costs(own, below),
            own,
            _agent_turns(reading, own, usage, self._agent.capabilities.tokens == "exact"),
            rates,
            reading.started_at,
            last,
            below,
            process,
            liveness,
            match,
            _problems(reading),
            self._model,
            None if reading.partial else 0,
        )
        return old if old is not None and old == new else new

    # ---- parts of a session

    def _below(
        self, reading: Reading, old: Session | None, at: Instant, host: Host, is_steady: bool
    ) -> tuple[Session, ...]:
        """Its subagents, oldest first."""
        children = self._families.children(reading.session_id)
        if not children:
            return ()
        known = {s.session_id: s for s in old.subagents} if old is not None else {}
        rows: list[Session] = []
        for child in children:
            before = known.get(child.session_id)
            if (
                before is None
                or not is_steady
                or at.before is None
                or child.session_id in at.touched
                or not self.is_settled(before, at.before, host.is_live)
            ):
                row = self._session(child, before, at, UNBOUND, None, host, is_steady)
            else:
                row = before
            rows.append(row)
        below = tuple(sorted(rows, key=lambda s: (s.started_at or 0.0, s.session_id)))
        if old is not None and all(map(is_, below, old.subagents)):
            return old.subagents if len(below) == len(old.subagents) else below
        return below

    def _rates(self, owner: str, below: tuple[Session, ...], at: Instant) -> Rates:
        own = self._books.rates(owner, at.now, at.midnight)
        return add_rates([own, *(s.rates for s in below)]) if below else own

    def _own(self, reading: Reading, usage: tuple[Usage, ...]) -> Spend:
        """Zero for a session that asked nothing yet; unknown where nothing was recorded."""
        if len(usage) == 1 and usage[0].cost is not None:
            return Spend(usage[0].tokens, usage[0].cost)
        if usage:
            return Spend(total_tokens(usage), total_cost(usage, self._included))
        exact = self._agent.capabilities.tokens == "exact"
        if not reading.metered and (reading.replies or reading.problems or not exact):
            return Spend(None, None)
        return Spend(Tokens(), Cost(included=self._included))

    def _with_window(self, reading: Reading) -> Reading:
        """The reading, with what its context does not say itself: the size of the model's window
        where it is not told, when the agent sums up, and the price of waking it."""
        context = reading.context
        if context is None:
            return reading
        window = context.window if context.window is not None else self._model_window(reading)
        sums_up, full = self._agent.compacts_at, None
        if window is not None and sums_up is not None and sums_up(window) > 0:
            full = sums_up(window)
        wake = self._wake_cost(reading.model, context)
        if window == context.window and full is None and wake is None:
            return reading
        told = replace(context, window=window, compacts_at=full, wake_cost=wake)
        return _with_context(reading, told)

    def _model_window(self, reading: Reading) -> int | None:
        model, context = reading.model, reading.context
        if model is None or context is None:
            return None
        if model not in self._windows:
            self._windows[model] = self._window(model, self._agent.provider)
        window = self._windows[model]
        if window is not None and context.peak > window:
            return LONG_WINDOW if context.peak <= LONG_WINDOW else None
        return window

    def _wake_cost(self, model: str | None, context: Context) -> float | None:
        """Everything in it written to the cache again, for as long as it was kept before."""
        if self._price is None or model is None or context.cache_lasts is None:
            return None
        is_long = context.cache_lasts > 300
        written = Tokens(cache_write_1h=context.used) if is_long else Tokens(0, 0, context.used)
        charge = self._price(Response("", context.cached_at, model, written))
        return None if charge is None else charge.total / PICO


_FIELDS = tuple(Reading.__struct_fields__)
_VALUES = attrgetter(*_FIELDS)
_CONTEXT = _FIELDS.index("context")


def _with_context(reading: Reading, context: Context) -> Reading:
    """What `replace` makes, in half the time: nearly every session needs it once."""
    values = list(_VALUES(reading))
    values[_CONTEXT] = context
    return Reading(*values)


def _agent_turns(
    reading: Reading, own: Spend, usage: tuple[Usage, ...], are_single: bool
) -> int | None:
    """Its requests, or where they were not recorded one by one its answers, if any were seen."""
    if own.tokens is None or not are_single:
        return reading.replies or None
    return sum([each.requests for each in usage])


def _liveness(binding: Binding, ended: Ending | None) -> Liveness:
    if binding.process is not None:
        return "live"
    return "stopped" if ended is not None and ended.process is not None else None


def _last_active(reading: Reading, below: tuple[Session, ...]) -> float | None:
    if not below:
        return reading.last_active
    instants = (reading.last_active, *(s.last_active for s in below))
    return max((at for at in instants if at is not None), default=None)


def _sum_tokens(parts: Sequence[Tokens | None]) -> Tokens | None:
    """Of what is known; nothing beside what is unknown is unknown, too."""
    known = [tokens for tokens in parts if tokens is not None]
    total = Tokens()
    for tokens in known:
        total += tokens
    is_known = total.total > 0 or len(known) == len(parts)
    return total if is_known else None


def _sum_costs(own: Spend, below: tuple[Session, ...]) -> Cost | None:
    """Together; tokens without a price are counted as a gap."""
    if not below and own.cost is not None:
        return own.cost
    cost = add_costs([own.cost, *(s.cost for s in below)])
    if cost is None:
        return None
    missing = sum(unpriced_tokens(s) for s in below if s.cost is None)
    if own.cost is None and own.tokens is not None:
        missing += own.tokens.total
    return replace(cost, unpriced_tokens=cost.unpriced_tokens + missing) if missing else cost


def _problems(reading: Reading) -> tuple[str, ...]:
    if reading.records and not reading.skipped:
        return reading.problems
    said = list(reading.problems)
    if reading.skipped:
        lines = "1 line was" if reading.skipped == 1 else f"{reading.skipped} lines were"
        said.append(f"{lines} skipped: that part of its transcript could not be read")
    if not reading.records and not reading.problems and not reading.skipped:
        said.append("its transcript is empty")
    return tuple(said)


def _is_read(reading: Reading) -> bool:
    """Whether its records can tell what it does: some were read, or there is none yet to read."""
    return bool(reading.records or not (reading.problems or reading.skipped))
