"""What faces and verbs are read with: the parser, values, and the flags several of them take."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from agtop.errors import UsageError

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

    from agtop.config import Plan


class Parser(argparse.ArgumentParser):
    """Complains in one sentence, and lets a stream that cannot be written to say so."""

    is_shown = False
    """Its help is asked for."""

    def format_help(self) -> str:
        self.is_shown = True
        return super().format_help()

    def _get_formatter(self) -> argparse.HelpFormatter:
        # Asked for with every flag; to look for the terminal's width it loads three compressors.
        return argparse.HelpFormatter(self.prog, width=None if self.is_shown else 80)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; agtop --help lists the flags")

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        (file or sys.stderr).write(message)


def add_about(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:  # pyright: ignore[reportPrivateUsage]
    about = parser.add_argument_group("about agtop")
    about.add_argument("--log-file", metavar="PATH", type=Path, help="append what goes wrong here")
    about.add_argument("-v", "--verbose", action="store_true", help="log details too")
    return about


def add_safe(group: argparse._ArgumentGroup, default: object) -> None:  # pyright: ignore[reportPrivateUsage]
    told = "nothing private: no titles, prompts, paths, commands or names of accounts"
    group.add_argument("--safe", action="store_true", default=default, help=told)


def add_agents(
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


def limit(text: str) -> int:
    if not text.isdecimal() or len(text) > 9 or int(text) < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of rows; write 1 or more')
    return int(text)


def count(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of messages; write 0 or more')
    return int(text)


def delay(text: str) -> float:
    from agtop.units import parse_delay

    try:
        return parse_delay(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def plan(text: str) -> Plan:
    from agtop.config import parse_plan

    try:
        return parse_plan(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def events(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of events; write 0 or more')
    return int(text)
