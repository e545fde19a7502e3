"""How invented sessions, processes and usage are made."""

from __future__ import annotations

from agtop.model import (
    Context,
    Cost,
    Match,
    Price,
    Process,
    Rates,
    Reading,
    Session,
    Spend,
    State,
    StateName,
    Tokens,
    Tree,
    Usage,
    replace,
)

NOW = 1_780_000_000.0
"""2026-05-28 20:26:40 UTC: the instant of every snapshot made here."""

OPUS = Price(
    "anthropic", "claude-opus-4-5", 5.0, 0.5, 6.25, 10.0, 25.0, 0.01, "bundled", "2026-05-01"
)
HAIKU = Price(
    "anthropic", "claude-haiku-4-5", 1.0, 0.1, 1.25, 2.0, 5.0, 0.01, "bundled", "2026-05-01"
)
CODEX = Price("openai", "gpt-5.1-codex", 1.25, 0.125, 0.0, 0.0, 10.0, 0.01, "bundled", "2026-05-01")

HOSTILE = "[/][@click=app.quit]x[/]\x1b]0;owned\x07\x1b[31mred\x9b2J\u202egnp.exe\x00 世界 👩‍💻 ‘é’"
"""Markup, a title, a colour, a clear screen, a bidi override and a NUL, among honest letters."""


def priced(tokens: Tokens, price: Price, searches: int = 0, included: bool = False) -> Cost:
    """`tokens` at one price."""

    def part(count: int, rate: float) -> float:
        return count * rate / 1e6

    return Cost(
        part(tokens.input, price.input),
        part(tokens.cache_read, price.cache_read),
        part(tokens.cache_write_5m, price.cache_write_5m),
        part(tokens.cache_write_1h, price.cache_write_1h),
        part(tokens.output, price.output),
        searches * price.search,
        included,
    )


def used(tokens: Tokens, price: Price, requests: int, searches: int = 0) -> Usage:
    cost = priced(tokens, price, searches)
    return Usage(price.model, price.provider, tokens, cost, price, requests, searches)


def process(pid: int, cpu: float, rss: int, *children: Process, name: str = "claude") -> Process:
    return Process(
        pid,
        NOW - 4_321,
        1,
        name,
        (name,),
        cwd="/home/ada/work/agtop",
        status="sleeping",
        cpu_percent=cpu,
        rss=rss,
        vsz=rss * 9,
        disk_read=18_400_000,
        disk_written=96_300_000,
        disk_read_rate=0.0,
        disk_write_rate=12_300.0,
        threads=11,
        fds=42,
        tree=Tree(
            1 + len(children),
            cpu + sum(c.cpu_percent or 0 for c in children),
            rss + sum(c.rss or 0 for c in children),
        ),
        children=children,
    )


def reading(session_id: str, **facts: object) -> Reading:
    plain = Reading(
        session_id,
        f"/home/ada/.claude/projects/-home-ada-work-agtop/{session_id}.jsonl",
        cwd="/home/ada/work/agtop",
        model="claude-opus-4-5",
        version="2.1.329",
        started_at=NOW - 4_000,
        last_active=NOW - 3,
        metered=True,
        records=512,
    )
    return replace(plain, **facts)  # pyright: ignore[reportArgumentType]


def session(
    session_id: str,
    *,
    agent: str = "claude",
    label: str = "Claude Code",
    state: StateName = "idle",
    reason: str | None = None,
    evidence: str = "the last record is an answer",
    seen: float = 60.0,
    **facts: object,
) -> Session:
    """A plain session last active `seen` seconds before NOW."""
    read = reading(session_id, last_active=NOW - seen)
    plain = Session(
        agent,
        label,
        session_id,
        read,
        project="agtop",
        state=State(state, reason, NOW - seen, evidence),
        started_at=NOW - 4_000 - seen,
        last_active=NOW - seen,
        rates=Rates(tokens_per_min=0.0, cost_per_hour=0.0, today_cost=0.0),
    )
    return replace(plain, **facts)  # pyright: ignore[reportArgumentType]


def sum_of(*costs: Cost) -> Cost:
    total = Cost()
    for cost in costs:
        total = Cost(
            total.input + cost.input,
            total.cache_read + cost.cache_read,
            total.cache_write_5m + cost.cache_write_5m,
            total.cache_write_1h + cost.cache_write_1h,
            total.output + cost.output,
            total.fees + cost.fees,
        )
    return total


def subagent(
    name: str, title: str, state: StateName, tokens: Tokens | None, seen: float
) -> Session:
    return session(
        f"agent-{name}",
        state=state,
        seen=seen,
        reading=reading(f"agent-{name}", title=title, model=HAIKU.model, last_active=NOW - seen),
        tokens=tokens,
        cost=None if tokens is None else priced(tokens, HAIKU),
    )


def simple(
    session_id: str,
    agent: str,
    label: str,
    state: StateName,
    seen: float,
    tokens: Tokens | None,
    price: Price | None,
    *,
    model: str | None = None,
    context: Context | None = None,
    pid: int | None = None,
    cpu: float = 0.3,
    project: str = "agtop",
    title: str = "",
    action: str | None = None,
    reason: str | None = None,
    evidence: str = "the last record is an answer",
    included: bool = False,
    rates: Rates | None = None,
    problems: tuple[str, ...] = (),
    match: Match | None = None,
) -> Session:
    """A session of one model."""
    model = model if model is not None else price.model if price is not None else None
    cost = None if tokens is None or price is None else priced(tokens, price, 0, included)
    usage = (
        () if tokens is None else (Usage(model, price and price.provider, tokens, cost, price, 31),)
    )
    ended = state == "ended"
    return session(
        session_id,
        agent=agent,
        label=label,
        state=state,
        reason=reason,
        evidence=evidence,
        seen=seen,
        project=project,
        reading=reading(
            session_id,
            model=model,
            title=title or None,
            cwd=f"/home/ada/work/{project}",
            context=context,
            action=action,
            user_turns=4,
            replies=31,
            tool_calls=58,
            metered=tokens is not None,
            last_active=NOW - seen,
            problems=problems,
        ),
        usage=usage,
        tokens=tokens,
        cost=cost,
        own=Spend(tokens, cost),
        agent_turns=31,
        rates=rates or (Rates(0.0) if cost is None else Rates(0.0, 0.0, 0, 0.0, 0.0)),
        process=None if pid is None else process(pid, cpu, 187_000_000, name=agent),
        liveness=None if pid is None else "stopped" if ended else "live",
        match=match
        or (Match() if pid is None else Match("high", ("it holds the transcript open",))),
        problems=problems,
    )
