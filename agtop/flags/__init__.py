"""The flags of the command line: what they are called, and which go together."""

from __future__ import annotations

from collections.abc import Sequence

from agtop import __version__
from agtop.errors import UsageError
from agtop.flags.given import Flags
from agtop.flags.parser import Parser, add_about, add_agents, add_safe, delay, limit, plan
from agtop.flags.verbs import add_verbs

__all__ = ["Flags", "Parser", "parse", "parser"]


def parse(argv: Sequence[str] | None) -> Flags:
    """Read `argv`. Raises UsageError, and SystemExit for --help and --version."""
    flags = parser().parse_args(argv, Flags())
    faces = {
        "--list": flags.table,
        "--json": flags.json,
        "--ndjson": flags.ndjson,
        "--json-schema": flags.json_schema,
    }
    asked = [name for name, is_asked in faces.items() if is_asked]
    if len(asked) > 1:
        raise UsageError(f"{' and '.join(asked)} cannot go together; choose one")
    is_conflicts = flags.verb == "conflicts"
    if flags.watch and flags.json and not is_conflicts:
        raise UsageError("--json writes one document; --ndjson --watch writes one per refresh")
    if flags.watch and not (flags.table or flags.ndjson or is_conflicts):
        raise UsageError("--watch repeats --list or --ndjson; add one of them")
    if flags.readonly and flags.one_shot:
        raise UsageError("--readonly is for the full screen; leave it out here")
    if flags.dashboard and flags.one_shot:
        raise UsageError("--dashboard fills the screen; it cannot go with what prints or acts")
    if flags.limit is not None and not flags.table:
        raise UsageError("--limit shortens --list; add --list, or choose sessions with --filter")
    if flags.verb is not None:
        _check_verb(flags)
    if flags.verb == "trace":
        _check_trace(flags)
    if flags.verb == "budget":
        _check_budget(flags)
    if flags.verb == "spend":
        _check_spend(flags)
    if flags.verb == "history" and not (flags.agents or flags.repo or flags.before):
        raise UsageError("say what to forget: --agent, --repo or --before")
    return flags


_TAKES: dict[str, frozenset[str]] = {
    "sources": frozenset({"--json", "--json-schema", "--demo", "--agent", "--safe"}),
    "inventory": frozenset({"--json", "--json-schema", "--demo", "--agent", "--safe"}),
    "trace": frozenset({"--json", "--demo", "--agent"}),
    "metrics": frozenset({"--demo", "--agent", "--plan", "--safe"}),
    "conflicts": frozenset({"--json", "--demo", "--agent", "--delay", "--safe"}),
    "spend": frozenset({"--json", "--demo", "--agent", "--plan", "--safe"}),
    "history forget": frozenset({"--agent"}),
    "bus tail": frozenset({"--json"}),
    "bus status": frozenset({"--json"}),
}
"""The flags of the faces that a verb takes too, before it or behind it."""


def _check_verb(flags: Flags) -> None:
    """A verb takes its own flags, wherever they stand, and none of the others."""
    has_deeds = flags.verb in ("bus", "history")
    called = f"{flags.verb} {flags.deed}" if has_deeds else flags.verb or ""
    given = {
        "--list": flags.table,
        "--ndjson": flags.ndjson,
        "--json": flags.json,
        "--json-schema": flags.json_schema,
        "--filter": flags.filter,
        "--sort": flags.sort is not None,
        "--plan": flags.plan is not None,
        "--delay": flags.delay is not None,
        "--demo": flags.demo,
        "--agent": bool(flags.agents),
        "--safe": flags.safe,
    }
    takes = _TAKES.get(called, frozenset())
    wrong = [name for name, is_given in given.items() if is_given and name not in takes]
    if wrong:
        known = f"agtop {called} --help lists its flags"
        raise UsageError(f"{' and '.join(wrong)} cannot go with {called}; {known}")


