"""What is written behind `:kill`, `:pause`, `:resume` and `:spend`: read, or told what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from agtop.config import meant
from agtop.control import SIGNALS, signal_named
from agtop.model import Record
from agtop.spend import CUTS
from agtop.spend.period import parse_day, period
from agtop.spend.view import View
from agtop.tui.deeds import END, Deed
from agtop.units import parse_delay

ORDERS = {"kill": END, "pause": "STOP", "resume": "CONT"}
SPANS = ("day", "week", "month", "all")


class Order(Record):
    """A signal, and for whom."""

    deed: Deed
    targets: tuple[str, ...] = ()
    """None: for those that are tagged, or the selected one."""


def order(verb: str, words: Sequence[str]) -> Order:
    """`TERM 8421 --alone`… Raises ValueError, AgtopError."""
    deed = Deed(ORDERS[verb])
    name, tree, patience = deed.name, True, deed.patience
    targets: list[str] = []
    rest = _parted(words)
    for word in rest:
        if word == "--alone":
            tree = False
        elif word in ("-s", "--signal") and verb == "kill":
            name = signal_named(_value(word, rest)).name
        elif word == "--wait" and verb == "kill":
            patience = parse_delay(_value(word, rest))
        elif word.startswith("-"):
            raise ValueError(f':{verb} takes no "{word}"{meant(word, flags_of(verb))}')
        elif verb == "kill" and not targets and word.upper().removeprefix("SIG") in SIGNALS:
            name = signal_named(word).name
        else:
            targets.append(word)
    return Order(Deed(name, tree, patience=patience), tuple(targets))


def flags_of(verb: str) -> tuple[str, ...]:
    return ("--alone", "--signal", "--wait") if verb == "kill" else ("--alone",)


def view(words: Sequence[str], now: View, today: date, first_weekday: int) -> View:
    """`week`, `by agent`, `--since 2026-11-01`… → the page they mean. Raises ValueError."""
    found, first, last = now, None, None
    rest = _parted(words)
    for word in rest:
        plain = word.removeprefix("--").casefold()
        if plain == "since":
            first = parse_day(_value(word, rest), today)
        elif plain == "until":
            last = parse_day(_value(word, rest), today)
        elif plain == "by":
            found = _by(found, _value(word, rest))
        elif plain in SPANS:
            found = _within(found, plain, today, first_weekday)
        else:
            found = _by(found, plain)
    if first is not None and last is not None and first > last:
        raise ValueError(f"--since {first} is after --until {last}; exchange them")
    if first is None and last is None:
        return found
    return found.within(period("month", today, first_weekday, first, last))


def _within(found: View, word: str, today: date, first_weekday: int) -> View:
    match word:
        case "day" | "week" | "month" | "all":
            return found.of_span(word, today, first_weekday)
        case _:
            return found


def _by(found: View, word: str) -> View:
    for cut in CUTS:
        if cut == word:
            return found.by(cut)
    known = (*SPANS, *CUTS)
    raise ValueError(
        f'"{word}" is no part of :spend{meant(word, known)}; there are {", ".join(known)},'
        " --since DAY and --until DAY"
    )


def _parted(words: Sequence[str]) -> Iterator[str]:
    """`--wait=5s` is two words."""
    for word in words:
        if word.startswith("--") and "=" in word:
            yield from word.split("=", 1)
        else:
            yield word


def _value(flag: str, rest: Iterator[str]) -> str:
    value = next(rest, None)
    if value is None:
        raise ValueError(f"{flag} needs a word behind it")
    return value
