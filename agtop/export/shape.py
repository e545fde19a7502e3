"""The shape of the `--json` document: from these types comes its JSON Schema.

Loaded only for `--json-schema`, and by the type checker, which holds `document` against them.
Keys are a promise: additions keep `schema_version`, anything else raises it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

Instant = Annotated[str, Field(json_schema_extra={"format": "date-time"}, pattern="Z$")]
Count = Annotated[int, Field(ge=0)]
Dollars = Annotated[float, Field(ge=0)]
Percent = Annotated[float, Field(ge=0)]
Fraction = Annotated[float, Field(ge=0)]
StateName = Literal[
    "working", "waiting", "stalled", "looping", "error", "limited", "idle", "ended", "unknown"
]


class Shape(TypedDict):
    """The base of every object: its fields are described by the texts under them."""

    __pydantic_config__ = ConfigDict(use_attribute_docstrings=True)  # pyright: ignore[reportGeneralTypeIssues]


class Agtop(Shape):
    """The monitor's own weight."""

    version: str
    pid: int
    cpu_percent: Percent | None
    rss: Count | None
    """Resident memory in bytes."""


class Host(Shape):
    """The machine; sizes in bytes."""

    name: str
    os: str
    cpus: Count | None
    cpu_percent: Percent | None
    memory_used: Count | None
    memory_total: Count | None
    load_1m: float | None


class Tokens(Shape):
    """Disjoint billable buckets; only `reasoning` is part of another one, `output`."""

    input: Count
    """Prompt tokens neither read from nor written to a cache."""
    cache_read: Count
    cache_write_5m: Count
    cache_write_1h: Count
    output: Count
    """All generated tokens, reasoning included."""
    reasoning: Count | None
    """The part of `output` that was reasoning; null where the agent does not tell."""
    total: Count
    """input + cache_read + cache_write_5m + cache_write_1h + output"""


class Cost(Shape):
    """Dollars by bucket, at list prices."""

    input: Dollars
    cache_read: Dollars
    cache_write_5m: Dollars
    cache_write_1h: Dollars
    output: Dollars
    fees: Dollars
    """Charges per use, such as web searches."""
    total: Dollars
    """What is billed: 0 where the plan covers it."""
    included: bool
    """The plan covers it."""
    notional: Dollars
    """The price at list rates, whatever the plan: the sum of the buckets and fees."""
    unpriced_tokens: Count
    """Tokens without a known price, missing from every figure here; above 0, the cost is a lower
    bound."""


class Price(Shape):
    """Where the price of the newest request is from."""

    source: str
    date: str


class Model(Shape):
    """The tokens of one model in a session."""

    model: str | None
    provider: str | None
    tokens: Tokens
    cost: Cost | None
    """Null when the model has no known price."""
    price: Price | None


class Spend(Shape):
    """Tokens and cost of the session without its subagents."""

    tokens: Tokens | None
    cost: Cost | None


class LastHour(Shape):
    """What the last hour really took."""

    tokens: Count | None
    cost: Dollars | None
    slots: list[Count] | None
    """Tokens in thirty steps of two minutes, the one under way last; empty where nothing was used,
    null where nothing can be observed."""


class Cache(Shape):
    """The clock of the prompt cache."""

    is_warm: bool
    seconds_left: Annotated[float, Field(ge=0)] | None
    lifetime_secs: float | None
    """Five minutes or an hour, by what was written to it last."""
    cold_at: Instant | None


class Context(Shape):
    """How full the context window is."""

    used: Count
    window: Count | None
    percent: Percent | None
    peak: Count
    """The largest use seen, before any compaction."""
    percent_to_full: Percent | None
    percent_to_compaction: Percent | None
    """Of the window, until the agent is expected to sum up: an estimate."""
    compactions: Count | None
    is_thrashing: bool
    """It was summed up twice within ten minutes, in the last half hour."""
    cache: Cache | None
    """Null where no record tells how long the prompt cache lasts."""
    wake_cost: Dollars | None
    """For writing the context to a cold cache again, at list price."""


class Turns(Shape):
    """Prompts of the user, and answers of the model that the session itself asked for."""

    user: Count | None
    agent: Count | None


class Lines(Shape):
    """Lines that the agent's own edits added and removed."""

    added: Count
    removed: Count


class FileWrite(Shape):
    """A file the session wrote."""

    path: str
    writes: Count
    last_at: Instant | None


class Match(Shape):
    """Why a process is taken for the session's, or why none is."""

    confidence: Literal["high", "medium", "low", "ambiguous"] | None
    evidence: list[str]
    candidates: list[int]
    """Pids that could be meant."""


class Tree(Shape):
    """The process and everything below it."""

    processes: Count
    cpu_percent: Percent | None
    rss: Count


class Process(Shape):
    """The session's process; sizes in bytes, rates in bytes per second."""

    pid: int
    started_at: Instant | None
    name: str
    status: str | None
    cpu_percent: Percent | None
    """Of one core; null on a first sample, as are the rates."""
    rss: Count | None
    vsz: Count | None
    disk_read: Count | None
    disk_written: Count | None
    disk_read_rate: float | None
    disk_write_rate: float | None
    threads: Count | None
    fds: Count | None
    tree: Tree | None


