"""What happens to a Claude Code session as a whole: compaction, forks, subagents, its end."""

from __future__ import annotations

import json

from agtop.demo.claude import Transcript, usage
from agtop.demo.paper import Paper, Record, compact, iso, replace
from agtop.demo.spend import Spend, Talk, Tally

_CHAIN = frozenset({"user", "assistant", "system", "attachment"})
_SUMMARY = "This session goes on from an earlier one. Done so far: {done}."


def compacted(transcript: Transcript, kept: list[str], done: str) -> None:
    """`/compact`: its own request is written nowhere, only the session's bill knows of it."""
    before = transcript.talk.context
    call = transcript.talk.claude(8, 420, 900)
    transcript.bill.setdefault(transcript.model, Spend(requests=0)).add(call)
    after = 2_900
    transcript.talk = Talk(0, transcript.hour)
    transcript.talk.context = after
    last, anchor = transcript.parent, transcript.dice.uuid()
    transcript.parent = None
    preserved = {"anchorUuid": anchor, "uuids": kept, "allUuids": kept}
    metadata: Record = {
        "trigger": "manual",
        "preTokens": before,
        "postTokens": after,
        "cumulativeDroppedTokens": before - after,
        "durationMs": 21_400,
        "preservedSegment": {"headUuid": kept[0], "anchorUuid": anchor, "tailUuid": kept[-1]},
        "preservedMessages": preserved,
    }
    head: Record = {
        "logicalParentUuid": last,
        "type": "system",
        "subtype": "compact_boundary",
        "content": "Conversation compacted",
        "level": "info",
        "compactMetadata": metadata,
    }
    transcript.paper.append(transcript.row(head, {}, made_here=False))
    _summary(transcript, done)


def _summary(transcript: Transcript, done: str) -> None:
    marks: Record = {"isVisibleInTranscriptOnly": True, "isCompactSummary": True}
    texts: tuple[tuple[str, Record], ...] = (
        (_SUMMARY.format(done=done), marks),
        ("<command-name>/compact</command-name>\n<command-args></command-args>", {}),
        ("<local-command-stdout>Compacted</local-command-stdout>", {}),
    )
    for text, extra in texts:
        message = {"role": "user", "content": text}
        head: Record = {"promptId": transcript.prompt_id, "type": "user", "message": message}
        transcript.paper.append(transcript.row(head | extra, {}))


def fork(source: str, origin: str, into: Transcript) -> None:
    """`--fork-session`: the conversation since its last compaction, under a new session id."""
    with open(source, encoding="utf-8") as file:
        records: list[Record] = [json.loads(line) for line in file]
    into.modes()
    emptied, rows = _since_compaction(records)
    for row in rows:
        copy = row | {"sessionId": into.session}
        if row["type"] == "assistant":
            copy["requestSessionId"] = origin
            if row["uuid"] in emptied:
                copy["message"] = _without_usage(row["message"])
        into.paper.append(copy)
    into.parent = str(rows[-1]["uuid"]) if rows else None
    into.tally.forked_from = f"claude:{origin}"


def _since_compaction(records: list[Record]) -> tuple[set[object], list[Record]]:
    """The ids whose usage a copy leaves out, and the rows that are copied."""
    chain = [r for r in records if r.get("type") in _CHAIN]
    cuts = [i for i, r in enumerate(chain) if r.get("subtype") == "compact_boundary"]
    if not cuts:
        return set(), chain
    boundary = json.loads(compact(chain[cuts[-1]]))
    kept: set[object] = set(boundary["compactMetadata"]["preservedMessages"]["uuids"])
    preserved = [r for r in chain[: cuts[-1]] if r.get("uuid") in kept]
    after = chain[cuts[-1] :]
    return kept, [*after[:2], *preserved, *after[2:]]


def _without_usage(message: object) -> Record:
    """The copy of a message kept over a compaction: zeros, but for the split of its writes."""
    copy: Record = json.loads(compact(message))
    split = json.loads(compact(copy["usage"]))["cache_creation"]
    return copy | {"usage": usage(Spend()) | {"cache_creation": split}}


