"""Reads the log of one agent of a Kimi Code session and keeps its totals."""

from __future__ import annotations

import os
import re

from agtop.agents.arguments import best, opened
from agtop.agents.decode import Decoder, count
from agtop.agents.document import Document
from agtop.agents.facts import Facts
from agtop.agents.kimi_code.records import Error, Event, Origin, Record, State, Usage
from agtop.agents.lines import LineMeter
from agtop.agents.writes import replaced
from agtop.model import Reading, Response, Tokens

MAIN = "main"
_WORK = ("turn.prompt", "llm.request", "usage.record", "context.append")
"""Records of an agent that was asked for something."""
_KNOWN = (
    *("agent.", "context.", "file_history.", "full_compaction.", "goal.", "interaction.", "llm."),
    *("mcp.", "permission.", "plan.", "plugin.", "profile.", "prompt.", "runtime.", "skill."),
    *("subagent.", "swarm.", "task.", "todo.", "token_counting.", "tool.", "tools.", "usage."),
    "config.",
)
"""What its records are about; most say nothing that is counted or shown."""
LIMIT = re.compile(r"rate.?limit|quota|usage limit|too many requests|\b429\b", re.IGNORECASE)
_BY_HAND = {"user": None, "skill_activation": "user-slash", "plugin_command": "user-slash"}
"""Where a prompt of the user's comes from, and what must have triggered it."""


