"""The table of commands: what `:` reads and what the palette (Ctrl-P) offers.

Every action with a key is one, by the end of its key's name: `app.refresh` is `:refresh`. Those
that take a word or more are in the app's own table, which any part of the app may add to.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from textual.app import SystemCommand
from textual.binding import Binding, BindingType

from agtop.config import meant
from agtop.text import cut

Run = Callable[[str], Awaitable[object] | None]
"""Does it, with what was written behind its name; raises ValueError or AgtopError."""


Offers = Callable[[Sequence[str]], Iterable[str]]
"""The words that can follow those that stand there, as far as they can be told."""


def nothing(_: Sequence[str]) -> Iterable[str]:
    return ()


def only(words: Callable[[], Iterable[str]]) -> Offers:
    """One of `words`, and nothing behind it."""
    return lambda before: () if before else words()


def any_of(words: Callable[[], Iterable[str]]) -> Offers:
    """As many of `words` as are wanted, each once."""
    return lambda before: [word for word in words() if word not in before]


class Command(NamedTuple):
    name: str
    about: str
    run: Run
    takes: str = ""
    """What is written behind the name, `COLUMN`; in brackets when it need not be."""
    offers: Offers = nothing

    @property
    def title(self) -> str:
        return self.name.replace("-", " ").capitalize()

    @property
    def usage(self) -> str:
        return f":{self.name} {self.takes}".rstrip()


Table = dict[str, Command]


def table(commands: Iterable[Command]) -> Table:
    """By name; of two with one name the first counts."""
    by_name: Table = {}
    for command in commands:
        by_name.setdefault(command.name, command)
    return by_name


def key_commands(
    bindings: Iterable[BindingType], act: Callable[[str], Awaitable[object]]
) -> Iterator[Command]:
    """A command for each action that has a key."""
    for binding in Binding.make_bindings(bindings):
        if binding.id is None:
            continue
        name = binding.id.partition(".")[2]
        yield Command(name, binding.tooltip, partial(_acting, name, binding.action, act))


def _acting(
    name: str, action: str, act: Callable[[str], Awaitable[object]], text: str
) -> Awaitable[object]:
    if text:
        raise ValueError(f":{name} takes nothing behind it")
    return act(action)


def find(commands: Table, line: str) -> tuple[Command, str]:
    """The command of a line, and what it is given. Raises ValueError with a sentence."""
    name, _, text = line.strip().removeprefix(":").strip().partition(" ")
    wanted = name.casefold()
    command = commands.get(wanted)
    if command is None:
        begun = [each for each in commands if each.startswith(wanted)] if wanted else []
        if len(begun) != 1:
            near = meant(name, commands) or "; Tab completes, F1 tells more"
            raise ValueError(f'there is no command "{name}"{near}')
        command = commands[begun[0]]
    if command.takes and not command.takes.startswith("[") and not text.strip():
        raise ValueError(f"{command.usage} needs more: {command.about}")
    return command, text.strip()


def completion(commands: Table, line: str) -> str | None:
    """`line` with its last word whole, or None when nothing begins like it."""
    before, gap, begun = line.rpartition(" ")
    found = next(iter(candidates(commands, line)), None) if begun else None
    return None if found is None else f"{before}{gap}{found}"


def candidates(commands: Table, line: str) -> list[str]:
    """What the last word of `line` can become."""
    name, space, text = line.partition(" ")
    if not space:
        return [each for each in commands if each.startswith(name.casefold())]
    command = commands.get(name.casefold())
    if command is None:
        return []
    before, _, begun = text.rpartition(" ")
    plain = begun.casefold()
    return [each for each in command.offers(before.split()) if each.casefold().startswith(plain)]


def palette(commands: Table, act: Callable[[str], None]) -> Iterator[SystemCommand]:
    """What the palette offers: each command, and one for each word it takes."""
    for command in commands.values():
        about = cut(command.about, 90)
        if not command.takes or command.takes.startswith("["):
            yield SystemCommand(command.title, about, partial(act, command.name))
        for word in command.offers(()):
            line = f"{command.name} {word}"
            yield SystemCommand(f"{command.title} {word}", about, partial(act, line), False)
