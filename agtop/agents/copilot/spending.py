"""What a session's requests cost in tokens, from the best record that each of its runs left.

A run is what one process did of a session, from its start or resumption to its shutdown. Of the
records that tell of the same requests, the first that a run has is counted: `session.usage_record`
events, rows of the database, the sums of `session.shutdown`, the output that messages carry.
All but the first number the answers of a run, so that a better record takes a worse one's place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count as count_up

from msgspec import Struct, field

from agtop.agents.copilot.records import Compaction, ModelMetric, Shutdown, Usage
from agtop.agents.copilot.store import Row
from agtop.agents.decode import count
from agtop.model import Record, Response, Tokens

NANO_AIU_PER_DOLLAR = 1e11
_STAND_INS_MOST = 10_000


class Spent(Record):
    """A request, and who made it."""

    owner: str
    response: Response
    is_named: bool = False
    """The record itself names the session."""
    run: int | None = 0
    """None for a compaction, which no sum includes."""


class Answer(Struct):
    number: str
    """Its place in the run."""
    owner: str
    at: float | None
    model: str | None
    output: int


class Run(Struct):
    began_at: float | None = None
    ended_at: float | None = None
    has_records: bool = False
    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])
    """By API call, in order."""
    compactions: dict[str, int] = field(default_factory=dict[str, int])
    """Event → which of the run's it is."""
    shutdown: Shutdown | None = None


