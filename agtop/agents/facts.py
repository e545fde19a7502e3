"""The running tally of one session, for agents whose records say who spoke and what was called."""

from __future__ import annotations

from agtop.agents.asked import asked
from agtop.agents.repeats import Repeats
from agtop.agents.strange import Strange
from agtop.agents.writes import Writes
from agtop.model import Activity, Context, Phase, Reading, replace

_LABEL = 160
"""Characters of a tool's argument that are kept."""
_LASTING: tuple[Phase, ...] = ("requested", "done", "asks")
"""Phases whose beginning stays where it was when a record says the same again."""


class Facts:
    """Told by a meter what happened, in the order of the records; frozen into a `Reading`."""

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.parent_id: str | None = None
        self.forked_from: str | None = None
        self.title: str | None = None
        self.cwd: str | None = None
        self.branch: str | None = None
        self.model: str | None = None
        self.effort: str | None = None
        self.version: str | None = None
        self.subscription: str | None = None
        self.interactive = True
        self.metered = False
        self.estimated = False
        self.reasoned = False
        self.reported_cost: float | None = None
        self.records = 0
        self.skipped = 0
        self.problems: tuple[str, ...] = ()
        self.strange = Strange()
        """Kinds of record that its meter passed over, told where they may hold the tokens."""
        self.started_at: float | None = None
        self.last_active: float | None = None
        self.user_turns = 0
        self.writes = Writes()
        self._first_prompt: str | None = None
        self._replies: set[str] = set()
        self._calls: set[str] = set()
        self._errors = 0
        self._repeats = Repeats()
        self._open: dict[str, tuple[str, bool]] = {}
        """Call id → (label, whether it asks the user) of calls without a result."""
        self._at_once: set[str] = set()
        """Calls that are held up by nothing but the user."""
        self._activity = Activity()
        self._used: int | None = None
        self._window: int | None = None
        self._peak = 0
        self._compactions = 0
        self._compacted_at: tuple[float, ...] = ()

    # ---- who speaks

    def seen(self, at: float | None) -> None:
        """A record of the session itself was made at `at`."""
        if at is not None:
            self.started_at = at if self.started_at is None else min(self.started_at, at)
            self.last_active = at if self.last_active is None else max(self.last_active, at)

    def prompted(self, text: str, at: float | None) -> None:
        """The user typed (or piped) a prompt: a turn begins."""
        self.user_turns += 1
        self._repeats.clear()
        self._first_prompt = self._first_prompt or text or None
        self._open.clear()  # what was killed with its process is never answered
        self.act("requested", at, "the user's prompt has no answer yet")

    def replied(self, key: str) -> None:
        """The model answered; several records may be of one answer."""
        self._replies.add(key)

    def answering(self, at: float | None) -> None:
        """An answer is being written, or goes on after a tool's result."""
        if not self._open:
            self.act("requested", at, "an answer is being written")

    def answered(
        self, text: str, at: float | None, said: str = "", may_go_on: bool = False
    ) -> None:
        """The turn is over, with `text` as its last words.

        Args:
            may_go_on: or a tool runs that the agent writes down only once it has ended.
        """
        self._open.clear()
        question = asked(text)
        words = "the answer ends in a question" if question else "the last answer is complete"
        self.act("asks" if question else "done", at, f"{words} ({said})" if said else words)
        self._activity = replace(self._activity, may_go_on=may_go_on, asked=question)

    # ---- tools

    def called(
        self,
        call: str,
        name: str,
        argument: str,
        at: float | None,
        asks: bool = False,
        arguments: bytes | None = None,
        at_once: bool = False,
    ) -> None:
        """A tool is called.

        Args:
            argument: what best tells one call from another: a path, a command.
            asks: the tool is a question to the user.
            arguments: all of them, as recorded: the same again and again are a loop.
            at_once: it begins a process or is over at once, as soon as the user allows it.
        """
        if call in self._calls:
            return
        self._calls.add(call)
        best = " ".join(argument.split())[:_LABEL]
        label = f"{name}: {best}" if best else name
        self._open[call] = (label, asks)
        if at_once:
            self._at_once.add(call)
        if arguments:
            self._repeats.add(name, arguments, label)
        self._await_calls(at)

    def resolved(self, call: str, at: float | None, is_error: bool = False) -> None:
        """A call has its result."""
        if self._open.pop(call, None) is not None or call in self._calls:
            self._errors += is_error
        if self._open:
            self._await_calls(at)
        else:
            self.act("requested", at, "a tool's result has no answer yet")

    def hold_up(self) -> None:
        """What comes next is held up by nothing but the user."""
        self._activity = replace(self._activity, at_once=True)

    def permission(self, what: str, at: float | None) -> None:
        """The agent waits for the user to allow something."""
        self.act("permission", at, f"it asks for permission: {' '.join(what.split())[:_LABEL]}")

    def _await_calls(self, at: float | None) -> None:
        label, asks = list(self._open.values())[-1]
        if asks:
            self.act("question", at, f"{label.partition(':')[0]} waits for the user's answer")
        else:
            self.act("tool", at, f"the call {label} has no result yet")
            if not self._at_once.isdisjoint(self._open):
                self.hold_up()

    # ---- what went otherwise

    def interrupted(self, at: float | None, said: str = "the user stopped the turn") -> None:
        self._open.clear()
        self.act("interrupted", at, said)

    def failed(self, said: str, at: float | None) -> None:
        """The API or the agent failed."""
        words = " ".join(said.split())[:120]
        self.act("error", at, f"it ended in an error: {words or 'unnamed'}")

    def limited(self, said: str, at: float | None, until: float | None = None) -> None:
        """A rate limit or a quota."""
        words = " ".join(said.split())[:120]
        self.act("limited", at, f"a rate limit was met: {words or 'unnamed'}", until)

    def act(
        self, phase: Phase, at: float | None, evidence: str, until: float | None = None
    ) -> None:
        since = at if at is not None else self.last_active
        if self._activity.phase == phase and phase in _LASTING:
            since = self._activity.since
        self._activity = Activity(phase, since, evidence, until)

    @property
    def phase(self) -> Phase:
        """Where the conversation stands."""
        return self._activity.phase

    @property
    def action(self) -> str | None:
        """The newest call under way."""
        return list(self._open.values())[-1][0] if self._open else None

    # ---- context

    def filled(self, used: int, window: int | None = None) -> None:
        """The model's context holds `used` tokens."""
        self._window = window or self._window
        if used:
            self._used, self._peak = used, max(self._peak, used)

    def compacted(self, before: int | None = None, after: int | None = None) -> None:
        """The conversation was summed up; `after` is unknown until the next answer."""
        self._compactions += 1
        if self.last_active is not None:
            self._compacted_at = (*self._compacted_at, self.last_active)[-2:]
        self._peak = max(self._peak, before or 0)
        self._used = after if after is not None else self._used

    # ---- freezing

    def freeze(self, transcript: str) -> Reading:
        context = None
        if self._used is not None:
            peak = max(self._peak, self._used)
            context = Context(self._used, self._window, peak, self._compactions, self._compacted_at)
        is_clear = self.metered and bool(self._replies or self.user_turns)
        return Reading(
            session_id=self.session_id,
            transcript=transcript,
            parent_id=self.parent_id,
            forked_from=self.forked_from,
            title=self.title or self._first_prompt,
            cwd=self.cwd,
            branch=self.branch,
            model=self.model,
            effort=self.effort,
            version=self.version,
            subscription=self.subscription,
            started_at=self.started_at,
            last_active=self.last_active,
            user_turns=self.user_turns,
            replies=len(self._replies),
            metered=self.metered,
            tool_calls=len(self._calls),
            tool_errors=self._errors,
            action=self.action,
            activity=self._activity,
            context=context,
            lines=self.writes.lines(),
            writes=self.writes.files(),
            foreign=self.writes.foreign(),
            interactive=self.interactive,
            records=self.records,
            skipped=self.skipped,
            problems=self.problems if is_clear else (*self.problems, *self.strange.problems),
            loop=self._repeats.found(),
            reported_cost=self.reported_cost,
            estimated=self.estimated,
            reasoned=self.reasoned,
        )
