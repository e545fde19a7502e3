"""What a request cost: its own model, moment, prompt size, tier and place choose its price."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from agtop.model import Batch, Charge, Price, Response, Tokens
from agtop.pricing import plan
from agtop.pricing.names import Name, key, parse
from agtop.pricing.override import Override
from agtop.pricing.table import TABLE, Table

_MOST_PLANS = 4096
"""Far more than anyone's models; broken transcripts could name any number."""
_END_OF_TIME = 1e11
"""Unix seconds no calendar reaches."""
_LONG_WINDOW = 1_000_000
"""What `[1m]` asks Anthropic for."""


class Prices:
    """Prices responses by the vendors' lists and the user's overrides; keeps what it worked out.

    Raises:
        ValueError: an override for a model without a listed price lacks its input or output.
        OSError: the table is missing (at first use).
    """

    def __init__(
        self,
        overrides: Mapping[str, Override] | None = None,
        *,
        windows: Mapping[str, int] | None = None,
        table: Path = TABLE,
    ) -> None:
        """
        Args:
            overrides: model → the user's prices.
            windows: model → the user's word on the size of its context window.
        """
        self._windows = {model.lower(): size for model, size in (windows or {}).items()}
        self._path = table
        self._overrides = {model.lower(): price for model, price in (overrides or {}).items()}
        self._overrides_by_key = {key(m): p for m, p in self._overrides.items() if "/" not in m}
        self._plans: dict[plan.Ask, plan.Plan] = {}
        for model, override in self._overrides.items():
            self._check(model, override)

    def _check(self, model: str, override: Override) -> None:
        name = parse(model)
        if name is None:
            raise ValueError(
                f'"{model[:80]}" is not the name of a model, so it cannot have a price'
            )
        if not override.is_complete and self._table.find(name) is None:
            raise ValueError(
                f'the price of "{model}" needs both input and output:'
                " no price list has that model to take the rest from"
            )

    @cached_property
    def _table(self) -> Table:
        return Table(self._path)

    @property
    def table_date(self) -> str:
        """ISO date of the bundled price table."""
        return self._table.date

    @property
    def fingerprint(self) -> str:
        """Differs whenever a price might: of what was charged under another one nothing is kept."""
        own = sorted((model, repr(price)) for model, price in self._overrides.items())
        status = self._path.stat()
        return f"{status.st_mtime_ns}:{status.st_size}:{own}:{sorted(self._windows.items())}"

    def price(self, response: Response, provider: str) -> Price | None:
        """The prices for that very request, or None where none is known.

        `provider` sells the model unless the response or the model's name says otherwise.
        """
        rate = self._rate(response, provider)
        return rate.price if rate else None

    def charge(self, response: Response, provider: str) -> Charge | None:
        """What the request cost, or None where no price is known."""
        rate = self._rate(response, provider)
        if rate is None:
            return None
        return _times(rate, response.tokens, response.searches)

    def charge_together(self, batch: Batch, provider: str) -> Charge | Literal["mixed"] | None:
        """What all those requests cost, None where no price is known.

        "mixed" where several prices apply to them: then they must be charged one by one.
        """
        if batch.model is None:
            return None
        if not -_END_OF_TIME < batch.first <= batch.last < _END_OF_TIME:
            return "mixed"
        found = self._plan_of(
            plan.Ask(
                batch.model,
                batch.provider or provider,
                batch.service_tier,
                batch.fast,
                batch.geo,
                is_dated=True,
                searched=batch.searches > 0,
                is_named=bool(batch.provider),
            )
        )
        if not found:
            return None
        rate = plan.sole(found, batch.first, batch.last, batch.least, batch.most)
        return _times(rate, batch.tokens, batch.searches) if rate else "mixed"

    def context_window(self, model: str, provider: str) -> int | None:
        """Tokens the model takes at most, or None where that is not known."""
        if (given := self._windows.get(model.lower())) is not None:
            return given
        name = parse(model)
        if name is None or plan.runs_locally(name, provider):
            return None
        entry = self._table.find(name)
        if entry is None:
            return None
        return _LONG_WINDOW if name.is_long and entry.provider == "anthropic" else entry.window

    def why_unpriced(self, model: str | None, provider: str) -> str:
        """One sentence for a person: why there is no price, and what to do."""
        name = parse(model) if model else None
        if model is None or name is None:
            return "The transcript does not name the model."
        label = f'"{model[:80]}"'
        if self._override(model, name):
            return f"{label} has the price that config.toml gives it."
        if reason := self._table.why_unlisted(name):
            return f"{label} has no public price: {reason}."
        if plan.runs_locally(name, provider):
            return f"{label} runs on a machine of the user's own, where nobody bills by the token."
        entry = self._table.find(name)
        if entry is None:
            return f"{label} is in no price list that agtop has; give it a price in config.toml."
        if plan.is_sold_elsewhere(name, entry):
            host = plan.foreign_host(name, entry)
            return f'"{host}" sets a price of its own for {label}; give it one in config.toml.'
        return f"{label} has a price, dated {self._table.date}."

    def _rate(self, response: Response, provider: str) -> plan.Rate | None:
        model, at, tokens = response.model, response.at, response.tokens
        if model is None:
            return None
        if at is not None and not -_END_OF_TIME < at < _END_OF_TIME:
            at = None
        ask = plan.Ask(
            model,
            response.provider or provider,
            response.service_tier,
            response.fast,
            response.geo,
            at is not None,
            response.searches > 0,
            bool(response.provider),
        )
        found = self._plan_of(ask)
        return plan.pick(found, at, tokens.prompt) if found else None

    def _plan_of(self, ask: plan.Ask) -> plan.Plan:
        found = self._plans.get(ask)
        if found is None:
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            found = self._plans[ask] = self._plan(ask)
        return found

    def _plan(self, ask: plan.Ask) -> plan.Plan:
        name = parse(ask.model)
        if name is None:
            return ()
        entry = self._table.find(name)
        override = self._override(ask.model, name)
        if override is not None:
            found = plan.listed(self._table, name, entry, ask) if entry else ()
            return plan.overridden(found, override, name, ask)
        if entry is None or plan.runs_locally(name, ask.provider):
            return ()
        if plan.is_sold_elsewhere(name, entry, ask.provider if ask.is_named else None):
            return ()
        return plan.listed(self._table, name, entry, ask)

    def _override(self, model: str, name: Name) -> Override | None:
        if not self._overrides:
            return None
        exact = self._overrides.get(model.lower())
        if exact is not None:
            return exact
        named = (self._overrides_by_key.get(spelling) for spelling in name.spellings)
        return next((override for override in named if override is not None), None)


def _times(rate: plan.Rate, tokens: Tokens, searches: int) -> Charge:
    (plain, read, short, long, output), search, price = rate
    return Charge(
        tokens.input * plain,
        tokens.cache_read * read,
        tokens.cache_write_5m * short,
        tokens.cache_write_1h * long,
        tokens.output * output,
        searches * search,
        price,
    )
