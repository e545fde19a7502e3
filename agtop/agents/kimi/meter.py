"""Reads the log of a Kimi CLI session, or of a subagent of it, and keeps its totals."""

from __future__ import annotations

import os
import re

from agtop.agents.arguments import best, opened
from agtop.agents.decode import Decoder, count
from agtop.agents.document import Document
from agtop.agents.kimi.context import text_of
from agtop.agents.kimi.places import LOG, home_of, place_of
from agtop.agents.kimi.records import Line, Meta, Payload, State, Usage
from agtop.agents.lines import LineMeter
from agtop.agents.writes import replaced
from agtop.model import Reading, Response, Tokens, WriteKind
from agtop.tail import Tail, contents

_OWN = 1
"""The proof of a response in the log of who made it; what is copied or mirrored proves less."""
_COPIES = ("Fork: ", "Undo: ")
"""What the title of a copied session begins with."""
_HEAD = 16 << 10
"""Bytes at a log's beginning that hold the instant of its first message."""
_STAMP = re.compile(rb'"timestamp": ?([0-9.]+)\b')
_COMMAND = re.compile(r"/(compact|clear|reset|yolo|afk|plan|add-dir|export|import)\b")
"""Prompts that the program answers itself."""
_QUESTION = "AskUserQuestion"
_SHELL = "Shell"
"""The tool that begins a process, as soon as it is allowed to."""
_PASSED = frozenset(
    [
        "ContentPart",
        "ToolCall",
        "ToolCallPart",
        "ToolCallRequest",
        "ToolResult",
        "SteerInput",
        "Notification",
        "HookTriggered",
        "HookResolved",
        "MCPLoadingBegin",
        "MCPLoadingEnd",
        "MCPStatusSnapshot",
        "PlanDisplay",
        "BtwBegin",
        "BtwEnd",
    ]
)
"""Kinds of message that say nothing more."""
_AT_ONCE = ("WriteFile", "StrReplaceFile")
"""Tools that take no time but the user's."""


