"""What a Claude Code transcript tells besides usage: turns, tools, files, context, activity."""

from __future__ import annotations

from agtop.agents.asked import asked
from agtop.agents.claude import usage
from agtop.agents.claude.cache import CacheClock
from agtop.agents.claude.content import (
    blocks,
    is_prompt,
    last_text,
    line_counts,
    reset_time,
    word,
)
from agtop.agents.claude.foreign import BLIND, Foreign
from agtop.agents.claude.records import (
    KINDS,
    Block,
    Message,
    Row,
    ToolInput,
    ToolUseResult,
)
from agtop.agents.decode import Decoder, count, known_count
from agtop.agents.repeats import Repeats
from agtop.agents.strange import NO_COUNTS, Strange
from agtop.agents.writes import Writes
from agtop.model import Activity, Context, Phase, Reading, replace

INTERRUPTED = "[Request interrupted by user"
ASKING = frozenset({"AskUserQuestion", "ExitPlanMode"})
"""Tools whose call is a question to the user."""
_AT_ONCE = frozenset({"Bash", "Edit", "Write", "MultiEdit", "NotebookEdit"})
"""Tools that begin a process or are over at once, as soon as they are allowed."""
WRITING = frozenset({"Edit", "Write", "MultiEdit", "NotebookEdit"})
_INPUTS = Decoder(ToolInput)
_RESULTS = Decoder(ToolUseResult)
_LONG_CONTEXT = "[1m]"


