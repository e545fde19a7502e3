"""What the rows of one Qwen Code session say of its turns, calls and writes."""

from __future__ import annotations

from agtop.agents.decode import known_count
from agtop.agents.facts import Facts
from agtop.agents.gemini import tools
from agtop.agents.qwen.records import (
    Call,
    Compression,
    Event,
    Payload,
    Row,
    is_error,
    of_row,
    payload,
)

_ASKING = frozenset({"ask_user_question", "exit_plan_mode"})
_AT_ONCE = frozenset({"run_shell_command", "write_file", "edit", "replace", "notebook_edit"})
"""Tools that begin a process or are over at once, as soon as they are allowed."""
_TYPES = frozenset({"user", "assistant", "tool_result", "system"})
_COMPRESSED = 1
"""`compressionStatus` of a compression that came about."""
LIMIT_WORDS = ("quota", "rate limit", "ratelimit", "too many requests")


class Turns:
    """Tells a session's facts what its rows say."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._calls: dict[str, tuple[str, tools.Arguments]] = {}
        """Call id → its tool and arguments, of calls without a result."""
        self._strange: set[str] = set()
        self._has_answers = False

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be understood, of a session without usage."""
        if self._strange:
            kinds = ", ".join(sorted(self._strange)[:3])
            return (f"it holds rows of a kind unknown here ({kinds}); update agtop",)
        if self._has_answers:
            return ("its answers hold no token counts that can be read; update agtop",)
        return ()

    def place(self, row: Row) -> None:
        """Where and by what it was written; copies say it, too."""
        facts = self._facts
        facts.cwd = row.cwd or facts.cwd
        facts.branch = row.git_branch or facts.branch
        facts.version = row.version or facts.version

    def take_copy(self, row: Row) -> None:
        """A row of the session this one was branched from."""
        if row.forked_from is not None:
            self._facts.forked_from = row.forked_from.sessionId or self._facts.forked_from
        if row.type == "assistant":
            self._fill(row)
            self._facts.act("done", None, "nothing was asked since it was branched")

    def take(self, row: Row, at: float | None) -> None:
        self._facts.seen(at)
        if row.type == "assistant":
            self._take_answer(row, at)
        elif row.type == "user":
            self._take_user(row, at)
        elif row.type == "tool_result":
            self._take_result(row, at)
        elif row.type == "system":
            self._take_system(row, payload(row), at)
        elif row.type not in _TYPES:
            self._strange.add(row.type or "unnamed")

    def fail(self, told: Event, at: float | None) -> None:
        """A request failed."""
        said = told.error_message or told.error or ""
        words = said.lower()
        if str(told.status_code) == "429" or any(word in words for word in LIMIT_WORDS):
            self._facts.limited(said, at)
        else:
            self._facts.failed(said, at)

    def end(self, status: str | None, at: float | None) -> None:
        """A subagent's own word that it is over."""
        if status == "completed":
            self._facts.answered("", at)
        elif status == "cancelled":
            self._facts.interrupted(at, "it was stopped")
        elif status == "failed":
            self._facts.failed("the subagent failed", at)

    # ---- by type of row

    def _take_answer(self, row: Row, at: float | None) -> None:
        self._has_answers = True
        if row.usage_metadata is not None or row.text:
            self._facts.replied(row.uuid or f"{self._facts.records}")
        self._fill(row)
        for call in row.calls:
            self._begin_call(call, at)
        if row.calls:
            return
        if row.text:
            self._facts.answered(row.text, at)
        else:
            self._facts.answering(at)

    def _fill(self, row: Row) -> None:
        self._facts.model = row.model or self._facts.model
        if row.usage_metadata is not None:
            tokens = of_row(row.usage_metadata)
            self._facts.filled(tokens.prompt + tokens.output, row.context_window_size)

    def _begin_call(self, call: Call, at: float | None) -> None:
        name = call.name or "tool"
        given = tools.arguments(call.args)
        key = call.id or f"{self._facts.records}:{name}"
        self._calls[key] = (name, given)
        asks, at_once = name in _ASKING, name in _AT_ONCE
        self._facts.called(key, name, given.best, at, asks, bytes(call.args), at_once)

    def _take_user(self, row: Row, at: float | None) -> None:
        if row.subtype is not None or row.provenance not in (None, "real_user"):
            self._facts.answering(at)  # a word in between, a timer, a note of a background task
        elif row.text:
            self._calls.clear()
            self._facts.prompted(row.text, at)
            if self._facts.parent_id is not None:
                self._facts.user_turns = 0  # its parent's words, not a person's

    def _take_result(self, row: Row, at: float | None) -> None:
        result = row.tool_call_result
        status = result.status if result is not None else None
        if status == "cancelled":
            for key in ids(row):
                self._calls.pop(key, None)
                self._facts.resolved(key, at)
            if not self._calls:
                self._facts.interrupted(at, "the user stopped its tool")
            return
        failed = {r.id for r in row.responses if is_error(r)} if status is None else set[str]()
        for key in ids(row):
            has_failed = status == "error" or key in failed
            if not has_failed:
                self._note_write(key, row, at)
            self._calls.pop(key, None)
            self._facts.resolved(key, at, is_error=has_failed)

    def _note_write(self, key: str, row: Row, at: float | None) -> None:
        name, given = self._calls.get(key, ("", tools.Arguments()))
        result = row.tool_call_result
        shown = tools.display(result.result_display) if result is not None else tools.Display()
        path = tools.written(name, given, shown)
        if path is not None:
            added, removed = tools.changed_lines(given, shown)
            cwd = row.cwd or self._facts.cwd
            self._facts.writes.add(path, at, added, removed, cwd, tools.kind(shown))

    def _take_system(self, row: Row, said: Payload, at: float | None) -> None:
        if row.subtype == "chat_compression" and said.info is not None:
            self._take_compression(said.info)
        elif row.subtype == "custom_title":
            self._facts.title = said.custom_title or self._facts.title
        elif row.subtype == "session_model":
            self._facts.model = said.model_id or said.model or self._facts.model
        elif row.subtype == "parent_session":
            self._facts.parent_id = said.parent_session_id
        elif row.subtype == "turn_result":
            self._take_end(said, at)

    def _take_compression(self, info: Compression) -> None:
        if info.compression_status in (None, _COMPRESSED):
            before, after = known_count(info.original_token_count), info.new_token_count
            self._facts.compacted(before, known_count(after))

    def _take_end(self, said: Payload, at: float | None) -> None:
        """How a turn ended, where a program asked for it."""
        if said.state == "cancelled":
            self._facts.interrupted(at)
        elif said.state == "error":
            self._facts.failed((said.error.message if said.error else None) or "", at)


def ids(row: Row) -> list[str]:
    """The calls that a row answers."""
    result = row.tool_call_result
    named = [result.call_id] if result is not None and result.call_id else []
    return named or [response.id for response in row.responses if response.id]
