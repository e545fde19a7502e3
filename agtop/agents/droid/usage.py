"""One cumulative vector per session, taken apart so that it can be dated and priced."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache

from agtop.agents.decode import count
from agtop.agents.document import Document
from agtop.agents.droid.records import Home, TokenUsage
from agtop.model import Tokens

PART = Tokens(15_000, 60_000, 15_000, 0, 4_000)
"""What is taken for one request at most: below it no vendor's long-context prices begin."""
_PARTS_MOST = 5_000


class Sum:
    """A growing vector as parts of fixed size, filled one after the other.

    A part never shrinks and always has the same number, whoever reads the sum and when: so what
    was counted in an earlier run, or before the file was replaced, is not counted again.
    """

    def __init__(self) -> None:
        self._told: dict[int, Tokens] = {}

    def grown(self, whole: Tokens) -> Iterator[tuple[int, Tokens, float]]:
        """(number, part, how far into the session) of the parts that grew.

        What grew under our eyes belongs to the newest answer; at a first sight the parts are
        taken to be spread evenly.
        """
        is_first = not self._told
        shares = _shares(whole)
        for number in range(shares):
            part = _part(whole, number, number == _PARTS_MOST - 1)
            if self._told.get(number) != part:
                self._told[number] = part
                yield number, part, number / shares if is_first else 1.0


class Models:
    """The names that a home gives its own models."""

    def __init__(self, path: str) -> None:
        self._home = Document(path, Home)

    def look(self) -> bool:
        return self._home.look()

    def real(self, name: str | None) -> tuple[str | None, str]:
        """(model, provider) behind a name; the provider is empty where Factory is."""
        if name is not None and name.startswith("custom:") and self._home.value is not None:
            for custom in self._home.value.custom_models:
                if custom.id == name and custom.model:
                    return custom.model, custom.provider or ""
        return name, ""


@lru_cache(maxsize=32)
def models_of(root: str) -> Models:
    return Models(os.path.join(root, "settings.json"))


def tokens_of(usage: TokenUsage) -> Tokens:
    return Tokens(
        input=count(usage.input_tokens),
        cache_read=count(usage.cache_read_tokens),
        cache_write_5m=count(usage.cache_creation_tokens),
        output=count(usage.output_tokens),
    )


def prompt_of(usage: TokenUsage) -> int:
    return tokens_of(usage).prompt


def _shares(whole: Tokens) -> int:
    needed = max(
        -(-whole.input // PART.input),
        -(-whole.cache_read // PART.cache_read),
        -(-whole.cache_write_5m // PART.cache_write_5m),
        -(-whole.output // PART.output),
    )
    return min(needed, _PARTS_MOST)


def _part(whole: Tokens, number: int, is_last: bool) -> Tokens:
    def cut(total: int, size: int) -> int:
        rest = max(0, total - number * size)
        return rest if is_last else min(rest, size)

    return Tokens(
        input=cut(whole.input, PART.input),
        cache_read=cut(whole.cache_read, PART.cache_read),
        cache_write_5m=cut(whole.cache_write_5m, PART.cache_write_5m),
        output=cut(whole.output, PART.output),
    )
