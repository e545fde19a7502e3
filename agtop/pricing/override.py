"""A price the user set, which wins over the table."""

from __future__ import annotations

import math

from agtop.model import Record
from agtop.pricing.table import PER_MTOK, PICO, Rates, fill


class Override(Record):
    """Dollars per million tokens, `search` per web search; None leaves the table's price.

    Cache prices that are not given keep their proportion to `input`.

    Raises:
        ValueError: a price is negative or no number.
    """

    input: float | None = None
    output: float | None = None
    cache_read: float | None = None
    cache_write_5m: float | None = None
    cache_write_1h: float | None = None
    search: float | None = None

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value: object = getattr(self, name)
            if value is not None and not _is_price(value):
                raise ValueError(
                    f'the price "{name} = {value}" is not possible;'
                    " write dollars per million tokens, 0 or more"
                )

    @property
    def is_complete(self) -> bool:
        """It can stand alone, for a model without a listed price."""
        return self.input is not None and self.output is not None

    def rates(self, provider: str, listed: Rates | None) -> Rates:
        """The user's prices, filled up from the listed ones."""
        if listed is None:
            assert self.input is not None
            assert self.output is not None
            return fill(
                provider,
                self.input,
                self.cache_read,
                self.cache_write_5m,
                self.cache_write_1h,
                self.output,
            )
        plain = listed.input if self.input is None else self.input * PER_MTOK
        scale = plain / listed.input if listed.input else 1.0
        return Rates(
            round(plain),
            _or(self.cache_read, listed.cache_read * scale),
            _or(self.cache_write_5m, listed.cache_write_5m * scale),
            _or(self.cache_write_1h, listed.cache_write_1h * scale),
            _or(self.output, listed.output),
        )

    def fee(self, listed: int | None) -> int | None:
        """Pico-dollars per web search."""
        return listed if self.search is None else round(self.search * PICO)


def _is_price(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and value >= 0


def _or(dollars: float | None, listed: float) -> int:
    return round(listed if dollars is None else dollars * PER_MTOK)
