"""An app that does what is typed behind `:` or chosen in the palette, by one table."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from textual import on, work
from textual.app import App
from textual.widgets import Input

from agtop.errors import AgtopError
from agtop.text import line, printable
from agtop.tui.command_bar import CommandBar
from agtop.tui.commands import Command, Table, find, key_commands, table
from agtop.tui.history import History
from agtop.tui.keys import APP_KEYS, OPENS_A_LINE


class Commanding(App[None]):
    """Whoever has commands yields them in a `commands` of its own, before those of `super()`."""

    history: History

    def commands(self) -> Iterator[Command]:
        """The table. The first of a name counts: what takes words goes before the plain keys."""
        yield from key_commands(APP_KEYS, self.run_action)

    @cached_property
    def table_of_commands(self) -> Table:
        return table(self.commands())

    def command_bar(self) -> CommandBar:
        return CommandBar(lambda: self.table_of_commands, self.history)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # A page that is open has keys of its own.
        is_covered = len(self.screen_stack) > 1 or isinstance(self.focused, Input)
        if action in OPENS_A_LINE and is_covered:
            return None
        return super().check_action(action, parameters)

    def action_command(self) -> None:
        self.query_one(CommandBar).open()

    def act(self, typed: str) -> None:
        """Run a command that was chosen, and tell what is against it."""
        self._act(typed)

    @work(exit_on_error=False, group="command")
    async def _act(self, typed: str) -> None:
        why = await self._refusal(typed)
        if why:
            self.notify(line(printable(why)), severity="warning", markup=False)

    async def _refusal(self, typed: str) -> str:
        """Do it; why not, or nothing."""
        try:
            command, text = find(self.table_of_commands, typed)
            done = command.run(text)
            if done is not None:
                await done
        except (ValueError, AgtopError) as error:
            return str(error)
        return ""

    @on(CommandBar.Given)
    async def given(self, message: CommandBar.Given) -> None:
        bar = self.query_one(CommandBar)
        # First closed: a command may open a page, or the filter, and give it the keys.
        bar.close()
        self.leave_command()
        why = await self._refusal(message.line)
        if why:
            bar.refuse(why)

    @on(CommandBar.Left)
    def leave_command(self) -> None:
        """Give the keys back to what had them."""
