"""What happens to a Codex thread as a whole: names, compaction, forks, subagents, its lock."""

from __future__ import annotations

import os

from agtop.demo.codex import Rollout
from agtop.demo.paper import Paper, Record, compact, iso
from agtop.demo.spend import Spend, Talk


def name(rollout: Rollout, title: str) -> None:
    """Enter the thread and its prompts into the indexes beside the rollouts."""
    rollout.tally.title = title
    home, at = f"{rollout.home}/.codex", rollout.clock.at
    Paper(f"{home}/session_index.jsonl").append(
        {"id": rollout.thread, "thread_name": title, "updated_at": iso(at)}
    )
    prompts: list[Record] = [
        {"session_id": rollout.thread, "ts": int(at), "text": text} for text in rollout.history
    ]
    Paper(f"{home}/history.jsonl").append(*prompts)


def compacted(rollout: Rollout, summary: str) -> None:
    """Unlike Claude's, this request is recorded; the totals are sent once more before it."""
    rollout.turn = rollout.dice.uuid7(rollout.clock.at)
    rollout.event("task_started", turn_id=rollout.turn, root_turn_id=rollout.turn)
    rollout.count()
    rollout.say(f"<summary>{summary}</summary>")
    spend = rollout.talk.codex(380, 760, 210)
    response = rollout.spent(spend)
    rollout.count()
    rollout.put("compacted", _window(rollout, summary, spend, response))
    estimate = 7_260
    rollout.talk = Talk(0)
    rollout.talk.context = estimate
    rollout.count(estimate)
    rollout.item("ContextCompaction", {"id": rollout.dice.uuid7(rollout.clock.at)}, 14.0)
    rollout.end_turn("")


def _window(rollout: Rollout, summary: str, spend: Spend, response: str) -> Record:
    """The record of a compaction, with a copy of the usage that must not count again."""
    before, rollout.window = rollout.window, rollout.dice.uuid7(rollout.clock.at)
    return {
        "message": summary,
        "replacement_history": [],
        "window_number": 1,
        "first_window_id": before,
        "previous_window_id": before,
        "window_id": rollout.window,
        "compaction_response_id": response,
        "latest_token_usage_record": rollout.record(response, spend),
    }


def fork(origin: Rollout, child: Rollout) -> None:
    """A paginated fork: the history stays in the parent's file, the totals go on from its."""
    child.ordinal = origin.ordinal
    child.total.add(origin.total)
    child.talk.context = origin.talk.context
    child.tally.forked_from = origin.tally.key
    child.meta |= {
        "forked_from_id": origin.thread,
        "forked_from_ordinal_exclusive": origin.ordinal,
        "history_base": {
            "thread_id": origin.thread,
            "end_ordinal_exclusive": origin.ordinal,
            "end_byte_offset": origin.paper.size,
        },
    }


def spawn(parent: Rollout, nickname: str, task: str, keep_open: bool = False) -> Rollout:
    """A subagent with a rollout of its own, as a call of its parent."""
    origin = {
        "parent_thread_id": parent.thread,
        "depth": 1,
        "agent_path": None,
        "agent_nickname": nickname,
        "agent_role": None,
    }
    child = Rollout(
        parent.home,
        parent.cwd,
        parent.model,
        parent.dice,
        parent.clock,
        originator=parent.originator,
        source={"subagent": {"thread_spawn": origin}},
        keep_open=keep_open,
    )
    child.root, child.root_turn = parent.root, parent.turn
    child.tally.parent = parent.tally.key
    child.meta = {
        "parent_thread_id": parent.thread,
        "thread_source": "subagent",
        "agent_nickname": nickname,
    }
    call = parent.call("spawn_agent", {"message": task}, "multi_agent_v1")
    parent.spent(parent.talk.codex(90, 120, 40))
    parent.item("CollabAgentToolCall", _collaboration(parent, child, call, nickname, task), 0.02)
    parent.output(call, compact({"agent_id": child.thread, "nickname": nickname}))
    parent.count()
    child.begin()
    child.prompt(task, parent=parent.turn)
    return child


def _collaboration(parent: Rollout, child: Rollout, call: str, nickname: str, task: str) -> Record:
    return {
        "id": call,
        "tool": "spawn_agent",
        "status": "completed",
        "sender_thread_id": parent.thread,
        "receiver_thread_ids": [child.thread],
        "receiver_agents": [{"thread_id": child.thread, "agent_nickname": nickname}],
        "prompt": task,
        "model": child.model,
        "reasoning_effort": "medium",
        "agents_states": {child.thread: "pending_init"},
    }


def search(rollout: Rollout, query: str) -> None:
    """A web search, which the model server runs itself."""
    identity = f"ws_{rollout.dice.hex(40)}"
    action = {"type": "search", "query": query}
    rollout.item("WebSearch", {"id": identity, "query": query, "action": action}, 1.4)
    rollout.response(
        {"type": "web_search_call", "id": identity, "status": "completed", "action": action}
    )


class Lock:
    """The file a process holds open while it alone writes a thread."""

    def __init__(self, rollout: Rollout) -> None:
        import fcntl  # only actors on Linux and macOS hold locks

        folder = f"{rollout.home}/.codex/thread-writer-locks"
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self.path = f"{folder}/{rollout.thread}.lock"
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(self) -> None:
        os.close(self._descriptor)
        os.unlink(self.path)
