"""Info: what the session is, what it does and how agtop knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from textual.content import Content

from agtop.columns.cells import GLYPHS, cost_text, state_text
from agtop.model import Allowance, Context, Session
from agtop.paths import short
from agtop.text import cut, cut_start, line, printable
from agtop.tui.gauge import gauge
from agtop.tui.lines import beside
from agtop.tui.tabs.base import Tab
from agtop.tui.tabs.facts import (
    NAME,
    columns,
    fact,
    facts,
    flowing,
    heading,
    many,
    more,
    wrapped,
)
from agtop.tui.tones import ACCENT, QUIET, STATE_TONES, STRONG, WARN
from agtop.tui.words import figure, quiet, toned
from agtop.units import UNKNOWN, age, clock, compact, dollars, duration, percent

Resume = Callable[[Session], str | None]
"""A session → the command that takes it up again."""

_TWO_COLUMNS = 110
_FILES = 8


def no_resume(_session: Session) -> str | None:
    return None


class Info(Tab):
    TITLE = "Info"

    def __init__(self, resume: Resume = no_resume) -> None:
        super().__init__()
        self._resume = resume

    def draw(self, session: Session, now: float, width: int, /) -> Sequence[Content]:
        beside_it = width >= _TWO_COLUMNS and bool(session.subagents or session.reading.writes)
        left = width * 56 // 100 if beside_it else width
        room = left - 3 if beside_it else width
        about = [
            *_title(session, room),
            *_state(session, now, room),
            *_model(session, now, room),
            *_work(session, now, room),
            *_budget(session.allowance, room),
            *_place(session, now, room),
            *_binding(session, room),
            *facts("resume", _one(self._resume(session))),
            *_problems(session, room),
        ]
        made = [*_subagents(session, now, width - left), *_files(session, now, width - left)]
        if beside_it:
            return beside([line.truncate(room, ellipsis=True) for line in about], made, left)
        return [*about, *([Content("")] if made else []), *made]


def _one(text: str | None) -> list[Content]:
    return [toned(line(text), ACCENT)] if text else []


def _title(session: Session, width: int) -> list[Content]:
    title = session.reading.title
    lines = wrapped(title, width - NAME)[:3] if title else []
    return facts("title", [text.stylize(STRONG) for text in lines])


def _state(session: Session, now: float, width: int) -> Iterator[Content]:
    state = session.state
    words = line(state_text(session).replace(":", ": ", 1))
    since = "" if state.since is None else f"for {duration(now - state.since)}"
    yield from _reasoned(
        "state",
        [toned(f"{GLYPHS[state.name]} {words}", STATE_TONES[state.name]), since],
        state.evidence,
        width,
    )
    if session.reading.action:
        yield fact("doing", cut(line(printable(session.reading.action)), max(20, width - NAME)))


def _reasoned(
    name: str, parts: Sequence[Content | str], reason: str, width: int
) -> Iterator[Content]:
    """A fact and why agtop thinks so: on the same line when there is room."""
    first = fact(name, *parts)
    reasons = wrapped(reason, width - NAME)[:3] if reason else []
    if len(reasons) == 1 and first.cell_length + reasons[0].cell_length + 3 <= width:
        yield Content.assemble(first, (" · ", QUIET), reasons[0].stylize(QUIET))
        return
    yield first
    for text in reasons:
        yield more(text.stylize(QUIET))


def _place(session: Session, now: float, width: int) -> Iterator[Content]:
    read = session.reading
    where = cut_start(printable(short(line(read.cwd or ""))), width - NAME)
    place = [line(session.project or ""), where, _branch(read.branch)]
    yield from flowing("project", place, width)
    program = f"{line(session.agent_label)} {line(read.version or '')}".strip()
    yield from flowing("session", [line(session.session_id), program], width)
    if session.started_at is not None:
        since = now - session.started_at
        yield fact("started", clock(session.started_at, now), f"{duration(since)} ago")


def _branch(branch: str | None) -> str:
    return f"branch {line(branch)}" if branch else ""


def _model(session: Session, now: float, width: int) -> Iterator[Content]:
    read = session.reading
    model = [
        line(session.model or ""),
        f"by {told}" if (told := session.model_found[1]) else "",
        f"effort {line(read.effort)}" if read.effort else "",
        f"plan {line(read.subscription)}" if read.subscription else "",
    ]
    yield from flowing("model", model, width)
    yield from flowing("context", _context(read.context), width)
    if read.context is not None:
        yield from flowing("left", _left(read.context, now), width)
        yield from flowing("cache", _cache(read.context, now), width)


def _context(context: Context | None) -> list[Content | str]:
    if context is None:
        return []
    used = f"{compact(context.used)} of {compact(context.window)}"
    filled = context.percent
    bar = Content.assemble(gauge(filled, 12), " ", (percent(filled), STRONG))
    peak = f"peak {compact(context.peak)}" if context.peak > context.used else ""
    times = "once" if context.compactions == 1 else f"{context.compactions} times"
    compacted = f"compacted {times}" if context.compactions else ""
    if filled is None:
        return [f"{compact(context.used)}, window unknown", peak, compacted]
    return [bar, used, peak, compacted]


def _left(context: Context, now: float) -> list[Content | str]:
    """What may still be used, and a warning where summing up does not help."""
    full, sums_up = context.to_full, context.to_compaction
    until = "" if sums_up is None else f"~{percent(sums_up)} to compaction"
    thrash = "compacted twice within 10 minutes: it fills up at once again"
    return [
        "" if full is None else f"{percent(full)} to full",
        until,
        toned(thrash, WARN) if context.is_thrashing(now) else "",
    ]


def _cache(context: Context, now: float) -> list[Content | str]:
    """Whether the next prompt finds the context in the prompt cache, and what it costs if not."""
    left = context.warm_for(now)
    if left is None:
        return []
    cost = "" if context.wake_cost is None else dollars(context.wake_cost)
    kept = f"kept {duration(context.cache_lasts)} after each use"
    if left > 0:
        return [f"warm for {duration(left)}", f"then {cost} to write it anew" if cost else "", kept]
    ago = f"cold for {duration(now - (context.cold_at or now))}"
    return [toned(ago, WARN), f"{cost} to wake it" if cost else "", kept]


def _work(session: Session, now: float, width: int) -> Iterator[Content]:
    read = session.reading
    failed = f", {read.tool_errors} failed" if read.tool_errors else ""
    turns = [
        many(read.user_turns, "prompt"),
        many(read.replies, "answer"),
        many(read.tool_calls, "tool call") + failed,
    ]
    yield from flowing("turns", turns, width)
    speed = session.rates.tokens_per_min
    quietly = (
        "" if session.last_active is None else f"last record {age(now - session.last_active)} ago"
    )
    yield fact("pace", "" if speed is None else f"{compact(speed)} tokens/min", quietly)


def _budget(allowance: Allowance | None, width: int) -> list[Content]:
    """The fullest budget it is under."""
    if allowance is None:
        return []
    show = dollars if allowance.kind == "dollars" else compact
    bound = "~" if allowance.is_estimated else "≥" if allowance.is_partial else ""
    bar = Content.assemble(
        gauge(allowance.percent, 12), " ", f"{bound}{percent(allowance.percent)}",
        f" of {show(allowance.limit)}", "" if allowance.kind == "dollars" else " tokens",
    )  # fmt: skip
    left = "" if allowance.left is None else f"{show(allowance.left)} left"
    then = "" if allowance.action == "warn" else f"then {allowance.action}"
    whose = "this session" if allowance.budget.startswith("session") else line(allowance.budget)
    return flowing("budget", [bar, left, whose, then], width)


def _binding(session: Session, width: int) -> Iterator[Content]:
    """Which process serves it, how sure that is and why."""
    match, process = session.match, session.process
    parts: list[Content | str] = []
    if process is not None:
        mark = "†" if session.liveness == "stopped" else ""
        parts.append(f"pid {process.pid}{mark}")
    if match.confidence is not None:
        tone = WARN if match.confidence in ("low", "ambiguous") else ""
        parts.append(toned(match.confidence, tone))
    if match.confidence == "ambiguous":
        parts.append("it could be " + ", ".join(str(pid) for pid in match.candidates))
    yield from _reasoned("process", parts or ["none"], "; ".join(match.evidence), width)
    read = session.reading
    skipped = f"{read.skipped:,} skipped" if read.skipped else ""
    path = cut_start(printable(short(line(read.transcript))), width - NAME)
    yield from flowing("transcript", [path, many(read.records, "record"), skipped], width)


def _problems(session: Session, width: int) -> list[Content]:
    known = dict.fromkeys((*session.problems, *session.reading.problems))
    lines = [text for problem in known for text in wrapped(problem, width - NAME)[:4]]
    return facts("problems", [toned(text.plain, WARN) for text in lines])


def _subagents(session: Session, now: float, width: int) -> list[Content]:
    """The tree of them; without room for all, the model goes first."""
    if not session.subagents:
        return []
    branches = [*_branches(session, "")]
    room = width - 28 - (_MODEL + 2) * (width >= 70)
    rows = [_subagent(stem, child, now, max(12, room)) for stem, child in branches]
    if width < 70:
        rows = [[row[0], *row[2:]] for row in rows]
    flush = (False, False, True, True, True)[-len(rows[0]) :]
    return [
        heading("subagents", str(len(branches))),
        *columns(rows, (False, *flush[1:])),
        Content(""),
    ]


_MODEL = 20
"""Cells for the model of a subagent."""


def _branches(session: Session, stem: str) -> Iterator[tuple[str, Session]]:
    """Every subagent below, with the lines of the tree in front of it."""
    for number, child in enumerate(session.subagents, 1):
        last = number == len(session.subagents)
        yield stem + ("└ " if last else "├ "), child
        yield from _branches(child, stem + ("  " if last else "│ "))


def _subagent(stem: str, child: Session, now: float, room: int) -> list[Content]:
    state = child.state.name
    name = cut(line(printable(child.reading.title or child.session_id)), room)
    tokens = None if child.tokens is None else child.tokens.total
    seen = None if child.last_active is None else now - child.last_active
    return [
        Content.assemble((stem, QUIET), (GLYPHS[state], STATE_TONES[state]), " ", toned(name)),
        quiet(cut(line(printable(child.model or UNKNOWN)), _MODEL)),
        figure(compact(tokens)),
        figure(cost_text(child.cost)),
        quiet(age(seen)),
    ]


def _files(session: Session, now: float, width: int) -> list[Content]:
    read = session.reading
    if not read.writes and read.lines is None:
        return []
    note = f"{len(read.writes)}"
    if read.lines is not None:
        note += f"   +{read.lines.added:,} −{read.lines.removed:,} lines"
    newest = sorted(read.writes, key=lambda write: -(write.last_at or 0.0))
    rows = [
        [
            toned(cut_start(printable(_inside(write.path, read.cwd)), max(20, width - 16))),
            quiet(f"×{write.writes}"),
            quiet(age(None if write.last_at is None else now - write.last_at)),
        ]
        for write in newest[:_FILES]
    ]
    hidden = len(newest) - len(rows)
    rest = [quiet(f"and {hidden} more")] if hidden > 0 else []
    return [heading("files written", note), *columns(rows, (False, True, True)), *rest]


def _inside(path: str, cwd: str | None) -> str:
    """Relative to the session's directory where it lies in it."""
    base = (cwd or "").rstrip("/") + "/"
    return line(path.removeprefix(base) if cwd else short(path))
