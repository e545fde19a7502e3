"""Invented sessions and snapshots for tests of the faces."""

from __future__ import annotations

from typing import Any

from agtop.model import (
    Activity,
    Context,
    Cost,
    FileWrite,
    Host,
    Lines,
    Match,
    Price,
    Problem,
    Process,
    Rates,
    Reading,
    Session,
    Share,
    Snapshot,
    Spend,
    State,
    Tokens,
    Totals,
    Tree,
    Usage,
    Weight,
    Window,
    replace,
)

NOW = 1_760_000_000.0
TOKENS = Tokens(1_000, 900_000, 20_000, 5_000, 4_000, 1_500)
COST = Cost(0.003, 0.27, 0.075, 0.03, 0.06, 0.01)
PRICE = Price("anthropic", "sonnet", 3, 0.3, 3.75, 6, 15, 0.01, "bundled", "2026-01-02")
TREE = Tree(3, 41.5, 300 << 20)
PROCESS = Process(
    8421,
    NOW - 7200,
    1,
    "claude",
    status="sleeping",
    cpu_percent=12.5,
    rss=200 << 20,
    vsz=1 << 30,
    disk_read=4096,
    disk_written=8192,
    disk_read_rate=0.0,
    disk_write_rate=512.5,
    threads=12,
    fds=40,
    tree=TREE,
)
HOSTILE = (
    "\x1b[31mred\x1b]0;owned\x07\x9b2J\x00\r\n\t\x7f\x85\u2028\u202eevil\u2066\udc80\ufeff"
    "[bold]markup[/] 漢字 👩‍👩‍👧"
)
"""Everything a terminal, a parser or a layout could trip over."""


def reading(session_id: str = "0f3c9a1e-5b7d", **fields: Any) -> Reading:
    base = Reading(
        session_id=session_id,
        transcript=f"/home/ada/.claude/projects/api/{session_id}.jsonl",
        title="Speed up the parser",
        cwd="/home/ada/api",
        branch="main",
        model="claude-sonnet-4-5",
        effort="high",
        subscription="Max",
        user_turns=3,
        replies=9,
        metered=True,
        tool_calls=7,
        tool_errors=1,
        action="Bash pytest -q",
        activity=Activity("tool", NOW - 5, "a call of Bash has no result yet"),
        context=Context(50_000, 200_000, 120_000),
        lines=Lines(40, 12),
        writes=(FileWrite("/home/ada/api/parser.py", 2, NOW - 30),),
        records=90,
    )
    return replace(base, **fields)


def session(session_id: str = "0f3c9a1e-5b7d", **fields: Any) -> Session:
    """A working session of Claude Code with everything known."""
    base = Session(
        agent="claude",
        agent_label="Claude Code",
        session_id=session_id,
        reading=reading(session_id),
        project="api",
        state=State("working", None, NOW - 5, "a call of Bash has no result yet"),
        usage=(Usage("claude-sonnet-4-5", "anthropic", TOKENS, COST, PRICE, 9),),
        tokens=TOKENS,
        cost=COST,
        own=Spend(TOKENS, COST),
        agent_turns=9,
        rates=Rates(320.0, 0.072, 12_000, 0.5, 1.25),
        started_at=NOW - 3600,
        last_active=NOW - 5,
        process=PROCESS,
        liveness="live",
        match=Match("high", ("its pid file names the session",), (8421,)),
    )
    return replace(base, **fields)


def bare(session_id: str = "bare", **fields: Any) -> Session:
    """A session of which nothing is known but that it is there."""
    return replace(Session("aider", "Aider", session_id, Reading(session_id, "")), **fields)


def hostile() -> Session:
    """A session whose every text was written by an enemy."""
    texts = dict.fromkeys(
        ("transcript", "title", "cwd", "branch", "model", "effort", "subscription", "action"),
        HOSTILE,
    )
    return session(
        HOSTILE,
        agent_label=HOSTILE,
        project=HOSTILE,
        reading=reading(
            HOSTILE, **texts, writes=(FileWrite(HOSTILE, 1, None),), problems=(HOSTILE,)
        ),
        state=State("waiting", HOSTILE, None, HOSTILE),
        usage=(Usage(HOSTILE, HOSTILE, TOKENS, None, None, 1),),
        match=Match("low", (HOSTILE,)),
        process=replace(PROCESS, name=HOSTILE, status=HOSTILE),
        problems=(HOSTILE,),
    )


def snapshot(*sessions: Session, **fields: Any) -> Snapshot:
    base = Snapshot(
        taken_at=NOW,
        sessions=sessions,
        totals=Totals.of(sessions),
        host=Host("ada", "Linux", 8, 25.0, 4 << 30, 16 << 30, 1.5),
        weight=Weight(77, 0.6, 61 << 20),
    )
    return replace(base, **fields)


def hostile_snapshot() -> Snapshot:
    return snapshot(
        hostile(), host=Host(HOSTILE, HOSTILE), problems=(Problem(HOSTILE, HOSTILE, NOW),)
    )


def window(**fields: Any) -> Window:
    """A five-hour window, measured a minute ago, that fills before its reset."""
    base = Window(
        agent="claude",
        agent_label="Claude Code",
        provider="anthropic",
        limit_id="five_hour",
        minutes=300,
        used_percent=62.0,
        resets_at=NOW + 5400,
        as_of=NOW - 60,
        where="/home/ada/.claude.json",
        full_at=NOW + 3600,
        full_before_reset=True,
        shares=(Share("claude:0f3c9a1e-5b7d", 0.75), Share("claude:gone", 0.25)),
        shared_by="cost",
        tokens=1_200_000,
        cost=4.5,
    )
    return replace(base, **fields)