class Facts:
    """The running tally of one transcript; frozen into a `Reading` on demand."""

    def __init__(self, is_subagent: bool) -> None:
        self._is_subagent = is_subagent
        self.session_id: str | None = None
        self.name: str | None = None
        """What the parent called a subagent."""
        self.records = 0
        self.skipped = 0
        self.metered = False
        self.reasoned = False
        self.partial = False
        """Rows were passed over: what is counted here is not all there is."""
        self._strange = Strange(KINDS, ("data-flow-",))
        self._has_uncounted = False
        self._cwd: str | None = None
        self._branch: str | None = None
        self._version: str | None = None
        self._model: str | None = None
        self._effort: str | None = None
        self._interactive = True
        self._titles: dict[str, str] = {}
        self._forked_from: str | None = None
        self._context: int | None = None
        self._peak = 0
        self._window: int | None = None
        self._compactions = 0
        self._compacted_at: tuple[float, ...] = ()
        self._cache = CacheClock()
        self._activity = Activity()
        self._begin_own()

    def _begin_own(self) -> None:
        """Start counting: nothing before this was done by this session."""
        self._started_at: float | None = None
        self._last_at: float | None = None
        self._user_turns = 0
        self._replies: set[str] = set()
        self._tool_calls: set[str] = set()
        self._tool_errors = 0
        self._open: dict[str, tuple[str, str]] = {}
        self._names: dict[str, str] = {}
        self._writes = Writes()
        self._foreign = BLIND if self.partial else Foreign()
        self._repeats = Repeats()

    def take(self, row: Row, at: float | None, copied: bool) -> None:
        """Take in one row; a copied one belongs to the session it was forked from."""
        self.records += 1
        self.session_id = row.session_id or self.session_id
        if row.type in ("user", "assistant", "system", "attachment", "api-request"):
            self._take_place(row, at)
        if copied:
            self._begin_own()  # copies come first: what was counted before them was copied too
            branched = row.forked_from.sessionId if row.forked_from else None
            self._forked_from = branched or row.request_session_id or row.made_in
        elif at is not None:
            self._started_at = at if self._started_at is None else min(self._started_at, at)
            self._last_at = at if self._last_at is None else max(self._last_at, at)
        taker = _TAKERS.get(row.type or "")
        if taker is not None:
            taker(self, row, at)
        else:
            self._strange.meet(row.type)
        if copied:
            self._begin_own()

    def lose_track(self) -> None:
        """Rows are passed over: what was under way before them has long been answered."""
        self.partial = True
        self._activity = Activity()
        self._open.clear()
        self._names.clear()
        self._repeats.clear()
        self._foreign = BLIND

    def pass_over(self, model: str | None, used: int) -> None:
        """Take from an answer that is not counted what still matters: model and context."""
        self._model = model or self._model
        self._fill(used)

    def _take_place(self, row: Row, at: float | None) -> None:
        self._foreign.placed(self._writes, row, at, self._cwd, self._branch)
        self._cwd = row.cwd or self._cwd
        self._branch = row.git_branch or self._branch
        self._version = row.version or self._version
        if row.entrypoint is not None:
            self._interactive = not row.entrypoint.startswith("sdk")

    # ---- by type of row

    def _take_assistant(self, row: Row, at: float | None) -> None:
        message = row.message
        if message is None:
            return
        if row.is_api_error_message:
            if self._is_main(row):
                self._take_error(row, message, at)
            return
        self._take_calls(message)
        if message.model == usage.SYNTHETIC:
            return
        self._replies.add(message.id or row.request_id or row.uuid or str(self.records))
        self._has_uncounted |= message.usage is None
        if self._is_main(row):
            self._model = message.model or self._model
            self._effort = row.effort or self._effort
            self._take_context(row, message, at)
            self._act_on_answer(row, message, at)

    def _take_calls(self, message: Message) -> None:
        for block in blocks(message):
            if block.type == "tool_use" and block.id:
                name = block.name or "tool"
                given = _INPUTS.decode(bytes(block.input))
                label = _label(name, given)
                self._foreign.called(name, block.id, given)
                if block.id not in self._tool_calls:
                    self._repeats.add(name, bytes(block.input), label)
                self._tool_calls.add(block.id)
                self._names[block.id] = name
                self._open[block.id] = (name, label)

    def _take_context(self, row: Row, message: Message, at: float | None) -> None:
        if message.usage is None or not usage.is_metered(row):
            return
        self._cache.take(message.usage, at)
        self._fill(usage.context(message.usage))
        if row.requested_model is not None:
            long = row.requested_model.endswith(_LONG_CONTEXT)
            self._window = 1_000_000 if long else None

    def _fill(self, used: int) -> None:
        if used:
            self._context = used
            self._peak = max(self._peak, used)

    def _act_on_answer(self, row: Row, message: Message, at: float | None) -> None:
        if row.is_aborted_mid_stream:
            self._act("interrupted", at, "the user stopped the answer")
        elif self._open:
            name, label = list(self._open.values())[-1]
            if name in ASKING:
                self._act("question", at, f"{name} waits for the user's answer")
            else:
                self._act("tool", at, f"the call {label} has no result yet")
                at_once = any(name in _AT_ONCE for name, _ in self._open.values())
                self._activity = replace(self._activity, at_once=at_once)
        elif message.stop_reason in ("end_turn", "stop_sequence", "max_tokens", "refusal"):
            question = asked(last_text(message))
            phase: Phase = "asks" if question else "done"
            said = "the answer ends in a question" if question else "the last answer is complete"
            self._act(phase, at, f"{said} (stop_reason {message.stop_reason})")
            self._activity = replace(self._activity, asked=question)
        else:
            self._act("requested", at, "an answer is being written")

    def _take_error(self, row: Row, message: Message, at: float | None) -> None:
        error = word(row.error)
        if error == "rate_limit":
            until = reset_time(row.quota_limits)
            self._act("limited", at, "the API answered with a rate limit", until)
        else:
            said = " ".join(last_text(message).split())[:120]
            self._act("error", at, f"the API answered with an error: {said or error or 'unnamed'}")

    def _take_user(self, row: Row, at: float | None) -> None:
        message = row.message
        if message is None:
            return
        results = [b for b in blocks(message) if b.type == "tool_result"]
        for block in results:
            self._take_result(row, block, at)
        if not self._is_main(row):
            return
        said = message.content if isinstance(message.content, str) else last_text(message)
        if said and not results:
            self._foreign.prompted(said)
        if said.startswith(INTERRUPTED):
            self._open.clear()
            self._act("interrupted", at, "the user stopped the turn")
        elif results:
            self._after_result(at)
        elif said and is_prompt(row, said):
            self._user_turns += 1
            self._repeats.clear()
            self._open.clear()  # what was killed with its process is never answered
            self._titles.setdefault("prompt", said)
            self._act("requested", at, "the user's prompt has no answer yet")

    def _after_result(self, at: float | None) -> None:
        if self._open:
            label = list(self._open.values())[-1][1]
            self._act("tool", at, f"the call {label} has no result yet")
        else:
            self._act("requested", at, "a tool's result has no answer yet")

    def _take_result(self, row: Row, block: Block, at: float | None) -> None:
        call = block.tool_use_id or ""
        self._open.pop(call, None)
        if block.is_error:
            self._tool_errors += 1
            self._foreign.failed(self._writes, row, block, at)
            return
        if self.partial:
            return
        raw = bytes(row.tool_use_result)
        if self._names.get(call, "Edit") not in WRITING or not raw.startswith(b"{"):
            return
        result = _RESULTS.decode(raw)
        if result is None or result.staged:
            return
        path = result.filePath or result.notebook_path
        patched = result.structuredPatch is not None or result.type in ("create", "update")
        if path and (patched or call in self._names):
            added, removed = line_counts(result)
            kind = "create" if result.type == "create" else "edit"
            self._writes.add(path, at, added, removed, row.cwd, kind)
            if result.staleRecovered:
                self._writes.met("changed", path, at, row.cwd)

    def _take_attachment(self, row: Row, at: float | None) -> None:
        self._foreign.told(self._writes, row, at)

    def _take_system(self, row: Row, at: float | None) -> None:
        if not self._is_main(row):
            return
        if row.subtype == "compact_boundary":
            self._compactions += 1
            if at is not None:
                self._compacted_at = (*self._compacted_at, at)[-2:]
            if row.compact_metadata is not None:
                self._peak = max(self._peak, count(row.compact_metadata.preTokens))
                self._context = known_count(row.compact_metadata.postTokens)
        elif row.subtype == "api_error":
            tries = f", retry {row.retry_attempt}" if row.retry_attempt else ""
            self._act("requested", at, f"the API failed and the request is repeated{tries}")

    def _take_request(self, row: Row, at: float | None) -> None:
        of_subagent = row.query_source is not None and row.query_source.startswith("agent")
        if of_subagent and not self._is_subagent:
            return
        if row.params is not None and row.params.output_config is not None:
            self._effort = row.params.output_config.effort or self._effort
        if row.params is not None and row.params.model and self._model is None:
            self._model = row.params.model
        self._act("requested", at, "a request to the model has no answer yet")

    def _take_title(self, row: Row, _at: float | None) -> None:
        for kind, title in (
            ("custom", row.custom_title),
            ("ai", row.ai_title),
            ("agent", row.agent_name),
            ("summary", row.summary),
            ("last", row.last_prompt),
        ):
            if title:
                self._titles[kind] = title

    # ---- freezing

    def freeze(self, session_id: str, path: str, parent_id: str | None) -> Reading:
        title = self.name or next(
            (
                self._titles[kind]
                for kind in ("custom", "ai", "agent", "summary", "last", "prompt")
                if kind in self._titles
            ),
            None,
        )
        context = None
        if self._context is not None:
            context = Context(
                self._context,
                self._window,
                max(self._peak, self._context),
                None if self.partial else self._compactions,
                self._compacted_at,
                self._cache.used_at,
                self._cache.lasts,
            )
        return Reading(
            session_id,
            path,
            parent_id=parent_id,
            forked_from=self._forked_from,
            title=None if title is None else " ".join(title.split())[:200],
            cwd=self._cwd,
            branch=self._branch,
            model=self._model,
            effort=self._effort,
            version=self._version,
            started_at=self._started_at,
            last_active=self._last_at,
            partial=self.partial,
            user_turns=None if self.partial else self._user_turns,
            replies=len(self._replies),
            metered=self.metered,
            reasoned=self.reasoned,
            tool_calls=None if self.partial else len(self._tool_calls),
            tool_errors=None if self.partial else self._tool_errors,
            action=list(self._open.values())[-1][1] if self._open else None,
            activity=self._activity,
            context=context,
            lines=None if self.partial else self._writes.lines(),
            writes=() if self.partial else self._writes.files(),
            foreign=() if self.partial else self._writes.foreign(),
            interactive=self._interactive,
            loop=self._repeats.found(),
            records=self.records,
            skipped=self.skipped,
            problems=self._problems(),
        )

    def _problems(self) -> tuple[str, ...]:
        """What this agtop does not know of the rows: never a silent zero."""
        if self._has_uncounted and not self.metered:
            return (*self._strange.problems, NO_COUNTS)
        return self._strange.problems

    def _is_main(self, row: Row) -> bool:
        """Whether the row is part of this transcript's own conversation."""
        return self._is_subagent or not row.is_sidechain

    def _act(
        self, phase: Phase, at: float | None, evidence: str, until: float | None = None
    ) -> None:
        since = at if at is not None else self._last_at
        if self._activity.phase == phase and phase in ("requested", "done", "asks"):
            since = self._activity.since  # the same silence goes on
        self._activity = Activity(phase, since, evidence, until)


def _label(name: str, given: ToolInput | None) -> str:
    best = " ".join((given.best if given else "").split())
    return f"{name}: {best[:160]}" if best else name


_TAKERS = {
    "assistant": Facts._take_assistant,  # pyright: ignore[reportPrivateUsage]
    "user": Facts._take_user,  # pyright: ignore[reportPrivateUsage]
    "attachment": Facts._take_attachment,  # pyright: ignore[reportPrivateUsage]
    "system": Facts._take_system,  # pyright: ignore[reportPrivateUsage]
    "api-request": Facts._take_request,  # pyright: ignore[reportPrivateUsage]
    "custom-title": Facts._take_title,  # pyright: ignore[reportPrivateUsage]
    "ai-title": Facts._take_title,  # pyright: ignore[reportPrivateUsage]
    "agent-name": Facts._take_title,  # pyright: ignore[reportPrivateUsage]
    "summary": Facts._take_title,  # pyright: ignore[reportPrivateUsage]
    "last-prompt": Facts._take_title,  # pyright: ignore[reportPrivateUsage]
}
