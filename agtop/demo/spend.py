"""Tokens as they are spent, and the truth about them, kept apart from how they are written."""

from __future__ import annotations

BUCKETS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
"""Disjoint, but for `reasoning`, which is part of `output`."""

_PRICES = {  # dollars per million tokens, by bucket; only for the agents' own cost records
    "claude-opus-5-5": (4.0, 0.2, 5.0, 8.0, 20.0),
    "claude-sonnet-5": (2.0, 0.2, 2.5, 4.0, 10.0),
    "claude-haiku-5-5": (0.1, 0.01, 0.125, 0.2, 0.5),
}
_SEARCH_PRICE = 0.01


class Spend:
    """The tokens of one response, or of several."""

    __slots__ = (*BUCKETS, "requests", "searches")

    def __init__(
        self,
        fresh: int = 0,
        cache_read: int = 0,
        cache_write_5m: int = 0,
        cache_write_1h: int = 0,
        output: int = 0,
        reasoning: int = 0,
        searches: int = 0,
        requests: int = 1,
    ) -> None:
        self.input = fresh
        self.cache_read = cache_read
        self.cache_write_5m = cache_write_5m
        self.cache_write_1h = cache_write_1h
        self.output = output
        self.reasoning = reasoning
        self.searches = searches
        self.requests = requests

    def add(self, other: Spend) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def prompt(self) -> int:
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h

    def as_dict(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__}

    def dollars(self, model: str) -> float | None:
        rates = _PRICES.get(model)
        if rates is None:
            return None
        tokens = (
            self.input,
            self.cache_read,
            self.cache_write_5m,
            self.cache_write_1h,
            self.output,
        )
        paid = sum(n * rate for n, rate in zip(tokens, rates, strict=True)) / 1e6
        return paid + self.searches * _SEARCH_PRICE


class Talk:
    """A conversation's context: what each further request sends again, reads and adds."""

    def __init__(self, system: int, hour: bool = False) -> None:
        self.context = 0
        self._system = system
        self._hour = hour

    def claude(self, fresh: int, added: int, output: int, reasoning: int = 0) -> Spend:
        """Everything sent before is read from the cache, what is new is written to it."""
        read, written = self.context, added
        if not self.context:  # a share of the system prompt is warm from other sessions
            read, written = self._system * 3 // 4, self._system // 4 + added
        self.context = read + written + fresh + output
        short, long = (0, written) if self._hour else (written, 0)
        return Spend(fresh, read, short, long, output, reasoning)

    def codex(self, added: int, output: int, reasoning: int = 0) -> Spend:
        """The cache is read in whole blocks; the rest of the prompt is plain input."""
        prompt = (self.context or self._system) + added
        read = self.context // 128 * 128
        self.context = prompt + output
        return Spend(prompt - read, read, 0, 0, output, reasoning)


class Tally:
    """What one session really spent, and facts that its transcript must bear out."""

    def __init__(self, agent: str, session: str, cwd: str) -> None:
        self.agent = agent
        self.session = session
        self.cwd = cwd
        self.parent: str | None = None
        self.forked_from: str | None = None
        self.title: str | None = None
        self.prompts = 0
        self.models: dict[str, Spend] = {}

    @property
    def key(self) -> str:
        return f"{self.agent}:{self.session}"

    def add(self, model: str, spend: Spend) -> None:
        self.models.setdefault(model, Spend(requests=0)).add(spend)

    def total(self) -> Spend:
        total = Spend(requests=0)
        for spend in self.models.values():
            total.add(spend)
        return total

    def as_dict(self) -> dict[str, object]:
        """What `truth.json` says of one session; its subagents are entries of their own."""
        return {
            "agent": self.agent,
            "session": self.session,
            "cwd": self.cwd,
            "parent": self.parent,
            "forked_from": self.forked_from,
            "title": self.title,
            "prompts": self.prompts,
            "tokens": self.total().as_dict(),
            "models": {model: spend.as_dict() for model, spend in self.models.items()},
        }
