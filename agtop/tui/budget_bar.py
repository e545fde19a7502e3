"""Where a budget is typed: `5`, `500k tokens pause`, `day 20 stop`; empty takes it away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import Input, Static

from agtop.budgets import ACTIONS, Action, Target, parse_amount, parse_target
from agtop.model import Record
from agtop.text import line, printable
from agtop.tui.keys import bind
from agtop.tui.tones import QUIET, WARN


class Wish(Record):
    """What was typed."""

    target: Target | None
    """None: of the session on whose row it was typed, or of the one that is named."""
    amount: str | None
    """None takes it away."""
    action: Action | None
    whose: str | None = None
    """A session by its id, pid or name, as long as nobody has looked for it."""


def parse(text: str) -> Wish:
    """`[TARGET] AMOUNT|none [warn|pause|stop]`. Raises ValueError with a sentence."""
    words = [word for word in text.split() if word != "--action"]
    action: Action | None = next((each for each in ACTIONS if words and words[-1] == each), None)
    if action is not None:
        words.pop()
    if not words and action is not None:
        raise ValueError(f'write an amount before "{action}": 20 {action}')
    if words and words[-1] in ("none", "--remove"):
        return _of(words[:-1], None, action)
    amount = " ".join(words)
    if not amount or _is_amount(amount):
        return Wish(None, amount or None, action)
    if len(words) == 1:
        return _alone(amount)
    amount = " ".join(words[1:])
    parse_amount(amount)
    return _of(words[:1], amount, action)


def _is_amount(text: str) -> bool:
    try:
        parse_amount(text)
    except ValueError:
        return False
    return True


def _alone(word: str) -> Wish:
    """Neither shown nor taken away by mistake."""
    try:
        parse_target(word)
    except ValueError:
        parse_amount(word)
    raise ValueError(f'write an amount behind "{word}", or none to take its budget away')


def _of(words: Sequence[str], amount: str | None, action: Action | None) -> Wish:
    word = " ".join(words)
    if not word:
        return Wish(None, amount, action)
    try:
        return Wish(parse_target(word), amount, action)
    except ValueError:
        if ":" in word or " " in word:
            raise
        return Wish(None, amount, action, word)


class BudgetBar(Horizontal):
    """`Budget of claude 14a4fa8f: 5 pause`, with a sentence beside it when that is none."""

    DEFAULT_CSS = """
    BudgetBar { height: 1; display: none; }
    BudgetBar.-open { display: block; }
    BudgetBar #budget-name { width: auto; max-width: 40%; }
    BudgetBar Input { width: 1fr; }
    BudgetBar #budget-hint { width: auto; max-width: 50%; }
    BudgetBar #budget-hint { text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("budget.close", "escape", "close", "Close", "Leave the budget as it is", show=True),
    ]
    HINT = "5  500k tokens  5 pause  day 20 stop  none"

    error: var[str] = var("")

    @dataclass
    class Wished(Message):
        session: str
        """The key of the session on whose row it was typed."""
        wish: Wish

    class Closed(Message):
        """Nothing is to change."""

    def __init__(self) -> None:
        super().__init__()
        self._session = ""

    def compose(self) -> ComposeResult:
        yield Static(id="budget-name")
        yield Input(compact=True, id="budget-input")
        yield Static(id="budget-hint")

    def open(self, session: str, name: str, text: str) -> None:
        """Ask for the budget of `session`, which is `text` so far."""
        self._session = session
        self.error = ""
        self._hint()
        name_bar = self.query_one("#budget-name", Static)
        name_bar.update(Content(f" Budget of {line(printable(name))}: "))
        box = self.query_one(Input)
        box.value = text
        self.add_class("-open")
        self.screen.set_focus(box)

    def close(self) -> None:
        self.remove_class("-open")

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    def watch_error(self) -> None:
        if self.is_mounted:
            self._hint()

    def _hint(self) -> None:
        text, tone = (line(printable(self.error)), WARN) if self.error else (self.HINT, QUIET)
        self.query_one("#budget-hint", Static).update(Content.styled(f" {text} ", tone))

    def action_close(self) -> None:
        self.close()
        self.post_message(self.Closed())

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        event.stop()
        self.error = ""

    @on(Input.Submitted)
    def submit(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            wish = parse(event.value)
        except ValueError as error:
            self.error = str(error)
            return
        self.post_message(self.Wished(self._session, wish))
