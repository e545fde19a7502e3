"""Invented sessions of every kind, and snapshots of them, for tests and pictures."""

from __future__ import annotations

from dataclasses import replace

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
    Progress,
    Rates,
    Reading,
    Response,
    Session,
    Snapshot,
    Spend,
    State,
    StateName,
    Tokens,
    Totals,
    Tree,
    Usage,
    Weight,
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


def busy() -> Session:
    """At work, with subagents, written files and three models' worth of money."""
    session_id = "8f14e45f-ceea-467f-a0e6-1f0c7d2b91aa"
    own = Tokens(48_310, 9_412_000, 310_400, 120_000, 88_240, 31_000)
    helpers = Tokens(22_100, 1_204_000, 90_000, 0, 19_420)
    usage = (used(own, OPUS, 142, 3), used(helpers, HAIKU, 61))
    cost = _sum(priced(own, OPUS, 3), priced(helpers, HAIKU))
    return session(
        session_id,
        state="working",
        evidence="a Bash call has no result yet and its process is at work",
        seen=3.0,
        reading=reading(
            session_id,
            title="Fix the flaky login test",
            branch="fix/login",
            effort="high",
            subscription="max 20x",
            user_turns=12,
            replies=142,
            tool_calls=287,
            tool_errors=4,
            action="Bash(pytest -q tests/test_login.py --maxfail=1)",
            activity=Activity("tool", NOW - 9, "a Bash call has no result yet"),
            context=Context(148_200, 200_000, 181_000, 1),
            lines=Lines(482, 131),
            writes=(
                FileWrite("/home/ada/work/agtop/agtop/session_store.py", 7, NOW - 45),
                FileWrite("/home/ada/work/agtop/tests/test_login.py", 4, NOW - 312),
                FileWrite("/home/ada/work/agtop/README.md", 1, NOW - 3_300),
            ),
        ),
        usage=usage,
        tokens=own + helpers,
        cost=cost,
        own=Spend(own, priced(own, OPUS, 3)),
        agent_turns=142,
        rates=Rates(41_200.0, 7.38, 812_000, 6.02, 11.9),
        subagents=(
            _subagent("a1", "Map the login code", "working", helpers, 3.0),
            _subagent("a2", "Read the CI logs", "idle", None, 95.0),
        ),
        process=process(
            84213,
            12.4,
            412_000_000,
            process(84290, 96.1, 88_000_000, name="pytest"),
            process(84231, 0.2, 41_000_000, name="mcp-github"),
        ),
        liveness="live",
        match=Match("high", ("its pid file names this session", "same working directory")),
    )


def _sum(*costs: Cost) -> Cost:
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


def _subagent(
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
        rates=rates or Rates(0.0, 0.0, 0, 0.0, 0.0),
        process=None if pid is None else process(pid, cpu, 187_000_000, name=agent),
        liveness=None if pid is None else "stopped" if ended else "live",
        match=match
        or (Match() if pid is None else Match("high", ("it holds the transcript open",))),
        problems=problems,
    )


