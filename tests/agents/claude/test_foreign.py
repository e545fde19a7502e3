"""What a Claude Code transcript tells of others at work in the same place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agtop.agents.claude import AGENT
from agtop.model import ForeignChange, Reading
from agtop.units import instant
from tests.claude_rows import SESSION, answer, at, call, prompt, result, row, write

CART = "/work/api/cart.py"
SHELL = {"command": "git checkout fix"}


def reading(home: Path, *rows: dict[str, Any]) -> Reading:
    (known,) = AGENT.meter(str(write(home, SESSION, *rows))).read()
    return known


def signs(known: Reading) -> list[tuple[str, str]]:
    return [(each.sign, each.path) for each in known.foreign]


def used(tool: str, second: float, **arguments: Any) -> dict[str, Any]:
    return answer("m", second, None, call(tool, "t", **arguments), stop="tool_use")


def test_a_file_that_another_edited_is_evidence(home: Path) -> None:
    told = {"type": "edited_text_file", "filename": CART, "snippet": "1 x"}

    known = reading(home, prompt("go", 1), row("attachment", 2, attachment=told))

    assert known.foreign == (ForeignChange("changed", CART, instant(at(2))),)
    assert known.writes == ()


@pytest.mark.parametrize("odd", [None, 7, [], {"type": 1}, {"type": "edited_text_file"}])
def test_odd_attachments_are_passed_over(home: Path, odd: object) -> None:
    known = reading(home, prompt("go", 1), row("attachment", 2, attachment=odd))

    assert known.foreign == ()
    assert known.skipped == 0


@pytest.mark.parametrize(
    ("said", "sign"),
    [
        ("Error: File has been modified since read, either by the user or by a linter.", "refused"),
        ("Error: File has been unexpectedly modified. Read it again.", "refused"),
        ("Error: String to replace not found in file.\nString: x", "failed"),
    ],
)
def test_a_refused_edit_tells_of_its_file(home: Path, said: str, sign: str) -> None:
    edit = used("Edit", 2, file_path=CART, old_string="a", new_string="b")

    known = reading(home, prompt("go", 1), edit, result("t", 3, said, error=True))

    assert signs(known) == [(sign, CART)]
    assert known.tool_errors == 1


def test_other_errors_tell_nothing(home: Path) -> None:
    said = "Error: File has not been read yet."
    edit = used("Edit", 2, file_path=CART, old_string="a", new_string="b")

    assert reading(home, prompt("go", 1), edit, result("t", 3, said, error=True)).foreign == ()


def test_a_branch_that_somebody_switched_is_told(home: Path) -> None:
    known = reading(home, prompt("go", 1), prompt("on", 9, gitBranch="fix"))

    assert known.foreign == (ForeignChange("branch", "/work/api", instant(at(9)), "main to fix"),)


@pytest.mark.parametrize(
    "rows",
    [
        [used("Bash", 2, **SHELL), result("t", 3, gitBranch="fix")],
        [used("Bash", 2, **SHELL), result("t", 3), answer("n", 4, None, gitBranch="fix")],
        [used("Agent", 2, prompt="do it"), result("t", 3, gitBranch="fix")],
        [prompt("<bash-input>git switch fix</bash-input>", 2), prompt("on", 3, gitBranch="fix")],
        [prompt("on", 2, gitBranch="fix", cwd="/work/api-fix")],
    ],
)
def test_a_branch_that_it_switched_itself_or_left_is_not(
    home: Path, rows: list[dict[str, Any]]
) -> None:
    assert reading(home, prompt("go", 1), *rows).foreign == ()


def test_its_own_checkout_of_an_earlier_turn_excuses_nothing(home: Path) -> None:
    own = used("Bash", 2, **SHELL), result("t", 3, gitBranch="fix")

    known = reading(home, prompt("go", 1), *own, prompt("x", 4, gitBranch="fix"), prompt("y", 5))

    assert [each.said for each in known.foreign] == ["fix to main"]


def test_writes_tell_their_kind_lines_and_instants(home: Path) -> None:
    made = {"type": "create", "filePath": CART, "content": "a\nb\n", "structuredPatch": []}
    edited = {"filePath": CART, "structuredPatch": [{"lines": ["-a", "+c", "+d"]}]}

    known = reading(
        home, prompt("go", 1), result("t", 2, made), result("u", 3, edited), result("v", 4, edited)
    )

    (cart,) = known.writes
    assert (cart.kind, cart.writes, cart.added, cart.removed) == ("edit", 3, 6, 2)
    assert cart.instants == tuple(instant(at(second)) for second in (2, 3, 4))


def test_an_edit_that_fitted_a_file_that_was_another_by_then_is_evidence(home: Path) -> None:
    edit = used("Edit", 2, file_path=CART, old_string="a", new_string="b")
    outcome = {"filePath": CART, "structuredPatch": [{"lines": ["+x"]}], "staleRecovered": True}

    known = reading(home, prompt("go", 1), edit, result("t", 3, outcome))

    assert signs(known) == [("changed", CART)]
    assert [file.path for file in known.writes] == [CART]
