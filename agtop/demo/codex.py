"""Rollouts as Codex 0.169 writes them."""

from __future__ import annotations

import time

from agtop.demo.dice import Dice
from agtop.demo.paper import Clock, Paper, Record, compact, iso
from agtop.demo.spend import Spend, Talk, Tally

VERSION = "0.169.0"
WINDOW = 258_400


def usage(spend: Spend) -> dict[str, int]:
    """`input_tokens` holds the cached ones too, `output_tokens` the reasoning."""
    return {
        "input_tokens": spend.prompt,
        "cached_input_tokens": spend.cache_read,
        "cache_write_input_tokens": spend.cache_write_5m,
        "output_tokens": spend.output,
        "reasoning_output_tokens": spend.reasoning,
        "total_tokens": spend.prompt + spend.output,
    }


def thread_id(path: str) -> str:
    """The id at the end of a rollout's name."""
    return path.removesuffix(".jsonl")[-36:]


class Rollout:
    """One thread, written record by record."""

    def __init__(
        self,
        home: str,
        cwd: str,
        model: str,
        dice: Dice,
        clock: Clock,
        *,
        originator: str = "codex_exec",
        source: object = "exec",
        tier: str = "",
        keep_open: bool = False,
    ) -> None:
        self.home, self.cwd, self.model = home, cwd, model
        self.dice, self.clock = dice, clock
        self.thread = dice.uuid7(clock.at)
        self.root, self.root_turn = self.thread, ""
        self.originator, self.source, self.tier = originator, source, tier
        local = time.localtime(clock.at)
        folder = time.strftime(f"{home}/.codex/sessions/%Y/%m/%d", local)
        stamp = time.strftime("%Y-%m-%dT%H-%M-%S", local)
        self.paper = Paper(f"{folder}/rollout-{stamp}-{self.thread}.jsonl", keep_open)
        self.talk = Talk(11_600)
        self.tally = Tally("codex", self.thread, cwd)
        self.ordinal = 0
        self.total = Spend(requests=0)
        self.last = Spend(requests=0)
        self.turn = ""
        self.window = dice.uuid7(clock.at)
        self.primary: float | None = None
        """Percent of the plan's five hours that will be used up at their end; None for no plan."""
        self.resets_at: float | None = None
        """When those end; some time after the first word on them if nobody says."""
        self.history: list[str] = []
        self.meta: Record = {"thread_source": "user"}
        self._turn_total = Spend(requests=0)
        self._turn_at = clock.at
        self._sequence = 0
        self._begun = False

    def put(self, kind: str, payload: Record, metadata: Record | None = None) -> None:
        stamp = iso(self.clock.tick())
        record: Record = {"timestamp": stamp, "ordinal": self.ordinal, "type": kind}
        record["payload"] = payload
        if metadata is not None:
            record["metadata"] = metadata
        self.ordinal += 1
        self.paper.append(record)

    def event(self, kind: str, **fields: object) -> None:
        self.put("event_msg", {"type": kind, **fields})

    def item(self, kind: str, item: Record, seconds: float = 0.0) -> None:
        """A finished part of the turn."""
        ended = round(self.clock.at * 1000)
        self.event(
            "item_completed",
            thread_id=self.thread,
            turn_id=self.turn,
            item={"type": kind} | item,
            started_at_ms=ended - round(seconds * 1000),
            completed_at_ms=ended,
        )

    def response(self, item: Record) -> None:
        """A part of the model's own conversation."""
        self._sequence += 1
        passed: Record = {"turn_id": self.turn}
        if item.get("role") == "user" or "output" in item:  # made here, not by the model
            passed["create_time"] = round(self.clock.at, 6)
        metadata: Record = {
            "history_sequence": self._sequence,
            "sampled_through_sequence": self._sequence - 1,
            "client_authored": False,
        }
        item = item | {"internal_chat_message_metadata_passthrough": passed}
        self.put("response_item", item, metadata)

    def begin(self) -> None:
        """The first record: who this thread is."""
        identity: Record = {"account_scoped": True, "session_id": self.root, "id": self.thread}
        place: Record = {
            "timestamp": iso(self.clock.at),
            "cwd": self.cwd,
            "runtime_workspace_roots": [self.cwd],
            "originator": self.originator,
            "cli_version": VERSION,
            "source": self.source,
        }
        engine: Record = {
            "model_provider": "openai",
            "base_instructions": {"text": "You work in a shared folder. Be brief."},
            "history_mode": "paginated",
            "multi_agent_version": "v1",
            "context_window": {"window_id": self.window},
            "git": {"branch": "main"},
        }
        self.put("session_meta", identity | place | self.meta | engine)

    def prompt(self, text: str, trigger: str = "user", parent: str | None = None) -> None:
        """A turn starts with what was asked."""
        self.tally.prompts += 1
        self.turn = self.dice.uuid7(self.clock.at)
        self._turn_at, self._turn_total = self.clock.at, Spend(requests=0)
        self._start_turn(trigger, parent)
        if not self._begun:
            self._surroundings()
            self._begun = True
        self._settings()
        message = self.dice.uuid7(self.clock.at)
        self.response(
            {
                "type": "message",
                "id": f"msg_{message}",
                "role": "user",
                "content": [{"type": "input_text", "text": text}],
            }
        )
        content: list[Record] = [{"type": "text", "text": text, "text_elements": []}]
        self.item("UserMessage", {"id": self.dice.uuid7(self.clock.at), "content": content})
        self.history.append(text)

    def _start_turn(self, trigger: str, parent: str | None) -> None:
        root = self.root_turn or self.turn
        attribution = {
            "turn_id": self.turn,
            "turn_trigger": trigger,
            "parent_turn_id": parent,
            "initiating_agent_path": None,
            "root_turn_id": root,
        }
        self.event(
            "task_started",
            turn_attribution=attribution,
            turn_id=self.turn,
            root_turn_id=root,
            started_at=int(self.clock.at),
            model_context_window=WINDOW,
            collaboration_mode_kind="default",
        )

    def _surroundings(self) -> None:
        text = f"<environment_context>\n  <cwd>{self.cwd}</cwd>\n</environment_context>"
        self.response(
            {
                "type": "message",
                "id": f"msg_{self.dice.uuid7(self.clock.at)}",
                "role": "user",
                "content": [{"type": "input_text", "text": text}],
            }
        )
        local = {"cwd": self.cwd, "status": "available", "shell": "bash"}
        state = {"environments": {"environments": {"local": local}}, "model": self.model}
        self.put("world_state", {"full": True, "state": state})

    def _settings(self) -> None:
        mode: Record = {
            "mode": "default",
            "settings": {
                "model": self.model,
                "reasoning_effort": "medium",
                "developer_instructions": None,
            },
        }
        shared: Record = {"cwd": self.cwd, "approval_policy": "never", "collaboration_mode": mode}
        turn: Record = {
            "turn_id": self.turn,
            "root_turn_id": self.root_turn or self.turn,
            "model": self.model,
            "multi_agent_version": "v1",
            "effort": "medium",
            "summary": "none",
            "sandbox_policy": {"type": "workspace-write"},
        }
        self.put("turn_context", turn | shared)
        settings: Record = {"model": self.model, "model_provider_id": "openai"}
        if self.tier:
            settings["service_tier"] = self.tier
        settings["reasoning_effort"] = "medium"
        self.event(
            "thread_settings_applied",
            thread_id=self.thread,
            thread_settings=settings | shared,
        )

    def think(self, text: str) -> None:
        identity = f"rs_{self.dice.hex(40)}"
        self.item("Reasoning", {"id": identity, "summary_text": [text], "raw_content": []})
        summary = [{"type": "summary_text", "text": text}]
        body: Record = {"summary": summary, "content": None, "encrypted_content": None}
        self.response({"type": "reasoning", "id": identity} | body)

    def say(self, text: str) -> None:
        identity = f"msg_{self.dice.hex(40)}"
        self.item("AgentMessage", {"id": identity, "content": [{"type": "Text", "text": text}]})
        content: list[Record] = [{"type": "output_text", "text": text, "annotations": []}]
        self.response(
            {
                "type": "message",
                "status": "completed",
                "id": identity,
                "role": "assistant",
                "content": content,
            }
        )

    def call(self, name: str, arguments: Record, namespace: str = "") -> str:
        """The model asks for a function; its call id."""
        call = f"call_{self.dice.base62(24)}"
        item: Record = {
            "type": "function_call",
            "status": "completed",
            "id": f"fc_{self.dice.hex(40)}",
            "name": name,
        }
        if namespace:
            item["namespace"] = namespace
        self.response(item | {"arguments": compact(arguments), "call_id": call})
        return call

    def output(self, call: str, text: str, kind: str = "function_call_output") -> None:
        identity = f"fco_{self.dice.uuid7(self.clock.at)}"
        self.response({"type": kind, "id": identity, "call_id": call, "output": text})

    def patch(self, text: str) -> str:
        call = f"call_{self.dice.base62(24)}"
        self.response(
            {
                "type": "custom_tool_call",
                "id": f"ctc_{self.dice.hex(40)}",
                "status": "completed",
                "call_id": call,
                "name": "apply_patch",
                "input": text,
            }
        )
        return call

    def spent(self, spend: Spend) -> str:
        """The one record that counts: what this response cost. Returns the response's id."""
        self.tally.add(self.model, spend)
        self.last = spend
        for total in (self.total, self._turn_total):
            total.add(spend)
        response = f"resp_{self.dice.hex(48)}"
        self.put("token_usage_record", self.record(response, spend))
        return response

    def record(self, response: str, spend: Spend) -> Record:
        return {
            "thread_id": self.thread,
            "turn_id": self.turn,
            "session_id": self.root,
            "root_turn_id": self.root_turn or self.turn,
            "response_id": response,
            "usage": usage(spend),
            "turn_token_usage": usage(self._turn_total),
            "thread_token_usage": usage(self.total),
        }

    def count(self, estimate: int | None = None) -> None:
        """The running totals, sent again at many moments; an estimate after a compaction."""
        last = usage(self.last)
        if estimate is not None:
            last = usage(Spend()) | {"total_tokens": estimate}
        info: Record = {
            "total_token_usage": usage(self.total),
            "last_token_usage": last,
            "last_usage_includes_reasoning": estimate is not None,
            "model_context_window": WINDOW,
        }
        self.event("token_count", info=info, rate_limits=self._limits())

    def _limits(self) -> Record:
        primary: Record | None = None
        secondary: Record | None = None
        if self.primary is not None:
            if self.resets_at is None:
                self.resets_at = self.clock.at + 9_000
            reset = int(self.resets_at)
            passed = 1 - (reset - self.clock.at) / 18_000
            primary = {
                "used_percent": round(min(100.0, self.primary * passed), 1),
                "window_minutes": 300,
                "resets_at": reset,
            }
            secondary = {
                "used_percent": 31.0,
                "window_minutes": 10_080,
                "resets_at": reset + 291_000,
            }
        return {
            "limit_id": "codex",
            "limit_name": None,
            "primary": primary,
            "secondary": secondary,
            "credits": None,
            "individual_limit": None,
            "spend_control_reached": None,
            "plan_type": None if self.primary is None else "plus",
            "rate_limit_reached_type": None,
        }

    def end_turn(self, answer: str) -> None:
        self.event(
            "task_complete",
            root_turn_id=self.root_turn or self.turn,
            turn_id=self.turn,
            last_agent_message=answer,
            started_at=int(self._turn_at),
            completed_at=int(self.clock.at),
            duration_ms=round((self.clock.at - self._turn_at) * 1000),
            time_to_first_token_ms=640,
        )
