"""Sessions: what one is, what it is doing, how fast it goes and what it may spend."""

from __future__ import annotations

from typing import Literal

from agtop.model.hour import Slots
from agtop.model.process import Match, Process
from agtop.model.record import Record
from agtop.model.transcript import Reading
from agtop.model.usage import Cost, Tokens, Usage

StateName = Literal[
    "working", "waiting", "stalled", "looping", "error", "limited", "idle", "ended", "unknown"
]
STATES: tuple[StateName, ...] = (
    "waiting",
    "limited",
    "error",
    "stalled",
    "looping",
    "working",
    "unknown",
    "idle",
    "ended",
)
"""By how much they ask for attention: the order of a sort by state."""

MODEL_VARIABLES = {"claude": "CLAUDE_CODE_MODEL", "codex": "CODEX_MODEL"}
"""Agent → the variable of its environment that chooses the model."""


class State(Record):
    """What a session is doing, since when, and how agtop knows."""

    name: StateName = "unknown"
    reason: str | None = None
    """`permission`, `question`, `input` when waiting; `stopped` where Ctrl+Z stalls it."""
    since: float | None = None
    evidence: str = ""


class Rates(Record):
    """Speed by the records' own timestamps; None where it can never be observed."""

    tokens_per_min: float | None = None
    """Tokens of the trailing 60 s."""
    cost_per_hour: float | None = None
    """Cost of the trailing 60 s, times 60: a projection."""
    hour_tokens: int | None = None
    hour_cost: float | None = None
    """What the last hour really cost."""
    today_cost: float | None = None
    """Since local midnight."""
    slots: Slots = ()
    """Tokens of the last hour, told apart; nothing is known of them where `hour_tokens` is None."""


class Spend(Record):
    """Tokens and cost; each None where unknown."""

    tokens: Tokens | None
    cost: Cost | None


class Allowance(Record):
    """How the fullest budget stands that a session is under."""

    budget: str
    """Whose it is, as in config.toml: `day`, `session:claude:…`."""
    kind: Literal["dollars", "tokens"]
    limit: float
    used: float | None
    is_estimated: bool = False
    is_partial: bool = False
    action: str = "warn"

    @property
    def percent(self) -> float | None:
        return None if self.used is None else 100 * self.used / self.limit

    @property
    def left(self) -> float | None:
        return None if self.used is None else max(0.0, self.limit - self.used)


class Session(Record):
    """One conversation of one agent, with its subagents folded in."""

    agent: str
    agent_label: str
    session_id: str
    reading: Reading
    project: str | None = None
    state: State = State()
    usage: tuple[Usage, ...] = ()
    """By model, subagents included, most tokens first."""
    tokens: Tokens | None = None
    """Subagents included; None where the agent's files hold none."""
    cost: Cost | None = None
    """Subagents included; None where nothing can be priced."""
    own: Spend = Spend(None, None)
    """This session without its subagents."""
    agent_turns: int | None = None
    """Responses that this session itself made."""
    rates: Rates = Rates()
    started_at: float | None = None
    last_active: float | None = None
    """The newest record of the session and its subagents."""
    subagents: tuple[Session, ...] = ()
    process: Process | None = None
    liveness: Literal["live", "stopped"] | None = None
    match: Match = Match()
    problems: tuple[str, ...] = ()
    model_wished: str | None = None
    """What the user's config says the agent runs where its transcripts name no model."""
    conflicts: int | None = None
    """Of the last day, subagents included; None where its writes are not known."""
    allowance: Allowance | None = None
    """None where no budget holds for it."""

    @property
    def key(self) -> str:
        return f"{self.agent}:{self.session_id}"

    @property
    def model(self) -> str | None:
        """The model of the newest response; before the first one, what it is set to."""
        return self.model_found[0]

    @property
    def model_found(self) -> tuple[str | None, str]:
        """The model, and who says so where its transcript does not."""
        if self.reading.model:
            return self.reading.model, ""
        if self.model_wished:
            return self.model_wished, "config.toml"
        variable = MODEL_VARIABLES.get(self.agent, "")
        places = self.process.places if self.process is not None else None
        told = places.get(variable) if places else None
        return (told, f"{variable} of its process") if told else (None, "")

    @property
    def reported_cost(self) -> float | None:
        """Dollars by the agent's own reckoning, subagents included; None where it keeps none."""
        below = [each.reported_cost for each in self.subagents]
        known = [cost for cost in (self.reading.reported_cost, *below) if cost is not None]
        return sum(known) if known else None

    @property
    def is_estimated(self) -> bool:
        """Some of the tokens are the agent's estimate."""
        if self.reading.estimated or not self.subagents:
            return self.reading.estimated
        return any(each.is_estimated for each in self.subagents)

    @property
    def tells_reasoning(self) -> bool:
        """The reasoning in its tokens is a figure, be it zero; else nothing is known of it."""
        return self.reading.reasoned or any(each.tells_reasoning for each in self.subagents)

    @property
    def is_live(self) -> bool:
        return self.liveness == "live"

    @property
    def name(self) -> str | None:
        """The title, or nothing."""
        return self.reading.title