def fleet() -> tuple[Session, ...]:
    """One session of every kind that matters on the screen."""
    some = Tokens(91_000, 2_410_000, 0, 0, 61_300, 22_000)
    few = Tokens(1_240, 18_000, 0, 0, 902)
    many = Tokens(402_000, 31_200_000, 1_120_000, 0, 288_000)
    return (
        busy(),
        simple(
            "0197f3c2-77d1-7d0e-b8a2-5d1f0c9be411",
            "codex",
            "Codex",
            "working",
            1.0,
            some,
            CODEX,
            context=Context(201_000, 272_000, 201_000),
            pid=91022,
            cpu=4.1,
            project="payments-api",
            title="Port the ledger to sqlite",
            action="shell(cargo test --workspace)",
            rates=Rates(18_900.0, 2.1, 320_000, 1.4, 1.9),
        ),
        simple(
            "c9f0f895-fb98-4b91-99f3-3e1f2a7b0c62",
            "claude",
            "Claude Code",
            "waiting",
            42.0,
            many,
            OPUS,
            context=Context(187_000, 200_000, 187_000, 2),
            pid=70113,
            project="infra",
            title="Rotate the staging keys",
            action="Bash(terraform apply -auto-approve)",
            reason="permission",
            evidence="its own pid file says it waits for a permission",
            rates=Rates(0.0, 0.0, 1_900_000, 8.4, 29.4),
        ),
        simple(
            "5b0c2f11-1111-4222-8333-94a8c0ffee00",
            "gemini",
            "Gemini CLI",
            "waiting",
            611.0,
            few,
            None,
            model="gemini-3-pro-preview",
            pid=60001,
            project="docs",
            reason="question",
            title="Rewrite the quick start",
            evidence="the last answer ends in a question",
        ),
        simple(
            "ses_6f2d1ab0ffezQ7x",
            "opencode",
            "OpenCode",
            "stalled",
            412.0,
            some,
            HAIKU,
            context=Context(61_000, 200_000, 61_000),
            pid=55512,
            project="website",
            title="Upgrade to Vite 8",
            action="edit(src/main.ts)",
            evidence="a tool call has no result for 6 minutes and nothing is at work",
        ),
        simple(
            "d3b07384-d9a0-4c9b-8f10-21e5a4b7e9d3",
            "claude",
            "Claude Code",
            "looping",
            5.0,
            some,
            OPUS,
            context=Context(99_000, 200_000, 99_000),
            pid=43210,
            cpu=1.2,
            project="game-of-life",
            title="Make the glider glide",
            action="Bash(npm test)",
            evidence="the same call failed 5 times in a row",
            rates=Rates(9_800.0, 3.2, 98_000, 1.2, 1.2),
        ),
        simple(
            "kimi-2a6f",
            "kimi",
            "Kimi Code",
            "error",
            95.0,
            few,
            None,
            model="kimi-k3",
            pid=33871,
            project="payments-api",
            evidence="the API answered 529: overloaded",
        ),
        simple(
            "0197aaaa-77d1-7d0e-b8a2-5d1f0c9be999",
            "codex",
            "Codex",
            "limited",
            1_800.0,
            many,
            CODEX,
            context=Context(120_000, 272_000, 260_000, 3),
            pid=29110,
            project="agtop",
            included=True,
            title="Write the changelog",
            evidence="usage limit until 22:10",
        ),
        simple(
            "7c211433-f0a1-4b3d-9c2e-aa00bb11cc22",
            "copilot",
            "Copilot CLI",
            "idle",
            3_000.0,
            None,
            None,
            model="gpt-5.1",
            project="mobile",
            title="Explain the crash",
            match=Match("ambiguous", ("two processes work in its directory",), (20113, 20544)),
        ),
        simple(
            "1f3870be-274f-4c49-b3e3-1a0c6728957f",
            "claude",
            "Claude Code",
            "idle",
            7_300.0,
            few,
            OPUS,
            context=Context(19_200, 200_000, 19_200),
            pid=19001,
            project="dotfiles",
        ),
        simple(
            "9d5ed678-fe57-4cca-a101-40957afab571",
            "qwen",
            "Qwen Code",
            "unknown",
            9_000.0,
            None,
            None,
            project="scratch",
            problems=("3 of its lines could not be read; the rest counts",),
        ),
        simple(
            "45c48cce-2e2d-4fbd-aa1a-fc51c7c6ad26",
            "claude",
            "Claude Code",
            "ended",
            90_000.0,
            many,
            OPUS,
            context=Context(166_000, 200_000, 190_000, 1),
            pid=8123,
            project="agtop",
            title="Design the session table",
            evidence="its process has ended",
        ),
        simple(
            "6512bd43-d9ca-4e0b-8b0c-7d8c0fa1e2b3",
            "gemini",
            "Gemini CLI",
            "ended",
            400_000.0,
            some,
            HAIKU,
            model="gemini-2.5-flash",
            project="thesis",
            title="Summarise the reviewers’ letters",
            evidence="no process works in its directory",
        ),
        simple(
            "aider-2026-03-02",
            "aider",
            "Aider",
            "ended",
            7_600_000.0,
            few,
            HAIKU,
            project="thesis",
            evidence="no process works in its directory",
        ),
    )