class Spending:
    """The requests of one events file."""

    def __init__(self, session_id: str) -> None:
        self._session_id = session_id
        self._runs = [Run()]
        self._made: dict[str, Spent] = {}
        """By key, of the runs that have records, and the compactions."""
        self._told: dict[str, Spent] = {}
        """By key, what was told last of the other runs."""
        self._new: list[Spent] = []
        self._nano: dict[str, float] = {}
        self._nano_of_rows: dict[str, float] = {}
        self._nano_total: dict[str, float] = {}
        """By owner, as shutdowns and checkpoints sum it up."""
        self.is_output_only = False
        """Nothing but the output of some answers is known."""

    # ---- what happened

    def began(self, at: float | None) -> None:
        """A process took the session up."""
        if len(self._runs) == 1 and self._runs[0] == Run():
            self._runs.clear()
        self._runs.append(Run(at))

    def answered(self, owner: str, call: str, at: float | None, model: str | None, n: int) -> None:
        """The model answered with `n` tokens; several events may be of one answer."""
        answers = self._runs[-1].answers
        if call not in answers:
            answers[call] = Answer(str(len(answers)), owner, at, model, 0)
        answers[call].output = max(answers[call].output, n)

    def recorded(self, agent: str | None, usage: Usage, event_id: str, at: float | None) -> None:
        """A `session.usage_record`."""
        noted = usage.accounting
        source = noted.source_session_id if noted is not None else None
        owner = agent or source or self._session_id
        self._runs[-1].has_records |= agent is not None or owner == self._session_id
        call = (noted.usage_id if noted is not None else None) or usage.api_call_id or event_id
        sequence = noted.sequence if noted is not None else None
        key = f"{source or owner}/{'' if sequence is None else sequence}/{call}"
        response = Response(key, at, usage.model, tokens_of(usage))
        if key not in self._made:
            billed = usage.copilot_usage
            nano = billed.total_nano_aiu if billed is not None else None
            self._nano[owner] = self._nano.get(owner, 0.0) + (nano or 0.0)
        is_named = source is not None or agent is not None
        self._make(key, Spent(owner, response, is_named, len(self._runs) - 1))

    def compacted(self, owner: str, data: Compaction, event_id: str, at: float | None) -> None:
        used = data.compaction_tokens_used
        if used is None:
            return
        usage = Usage(
            input_tokens=used.input if used.input_tokens is None else used.input_tokens,
            output_tokens=used.output if used.output_tokens is None else used.output_tokens,
            cache_read_tokens=(
                used.cached_input if used.cache_read_tokens is None else used.cache_read_tokens
            ),
            cache_write_tokens=used.cache_write_tokens,
        )
        run = self._runs[-1]
        number = run.compactions.setdefault(event_id, len(run.compactions))
        key = f"{self._session_id}/run{len(self._runs) - 1}/c{number}"
        self._make(key, Spent(owner, Response(key, at, used.model, tokens_of(usage)), run=None))

    def ended(self, shutdown: Shutdown, at: float | None) -> None:
        run = self._runs[-1]
        run.shutdown, run.ended_at = shutdown, at
        whole = shutdown.accounting_snapshot
        agents = (whole.agent_metrics if whole is not None else None) or shutdown.agent_metrics
        for agent, metric in (agents or {}).items():
            owner = self._session_id if agent == "main" else agent
            self._nano_total[owner] = metric.total_nano_aiu or 0.0
        if not agents:
            nano = shutdown.total_nano_aiu or 0.0
            before = 0.0 if whole is not None else self._nano_total.get(self._session_id, 0.0)
            self._nano_total[self._session_id] = nano + before

    # ---- what it comes to

    @property
    def wants_rows(self) -> bool:
        """Some run has answers, but no records of its own."""
        return any(run.answers and not run.has_records for run in self._runs)

    def dollars(self, owner: str) -> float | None:
        """What GitHub bills; None where it bills nothing, or does not say."""
        single = self._nano.get(owner, 0.0) + self._nano_of_rows.get(owner, 0.0)
        nano = single or self._nano_total.get(owner)
        return nano / NANO_AIU_PER_DOLLAR if nano and 0 < nano < float("inf") else None

    def news(self, rows: Sequence[Row]) -> list[Spent]:
        """The requests that were not told before, or not like this."""
        new, self._new = self._new, []
        for spent in self._of_other_runs(rows):
            key = spent.response.key
            if self._told.get(key) != spent:
                self._told[key] = spent
                new.append(spent)
        return new

    def _make(self, key: str, spent: Spent) -> None:
        if self._made.get(key) != spent:
            self._made[key] = spent
            self._new.append(spent)

    def _of_other_runs(self, rows: Sequence[Row]) -> list[Spent]:
        """Those of the runs without records of single requests."""
        shared = self._shared_out(rows) if rows else {}
        found: list[Spent] = []
        nano: dict[str, float] = {}
        self.is_output_only = False
        for number, run in enumerate(self._runs):
            if run.has_records or not (run.answers or run.shutdown):
                continue
            own = shared.get(number, ()) if run.answers else ()
            if own:
                made = _from_rows(own, self._session_id)
                for row in own:
                    owner = row.agent_id or self._session_id
                    nano[owner] = nano.get(owner, 0.0) + row.nano_aiu
            elif run.shutdown is not None:
                earlier = [s for s in (*self._made.values(), *found) if _is_before(s, number)]
                made = _from_shutdown(self._session_id, run, run.shutdown, earlier)
            else:
                made = _from_answers(run)
                self.is_output_only |= bool(run.answers)
            for place, owner, at, model, tokens in made:
                key = f"{self._session_id}/run{number}/{place}"
                found.append(Spent(owner, Response(key, at, model, tokens), run=number))
        self._nano_of_rows = nano
        return found

    def _shared_out(self, rows: Iterable[Row]) -> dict[int, list[Row]]:
        """Run number → its rows: those made since it began and before the next one did."""
        shared: dict[int, list[Row]] = {}
        for row in rows:
            begun = [
                number
                for number, run in enumerate(self._runs)
                if run.began_at is None or row.at is None or run.began_at <= row.at
            ]
            shared.setdefault(begun[-1] if begun else 0, []).append(row)
        return shared


Made = tuple[str, str, float | None, str | None, Tokens]
"""Which answer of the run, who, when, with which model, how much."""


