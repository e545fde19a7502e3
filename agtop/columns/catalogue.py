"""All columns there are."""

from __future__ import annotations

from collections.abc import Callable

from agtop.columns.allowance import BUDGET, LEFT
from agtop.columns.cells import (
    GLYPHS,
    activity_text,
    context_text,
    cost_text,
    doing,
    estimate,
    pid_text,
    project_text,
    short_id,
)
from agtop.columns.column import Column
from agtop.columns.context import IN_CONTEXT
from agtop.columns.standing import NEEDS, STATE
from agtop.model import STATES, Process, Session, Tokens
from agtop.paths import short
from agtop.text import cut_start, line
from agtop.units import UNKNOWN, age, clock, compact, dollars, duration, rate, size


def _number(
    name: str,
    title: str,
    width: int,
    read: Callable[[Session], float | None],
    show: Callable[[float | None], str],
    about: str,
    drop: int = 0,
) -> Column:
    """A right-aligned figure, largest first."""
    return Column(
        name, title, width, lambda s, _now: show(read(s)), read, about, True, True, drop=drop
    )


def _spent(
    name: str,
    title: str,
    width: int,
    read: Callable[[Session], float | None],
    show: Callable[[float | None], str],
    about: str,
    drop: int = 0,
) -> Column:
    """A figure made of tokens: `~` stands before what the agent only estimates."""
    return Column(
        name,
        title,
        width,
        lambda s, _now: estimate(s, show(read(s))),
        read,
        f"{about} ~: the agent's own estimate.",
        True,
        True,
        drop=drop,
    )


def _word(
    name: str,
    title: str,
    width: int,
    read: Callable[[Session], str | None],
    about: str,
    drop: int = 0,
    grows: bool = False,
) -> Column:
    """Text from outside, sorted without regard to case."""
    return Column(
        name,
        title,
        width,
        lambda s, _now: line(read(s) or "") or UNKNOWN,
        lambda s: (read(s) or "").casefold() or None,
        about,
        drop=drop,
        grows=grows,
    )


def _instant(name: str, title: str, read: Callable[[Session], float | None], about: str) -> Column:
    return Column(name, title, 16, lambda s, now: clock(read(s), now), read, about, descending=True)


def _of(read: Callable[[Process], float | None]) -> Callable[[Session], float | None]:
    return lambda session: None if session.process is None else read(session.process)


def _tree_cpu(process: Process) -> float | None:
    return process.tree.cpu_percent if process.tree is not None else process.cpu_percent


def _tree_rss(process: Process) -> float | None:
    return process.tree.rss if process.tree is not None else process.rss


def _tokens(part: Callable[[Tokens], int]) -> Callable[[Session], float | None]:
    return lambda session: None if session.tokens is None else part(session.tokens)


def _duration(session: Session) -> float | None:
    if session.started_at is None or session.last_active is None:
        return None
    return max(0.0, session.last_active - session.started_at)


def _cost(session: Session) -> float | None:
    return None if session.cost is None else session.cost.notional


def _context(session: Session) -> float | None:
    return None if session.reading.context is None else session.reading.context.percent


def _cpu(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.0f}%" if value >= 99.95 else f"{value:.1f}%"


def _cwd_text(session: Session, _now: float) -> str:
    return cut_start(short(line(session.reading.cwd or "")), 28) or UNKNOWN


