"""Buckets with everything they can be told apart by: whose, of which repository, at what hour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, tzinfo

from agtop.model import QUARTER, Bucket, Expenses, Record, Spender

DEPTH = 50
"""Subagents below subagents; a longer chain of parents is a circle."""
_HEADLESS = {"claude": "claude -p", "codex": "codex exec", "gemini": "gemini -p"}


class Moment(Record):
    """A quarter of an hour, by the clock on the wall."""

    at: float
    day: date
    hour: int

    @property
    def weekday(self) -> int:
        """0 is Monday."""
        return self.day.weekday()


class Clock:
    """Turns moments into local time, each once: DST and all, as the time zone had it then."""

    def __init__(self, zone: tzinfo | None = None) -> None:
        """
        Args:
            zone: None is the machine's own.
        """
        self.zone = zone
        self._known: dict[int, Moment | None] = {}

    def moment(self, number: int | None) -> Moment | None:
        """None for what is not dated, or beyond every calendar."""
        if number is None:
            return None
        if number not in self._known:
            self._known[number] = self._looked_up(number)
        return self._known[number]

    def today(self, now: float) -> date:
        return datetime.fromtimestamp(now, self.zone).date()

    def midnight(self, day: date) -> float:
        """The instant at which a day begins."""
        begin = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        return begin.timestamp()

    def _looked_up(self, number: int) -> Moment | None:
        at = number * QUARTER
        try:
            local = datetime.fromtimestamp(at, self.zone)
        except (ValueError, OverflowError, OSError):
            return None
        return Moment(at, local.date(), local.hour)


class Use(Record):
    """A bucket, told."""

    bucket: Bucket
    agent: str
    label: str
    included: bool
    """A plan covers it."""
    session: str
    """The key of the session at the top: `claude:1b2c…`."""
    spender: Spender
    """That session."""
    is_subagent: bool
    moment: Moment | None

    @property
    def command(self) -> str:
        """How the session was begun: with somebody there, or as part of a script."""
        if self.spender.interactive:
            return self.agent
        return _HEADLESS.get(self.agent, f"{self.agent} (scripted)")


def uses(expenses: Iterable[Expenses], clock: Clock) -> list[Use]:
    """All buckets of all agents."""
    return [use for each in expenses for use in _of_agent(each, clock)]


def _of_agent(each: Expenses, clock: Clock) -> Iterator[Use]:
    agent, label, included = each.agent, each.label, each.included
    tops: dict[str, tuple[str, Spender, bool]] = {}
    moments: dict[int | None, Moment | None] = {}
    for bucket in each.buckets:
        number = bucket.moment
        if number not in moments:
            moments[number] = clock.moment(number)
        known = tops.get(bucket.session_id)
        if known is None:
            top = _top(bucket.session_id, each.spenders)
            below = bucket.session_id != top.session_id
            known = tops[bucket.session_id] = (f"{agent}:{top.session_id}", top, below)
        session, top, below = known
        yield Use(bucket, agent, label, included, session, top, below, moments[number])


def _top(session_id: str, spenders: Mapping[str, Spender]) -> Spender:
    """The session at the top of its tree; itself where its parents go round in a circle."""
    own = spenders.get(session_id) or Spender(session_id)
    here = own
    for _ in range(DEPTH):
        if here.parent_id is None:
            return here
        here = spenders.get(here.parent_id) or Spender(here.parent_id, repo=here.repo)
    return own