def _check_trace(flags: Flags) -> None:
    if flags.everyone and (flags.target is not None or flags.stream is not None):
        other = "a target" if flags.target is not None else f"--{flags.stream}"
        raise UsageError(f"--all and {other} cannot go together; choose one")
    if flags.target is None and not flags.everyone:
        raise UsageError("trace needs a target: a pid, an id or an agent's name; or --all")
    if flags.stream is not None and (flags.json or flags.kinds or flags.grep):
        raise UsageError(
            f"--{flags.stream} shows the output as it is; "
            "--json, --kind and --grep are for the events of transcripts"
        )


def _check_spend(flags: Flags) -> None:
    if flags.json and flags.csv:
        raise UsageError("--json and --csv cannot go together; choose one")
    if flags.span and (flags.since or flags.until):
        raise UsageError(f"--{flags.span} and --since or --until cannot go together; choose one")
    if not flags.proxy:
        return
    if flags.demo:
        raise UsageError("--proxy and --demo cannot go together: the invented fleet has no proxy")
    if flags.safe:
        raise UsageError(
            "--proxy and --safe cannot go together: the proxy's models are named freely"
        )
    if flags.agents or "cut" in vars(flags):
        wrong = "--agent" if flags.agents else "--by"
        raise UsageError(f"{wrong} cannot go with --proxy: it tells days and models only")


def _check_budget(flags: Flags) -> None:
    if flags.remove and (flags.target is None or flags.amount is not None or flags.action):
        raise UsageError("--remove takes the target of the budget, and nothing else")
    if flags.action and flags.amount is None:
        raise UsageError("--action goes with an amount: agtop budget day 20 --action pause")


def parser() -> Parser:
    parser = Parser(
        prog="agtop",
        description="htop for AI coding agents. Without --list or --json it fills the screen.",
        epilog="Exit codes: 0 done, 1 something failed, 2 asked for wrongly.",
        allow_abbrev=False,
    )
    _add_faces(parser)
    _add_choices(parser)
    about = add_about(parser)
    about.add_argument("-V", "--version", action="version", version=f"agtop {__version__}")
    add_verbs(parser)
    return parser


def _add_faces(parser: Parser) -> None:
    face = parser.add_argument_group("faces")
    face.add_argument("-l", "--list", dest="table", action="store_true", help="print a table")
    face.add_argument("-j", "--json", action="store_true", help="print one JSON document")
    face.add_argument("--ndjson", action="store_true", help="print it on one line")
    face.add_argument(
        "-w", "--watch", action="store_true", help="repeat --list or --ndjson every --delay"
    )
    face.add_argument("--json-schema", action="store_true", help="print the JSON Schema of --json")
    face.add_argument("--dashboard", action="store_true", help="begin with the dashboard")
    face.add_argument("--demo", action="store_true", help="show an invented fleet at work")
    face.add_argument(
        "--readonly", action="store_true", help="the screen only observes and sends no signal"
    )


def _add_choices(parser: Parser) -> None:
    show = parser.add_argument_group("what is shown")
    add_agents(show, "only sessions of this agent (repeatable)", [])
    show.add_argument(
        "-F", "--filter", default="", help='words and terms: "agent:codex state:waiting cost>1"'
    )
    show.add_argument("-s", "--sort", metavar="KEY", help='sort by a column; "help" lists them')
    show.add_argument("-n", "--limit", metavar="N", type=limit, help="the first N rows of --list")
    show.add_argument(
        "-p",
        "--plan",
        type=plan,
        help="retail: every token costs; max: Claude's are in the plan; included: all are",
    )
    show.add_argument("-d", "--delay", type=delay, help="between refreshes: 2, 0.5, 500ms")
    show.add_argument(
        "-H", "--highlight", action="store_true", help="show which cells of the screen changed"
    )
    show.add_argument(
        "-M", "--no-mouse", action="store_true", help="leave the mouse to the terminal"
    )
    show.add_argument("--fresh", action="store_true", help="the screen as new, not as it was left")
    show.add_argument("-C", "--no-color", action="store_true", help="no colours, as with NO_COLOR")
    add_safe(show, False)
