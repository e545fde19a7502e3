"""Invented sessions of every kind, and snapshots of them, for tests and pictures."""

from __future__ import annotations

from agtop.model import (
    Activity,
    Context,
    FileWrite,
    Host,
    Lines,
    Match,
    Problem,
    Progress,
    Rates,
    Response,
    Session,
    Share,
    Snapshot,
    Spend,
    Tokens,
    Totals,
    Weight,
    Window,
    replace,
)
from tests.tui.records import (
    CODEX,
    HAIKU,
    NOW,
    OPUS,
    priced,
    process,
    reading,
    session,
    simple,
    subagent,
    sum_of,
    used,
)


def busy() -> Session:
    """At work, with subagents, written files and three models' worth of money."""
    session_id = "8f14e45f-ceea-467f-a0e6-1f0c7d2b91aa"
    own = Tokens(48_310, 9_412_000, 310_400, 120_000, 88_240, 31_000)
    helpers = Tokens(22_100, 1_204_000, 90_000, 0, 19_420)
    usage = (used(own, OPUS, 142, 3), used(helpers, HAIKU, 61))
    cost = sum_of(priced(own, OPUS, 3), priced(helpers, HAIKU))
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
            subagent("a1", "Map the login code", "working", helpers, 3.0),
            subagent("a2", "Read the CI logs", "idle", None, 95.0),
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


def limits() -> tuple[Window, ...]:
    """Plans of two agents: one about to be full, one that was last seen long ago."""
    keys = [s.key for s in fleet() if s.agent == "claude"]
    shares = (Share(keys[0], 0.62), Share(keys[1], 0.376), Share("claude:gone", 0.004))
    where = "/home/ada/.claude.json"
    claude = Window(
        "claude", "Claude Code", "anthropic", "five_hour", 300, 78.0, NOW + 4_200, NOW - 90,
        where=where, full_at=NOW + 2_400, full_before_reset=True, shares=shares,
        shared_by="cost", tokens=18_200_000, cost=31.4,
    )  # fmt: skip
    week = replace(
        claude, limit_id="seven_day", minutes=10_080, used_percent=31.0, resets_at=NOW + 300_000,
        full_at=NOW + 900_000, full_before_reset=False, shares=shares[:1], shared_by="tokens",
        cost=None,
    )  # fmt: skip
    opus = replace(
        week, limit_id="seven_day_opus", model="Opus", shares=(), shared_by=None, tokens=None,
        full_at=None, full_before_reset=None, used_percent=4.0,
    )  # fmt: skip
    codex = Window(
        "codex", "Codex", "openai", "codex", 300, None, NOW - 3_000, NOW - 9_000,
        where="/home/ada/.codex/sessions/a.jsonl", plan="plus", is_over=True, tokens=0,
    )  # fmt: skip
    return claude, week, opus, codex
