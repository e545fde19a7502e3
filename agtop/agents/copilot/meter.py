"""Reads one session's `events.jsonl` forward, with the subagents whose events stand in it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from agtop.agents.copilot.conversation import Conversation
from agtop.agents.copilot.places import home_of, session_of_file, title_of
from agtop.agents.copilot.records import (
    Beginning,
    Compaction,
    Event,
    Info,
    Message,
    ModelChange,
    Shutdown,
    SubagentStart,
    Usage,
    UsageRecord,
    data_of,
)
from agtop.agents.copilot.spending import Spending
from agtop.agents.copilot.store import Row, store_of
from agtop.agents.decode import Decoder, count, known_count
from agtop.agents.facts import Facts
from agtop.agents.lines import STANDS_HERE, LineMeter
from agtop.model import Claim, Reading
from agtop.units import instant

_EVENTS = Decoder(Event)
_FORKED_FROM = re.compile(r'^Forked from "[^\n]*" \(([0-9a-fA-F-]{36})\) as ')
OUTPUT_ONLY = (
    "this version of Copilot CLI tells the tokens of its prompts when it ends: of what it did since"
    " then only its answers are counted"
)
NO_USAGE = (
    "neither its log nor session-store.db tells its tokens in a way known here; see whether a newer"
    " agtop reads this version of Copilot CLI"
)


class CopilotMeter(LineMeter):
    """One session. The events of subagents carry their id, those of early ones their call's."""

    def __init__(self, path: str) -> None:
        self._home = home_of(path)
        self._yaml = os.path.join(os.path.dirname(path), "workspace.yaml")
        self._yaml_stamp: object = None
        self._title: str | None = None
        super().__init__(path)

    def changed(self, status: os.stat_result | None = None) -> bool:
        """Whether a read could find anything new. Raises OSError."""
        if super().changed(status) or _stamp(self._yaml) != self._yaml_stamp:
            return True
        return len(self._rows()) != self._rows_seen

    # ---- reading

    def _named(self) -> str:
        return session_of_file(self.path) or os.path.basename(self.path)

    def _begin(self) -> None:
        super()._begin()
        self._spending = Spending(self._facts.session_id)
        self._main = Conversation(self._facts)
        self._agents: dict[str, Conversation] = {}
        self._agent_of_call: dict[str, str] = {}
        self._rows_seen = 0
        self._began_at: float | None = None
        self._sums_up_by_hand = False

    def _take(self, line: bytes) -> bool:
        event = _EVENTS.decode(line)
        if event is None:
            return False
        at = instant(event.timestamp)
        if self._is_copied(event, at):
            self._take_copy(event, at)
            return True
        taker = self._TAKERS.get(event.type)
        if taker is not None:
            taker(self, event, at)
            self._main.facts.seen(at if event.agent_id is None else None)
        elif not event.type.startswith(("model.", "system.", "hook.")):
            self._of(event).take(event, at)
        if event.agent_id in self._agents:
            self._agents[event.agent_id].facts.records += 1
            self._facts.records -= 1
        return True

    def _is_copied(self, event: Event, at: float | None) -> bool:
        """A fork begins with its own start and goes on with older events: those of its origin."""
        is_older = self._began_at is not None and at is not None and at < self._began_at
        return is_older and event.type != "session.start"

    def _take_copy(self, event: Event, at: float | None) -> None:
        """Of a copied history only the requests count, which say whose they were."""
        if event.type == "session.usage_record":
            usage = data_of(event, UsageRecord).usage
            source = usage.accounting.source_session_id if usage and usage.accounting else None
            if usage is not None and source is not None:
                self._spending.recorded(event.agent_id, usage, event.id, at)
                if event.agent_id is None:
                    self._note_context(self._main, usage)
                    self._facts.forked_from = source

    def _look_beside(self) -> bool:
        stamp = _stamp(self._yaml)
        is_new = stamp != self._yaml_stamp
        if is_new:
            self._title, self._yaml_stamp = title_of(self._yaml), stamp
        rows = self._rows()
        is_new |= len(rows) != self._rows_seen
        self._rows_seen = len(rows)
        for spent in self._spending.news(rows):
            if (who := self._who(spent.owner)) is not None:
                who.facts.metered = who.facts.reasoned = True
            born_at = self._facts.started_at
            self._claims.append(
                Claim(
                    spent.response,
                    spent.owner,
                    0 if spent.is_named else STANDS_HERE,
                    float("inf") if born_at is None else born_at,
                    self.path,
                )
            )
        return is_new

    def _rows(self) -> Sequence[Row]:
        if self._home is None or not self._spending.wants_rows:
            return ()
        return store_of(self._home).rows(self._facts.session_id)

    def _freeze(self) -> tuple[Reading, ...]:
        self._facts.title = self._title
        self._facts.problems = tuple(self._problems())
        everyone = [self._main, *self._agents.values()]
        for each in everyone:
            each.facts.reported_cost = self._spending.dollars(each.facts.session_id)
        return tuple(each.facts.freeze(self.path) for each in everyone)

    def _problems(self) -> Iterator[str]:
        if self._spending.is_output_only:
            yield OUTPUT_ONLY if self._facts.metered else NO_USAGE
        if self._spending.wants_rows and self._home is not None:
            said = store_of(self._home).problem
            if said is not None:
                yield said

    # ---- whose event it is

    def _of(self, event: Event) -> Conversation:
        if event.agent_id is not None:
            return self._agent(event.agent_id)
        if self._agent_of_call and b"parentToolCallId" in bytes(event.data):
            call = data_of(event, Message).parent_tool_call_id
            agent = self._agent_of_call.get(call or "")
            if agent is not None:
                return self._agent(agent)
        return self._main

    def _agent(self, agent_id: str) -> Conversation:
        known = self._agents.get(agent_id)
        if known is None:
            facts = Facts(agent_id)
            facts.parent_id = self._facts.session_id
            facts.cwd, facts.branch = self._facts.cwd, self._facts.branch
            facts.version, facts.interactive = self._facts.version, False
            known = self._agents[agent_id] = Conversation(facts)
        return known

    def _who(self, owner: str) -> Conversation | None:
        return self._main if owner == self._facts.session_id else self._agents.get(owner)

    # ---- events of the whole session

    def _start(self, event: Event, at: float | None) -> None:
        data = data_of(event, Beginning)
        self._began_at = instant(data.start_time) or at
        self._spending.began(at)
        if data.detached_from_spawning_parent_session_id:
            self._facts.forked_from = data.detached_from_spawning_parent_session_id
        self._settle_in(data)

    def _resume(self, event: Event, at: float | None) -> None:
        self._spending.began(at)
        self._settle_in(data_of(event, Beginning))
        for each in (self._main, *self._agents.values()):
            each.taken_up(at)

    def _inform(self, event: Event, _at: float | None) -> None:
        data = data_of(event, Info)
        named = _FORKED_FROM.search(data.message) if data.info_type == "fork" else None
        if named is not None and named[1] != self._facts.session_id:
            self._facts.forked_from = named[1]

    def _settle_in(self, data: Beginning) -> None:
        facts = self._facts
        facts.version = data.copilot_version or facts.version
        facts.model = facts.model or data.selected_model
        facts.effort = data.reasoning_effort or facts.effort
        if data.context is not None:
            facts.cwd = data.context.cwd or facts.cwd
            facts.branch = data.context.branch or facts.branch

    def _change_model(self, event: Event, _at: float | None) -> None:
        data = data_of(event, ModelChange)
        facts = self._of(event).facts
        facts.effort = data.reasoning_effort or facts.effort
        if not facts.metered:
            facts.model = data.new_model or facts.model

    def _answer(self, event: Event, at: float | None) -> None:
        data = data_of(event, Message)
        who = self._of(event)
        who.take(event, at)
        call = data.api_call_id or data.message_id or event.id
        owner = who.facts.session_id
        self._spending.answered(owner, call, at, data.model, count(data.output_tokens))

    def _spend(self, event: Event, at: float | None) -> None:
        usage = data_of(event, UsageRecord).usage
        if usage is None:
            return
        who = self._of(event)
        self._note_context(who, usage)
        who.facts.effort = usage.reasoning_effort or who.facts.effort
        self._spending.recorded(event.agent_id, usage, event.id, at)

    def _note_context(self, who: Conversation, usage: Usage) -> None:
        who.has_usage = True
        prompt = count(usage.input_tokens)
        if prompt:
            who.facts.filled(prompt, known_count(usage.max_prompt_tokens))

    def _begin_compaction(self, event: Event, at: float | None) -> None:
        self._sums_up_by_hand = data_of(event, Compaction).trigger == "manual"
        self._of(event).facts.act("requested", at, "the conversation is being summed up")

    def _end_compaction(self, event: Event, at: float | None) -> None:
        data = data_of(event, Compaction)
        facts = self._of(event).facts
        self._spending.compacted(facts.session_id, data, event.id, at)
        if data.success:
            facts.compacted(
                known_count(data.pre_compaction_tokens), known_count(data.post_compaction_tokens)
            )
        if self._sums_up_by_hand:
            facts.act("done", at, "the conversation was summed up")

    def _shut_down(self, event: Event, at: float | None) -> None:
        data = data_of(event, Shutdown)
        self._spending.ended(data, at)
        used = count(data.current_tokens)
        if used and not self._main.has_usage:
            self._facts.filled(used)
        for each in (self._main, *self._agents.values()):
            each.dropped(at, "it was ended in the middle of a turn")
        if data.shutdown_type == "error":
            self._facts.failed(data.error_reason or "the program failed", at)

    def _start_agent(self, event: Event, at: float | None) -> None:
        data = data_of(event, SubagentStart)
        agent_id = event.agent_id or data.tool_call_id
        if agent_id is None:
            return
        facts = self._agent(agent_id).facts
        if data.tool_call_id is not None:
            self._agent_of_call[data.tool_call_id] = agent_id
        facts.title = data.agent_description or data.agent_display_name or data.agent_name
        facts.model = data.model or facts.model
        if data.parent_id in self._agents and data.parent_id != agent_id:
            facts.parent_id = data.parent_id
        facts.seen(at)

    def _end_agent(self, event: Event, at: float | None) -> None:
        data = data_of(event, SubagentStart)
        agent_id = event.agent_id or data.tool_call_id
        if agent_id is None:
            return
        facts = self._agent(agent_id).facts
        facts.seen(at)
        if event.type == "subagent.failed":
            facts.failed(data.error or "", at)
        elif facts.phase != "done":
            facts.answered("", at)

    _TAKERS: ClassVar = {
        "session.start": _start,
        "session.resume": _resume,
        "session.info": _inform,
        "session.model_change": _change_model,
        "session.usage_record": _spend,
        "session.compaction_start": _begin_compaction,
        "session.compaction_complete": _end_compaction,
        "session.shutdown": _shut_down,
        "assistant.message": _answer,
        "subagent.started": _start_agent,
        "subagent.completed": _end_agent,
        "subagent.failed": _end_agent,
    }


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
