"""The question that an answer ends in."""

from __future__ import annotations

import pytest

from agtop.agents.asked import asked


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("All tests pass. Shall I push it?", "Shall I push it?"),
        ("Done.\n\n**Which of the two do you want?**\n", "Which of the two do you want?"),
        ("Two ways:\n- a\n- Should I take b?", "Should I take b?"),
        ("続けますか？", "続けますか？"),
        ("Why did it fail? The disk was full.", None),
        ("", None),
        ("?", "?"),
    ],
)
def test_only_the_last_sentence_is_asked(text: str, question: str | None) -> None:
    assert asked(text) == question


def test_a_question_without_an_end_is_cut() -> None:
    assert len(asked("x" * 100_000 + "?") or "") == 160
