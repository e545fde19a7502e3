"""What a thread spent: from usage records where there are any, else from its cumulative totals.

Codex writes a `token_count` after each response and at other moments too, with unchanged numbers;
its totals continue over a fork, and fall when the context overflows. Newer versions also write one
`token_usage_record` per response, which is exact: from the first of them on, totals are not needed.
"""

from __future__ import annotations

from agtop.agents.codex.records import TokenInfo, Usage, UsageRecord
from agtop.block import Counts
from agtop.model import MOST

Vector = tuple[int, int, int, int, int, int]
_NOTHING = Usage()


class Spending:
    """Turns one thread's usage events into (key, tokens), each response once."""

    def __init__(self, thread_id: str, has_base: bool) -> None:
        self.thread_id = thread_id
        self.has_base = has_base
        """The totals continue those of the thread it was forked from."""
        self.responses = 0
        self.has_records = False
        self._nth_spend = 0
        self._total: Usage | None = None
        self._last: Usage | None = None

    def record(self, record: UsageRecord) -> tuple[str, Counts] | None:
        """The usage of one response; None for another thread's."""
        if record.thread_id != self.thread_id or record.usage is None:
            return None
        self.has_records = True
        self.responses += 1
        name = record.response_id or f"record-{self.responses}"
        return f"{self.thread_id}/{name}", counts(vector(record.usage))

    def count(self, info: TokenInfo, answered: bool) -> tuple[str, Counts] | None:
        """What a thread without records spent since the last event; None if nothing.

        `answered`: the model has said something in this thread, so the first event of a fork is
        its own response and no repetition of its parent's.
        """
        spent = None if self.has_records else self._spent(info, answered)
        self.skip(info)
        if spent is None or not any(spent[:5]):
            return None
        self._nth_spend += 1
        self.responses += 1
        return f"{self.thread_id}#{self._nth_spend}", counts(spent)

    def skip(self, info: TokenInfo) -> None:
        """Take the totals as known without spending: they are a copy."""
        self._total = info.total_token_usage or self._total
        self._last = info.last_token_usage or self._last

    def forget(self) -> None:
        """All that was spent so far turned out to be copied; only the totals stay known."""
        self.responses = self._nth_spend = 0
        self.has_records = False

    def _spent(self, info: TokenInfo, answered: bool) -> Vector | None:
        if info.total_token_usage is None:
            return None
        last = info.last_token_usage
        if self._total is None and self.has_base:
            return vector(last) if last is not None and answered else None
        spent = difference(info.total_token_usage, self._total or _NOTHING)
        # A repeat differs by nothing. Totals that fell were reset, and say nothing of the response.
        if min(spent) >= 0:
            return spent
        return vector(last) if last is not None and last != self._last else None


def vector(usage: Usage) -> Vector:
    return (
        usage.input_tokens,
        usage.cached_input_tokens,
        usage.cache_write_input_tokens,
        usage.output_tokens,
        usage.reasoning_output_tokens,
        usage.total_tokens,
    )


def difference(now: Usage, then: Usage) -> Vector:
    return (
        now.input_tokens - then.input_tokens,
        now.cached_input_tokens - then.cached_input_tokens,
        now.cache_write_input_tokens - then.cache_write_input_tokens,
        now.output_tokens - then.output_tokens,
        now.reasoning_output_tokens - then.reasoning_output_tokens,
        now.total_tokens - then.total_tokens,
    )


def counts(spent: Vector) -> Counts:
    """Disjoint buckets: Codex counts cached input as input and reasoning as output."""
    if max(spent) > MOST:
        spent = tuple(n if n <= MOST else 0 for n in spent)  # pyright: ignore[reportAssignmentType]
    whole, read, written, output, reasoning, _ = spent
    return (
        max(whole - read - written, 0),
        read,
        written,
        0,
        output,
        min(reasoning, output),
    )
