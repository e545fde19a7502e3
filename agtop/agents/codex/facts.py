"""What a rollout's own records have told so far; thrown away when they prove to be a copy."""

from __future__ import annotations

from typing import NamedTuple

from agtop.agents.codex.calls import Calls
from agtop.agents.codex.limits import Limits
from agtop.agents.codex.progress import Progress
from agtop.agents.codex.records import TokenInfo
from agtop.block import Counts
from agtop.model import Context

TITLE_LENGTH = 200
_NO_PROMPT = ("<", "# AGENTS.md")
"""How the messages begin that Codex itself writes in the user's name."""
_REQUEST = "## My request for Codex:"
"""Editors put what is open in front of the user's words."""


class Spent(NamedTuple):
    """One response of the thread."""

    key: str
    at: float | None
    model: str | None
    tier: str
    counts: Counts
    searches: int
    proof: int
    born_at: float


class Facts:
    """The tally of one thread."""

    def __init__(self) -> None:
        self.calls = Calls()
        self.limits = Limits()
        self.progress = Progress()
        self.spent: list[Spent] = []
        self.metered = False
        self.title: str | None = None
        self.answers = 0
        self.answered = False
        """The model has said something."""
        self.message_prompts = 0
        """Prompts among the model's input, for versions without events."""
        self.has_prompt_events = False
        self._answering = False
        self._used: int | None = None
        self._window: int | None = None
        self._peak = 0
        self._compactions = 0
        self._compacted_at: tuple[float, ...] = ()

    def answer(self) -> None:
        """One thing the model put out; what follows without a break is the same answer."""
        self.answered = True
        self.answers += not self._answering
        self._answering = True

    def pause(self) -> None:
        """Something that is not the model's: its next output is another answer."""
        self._answering = False

    def expect_prompt_events(self) -> None:
        """Events tell what the user said; guesses from the model's input are void."""
        if not self.has_prompt_events:
            self.has_prompt_events, self.title = True, None

    def entitle(self, prompt: str) -> None:
        """The first real prompt is the title of a thread without a name."""
        if self.title is None and is_prompt(prompt):
            words = prompt.rsplit(_REQUEST, 1)[-1][: 4 * TITLE_LENGTH].split()
            self.title = " ".join(words)[:TITLE_LENGTH] or None

    @property
    def user_turns(self) -> int:
        return self.progress.user_turns if self.has_prompt_events else self.message_prompts

    def window(self, size: int | None) -> None:
        self._window = size or self._window

    def fill(self, info: TokenInfo) -> None:
        """The context as the newest `token_count` tells it; after a compaction, an estimate."""
        self.window(info.model_context_window)
        last = info.last_token_usage
        if last is None:
            return
        self.fill_to(last.total_tokens or last.input_tokens + last.output_tokens)

    def fill_to(self, used: int) -> None:
        """The context holds that much now."""
        self._used = used
        self._peak = max(self._peak, used)

    def compact(self, at: float | None) -> None:
        self._compactions += 1
        if at is not None:
            self._compacted_at = (*self._compacted_at, at)[-2:]

    def context(self) -> Context | None:
        if self._used is None:
            return None
        return Context(self._used, self._window, self._peak, self._compactions, self._compacted_at)


def is_prompt(text: str) -> bool:
    """Whether a user message is the user's."""
    return bool(text.strip()) and not text.lstrip().startswith(_NO_PROMPT)