def tokens_of(usage: Usage) -> Tokens:
    """The disjoint buckets: the raw input includes the cache, the output the reasoning."""
    read, written = count(usage.cache_read_tokens), count(usage.cache_write_tokens)
    output = count(usage.output_tokens)
    return Tokens(
        input=max(0, count(usage.input_tokens) - read - written),
        cache_read=read,
        cache_write_5m=written,
        output=output,
        reasoning=min(output, count(usage.reasoning_tokens)),
    )


def _from_rows(rows: Iterable[Row], session_id: str) -> Iterator[Made]:
    answers, compactions = count_up(), count_up()
    for row in rows:
        usage = Usage(
            input_tokens=row.input,
            output_tokens=row.output,
            cache_read_tokens=row.cache_read,
            cache_write_tokens=row.cache_write,
            reasoning_tokens=row.reasoning,
        )
        place = f"c{next(compactions)}" if row.is_compaction else str(next(answers))
        yield place, row.agent_id or session_id, row.at, row.model, tokens_of(usage)


def _from_answers(run: Run) -> Iterator[Made]:
    for each in run.answers.values():
        if each.output:
            yield each.number, each.owner, each.at, each.model, Tokens(output=each.output)


def _from_shutdown(
    owner: str, run: Run, shutdown: Shutdown, earlier: Iterable[Spent]
) -> Iterator[Made]:
    whole = shutdown.accounting_snapshot
    metrics = (whole.model_metrics if whole is not None else None) or shutdown.model_metrics or {}
    known: dict[str, Tokens] = {}
    if whole is not None:  # it sums up the earlier runs, too
        for spent in earlier:
            name = _plain(spent.response.model)
            known[name] = known.get(name, Tokens()) + spent.response.tokens
    for model, metric in metrics.items():
        total = _minus(tokens_of(metric.usage or Usage()), known.get(_plain(model), Tokens()))
        answers = [a for a in run.answers.values() if _plain(a.model) == _plain(model)]
        if not answers and total.total:
            answers = _nameless(owner, run, model, metric)
        yield from _spread(total, answers, model)


def _spread(total: Tokens, answers: Sequence[Answer], model: str) -> Iterator[Made]:
    """A sum over several answers: each with its own output, the prompts in equal parts."""
    shares = len(answers)
    spoken = sum(answer.output for answer in answers)
    for index, answer in enumerate(answers):
        output = _part(total.output, shares, index)
        if spoken <= total.output:
            rest = total.output - spoken if index == shares - 1 else 0
            output = answer.output + rest
        tokens = Tokens(
            _part(total.input, shares, index),
            _part(total.cache_read, shares, index),
            _part(total.cache_write_5m, shares, index),
            0,
            output,
            min(output, _part(total.reasoning, shares, index)),
        )
        yield answer.number, answer.owner, answer.at, answer.model or model, tokens


def _part(total: int, shares: int, index: int) -> int:
    return total * (index + 1) // shares - total * index // shares


def _nameless(owner: str, run: Run, model: str, metric: ModelMetric) -> list[Answer]:
    """Stand-ins for answers that left no message."""
    asked = count(metric.requests.count if metric.requests is not None else None)
    shares = range(min(max(1, asked), _STAND_INS_MOST))
    return [Answer(f"{model}.{n}", owner, run.ended_at, model, 0) for n in shares]


def _minus(one: Tokens, other: Tokens) -> Tokens:
    return Tokens(
        max(0, one.input - other.input),
        max(0, one.cache_read - other.cache_read),
        max(0, one.cache_write_5m - other.cache_write_5m),
        0,
        max(0, one.output - other.output),
        max(0, one.reasoning - other.reasoning),
    )


def _is_before(spent: Spent, run: int) -> bool:
    return spent.run is not None and spent.run < run


def _plain(model: str | None) -> str:
    """A model's name without what its spellings differ in: `claude-sonnet-4.5` and `…-4-5`."""
    return (model or "").replace(".", "-")
