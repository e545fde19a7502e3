"""What a session is doing: its agent's own word, its records, its processes and time, fused.

The agent's pid file is the best witness, the newest records the second, the process tree the
third. A session is never called idle when nothing says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from agtop.model import Activity, Match, Process, Record, Registration, State, StateName

STALL = 300.0
"""Seconds of silence after which work without a sign of life is stalled."""
FRESH = 30.0
"""Seconds a session without a known process counts as working after its last record."""
GRACE = 300.0
"""Seconds a session without a known process counts as idle after its last record."""
SKEW = 300.0
"""Seconds by which another clock may be ahead; what is dated later says nothing of now."""
LEAVE = 3.0
"""Seconds after which a call that does not even begin waits for the user to allow it."""
BUSY_CPU = 3.0
"""Percent of one core, over the whole process tree, that counts as work."""

_UNSAID = "its answer holds more than its words, and no tool has begun: one waits to be allowed"
_OPEN = ("requested", "tool")
_HELD = ("question", "permission", "limited", "error")
"""Nothing goes on by itself, whatever a pid file said before."""
# Claude Code waits for: permission prompt, sandbox request, worker request, goal proposal, input
# needed (a question), dialog open; earlier versions used more words.
_PERMISSION = ("permission", "approv", "request", "proposal")
_QUESTION = ("question", "plan", "answer", "input needed")


class Situation(Record):
    """Everything a state is decided from."""

    activity: Activity
    now: float
    last_active: float | None = None
    liveness: Literal["live", "stopped"] | None = None
    process: Process | None = None
    registration: Registration | None = None
    match: Match = Match()
    is_subagent: bool = False
    """Then `process` is the one its parent runs in."""
    parent_is_live: bool = False
    is_read: bool = True
    """Its records could be read, so that `activity` is what they say."""
    loop: str | None = None
    """What its newest calls do over and over."""
    woke_at: float | None = None
    """When the machine woke last: nobody was silent while it slept."""
    servers: tuple[Process, ...] = ()
    """What may do its work where `process` only shows it: Codex' daemon."""
    host_word: str | None = None
    """Of a subagent: what the pid file of the process it runs in says."""
    has_begun: bool = False
    """A process of what it does was there once."""


def resolve(it: Situation) -> State:
    """The state, since when, and the evidence as a sentence."""
    if it.liveness == "stopped":
        return State("ended", None, it.last_active, _end(it.activity))
    if it.is_subagent:
        return _held(it, _subagent(it))
    if it.liveness == "live":
        return _held(it, _live(it))
    if it.match.confidence == "ambiguous":
        return _ambiguous(it)
    return _without_process(it)


def _end(activity: Activity) -> str:
    if activity.phase not in _OPEN:
        return "its process has ended"
    return f"its process has ended in the middle of its work: {activity.evidence}"


def _live(it: Situation) -> State:
    word = _own_word(it)
    if word is not None:
        return word
    phase, since, said = it.activity.phase, _since(it), it.activity.evidence
    if not it.is_read:
        return _untold(it, since)
    if _asks_leave(it):
        return _held_up(it, since, said)
    if phase in _OPEN:
        return _working(it, since, said)
    if it.activity.may_go_on and (sign := _goes_on(it)):
        return _working(it, since, f"{said}, but {sign}")
    return _resting(it, since, said)


def _held(it: Situation, state: State) -> State:
    """What Ctrl+Z or SIGSTOP holds does not work, whatever was begun."""
    if it.process is None or it.process.status != "stopped" or state.name == "ended":
        return state
    said = f"its process is stopped (Ctrl+Z, SIGSTOP); {state.evidence}"
    if state.name in ("working", "looping"):
        return State("stalled", "stopped", state.since, said)
    return State(state.name, state.reason, state.since, said)


def _untold(it: Situation, since: float | None) -> State:
    """Nothing but its process tells what it does: at work or not, but never that it rests."""
    cpu = _tree_cpu(it.process)
    if cpu is not None and cpu >= BUSY_CPU:
        said = f"its process is at work ({cpu:.0f} % of a core); no record tells on what"
        return State("working", None, since, said)
    return State("unknown", None, since, "it runs, but no record tells what it does")


def _own_word(it: Situation) -> State | None:
    """What the agent's pid file says, unless its records are newer."""
    file = it.registration
    if file is None or file.status is None:
        return None
    at = _since(it) if file.status_at is None else min(file.status_at, it.now)
    if file.status == "waiting":
        for_what = file.waiting_for or "input"
        # A tool that asks the user is announced like any other that wants to run.
        asked = it.activity.phase == "question"
        reason = "question" if asked else _waiting_reason(for_what)
        return State("waiting", reason, at, f"its pid file waits: {for_what}")
    recorded = it.activity.since
    if file.status in ("busy", "shell"):
        if it.activity.phase in _HELD and not _has_passed(it) and _is_newer(recorded, at):
            return None
        if it.activity.phase in _OPEN:
            said = it.activity.evidence
            return _working(it, _since(it), f"its pid file says {file.status}; {said}")
        return _working(it, at, f"its pid file says {file.status}")
    says_more = it.is_read and it.activity.phase not in _OPEN
    if file.status == "idle" and not says_more and not _is_newer(recorded, at):
        return State("idle", None, at, "its pid file says idle")
    return None