class KimiMeter(LineMeter):
    """One log."""

    def __init__(self, path: str) -> None:
        self._place = place_of(path)
        self._home = home_of(self._place.root)
        self._decoder = Decoder(Line)
        folder = self._place.folder
        self._state = Document(os.path.join(folder, "state.json"), State)
        self._meta = Document(os.path.join(folder, "meta.json"), Meta)
        super().__init__(path)

    def _named(self) -> str:
        return self._place.name

    def _begin(self) -> None:
        super()._begin()
        self._must_read_again = False
        self._copied_until: float | None = None
        self._text = ""
        self._is_answered = True
        """The step under way has its answer."""
        self._failure: tuple[str, int | None] | None = None
        self._has_failed = False
        self._calls: dict[str, str] = {}
        """Calls without a result, as they are shown."""
        self._asked: dict[str, str] = {}
        """Approvals that are not given."""
        self._state.look()
        self._meta.look()
        self._adopt()

    # ---- what stands beside

    def read(self) -> tuple[Reading, ...]:
        """As ever; from the start again once it turns out that its beginning is a copy."""
        readings = super().read()
        if self._must_read_again:
            again = Tail(self.path)
            again.bytes_read, again.restarts = self._tail.bytes_read, self._tail.restarts
            self._tail = again
            self._begin()
            readings = super().read()
        return readings

    def _look_beside(self) -> bool:
        beside = self._meta if self._place.subagent is not None else self._state
        is_fork_of_nobody = self._copied_until is not None and self._facts.forked_from is None
        return (beside.look() or is_fork_of_nobody) and self._adopt()

    def _adopt(self) -> bool:
        facts = self._facts
        facts.cwd = self._home.directory(self._place.hashed)
        if self._place.subagent is not None:
            facts.parent_id = self._place.session
            meta = self._meta.value or Meta()
            facts.title = meta.description
            alias = meta.launch_spec.effective_model if meta.launch_spec is not None else None
            facts.model = self._home.model(alias)
            return True
        facts.model = self._home.model()
        state = self._state.value or State()
        facts.title = state.custom_title
        if state.wire_mtime is not None and (state.custom_title or "").startswith(_COPIES):
            self._begin_fork(state.wire_mtime)
        return True

    def _begin_fork(self, at: float) -> None:
        facts = self._facts
        if facts.records and self._copied_until is None:
            self._must_read_again = True
        if self._copied_until is None:
            facts.seen(at)
            facts.answered("", at, "its origin's")
        self._copied_until = self._born_at = at
        facts.forked_from = facts.forked_from or self._origin(facts.title or "")

    def _origin(self, title: str) -> str | None:
        """The session beside this one whose log begins with the same record."""
        sessions = os.path.dirname(self._place.folder)
        first = _first_instant(self.path)
        if first is None:
            return None
        alike = [
            name
            for name in sorted(os.listdir(sessions))
            if name != self._place.session
            and _first_instant(os.path.join(sessions, name, LOG)) == first
        ]
        if len(alike) > 1:
            named = title.partition(": ")[2]
            alike = [name for name in alike if _title(os.path.join(sessions, name)) == named]
        return alike[0] if len(alike) == 1 else None

    # ---- records

    def _take(self, line: bytes) -> bool:
        record = self._decoder.decode(line)
        if record is None:
            return False
        if record.message is None:
            self._meet(record)
            return True
        kind, payload, at = record.message.type, record.message.payload, record.timestamp
        if self._copied_until is not None and at is not None and at <= self._copied_until:
            self._take_copy(kind, payload, at)
            return True
        self._facts.seen(at)
        self._read_message(kind, payload, at)
        return True

    def _meet(self, record: Line) -> None:
        protocol = record.protocol_version
        if protocol is None and record.type != "metadata":
            self._facts.strange.meet(record.type)
        if protocol and protocol.partition(".")[0] != "1":
            said = f"its log is written in protocol {protocol}, newer than agtop knows: what is"
            self._facts.problems = (f"{said} shown may lack something; look for a newer agtop",)

    def _take_copy(self, kind: str, payload: Payload, at: float | None) -> None:
        """Of what the origin did, this session has what the model was left with."""
        if kind == "StatusUpdate":
            if payload.context_tokens is not None:
                self._facts.filled(count(payload.context_tokens), payload.max_context_tokens)
            if payload.token_usage is not None:
                self._claim(self._response(payload, payload.token_usage, at))
        elif kind == "SubagentEvent":
            self._mirror(payload, at)
        self._facts.metered = False

    def _read_message(self, kind: str, payload: Payload, at: float | None) -> None:
        match kind:
            case "TurnBegin":
                self._begin_turn(text_of(payload.user_input), at)
            case "TurnEnd":
                self._end_turn(at)
            case "StepBegin":
                self._text, self._is_answered = "", False
                self._facts.answering(at)
            case "StepRetry":
                self._retry(payload, at)
            case "StepInterrupted":
                self._fail(at)
            case "ContentPart" if payload.type == "text":
                self._text += payload.text or ""
            case "ToolCall" if payload.id:
                self._call(payload, payload.id, at)
            case "ToolResult" if payload.tool_call_id:
                self._take_result(payload, payload.tool_call_id, at)
            case "StatusUpdate":
                self._update(payload, at)
            case "SubagentEvent":
                self._mirror(payload, at)
            case "CompactionBegin":
                self._facts.answering(at)
            case "CompactionEnd":
                self._facts.compacted()
            case "ApprovalRequest" | "ApprovalResponse" | "ApprovalRequestResolved":
                self._approve(kind, payload, at)
            case "QuestionRequest":
                self._facts.act("question", at, f"{_QUESTION} waits for the user's answer")
            case _:
                if kind not in _PASSED:
                    self._facts.strange.meet(kind)

    # ---- turns

    def _begin_turn(self, text: str, at: float | None) -> None:
        self._text, self._is_answered, self._has_failed = "", True, False
        self._failure = None
        self._calls, self._asked = {}, {}
        if self._place.subagent is not None or _COMMAND.match(text):
            self._facts.act("requested", at, "what it was asked to do has no answer yet")
        else:
            self._facts.prompted(text, at)

    def _end_turn(self, at: float | None) -> None:
        if self._has_failed:
            return
        if self._calls or not self._is_answered:
            self._calls = {}
            self._facts.interrupted(at)
        else:
            self._facts.answered(self._text, at)

    def _retry(self, payload: Payload, at: float | None) -> None:
        self._failure = (payload.error_type or "", payload.status_code)
        if payload.status_code == 429:
            wait = payload.wait_s
            until = at + wait if at is not None and wait is not None else None
            self._facts.limited(payload.error_type or "429", at, until)

    def _fail(self, at: float | None) -> None:
        """A step failed for good; why, only the retries before it tell."""
        self._has_failed = True
        said, status = self._failure or ("", None)
        if status == 429:
            self._facts.limited(said or "429", at)
        else:
            self._facts.failed(said or "a step failed, and its log does not say why", at)

    # ---- tools

    def _call(self, payload: Payload, call: str, at: float | None) -> None:
        function = payload.function
        name = function.name if function is not None and function.name else "tool"
        written = function.arguments if function is not None else None
        arguments = (written or "").encode("utf-8", "replace")
        argument = best(opened(arguments))
        self._calls[call] = " ".join(f"{name}: {argument}".split()) if argument else name
        self._facts.called(call, name, argument, at, name == _QUESTION, arguments, name == _SHELL)
        if name in _AT_ONCE:  # no log has the request for approval since protocol 1.10
            said = f"the call {self._calls[call]} has no result, and writing takes no time"
            self._facts.act("permission", at, f"{said}: it asks for permission")

    def _take_result(self, payload: Payload, call: str, at: float | None) -> None:
        self._calls.pop(call, None)
        returned = payload.return_value
        is_error = returned is None or returned.is_error is True
        self._facts.resolved(call, at, is_error)
        if returned is None or is_error:
            return
        changed: dict[str, tuple[int, int]] = {}
        kinds: dict[str, WriteKind] = {}
        for shown in returned.display or ():
            if shown.type == "diff" and shown.path:
                added, removed = replaced(shown.old_text or "", shown.new_text or "")
                before = changed.get(shown.path, (0, 0))
                changed[shown.path] = (before[0] + added, before[1] + removed)
                # A change in a file that is not empty comes with lines around it.
                kinds.setdefault(shown.path, "create" if shown.old_text == "" else "edit")
        for path, lines in changed.items():
            self._facts.writes.add(path, at, *lines, self._facts.cwd, kinds[path])

    def _approve(self, kind: str, payload: Payload, at: float | None) -> None:
        if kind == "ApprovalRequest":
            known = self._calls.get(payload.tool_call_id or "")
            what = known or payload.description or payload.action or "a tool"
            self._asked[payload.id or ""] = what
        elif self._asked.pop(payload.request_id or "", None) is None:
            return
        if self._asked:
            self._facts.permission(list(self._asked.values())[-1], at)
        elif self._calls:
            label = list(self._calls.values())[-1]
            self._facts.act("tool", at, f"the call {label} has no result yet")
        else:
            self._facts.act("requested", at, "what it asked the user for is decided")

    # ---- usage

    def _update(self, payload: Payload, at: float | None) -> None:
        self._is_answered = self._is_answered or payload.message_id is not None
        if payload.context_tokens is not None:
            self._facts.filled(count(payload.context_tokens), payload.max_context_tokens)
        if payload.message_id is not None or payload.token_usage is not None:
            self._is_answered = True
            self._facts.replied(payload.message_id or str(at))
        if payload.token_usage is not None:
            self._claim(self._response(payload, payload.token_usage, at), proof=_OWN)

    def _mirror(self, payload: Payload, at: float | None) -> None:
        """A subagent's request: its own log owns it, this session what no such log tells."""
        event = payload.event
        if event is None or event.type != "StatusUpdate" or event.payload.token_usage is None:
            return
        if event.payload.message_id is None and self._has_log(payload.agent_id):
            return  # nothing says which record of that log it repeats
        self._claim(self._response(event.payload, event.payload.token_usage, at))

    def _has_log(self, subagent: str | None) -> bool:
        folder = os.path.join(self._place.folder, "subagents", subagent or "")
        return subagent is not None and os.path.exists(os.path.join(folder, LOG))

    def _response(self, payload: Payload, usage: Usage, at: float | None) -> Response:
        tokens = Tokens(
            count(usage.input_other),
            count(usage.input_cache_read),
            count(usage.input_cache_creation),
            0,
            count(usage.output),
        )
        vector = f"{tokens.input}/{tokens.cache_read}/{tokens.cache_write_5m}/{tokens.output}"
        key = f"{payload.message_id or at}:{vector}"
        return Response(key, at, self._facts.model, tokens)


def _first_instant(path: str) -> bytes | None:
    """When a log's first message was noted, to the microsecond: only copies share it."""
    try:
        stamp = _STAMP.search(contents(path, _HEAD))
    except OSError:
        return None
    return stamp[1] if stamp is not None else None


def _title(folder: str) -> str | None:
    document = Document(os.path.join(folder, "state.json"), State)
    document.look()
    return document.value.custom_title if document.value is not None else None
