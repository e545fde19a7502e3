"""Transcripts as Claude Code 2.1 writes them."""

from __future__ import annotations

from agtop.demo.dice import Dice
from agtop.demo.paper import Clock, Paper, Record, iso
from agtop.demo.spend import Spend, Talk, Tally

VERSION = "2.1.329"


def project_key(cwd: str) -> str:
    """The folder below `projects` that belongs to a working directory."""
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in cwd)


def usage(spend: Spend) -> Record:
    written = spend.cache_write_5m + spend.cache_write_1h
    return {
        "input_tokens": spend.input,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": spend.cache_read,
        "output_tokens": spend.output,
        "output_tokens_details": {"thinking_tokens": spend.reasoning},
        "server_tool_use": {"web_search_requests": spend.searches, "web_fetch_requests": 0},
        "service_tier": "standard",
        "cache_creation": {
            "ephemeral_1h_input_tokens": spend.cache_write_1h,
            "ephemeral_5m_input_tokens": spend.cache_write_5m,
        },
        "inference_geo": "not_available",
        "iterations": [],
        "speed": "standard",
        "fallback_credit": None,
    }


class Transcript:
    """One session, or one subagent of a session, written record by record."""

    def __init__(
        self,
        home: str,
        cwd: str,
        model: str,
        dice: Dice,
        clock: Clock,
        *,
        session: str | None = None,
        hour: bool = False,
        typed: bool = True,
        permission: str = "default",
    ) -> None:
        self.home, self.cwd, self.model = home, cwd, model
        self.dice, self.clock = dice, clock
        self.session = session or dice.uuid()
        self.agent_id: str | None = None
        self.typed = typed
        self.permission = permission
        self.folder = f"{home}/.claude/projects/{project_key(cwd)}"
        self.paper = Paper(f"{self.folder}/{self.session}.jsonl")
        self.talk = Talk(17_400, hour)
        self.hour = hour
        self.tally = Tally("claude", self.session, cwd)
        self.bill: dict[str, Spend] = {}
        self.tools: list[str] = []
        self.lines_added = self.lines_removed = 0
        self.parent: str | None = None
        self.started_at = clock.at
        self.request_id: str | None = None
        self.prompt_id: str | None = None
        self._last_prompt = ""
        self._turn_at = clock.at
        self._rows = 0

    # rows of the chain

    def row(self, head: Record, body: Record, made_here: bool = True) -> Record:
        """A record of the conversation's chain, which later ones point back to."""
        uuid = self.dice.uuid()
        chain: Record = {"parentUuid": self.parent, "isSidechain": self.agent_id is not None}
        if self.agent_id is not None:
            chain["agentId"] = self.agent_id
        record = chain | head | {"uuid": uuid, "timestamp": iso(self.clock.tick())} | body
        if made_here and self.typed and self.agent_id is None:
            record["session_id"] = self.session
        self.parent = uuid
        self._rows += 1
        return record | {
            "userType": "external",
            "entrypoint": "cli" if self.typed else "sdk-cli",
            "cwd": self.cwd,
            "sessionId": self.session,
            "version": VERSION,
            "gitBranch": "main",
        }

    def note(self, kind: str, **fields: object) -> None:
        """A record beside the chain."""
        self.paper.append({"type": kind, **fields, "sessionId": self.session})

    def modes(self) -> None:
        self.note("mode", mode="normal")
        self.note("permission-mode", permissionMode=self.permission)
        self.note("atis-latch", atis="")

    # a turn

    def prompt(self, text: str) -> None:
        """What a person typed, or a script passed with `-p`."""
        self.tally.prompts += 1
        self.prompt_id = self.dice.uuid()
        self._last_prompt, self._turn_at = text, self.clock.at
        if not self._rows:
            self.modes() if self.typed else self._enqueue(text)
        row = self._prompt_row(text)
        if self.typed:
            self._snapshot(str(row["uuid"]))
        self.paper.append(row)
        self._date()

    def _prompt_row(self, text: str) -> Record:
        source: Record = (
            {"origin": {"kind": "human"}, "promptSource": "typed", "turnOrigin": "human"}
            if self.typed
            else {"promptSource": "sdk", "turnOrigin": "sdk"}
        )
        turn = self.tally.prompts
        position = {"promptIndex": turn, "turnIndex": turn}
        body = {"permissionMode": self.permission} | source | {"turnPosition": position}
        message = {"role": "user", "content": text}
        return self.row(
            {"promptId": self.prompt_id, "type": "user", "message": message}, body, made_here=False
        )

    def _enqueue(self, text: str) -> None:
        stamp = iso(self.clock.at)
        self.paper.append(
            {
                "type": "queue-operation",
                "operation": "enqueue",
                "timestamp": stamp,
                "sessionId": self.session,
                "content": text,
            },
            {
                "type": "queue-operation",
                "operation": "dequeue",
                "timestamp": stamp,
                "sessionId": self.session,
            },
        )

    def _snapshot(self, message: str) -> None:
        snapshot: Record = {
            "messageId": message,
            "trackedFileBackups": {},
            "timestamp": iso(self.clock.at),
        }
        self.paper.append(
            {
                "type": "file-history-snapshot",
                "messageId": message,
                "snapshot": snapshot,
                "isSnapshotUpdate": False,
            }
        )

    def _date(self) -> None:
        day = iso(self.clock.at)[:10]
        body: Record = {"rendered": [{"content": f"The date is {day}."}], "renderedRole": "system"}
        head: Record = {"attachment": {"type": "date", "date": day}, "type": "attachment"}
        self.paper.append(self.row(head, body))

    def request(self) -> None:
        """The model is asked; its answer will name this request."""
        base = self.request_id
        self.request_id = self.dice.uuid()
        record: Record = {"type": "api-request", "sessionId": self.session}
        if self.agent_id is not None:
            record["agentId"] = self.agent_id
        record |= {
            "id": self.request_id,
            "timestamp": iso(self.clock.tick()),
            "version": VERSION,
            "querySource": self._source(),
            "shapeHash": self.dice.hex(64),
            "params": self._parameters(),
        }
        record |= {"base": base, "keep": 2} if base else {"keep": 0}
        record |= {
            "tail": [self.dice.hex(64)],
            "cacheControl": [{"path": ["system", 0], "value": {"type": "ephemeral"}}],
            "requestDigest": self.dice.hex(64),
        }
        self.paper.append(record)

    def _source(self) -> str:
        if self.agent_id is not None:
            return "agent:builtin:general-purpose"
        return "repl_main_thread" if self.typed else "sdk"

    def _parameters(self) -> Record:
        return {
            "model": self.model,
            "betas": [],
            "max_tokens": 128000,
            "thinking": {"type": "adaptive", "display": "updates"},
            "output_config": {"effort": "medium"},
        }

    def reply(self, blocks: list[Record], spend: Spend, stop: str = "tool_use") -> str:
        """One answer: a row for each of its blocks, every row with the whole usage.

        Returns:
            The id of the last block's row.
        """
        self.tally.add(self.model, spend)
        self.bill.setdefault(self.model, Spend(requests=0)).add(spend)
        message, request = f"msg_01{self.dice.base62(22)}", f"req_011C{self.dice.base62(20)}"
        rows: list[Record] = []
        for index, block in enumerate(blocks):
            content: Record = {
                "id": message,
                "type": "message",
                "role": "assistant",
                "model": self.model,
                "content": [block],
                "stop_reason": stop,
                "stop_sequence": None,
                "usage": usage(spend),
                "stop_details": None,
            }
            rows.append(self._reply_row(content, request, index))
        self._remember_tools(blocks)
        self.paper.append(*rows)
        return str(rows[-1]["uuid"])

    def _reply_row(self, message: Record, request: str, index: int) -> Record:
        head: Record = {
            "message": message,
            "apiBlockIndex": index,
            "requestId": request,
            "requestRef": self.request_id,
            "requestedModel": self.model,
            "promptCacheRequested": "1h" if self.hour else "5m",
        }
        if self.agent_id is not None:
            head["attributionAgent"] = "general-purpose"
        body: Record = {"effort": "medium", "perTurnEffort": "medium", "madeBy": "model"}
        return self.row(head | {"type": "assistant"}, body)

    def _remember_tools(self, blocks: list[Record]) -> None:
        new = [str(b["name"]) for b in blocks if "name" in b and b["name"] not in self.tools]
        if new and self.agent_id is None:
            self.tools += new
            self.note("tools-used", tools=list(self.tools))

    def result(
        self, tool: str, source: str, content: object, result: object, error: bool = False
    ) -> None:
        """What a tool call gave back."""
        answer: Record = {"tool_use_id": tool, "type": "tool_result", "content": content}
        if error:
            answer["is_error"] = True
        head: Record = {
            "promptId": self.prompt_id,
            "type": "user",
            "message": {"role": "user", "content": [answer]},
        }
        decision = {"decision": "accept", "source": "config", "reasonType": "mode"}
        body: Record = {
            "toolUseResult": result,
            "sourceToolAssistantUUID": source,
            "permissionDecision": decision,
        }
        self.paper.append(self.row(head, body))

    def error(self, text: str, status: int, kind: str) -> None:
        """The API refused: a row that the client made itself, without usage."""
        message: Record = {
            "id": self.dice.uuid(),
            "type": "message",
            "role": "assistant",
            "model": "<synthetic>",
            "content": [{"type": "text", "text": text}],
            "stop_reason": "stop_sequence",
            "stop_sequence": "",
            "usage": usage(Spend()),
        }
        body: Record = {"error": kind, "isApiErrorMessage": True, "apiErrorStatus": status}
        self.paper.append(self.row({"message": message, "type": "assistant"}, body))

    def end_turn(self) -> None:
        """What follows the last answer to a prompt."""
        took = round((self.clock.at - self._turn_at) * 1000)
        head: Record = {"type": "system", "subtype": "turn_duration", "durationMs": took}
        head["messageCount"] = self._rows
        self.paper.append(self.row(head, {"isMeta": False}, made_here=False))
        self.note("last-prompt", lastPrompt=self._last_prompt, leafUuid=self.parent)
        self.modes()

    def title(self, text: str) -> None:
        self.tally.title = text
        self.note("ai-title", aiTitle=text)
        self.note("agent-name", agentName=text)