class Budget(Shape):
    """The limit set for the session."""

    limit_usd: Dollars | None
    limit_tokens: Count | None
    used_fraction: Fraction | None
    action: str


class Subagent(Shape):
    """A session that another one spawned."""

    key: str
    parent: str
    """The key of the session or subagent that spawned it."""
    session_id: str
    title: str | None
    model: str | None
    state: StateName
    state_reason: str | None
    state_since: Instant | None
    state_evidence: str | None
    tokens: Tokens | None
    """With those of its own subagents."""
    cost: Cost | None
    started_at: Instant | None
    last_active: Instant | None


class Session(Shape):
    """One conversation of one agent."""

    key: str
    """`agent:session_id`, unique."""
    agent: str
    agent_label: str
    session_id: str
    title: str | None
    cwd: str | None
    project: str | None
    branch: str | None
    transcript: str | None
    """Null for a session known only from its process or from others' transcripts."""
    subscription: str | None
    started_at: Instant | None
    last_active: Instant | None
    duration_secs: float | None
    """From the first record to the newest."""
    state: StateName
    state_reason: str | None
    """What a waiting session needs: `permission`, `question`, `input`."""
    state_since: Instant | None
    state_evidence: str | None
    """A sentence: how agtop knows."""
    needs_you: bool
    """It, or a subagent of it, goes on only when looked after."""
    needs_you_since: Instant | None
    model: str | None
    """Of the newest response."""
    effort: str | None
    models: list[Model]
    tokens: Tokens | None
    """Subagents included; null where the agent's files hold no tokens."""
    cost: Cost | None
    """Subagents included; null where nothing has a known price."""
    reported_cost: Dollars | None
    """By the agent's own reckoning, subagents included; beside `cost`, never part of it."""
    tokens_estimated: bool
    """Some of the tokens are the agent's own estimate, and so is what they cost."""
    own: Spend
    subagents: list[Subagent]
    """All of them, those of subagents too."""
    tokens_per_min: float | None
    """Tokens of the trailing 60 seconds; 0 is idle, null never observable."""
    cost_per_hour: Dollars | None
    """The cost of the trailing 60 seconds, times 60."""
    last_hour: LastHour
    cost_today: Dollars | None
    """Since local midnight."""
    context: Context | None
    turns: Turns
    tool_calls: Count | None
    tool_errors: Count | None
    current_action: str | None
    lines: Lines | None
    files_written: list[FileWrite] | None
    pid: int | None
    liveness: Literal["live", "stopped"] | None
    match: Match
    process: Process | None
    budget: Budget | None
    skipped_records: Count
    """Lines that could not be read."""
    problems: list[str]


class Totals(Shape):
    """Sums over `sessions`; above zero, `unpriced_*` make the cost a lower bound."""

    sessions: Count
    live: Count
    waiting: Count
    tokens: Tokens
    cost: Dollars | None
    unmetered_sessions: Count
    """Sessions whose tokens nobody recorded."""
    unpriced_sessions: Count
    unpriced_tokens: Count
    included_sessions: Count
    estimated_sessions: Count
    """Sessions whose tokens are, in part, their agent's own estimate."""
    tokens_per_min: float | None
    cost_per_hour: Dollars | None
    cost_today: Dollars | None
    """Since local midnight."""
    cost_last_hour: Dollars | None


class Share(Shape):
    """A session's part of what this machine used in a window."""

    key: str
    share: Fraction


class Limit(Shape):
    """A window of a plan and how much of it is used."""

    provider: str
    agent: str
    account: str | None
    """Set where the agent is logged in to several accounts: the name of the folder of this one."""
    limit_id: str
    """The agent's own name for it."""
    window: str
    """`5h`, `7d`…; `limit` where a refused request named no length."""
    minutes: Count | None
    model: str | None
    """Set where the limit is for one model alone."""
    plan: str | None
    used_percent: Percent | None
    """Null where nobody measured it since it began anew."""
    resets_at: Instant | None
    is_over: bool
    """It began anew since it was measured; `resets_at` is past."""
    source: Literal["measured", "estimate"]
    """An estimate knows only what this machine used."""
    as_of: Instant | None
    """When it was measured."""
    is_stale: bool
    """Measured more than an hour ago."""
    where: str | None
    """The file that says so."""
    full_at: Instant | None
    """When it fills at the present pace, which may be after its reset."""
    full_before_reset: bool | None
    tokens: Count | None
    """What this machine used in it; null for a limit of one model."""
    cost: Dollars | None
    """That at list prices; null where some of it has no known price."""
    shared_by: Literal["cost", "tokens"] | None
    by_session: list[Share]
    """Of top-level sessions, the largest first."""


class Problem(Shape):
    """Something wrong outside agtop: what, where, what to do."""

    source: str
    message: str
    at: Instant | None


class Document(Shape):
    """Everything agtop knows at one instant. Unknown is null, times are UTC."""

    schema_version: Literal[1]
    generated_at: Instant
    agtop: Agtop
    host: Host
    plan: Annotated[str, Field(json_schema_extra={"enum": ["retail", "max", "included"]})]
    complete: bool
    """False while transcripts are still being read for the first time."""
    sessions: list[Session]
    """Top-level sessions, live and past, in the order of `--sort`."""
    totals: Totals
    limits: list[Limit]
    problems: list[Problem]
