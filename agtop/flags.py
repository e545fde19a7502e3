"""The flags of the command line: what they are called, and which go together."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from agtop import __version__
from agtop.errors import UsageError

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

    from agtop.config import Plan


class Flags(argparse.Namespace):
    """What stands on the command line; None where a flag was not given."""

    table: bool
    json: bool
    ndjson: bool
    json_schema: bool
    watch: bool
    demo: bool
    agents: list[str]
    filter: str
    sort: str | None
    limit: int | None
    plan: Plan | None
    delay: float | None
    no_color: bool
    log_file: Path | None
    verbose: bool
    verb: str | None
    """What to do instead of showing sessions."""

    @property
    def one_shot(self) -> bool:
        """It ends, or writes on, without filling the screen."""
        return self.table or self.json or self.ndjson or self.verb is not None


class _Parser(argparse.ArgumentParser):
    """Complains in one sentence, and lets a stream that cannot be written to say so."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; agtop --help lists the flags")

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        (file or sys.stderr).write(message)


def parse(argv: Sequence[str] | None) -> Flags:
    """Read `argv`. Raises UsageError, and SystemExit for --help and --version."""
    flags = _parser().parse_args(argv, Flags())
    faces = {
        "--list": flags.table,
        "--json": flags.json,
        "--ndjson": flags.ndjson,
        "--json-schema": flags.json_schema,
    }
    asked = [name for name, is_asked in faces.items() if is_asked]
    if len(asked) > 1:
        raise UsageError(f"{' and '.join(asked)} cannot go together; choose one")
    if flags.watch and flags.json:
        raise UsageError("--json writes one document; --ndjson --watch writes one per refresh")
    if flags.watch and not (flags.table or flags.ndjson):
        raise UsageError("--watch repeats --list or --ndjson; add one of them")
    if flags.limit is not None and not flags.table:
        raise UsageError("--limit shortens --list; add --list, or choose sessions with --filter")
    if flags.verb is not None:
        _check_verb(flags)
    return flags


def _check_verb(flags: Flags) -> None:
    """A verb takes its own flags, wherever they stand, and none of the others."""
    others = {
        "--list": flags.table,
        "--ndjson": flags.ndjson,
        "--filter": flags.filter,
        "--sort": flags.sort is not None,
        "--plan": flags.plan is not None,
        "--delay": flags.delay is not None,
    }
    wrong = [name for name, is_given in others.items() if is_given]
    if wrong:
        known = f"agtop {flags.verb} --help lists its flags"
        raise UsageError(f"{' and '.join(wrong)} cannot go with {flags.verb}; {known}")


def _parser() -> _Parser:
    parser = _Parser(
        prog="agtop",
        description="htop for AI coding agents. Without --list or --json it fills the screen.",
        epilog="Exit codes: 0 done, 1 something failed, 2 asked for wrongly.",
        allow_abbrev=False,
    )
    _add_faces(parser)
    _add_choices(parser)
    about = _add_about(parser)
    about.add_argument("-V", "--version", action="version", version=f"agtop {__version__}")
    _add_verbs(parser)
    return parser


def _add_verbs(parser: _Parser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="verbs")
    told = "what each agent's files are like, what is wrong with them and what to do"
    _add_verb(verbs, "sources", told, "print the local-agent contract")
    told = "what agents are set up with: settings, MCP servers, skills, hooks, memory, automations"
    _add_verb(verbs, "inventory", told, "print it as JSON")


def _add_verb(
    verbs: argparse._SubParsersAction[_Parser],  # pyright: ignore[reportPrivateUsage]
    name: str,
    told: str,
    json: str,
) -> None:
    # What is not given after a verb must not undo what was given before it.
    silent = argparse.SUPPRESS
    verb = verbs.add_parser(
        name, help=told, description=told, argument_default=silent, allow_abbrev=False
    )
    show = verb.add_argument_group("what is shown")
    show.add_argument("-j", "--json", action="store_true", help=json)
    show.add_argument("--json-schema", action="store_true", help="print the JSON Schema of --json")
    show.add_argument("--demo", action="store_true", help="look at an invented fleet")
    _add_agents(show, "only this agent (repeatable)", silent)
    show.add_argument("-C", "--no-color", action="store_true", help="no colours, as with NO_COLOR")
    _add_about(verb)


def _add_about(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:  # pyright: ignore[reportPrivateUsage]
    about = parser.add_argument_group("about agtop")
    about.add_argument("--log-file", metavar="PATH", type=Path, help="append what goes wrong here")
    about.add_argument("-v", "--verbose", action="store_true", help="log details too")
    return about


def _add_agents(
    group: argparse._ArgumentGroup,  # pyright: ignore[reportPrivateUsage]
    told: str,
    default: object,
) -> None:
    group.add_argument(
        *("--agent", "--agentic-client", "--client"),
        dest="agents",
        metavar="NAME",
        action="append",
        default=default,
        help=told,
    )


def _add_faces(parser: _Parser) -> None:
    face = parser.add_argument_group("faces")
    face.add_argument("-l", "--list", dest="table", action="store_true", help="print a table")
    face.add_argument("-j", "--json", action="store_true", help="print one JSON document")
    face.add_argument("--ndjson", action="store_true", help="print it on one line")
    face.add_argument(
        "-w", "--watch", action="store_true", help="repeat --list or --ndjson every --delay"
    )
    face.add_argument("--json-schema", action="store_true", help="print the JSON Schema of --json")
    face.add_argument("--demo", action="store_true", help="show an invented fleet at work")


def _add_choices(parser: _Parser) -> None:
    show = parser.add_argument_group("what is shown")
    _add_agents(show, "only sessions of this agent (repeatable)", [])
    show.add_argument(
        "-F", "--filter", default="", help='words and terms: "agent:codex state:waiting cost>1"'
    )
    show.add_argument("-s", "--sort", metavar="KEY", help='sort by a column; "help" lists them')
    show.add_argument("-n", "--limit", metavar="N", type=_limit, help="the first N rows of --list")
    show.add_argument(
        "-p",
        "--plan",
        type=_plan,
        help="retail: every token costs; max: Claude's are in the plan; included: all are",
    )
    show.add_argument("-d", "--delay", type=_delay, help="between refreshes: 2, 0.5, 500ms")
    show.add_argument("-C", "--no-color", action="store_true", help="no colours, as with NO_COLOR")


def _limit(text: str) -> int:
    if not text.isdecimal() or len(text) > 9 or int(text) < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of rows; write 1 or more')
    return int(text)


def _delay(text: str) -> float:
    from agtop.units import parse_delay

    try:
        return parse_delay(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _plan(text: str) -> Plan:
    from agtop.config import parse_plan

    try:
        return parse_plan(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
