"""What people type to see only some sessions: words, `field:text` and `field>number`.

All terms must hold. `!` in front of a term turns it round, `|` inside one separates alternatives,
and quotes keep blanks and colons together: `agent:codex !state:ended cost>1 "fix login"`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping

from agtop.model import STATES, Record, Session

Test = Callable[[Session], bool]


class Filter(Record):
    """Which sessions to show; without terms all of them."""

    text: str = ""
    tests: tuple[Test, ...] = ()

    def matches(self, session: Session) -> bool:
        return all(test(session) for test in self.tests)

    def __bool__(self) -> bool:
        return bool(self.tests)


EVERYTHING = Filter()


def parse(text: str) -> Filter:
    """Read a filter. Raises ValueError with a sentence."""
    found, error = readable(text)
    if error:
        raise ValueError(error)
    return found


def readable(text: str) -> tuple[Filter, str]:
    """What can be read of a filter that is being typed, and a sentence on what cannot."""
    tests: list[Test] = []
    errors: list[str] = []
    for term in _terms(text):
        if term == "!":  # what is not wanted is about to be typed
            continue
        try:
            tests.append(_test(term))
        except ValueError as error:
            errors.append(str(error))
    return Filter(text.strip(), tuple(tests)), errors[0] if errors else ""


def _terms(text: str) -> list[str]:
    """Blanks separate terms, except between quotes; a quote left open runs to the end."""
    return re.findall(r'(?:"[^"]*"?|[^\s"])+', text)


def _test(term: str) -> Test:
    if term.startswith("!") and len(term) > 1:
        wanted = _test(term[1:])
        return lambda session: not wanted(session)
    comparison = re.fullmatch(r"([a-z_/$]+)(>=|<=|>|<|=)(.*)", term, re.IGNORECASE)
    if comparison is not None:
        return _comparison(comparison[1].casefold(), comparison[2], comparison[3])
    field = re.match(r"([a-z_]+):", term, re.IGNORECASE)
    if field is not None:
        return _field(field[1].casefold(), term[field.end() :])
    return _contains(_anything, term)


def _contains(read: Callable[[Session], str], text: str) -> Test:
    needles = _alternatives(text)
    return lambda session: any(needle in read(session).casefold() for needle in needles)


def _alternatives(text: str) -> tuple[str, ...]:
    if text.startswith('"'):
        return (text.replace('"', "").casefold(),)
    return tuple(part for part in text.replace('"', "").casefold().split("|") if part) or ("",)


def _field(name: str, text: str) -> Test:
    name = _ALIASES.get(name, name)
    if name == "state":
        return _state(text)
    if name not in _TEXTS:
        if name in _NUMBERS:
            raise ValueError(f'"{name}" is a number; compare it: {name}>1, {name}<=1')
        raise ValueError(
            _no_field(name, (*_TEXTS, "state"))
            + f' Or quote it to find it as text: "{name}:{text}"'
        )
    return _contains(_TEXTS[name], text)


def _state(text: str) -> Test:
    """By the beginning of a state or of the reason a session waits for."""
    wanted = _alternatives(text)
    known = (*STATES, *_REASONS)
    for start in wanted:
        if not any(word.startswith(start) for word in known):
            raise ValueError(f'no state is called "{start}"; there are {", ".join(known)}')
    return lambda session: any(
        session.state.name.startswith(start) or (session.state.reason or "").startswith(start)
        for start in wanted
    )


def _comparison(name: str, sign: str, text: str) -> Test:
    name = _ALIASES.get(name, name)
    if name not in _NUMBERS:
        raise ValueError(_no_field(name, tuple(_NUMBERS)))
    read, scale = _NUMBERS[name]
    bound = _number(text, scale, f"{name}{sign}")
    compare = _SIGNS[sign]

    def test(session: Session) -> bool:
        value = read(session)
        return value is not None and compare(value, bound)

    return test


def _number(text: str, scale: Mapping[str, float], before: str) -> float:
    match = re.fullmatch(r"\$?(\d+(?:\.\d*)?|\.\d+)([a-z%]*)", text.casefold())
    if match is None or (match[2] and match[2] not in scale):
        units = f", with {', '.join(scale)} if you like" if scale else ""
        raise ValueError(f'"{before}" needs a number behind it{units}: {before}1')
    return float(match[1]) * scale.get(match[2], 1.0)


def _no_field(name: str, known: tuple[str, ...]) -> str:
    import difflib

    near = difflib.get_close_matches(name, known, 1)
    advice = f'did you mean "{near[0]}"?' if near else f"there are {', '.join(known)}."
    return f'no field is called "{name}"; {advice}'


def _anything(session: Session) -> str:
    """What a plain word is looked for in."""
    return "\n".join([*(read(session) for read in _TEXTS.values()), session.state.name])


def _tree_cpu(session: Session) -> float | None:
    process = session.process
    if process is None:
        return None
    return process.tree.cpu_percent if process.tree is not None else process.cpu_percent


def _tree_rss(session: Session) -> float | None:
    process = session.process
    if process is None:
        return None
    return process.tree.rss if process.tree is not None else process.rss


_REASONS = ("permission", "question", "input")

_TEXTS: Mapping[str, Callable[[Session], str]] = {
    "agent": lambda s: f"{s.agent} {s.agent_label}",
    "id": lambda s: s.session_id,
    "title": lambda s: s.reading.title or "",
    "project": lambda s: s.project or "",
    "cwd": lambda s: s.reading.cwd or "",
    "branch": lambda s: s.reading.branch or "",
    "model": lambda s: s.model or "",
}

_METRIC: Mapping[str, float] = {"k": 1e3, "m": 1e6, "g": 1e9}
_BINARY: Mapping[str, float] = {"k": 2.0**10, "m": 2.0**20, "g": 2.0**30}
_PERCENT: Mapping[str, float] = {"%": 1.0}

_NUMBERS: Mapping[str, tuple[Callable[[Session], float | None], Mapping[str, float]]] = {
    "cost": (lambda s: None if s.cost is None else s.cost.total, {}),
    "ctx": (
        lambda s: None if s.reading.context is None else s.reading.context.percent,
        _PERCENT,
    ),
    "tokens": (lambda s: None if s.tokens is None else s.tokens.total, _METRIC),
    "rate": (lambda s: s.rates.tokens_per_min, _METRIC),
    "hourly": (lambda s: s.rates.cost_per_hour, {}),
    "turns": (lambda s: s.reading.user_turns, {}),
    "tools": (lambda s: s.reading.tool_calls, _METRIC),
    "subagents": (lambda s: len(s.subagents), {}),
    "cpu": (_tree_cpu, _PERCENT),
    "mem": (_tree_rss, _BINARY),
    "pid": (lambda s: None if s.process is None else s.process.pid, {}),
}

_ALIASES = {
    "repo": "project",
    "dir": "cwd",
    "session": "id",
    "name": "title",
    "context": "ctx",
    "memory": "mem",
    "tok/min": "rate",
    "$/h": "hourly",
    "$": "cost",
}

_SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}

EXAMPLES: tuple[tuple[str, str], ...] = (
    ("login", "in its id, title, project, directory, branch, model, agent or state"),
    ("agent:codex|claude", "one of two agents; so too id: title: project: cwd: branch: model:"),
    ("state:waiting", "a state, or why it waits: state:permission"),
    ("cost>1  ctx>=80", "figures: " + ", ".join(_NUMBERS)),
    ("!state:ended", "everything but"),
    ('"fix login"', "words that belong together"),
)
"""For the help: what can be typed and what it finds."""
