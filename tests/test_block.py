"""A folded block is the same block in less memory."""

from __future__ import annotations

import pytest

from agtop.block import UNKNOWN, Block

TERMS = ("model", "", False, "", "")


def filled(transcript: str = "/a.jsonl") -> Block:
    block = Block(transcript)
    block.note(1, 10.0, TERMS, "one", 0, (1, 2, 3, 4, 5, 6))
    block.note(2, None, TERMS, "two", 1, (6, 5, 4, 3, 2, 1), 7)
    return block


def test_a_folded_block_says_what_it_said() -> None:
    plain, folded = filled(), filled()

    folded.fold()

    assert (len(folded), folded.last, folded.packed()) == (2, 10.0, plain.packed())
    assert [folded.response(n) for n in range(2)] == [plain.response(n) for n in range(2)]
    assert [folded.claim(n) for n in range(2)] == [plain.claim(n) for n in range(2)]


def test_a_folded_block_takes_rows() -> None:
    plain, folded = filled(), filled()
    folded.fold()

    for block in (plain, folded):
        block.note(3, 20.0, TERMS, "two", 0, (9, 9, 9, 9, 9, 9))

    assert folded.packed() == plain.packed()
    assert folded.last == 20.0


def test_packing_unfolds_nothing() -> None:
    block = filled()
    block.fold()

    block.packed()

    assert block._folded is not None  # pyright: ignore[reportPrivateUsage]


def test_an_empty_block_folds() -> None:
    block = Block("/a.jsonl")
    block.fold()

    assert (len(block), block.last, list(block.ats)) == (0, UNKNOWN, [])


def test_what_no_block_has_is_an_error() -> None:
    block = filled()
    block.fold()

    with pytest.raises(AttributeError):
        getattr(block, "colour")  # noqa: B009