def _working(it: Situation, since: float | None, said: str) -> State:
    silent = _silence(it)
    if silent is not None and it.woke_at is not None and it.woke_at <= it.now:
        silent = min(silent, it.now - it.woke_at)
    if it.loop is not None:
        return State("looping", None, since, it.loop)
    if silent is None or silent < STALL or _is_at_work(it):
        return State("working", None, since, said)
    minutes = int(silent // 60)
    return State(
        "stalled", None, it.last_active, f"{said}, silent for {minutes} min without CPU or child"
    )


def _resting(it: Situation, since: float | None, said: str) -> State:
    names: dict[str, tuple[StateName, str | None]] = {
        "question": ("waiting", "question"),
        "permission": ("waiting", "permission"),
        "asks": ("waiting", "input"),
        "error": ("error", None),
        "limited": ("limited", None),
    }
    if _has_passed(it):
        return State("idle", None, it.activity.until, "its rate limit has passed")
    name, reason = names.get(it.activity.phase, ("idle", None))
    return State(name, reason, since, said)


def _ambiguous(it: Situation) -> State:
    several = f"several processes could be its own ({_pids(it.match)})"
    silent = _silence(it)
    if it.activity.phase in _OPEN:
        name: StateName = "working" if silent is not None and silent < STALL else "unknown"
        return State(name, None, _since(it), f"{it.activity.evidence}; {several}")
    if not it.is_read:
        return State("unknown", None, _since(it), several)
    state = _resting(it, _since(it), it.activity.evidence)
    return State(state.name, state.reason, state.since, f"{state.evidence}; {several}")


def _without_process(it: Situation) -> State:
    silent = _silence(it)
    said = it.activity.evidence
    limit = FRESH if it.activity.phase in _OPEN else GRACE
    if silent is None or silent >= limit:
        return State("ended", None, it.last_active, f"no process of it is running; {said}")
    if it.activity.phase in _OPEN:
        return State("working", None, _since(it), f"{said}; its process is not known")
    state = _resting(it, _since(it), said)
    return State(state.name, state.reason, state.since, f"{said}; its process is not known")


def _subagent(it: Situation) -> State:
    if it.activity.phase in _OPEN:
        silent = _silence(it)
        if it.parent_is_live and _asks_leave(it):
            return _held_up(it, _since(it), it.activity.evidence)
        if it.parent_is_live:
            return _working(it, _since(it), it.activity.evidence)
        if silent is not None and silent < FRESH:
            return State("working", None, _since(it), it.activity.evidence)
    if it.parent_is_live and it.activity.phase in _HELD and not _has_passed(it):
        return _resting(it, _since(it), it.activity.evidence)
    return State("ended", None, it.last_active, it.activity.evidence)


def _has_passed(it: Situation) -> bool:
    """Whether what limited it is over."""
    until = it.activity.until
    return it.activity.phase == "limited" and until is not None and until <= it.now


def _waiting_reason(for_what: str) -> str:
    words = for_what.lower()
    if any(word in words for word in _PERMISSION):
        return "permission"
    return "question" if any(word in words for word in _QUESTION) else "input"


def _is_at_work(it: Situation) -> bool:
    """CPU in the tree, or a child that was started for what is going on."""
    cpus = map(_tree_cpu, (it.process, *it.servers))
    if any(cpu is not None and cpu >= BUSY_CPU for cpu in cpus):
        return True
    since, parents = it.activity.since, (it.process, *it.servers)
    return bool(begun_since(since, parents))


def _asks_leave(it: Situation) -> bool:
    """A call that would be over at once, or have begun a process, has done neither."""
    since = it.activity.since
    if not it.activity.at_once or it.process is None or since is None:
        return False
    if it.host_word not in (None, "waiting") or _is_unasked(it):
        return False
    if it.now - since < LEAVE or (it.woke_at or 0.0) > it.now - LEAVE or _was_written(it):
        return False
    return not it.has_begun and not begun_since(since, (it.process, *it.servers))


def begun_since(since: float | None, parents: Iterable[Process | None]) -> list[Process]:
    """What whatever does its work has begun from then on, and still runs."""
    children = [child for parent in parents if parent is not None for child in parent.children]
    return [child for child in children if since is None or child.started_at >= since - 2]


def _goes_on(it: Situation) -> str | None:
    """A sign that an answer was not the last, where its records cannot tell."""
    since, process = it.activity.since, it.process
    if since is None or process is None or process.started_at > since:
        return None  # what it was taken up with was over
    if _was_written(it):
        return "something of it was written since"
    began = begun_since(since, (process,))
    return f"{began[0].name} runs since" if began else None


def _held_up(it: Situation, since: float | None, said: str) -> State:
    held = f"{said}; nothing of it has begun: it waits to be allowed"
    return State("waiting", "permission", since, held if it.activity.phase == "tool" else _UNSAID)


def _was_written(it: Situation) -> bool:
    """Of late, and after what it does was: a subagent of it is at work."""
    since, last = it.activity.since, it.last_active
    return last is not None and (since or 0.0) + 1 < last and (_silence(it) or 0.0) < FRESH


def _is_unasked(it: Situation) -> bool:
    """It was started so that it asks nobody before it runs something."""
    found = it.process.recognition if it.process is not None else None
    return found is not None and found.is_unasked


def _tree_cpu(process: Process | None) -> float | None:
    if process is None:
        return None
    return process.tree.cpu_percent if process.tree is not None else process.cpu_percent


def _silence(it: Situation) -> float | None:
    """Seconds since anything was heard: a record, or a change of the pid file's word."""
    word_at = it.registration.status_at if it.registration is not None else None
    heard = [at for at in (it.last_active, word_at) if at is not None and at <= it.now + SKEW]
    return max(0.0, it.now - max(heard)) if heard else None


def _since(it: Situation) -> float | None:
    since = it.activity.since if it.activity.since is not None else it.last_active
    return None if since is None else min(since, it.now)


def _is_newer(one: float | None, other: float | None) -> bool:
    return one is not None and (other is None or one > other)


def _pids(match: Match) -> str:
    return ", ".join(map(str, match.candidates))