class KimiCodeMeter(LineMeter):
    """The log of one agent: the session's own or a subagent's."""

    def __init__(self, path: str) -> None:
        folder, self._agent = os.path.split(os.path.dirname(path))
        self._session_dir = os.path.dirname(folder)
        self._session = os.path.basename(self._session_dir)
        self._decoder = Decoder(Record)
        self._state = Document(os.path.join(self._session_dir, "state.json"), State)
        super().__init__(path)

    def _named(self) -> str:
        return name_of(self._session, self._agent)

    def _begin(self) -> None:
        super()._begin()
        self._model: str | None = None
        self._step: str | None = None
        self._text = ""
        self._labels: dict[str, str] = {}
        """What calls without a result are shown as."""
        self._files: dict[str, Event] = {}
        """Calls that write files, until their result is known."""
        self._asked: dict[str, str] = {}
        """Interactions that are not resolved."""
        self._has_forked = False
        self._is_copy = False
        """All that was read is its origin's."""
        self._used: int | None = None
        self._state.look()
        self._adopt_state()

    # ---- what stands beside

    def read(self) -> tuple[Reading, ...]:
        """As ever; but a subagent's log that a fork only copied is no session of its own."""
        readings = super().read()
        return () if self._is_copy and self._agent != MAIN else readings

    def _look_beside(self) -> bool:
        return self._state.look() and self._adopt_state()

    def _adopt_state(self) -> bool:
        state, facts = self._state.value, self._facts
        if state is None:
            return False
        self._born_at = seconds(state.created_at) or self._born_at
        facts.cwd = state.cwd or facts.cwd
        facts.forked_from = state.forked_from if self._agent == MAIN else None
        if self._agent == MAIN:
            facts.title = state.title
        else:
            known = (state.agents or {}).get(self._agent)
            parent = known.parent_agent_id if known is not None else None
            facts.parent_id = name_of(self._session, parent or MAIN)
        return True

    # ---- records

    def _take(self, line: bytes) -> bool:
        record = self._decoder.decode(line)
        if record is None:
            return False
        at = seconds(record.time)
        if record.type != "forked":
            self._facts.seen(at)
        self._is_copy = self._is_copy and not record.type.startswith(_WORK)
        if record.type.startswith(("turn.", "interaction.")):
            self._take_turn(record, at)
        elif record.type == "context.append_loop_event" and record.event is not None:
            self._take_event(record.event, at)
        else:
            self._take_other(record, at)
        return True

    def _take_other(self, record: Record, at: float | None) -> None:
        facts = self._facts
        match record.type:
            case "metadata":
                self._meet(record)
            case "usage.record" if record.usage is not None:
                self._spend(record, record.usage, at)
            case "llm.request":
                self._model = facts.model = record.model or facts.model
                facts.effort = record.thinking_effort or facts.effort
                facts.answering(at)
            case "profile.bind" | "config.update":
                told = record.environment_disclosure
                facts.cwd = facts.cwd or record.cwd or (told.cwd if told is not None else None)
                effort = record.thinking_effort or record.thinking_level
                facts.effort = effort or facts.effort
            case "context.apply_compaction":
                facts.compacted(record.tokens_before, record.tokens_after)
            case "full_compaction.complete":
                facts.answered("", at, "the conversation was summed up")
            case "forked":
                self._fork(at)
            case kind if kind.startswith("token_counting.") and record.tokens is not None:
                self._used = count(record.tokens)
                facts.filled(self._used)
            case kind if not kind.startswith(_KNOWN):
                facts.strange.meet(kind)
            case _:
                pass

    def _meet(self, record: Record) -> None:
        at = seconds(record.created_at)
        self._facts.seen(at)
        self._born_at = self._born_at if self._born_at is not None else at
        protocol = record.protocol_version
        if protocol and protocol.partition(".")[0] != "1":
            said = f"its log is written in protocol {protocol}, newer than agtop knows: what is"
            self._facts.problems = (f"{said} shown may lack something; look for a newer agtop",)

    def _fork(self, at: float | None) -> None:
        """All that was read so far is the origin's."""
        copied, self._facts = self._facts, Facts(self._named())
        facts = self._facts
        facts.model, facts.effort, facts.cwd = copied.model, copied.effort, copied.cwd
        facts.records, facts.skipped = copied.records, copied.skipped
        facts.problems, facts.strange = copied.problems, copied.strange
        facts.started_at = at  # nothing happened in it: its program goes on in the origin
        facts.answered("", at, "its origin's")
        if self._used:
            facts.filled(self._used)
        self._labels, self._files, self._asked = {}, {}, {}
        self._is_copy = self._has_forked = True
        self._adopt_state()

    # ---- usage

    def _spend(self, record: Record, usage: Usage, at: float | None) -> None:
        output = count(usage.output)
        tokens = Tokens(
            count(usage.input_other),
            count(usage.input_cache_read),
            count(usage.input_cache_creation),
            0,
            output,
        )
        made = f"{self._step or self._born_at}@{record.time}"
        vector = f"{tokens.input}/{tokens.cache_read}/{tokens.cache_write_5m}/{output}"
        key = f"{self._agent}:{made}:{vector}"
        self._claim(Response(key, at, self._model or record.model, tokens), self._maker())

    def _maker(self) -> str | None:
        """Whose request it is: before `forked`, the origin's."""
        origin = self._state.value.forked_from if self._state.value is not None else None
        return name_of(origin, self._agent) if origin and not self._has_forked else None

    # ---- turns

    def _take_turn(self, record: Record, at: float | None) -> None:
        facts = self._facts
        match record.type:
            case "turn.prompt":
                self._prompt(record, at)
            case "turn.step.retrying" if record.status_code == 429:
                wait = record.delay_ms
                until = at + wait / 1000 if at is not None and wait is not None else None
                facts.limited(record.error_message or "429", at, until)
            case "turn.ended":
                self._end(record, at)
            case "interaction.request":
                self._ask(record, at)
            case "interaction.resolved" if self._asked.pop(record.id or "", None) is not None:
                self._resolve(at)
            case _:
                pass

    def _prompt(self, record: Record, at: float | None) -> None:
        self._text = ""
        self._labels, self._files, self._asked = {}, {}, {}
        origin = record.origin or Origin()
        needed = _BY_HAND.get(origin.kind, "")
        words = "".join(part.text or "" for part in record.input or () if part.type == "text")
        if self._agent == MAIN and needed in (None, origin.trigger):
            self._facts.prompted(words, at)
        else:
            if self._agent != MAIN:
                self._facts.title = self._facts.title or words or None
            self._facts.act("requested", at, "what it was asked to do has no answer yet")

    def _end(self, record: Record, at: float | None) -> None:
        facts, error = self._facts, record.error or Error()
        said = error.message or error.name or error.code or ""
        match record.reason:
            case "cancelled":
                facts.interrupted(at)
            case "failed" if LIMIT.search(f"{error.code} {error.name} {said}"):
                facts.limited(said, at)
            case "failed":
                facts.failed(said, at)
            case "blocked":
                facts.answered("", at, "a hook blocked it")
            case _:
                facts.answered(self._text, at)

    def _ask(self, record: Record, at: float | None) -> None:
        request = record.request or {}
        what = best(
            {name: request.get(name) for name in ("description", "action", "toolName", "question")}
        )
        what = self._labels.get(record.tool_call_id or "") or what or "a tool"
        self._asked[record.id or ""] = what
        if record.kind == "approval":
            self._facts.permission(what, at)
        elif record.kind == "question":
            self._facts.act("question", at, "it waits for the user's answer")

    def _resolve(self, at: float | None) -> None:
        if self._asked:
            self._facts.permission(list(self._asked.values())[-1], at)
        elif self._labels:
            label = list(self._labels.values())[-1]
            self._facts.act("tool", at, f"the call {label} has no result yet")
        else:
            self._facts.act("requested", at, "what it asked the user for is decided")

    # ---- steps

    def _take_event(self, event: Event, at: float | None) -> None:
        facts = self._facts
        match event.type:
            case "step.begin":
                self._step, self._text = event.uuid, ""
                facts.answering(at)
            case "content.part" if event.part is not None and event.part.type == "text":
                self._text += event.part.text or ""
            case "tool.call" if event.tool_call_id:
                self._call(event, event.tool_call_id, at)
            case "tool.result" if event.tool_call_id:
                self._take_result(event, event.tool_call_id, at)
            case "step.end" if event.usage is not None or event.message_id:
                facts.replied(event.message_id or event.uuid or "")
            case _:
                pass

    def _call(self, event: Event, call: str, at: float | None) -> None:
        name, argument = event.name or "tool", best(opened(event.args))
        self._labels[call] = " ".join(f"{name}: {argument}".split()) if argument else name
        if event.display is not None and event.display.operation in ("write", "edit"):
            self._files[call] = event
        asks = name == "AskUserQuestion"
        self._facts.called(call, name, argument, at, asks, bytes(event.args))

    def _take_result(self, event: Event, call: str, at: float | None) -> None:
        self._labels.pop(call, None)
        is_error = event.result is None or event.result.is_error is True
        self._facts.resolved(call, at, is_error)
        written = self._files.pop(call, None)
        shown = written.display if written is not None else None
        if shown is None or is_error or not shown.path:
            return
        if shown.operation == "write":
            added, removed = len((shown.content or "").splitlines()), 0
        else:
            added, removed = replaced(shown.before or "", shown.after or "")
        kind = "edit" if shown.operation == "edit" else None  # a write may make a file or not
        self._facts.writes.add(shown.path, at, added, removed, self._facts.cwd, kind)


def name_of(session: str, agent: str) -> str:
    """A subagent's number is its own within its session only."""
    return session if agent == MAIN else f"{session}:{agent}"


def seconds(milliseconds: float | None) -> float | None:
    return milliseconds / 1000 if milliseconds is not None and milliseconds > 0 else None
