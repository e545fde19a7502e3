"""Where a command is typed: `:sort cost`, completed while it is typed, with those of before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from agtop.text import cut, line, printable
from agtop.tui.commands import Table, candidates, completion
from agtop.tui.history import History
from agtop.tui.keys import bind
from agtop.tui.tones import QUIET, WARN

HINT = "Tab completes, Up brings back, Esc leaves"
MOST = 12
"""Words that are offered at once."""


class _Completion(Suggester):
    def __init__(self, commands: Callable[[], Table]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._commands = commands

    async def get_suggestion(self, value: str) -> str | None:
        return completion(self._commands(), value)


def hint(commands: Table, typed: str) -> str:
    """What can stand where is typed, or what the command does."""
    name, space, _ = typed.partition(" ")
    command = commands.get(name.casefold())
    offered = candidates(commands, typed) if typed else []
    if offered == [typed.rpartition(" ")[2]]:
        offered = []
    if command is None or (space and offered):
        more = f" … {len(offered) - MOST} more" if len(offered) > MOST else ""
        return "  ".join(offered[:MOST]) + more
    return f"{command.usage}   {command.about}"


class CommandBar(Horizontal):
    """`:sort co|st`, with what the command does beside it, or why it cannot be done."""

    DEFAULT_CSS = """
    CommandBar { height: 1; display: none; }
    CommandBar #command-sign { width: auto; }
    CommandBar Input { width: 1fr; border: none; padding: 0; background: $background; }
    CommandBar #command-hint { width: auto; max-width: 90%; }
    CommandBar #command-hint { text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("command.leave", "escape", "leave", "Leave", "Leave the command line", show=True),
        bind("command.complete", "tab", "complete", "Complete", "Take what is offered", show=True),
        bind("command.older", "up", "older", "Older", "The command before"),
        bind("command.newer", "down", "newer", "Newer", "The command after"),
    ]

    @dataclass
    class Given(Message):
        """A command is to be run."""

        line: str

    class Left(Message):
        """No command is wanted."""

    def __init__(self, commands: Callable[[], Table], history: History) -> None:
        super().__init__()
        self._commands = commands
        self._history = history

    def compose(self) -> ComposeResult:
        yield Static(Content(" :"), id="command-sign")
        suggester = _Completion(self._commands)
        yield Input(compact=True, select_on_focus=False, suggester=suggester, id="command-input")
        yield Static(id="command-hint")

    @property
    def _input(self) -> Input:
        return self.query_one("#command-input", Input)

    def open(self) -> None:
        self.display = True
        self._history.rewind()
        self._write("")
        self.tell(HINT)
        self.take_focus()

    def take_focus(self) -> None:
        """At once: what is typed behind the colon may be here already."""
        self.screen.set_focus(self._input)

    def close(self) -> None:
        self.display = False

    def tell(self, text: str, tone: str = QUIET) -> None:
        """Beside what is typed, which needs its room."""
        width = self.screen.size.width  # its own is not known before it shows
        said = cut(line(printable(text)), max(width // 3, width - len(self._input.value) - 6))
        self.query_one("#command-hint", Static).update(Content.styled(f" {said} ", tone))

    def refuse(self, why: str) -> None:
        """The line stays, to be mended."""
        self.display = True
        self.take_focus()
        self.tell(why, WARN)

    def action_leave(self) -> None:
        self.close()
        self.post_message(self.Left())

    def action_complete(self) -> None:
        whole = completion(self._commands(), self._input.value)
        if whole is not None:
            command = self._commands().get(whole)
            self._write(f"{whole} " if command is not None and command.takes else whole)

    def action_older(self) -> None:
        older = self._history.older()
        if older is not None:
            self._write(older)

    def action_newer(self) -> None:
        self._write(self._history.newer())

    def _write(self, text: str) -> None:
        self._input.value = text
        self._input.cursor_position = len(text)

    @on(Input.Changed)
    def explain(self, event: Input.Changed) -> None:
        event.stop()
        self.tell(hint(self._commands(), event.value) or HINT)

    @on(Input.Submitted)
    def give(self, event: Input.Submitted) -> None:
        event.stop()
        if not event.value.strip():
            self.action_leave()
            return
        self._history.add(event.value)
        self.post_message(self.Given(event.value))