COLUMNS: tuple[Column, ...] = (
    Column(
        "glyph",
        " ",
        1,
        lambda s, _now: GLYPHS[s.state.name],
        lambda s: float(STATES.index(s.state.name)),
        "The state as a sign: ● working, ◆ waiting for you, ○ idle, ◌ stalled, ✗ error, · ended.",
    ),
    STATE,
    _word("reason", "WAITS FOR", 10, lambda s: s.state.reason, "What a waiting session needs."),
    NEEDS,
    _word("agent", "AGENT", 8, lambda s: s.agent, "The program that runs the session.", drop=5),
    Column(
        "session",
        "SESSION",
        11,
        lambda s, _now: line(short_id(s)),
        lambda s: s.session_id,
        "The end of the session's id; +N: so many subagents are folded into the row.",
        drop=7,
    ),
    _word("title", "TITLE", 24, lambda s: s.reading.title, "The session's title.", grows=True),
    Column(
        "project",
        "PROJECT",
        12,
        project_text,
        lambda s: (s.project or "").casefold() or None,
        "The repository, or the directory, the session works in.",
        grows=True,
        drop=1,
    ),
    _word("branch", "BRANCH", 14, lambda s: s.reading.branch, "The git branch it last saw."),
    Column(
        "cwd",
        "DIRECTORY",
        28,
        _cwd_text,
        lambda s: s.reading.cwd,
        "The directory it works in.",
        grows=True,
    ),
    _word("model", "MODEL", 17, lambda s: s.model, "The model that answered last.", drop=9),
    _word("effort", "EFFORT", 7, lambda s: s.reading.effort, "The reasoning effort asked for."),
    _word("subscription", "PLAN", 12, lambda s: s.reading.subscription, "The plan, where told."),
    Column(
        "context",
        "CTX",
        6,
        context_text,
        _context,
        "How much of the context window the newest request of the main conversation used.",
        True,
        True,
        drop=4,
    ),
    *IN_CONTEXT,
    _spent(
        "tokens_per_min",
        "TOK/MIN",
        7,
        lambda s: s.rates.tokens_per_min,
        compact,
        "Tokens of the last 60 seconds, by the records' own times. 0: idle; –: not observable.",
        drop=8,
    ),
    _spent(
        "cost_per_hour",
        "$/H",
        7,
        lambda s: s.rates.cost_per_hour,
        dollars,
        "The cost of the last 60 seconds, times 60: a projection.",
        drop=6,
    ),
    Column(
        "activity",
        "LAST HOUR",
        15,
        activity_text,
        lambda s: s.rates.hour_tokens,
        "Tokens of the last hour in steps of two minutes, by the records' own times, scaled to the"
        " session's own busiest; the lowest dots: idle; –: not observable.",
        descending=True,
        drop=13,
    ),
    _spent(
        "last_hour",
        "$ 1H",
        7,
        lambda s: s.rates.hour_cost,
        dollars,
        "What the last hour really cost.",
    ),
    _spent(
        "today",
        "TODAY",
        8,
        lambda s: s.rates.today_cost,
        dollars,
        "What it cost since local midnight.",
    ),
    Column(
        "cost",
        "COST",
        9,
        lambda s, _now: estimate(s, cost_text(s.cost)),
        _cost,
        "Each request at its own model's price of its day, subagents included. incl: the plan"
        " covers it; ≥: some tokens have no known price; ~: from the agent's own estimate.",
        True,
        True,
    ),
    _spent(
        "tokens",
        "TOKENS",
        7,
        _tokens(lambda t: t.total),
        compact,
        "All tokens, each counted once over all transcripts, subagents included.",
        drop=2,
    ),
    _spent("input", "INPUT", 8, _tokens(lambda t: t.input), compact, "Uncached prompt tokens."),
    _spent("output", "OUTPUT", 8, _tokens(lambda t: t.output), compact, "Generated tokens."),
    _spent("cache", "CACHE", 8, _tokens(lambda t: t.cache), compact, "Cache reads and writes."),
    _number("tools", "TOOLS", 6, lambda s: s.reading.tool_calls, compact, "Tool calls."),
    _number("turns", "TURNS", 6, lambda s: s.reading.user_turns, compact, "Prompts by the user."),
    _number("subagents", "SUBS", 5, lambda s: len(s.subagents), compact, "Subagents it spawned."),
    Column(
        "pid",
        "PID",
        8,
        pid_text,
        _of(lambda p: p.pid),
        "The session's process. †: just ended; ?: several could be it.",
        True,
        drop=3,
    ),
    _number(
        "cpu", "CPU", 6, _of(_tree_cpu), _cpu, "Of one core, with all child processes.", drop=10
    ),
    _number(
        "memory", "MEM", 6, _of(_tree_rss), size, "Resident memory with all children.", drop=11
    ),
    _number("vsz", "VSZ", 6, _of(lambda p: p.vsz), size, "Virtual memory."),
    _number("disk_read", "READ", 6, _of(lambda p: p.disk_read), size, "Read from disk in all."),
    _number("disk_written", "WRITTEN", 7, _of(lambda p: p.disk_written), size, "Written in all."),
    _number("read_rate", "R/s", 8, _of(lambda p: p.disk_read_rate), rate, "Read from disk now."),
    _number("write_rate", "W/s", 8, _of(lambda p: p.disk_write_rate), rate, "Written now."),
    _number("threads", "THR", 5, _of(lambda p: p.threads), compact, "Threads."),
    _number("fds", "FDS", 5, _of(lambda p: p.fds), compact, "Open file descriptors."),
    Column(
        "uptime",
        "UPTIME",
        7,
        lambda s, now: duration(None if s.process is None else now - s.process.started_at),
        lambda s: None if s.process is None else -s.process.started_at,
        "How long the process has been running.",
        True,
        True,
    ),
    _instant("started", "STARTED", lambda s: s.started_at, "The session's first record."),
    _instant("last_active", "LAST ACTIVE", lambda s: s.last_active, "The session's newest record."),
    Column(
        "age",
        "AGE",
        4,
        lambda s, now: age(None if s.last_active is None else now - s.last_active),
        lambda s: s.last_active,
        "Time since its newest record.",
        True,
        True,
        drop=0,
    ),
    _number("duration", "DURATION", 8, _duration, duration, "From its first to its newest record."),
    Column(
        "doing",
        "DOING",
        20,
        doing,
        lambda s: s.reading.action,
        "The tool call under way and what it works on, or why the session does not go on.",
        grows=True,
        drop=12,
    ),
    Column(
        "confidence",
        "MATCH",
        9,
        lambda s, _now: s.match.confidence or UNKNOWN,
        lambda s: s.match.confidence,
        "How sure agtop is that this process serves this session; the reason is in Info.",
    ),
    BUDGET,
    LEFT,
    _number(
        "conflicts",
        "CONFL",
        5,
        lambda s: s.conflicts,
        compact,
        "Conflicts of the last day on files it wrote; agtop conflicts tells them.",
    ),
)