def hostile() -> Session:
    """A session whose every word tries to get at the terminal."""
    plain = busy()
    read = replace(
        plain.reading,
        title=HOSTILE,
        branch=HOSTILE,
        model=HOSTILE,
        effort=HOSTILE,
        subscription=HOSTILE,
        version=HOSTILE,
        action=HOSTILE,
        cwd="/tmp/" + HOSTILE,
        problems=(HOSTILE,),
        writes=(FileWrite("/tmp/" + HOSTILE, 1, NOW - 5),),
    )
    crafted = replace(
        OPUS, model=HOSTILE, provider=HOSTILE, source=HOSTILE, date=HOSTILE, note=HOSTILE
    )
    child = plain.subagents[0]
    bad = replace(
        process(666, 1.0, 1_000_000),
        name=HOSTILE,
        argv=(HOSTILE,),
        cwd=HOSTILE,
        status=HOSTILE,
        children=(replace(process(667, 0.0, 1_000), name=HOSTILE, argv=(HOSTILE, HOSTILE)),),
    )
    return replace(
        plain,
        session_id="id" + HOSTILE,
        agent_label=HOSTILE,
        reading=read,
        project=HOSTILE,
        state=State("waiting", HOSTILE, NOW - 5, HOSTILE),
        usage=(replace(plain.usage[0], model=HOSTILE, price=crafted),),
        process=bad,
        match=Match("low", (HOSTILE,), (666, 667)),
        problems=(HOSTILE,),
        subagents=(replace(child, reading=replace(child.reading, title=HOSTILE, model=HOSTILE)),),
    )


def crowd(count: int) -> tuple[Session, ...]:
    """Many sessions, of which three are alive."""
    kinds = (
        ("claude", "Claude Code", OPUS),
        ("codex", "Codex", CODEX),
        ("qwen", "Qwen Code", HAIKU),
    )
    rows: list[Session] = []
    for number in range(count):
        agent, label, price = kinds[number % 3]
        tokens = Tokens(number * 37, number * 4_001, 0, 0, number * 13)
        rows.append(
            simple(
                f"{number:08x}-0000-4000-8000-{number:012x}",
                agent,
                label,
                "working" if number < 3 else "ended",
                5.0 + number * 613.0,
                tokens,
                price,
                project=f"project-{number % 17}",
                pid=5_000 + number if number < 3 else None,
                title=f"Task number {number}",
            )
        )
    return tuple(rows)


HOST = Host("lovelace", "Linux", 16, 41.0, 9_400_000_000, 33_500_000_000, 3.2)


def snapshot(
    sessions: tuple[Session, ...] | None = None,
    *,
    taken_at: float = NOW,
    complete: bool = True,
    problems: tuple[Problem, ...] = (),
) -> Snapshot:
    """Everything known at NOW, about the whole fleet unless told otherwise."""
    rows = fleet() if sessions is None else sessions
    return Snapshot(
        taken_at,
        rows,
        Totals.of(rows),
        HOST,
        Weight(4242, 0.6, 61_000_000),
        "retail",
        problems,
        complete,
        Progress(0, 0) if complete else Progress(120, 940),
    )


PROBLEMS = (
    Problem(
        "/home/ada/.codex/sessions/2026/05",
        "cannot be read (permission denied); check its permissions",
        NOW - 30,
    ),
    Problem("prices.toml", 'has no table "opnai"; did you mean "openai"?', NOW - 4_000),
)


def responses(count: int = 40) -> tuple[Response, ...]:
    """The records behind a figure."""
    return tuple(
        Response(
            f"msg_{number:03}",
            NOW - 60.0 * (count - number),
            OPUS.model if number % 5 else HAIKU.model,
            Tokens(8 + number, 41_000 + 977 * number, 1_200, 0, 310 + 7 * number),
        )
        for number in range(count)
    )