class Subagent:
    """A subagent's transcript beside its parent's, and the call that started it."""

    def __init__(self, parent: Transcript, model: str, task: str, brief: str) -> None:
        self.parent, self.task, self.brief = parent, task, brief
        self.agent_id = f"a{parent.dice.hex(16)}"
        self.tool = f"toolu_01{parent.dice.base62(22)}"
        child = Transcript(
            parent.home, parent.cwd, model, parent.dice, parent.clock, session=parent.session
        )
        child.agent_id = self.agent_id
        folder = f"{parent.folder}/{parent.session}/subagents"
        child.paper = Paper(f"{folder}/agent-{self.agent_id}.jsonl")
        child.tally = Tally("claude", self.agent_id, parent.cwd)
        child.tally.parent = parent.tally.key
        child.bill = parent.bill
        child.prompt_id = parent.prompt_id
        child.talk = Talk(9_200)
        self.child = child

    def call(self) -> Record:
        """The tool call in the parent's answer."""
        arguments = {
            "prompt": self.brief,
            "description": self.task,
            "subagent_type": "general-purpose",
        }
        return {"type": "tool_use", "id": self.tool, "name": "Agent", "input": arguments}

    def begin(self) -> None:
        self.meta(finished=False)
        message = {"role": "user", "content": self.brief}
        head: Record = {"promptId": self.child.prompt_id, "type": "user", "message": message}
        self.child.paper.append(self.child.row(head, {}))

    def meta(self, finished: bool) -> None:
        record: Record = {
            "agentType": "general-purpose",
            "isBuiltIn": True,
            "description": self.task,
            "toolUseId": self.tool,
            "spawnDepth": 1,
            "requestShape": "foreground",
            "requestNonInteractive": True,
            "model": self.child.model,
            "pickedEffortModel": self.child.model,
            "finished": finished,
        }
        replace(self.child.paper.path.removesuffix(".jsonl") + ".meta.json", compact(record))

    def end(self, source: str, answer: str, seconds: float) -> None:
        """The parent gets the answer, with totals that repeat what the subagent's file holds."""
        self.meta(finished=True)
        spent = self.child.tally.total()
        result: Record = {
            "status": "completed",
            "prompt": self.brief,
            "agentId": self.agent_id,
            "agentType": "general-purpose",
            "content": [{"type": "text", "text": answer}],
            "resolvedModel": self.child.model,
            "totalDurationMs": round(seconds * 1000),
            "totalTokens": self.child.talk.context,
            "totalToolUseCount": spent.requests - 1,
            "usage": usage(spent),
        }
        text = [{"type": "text", "text": answer}]
        self.parent.result(self.tool, source, text, result)


def cost_state(transcript: Transcript) -> None:
    """What the session cost by the agent's own count, as it writes at its end."""
    costs = {model: spend.dollars(model) for model, spend in transcript.bill.items()}
    known = {model: cost for model, cost in costs.items() if cost is not None}
    lasted = round((transcript.clock.at - transcript.started_at) * 1000)
    transcript.paper.append(
        {
            "type": "cost-state",
            "sessionId": transcript.session,
            "totalCostUSD": sum(known.values()),
            "totalAPIDuration": lasted // 3,
            "totalAPIDurationWithoutRetries": lasted // 3,
            "totalToolDuration": lasted // 5,
            "totalLinesAdded": transcript.lines_added,
            "totalLinesRemoved": transcript.lines_removed,
            "totalDuration": lasted,
            "startTime": round(transcript.started_at * 1000),
            "modelUsage": {
                model: _model_usage(transcript.bill[model], cost) for model, cost in known.items()
            },
            "hasUnknownModelCost": len(known) < len(costs),
        }
    )


def _model_usage(spend: Spend, cost: float) -> Record:
    return {
        "inputTokens": spend.input,
        "outputTokens": spend.output,
        "thinkingTokens": spend.reasoning,
        "cacheReadInputTokens": spend.cache_read,
        "cacheCreationInputTokens": spend.cache_write_5m + spend.cache_write_1h,
        "cacheCreationEphemeral5mInputTokens": spend.cache_write_5m,
        "cacheCreationEphemeral1hInputTokens": spend.cache_write_1h,
        "webSearchRequests": spend.searches,
        "costUSD": cost,
    }


def limits(home: str, now: float) -> None:
    """The subscription's limits as Claude Code last saw them."""
    five_hour = {"utilization": 42, "resets_at": iso(now + 2.4 * 3600)}
    seven_day = {"utilization": 63, "resets_at": iso(now + 3.2 * 86400)}
    utilization = {"five_hour": five_hour, "seven_day": seven_day}
    cached = {"fetchedAtMs": round((now - 40) * 1000), "utilization": utilization}
    replace(
        f"{home}/.claude.json",
        compact({"hasCompletedOnboarding": True, "cachedUsageUtilization": cached}),
    )
