"""Tool calls, their failures and the files they wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agtop.agents.codex.calls import ACTION_LENGTH, exit_code
from agtop.agents.codex.writes import of_patch
from agtop.model import FileWrite, Lines, Reading
from tests.agents.codex.rollouts import NOON, Rollout, read, uuid7

THREAD = uuid7(NOON)
PATCH = """*** Begin Patch
*** Add File: new.py
+one
+two
*** Update File: src/old.py
*** Move to: src/newer.py
@@ def f():
-    return 1
+    return 2
+    # more
*** Delete File: gone.py
*** End Patch
"""


@pytest.fixture
def rollout() -> Rollout:
    return Rollout(THREAD).meta().context().prompt()


def reading_of(rollout: Rollout, home: Path) -> Reading:
    return read(rollout.write(home))[0]


def paths(reading: Reading) -> set[str]:
    return {write.path for write in reading.writes}


def test_every_kind_of_call_counts_once(rollout: Rollout, home: Path) -> None:
    rollout.calls("c1", cmd="true").answers("c1")
    rollout.completed("CommandExecution", id="c1", status="completed", exit_code=0)
    rollout.item("custom_tool_call", name="apply_patch", input="", call_id="c2")
    rollout.item("local_shell_call", call_id="c3", action={"type": "exec", "command": ["ls"]})
    rollout.item("web_search_call", action={"type": "search", "query": "x"})
    rollout.item("tool_search_call", call_id="c4", arguments={"query": "spawn"})
    reading = reading_of(rollout, home)
    assert (reading.tool_calls, reading.tool_errors) == (5, 0)


@pytest.mark.parametrize(
    "output",
    [
        "Chunk ID: 1\nWall time: 0.1 seconds\nProcess exited with code 2\nOutput:\nno\n",
        "Exit code: 1\nWall time: 0 seconds\nOutput:\nno\n",
        '{"output":"no","metadata":{"exit_code":127,"duration_seconds":0.0}}',
        {"content": "Exit code: 1\nOutput:\n", "success": False},
        [{"type": "input_text", "text": "Exit code: 1\nOutput:\n"}],
    ],
)
def test_a_failed_command_is_an_error(rollout: Rollout, home: Path, output: Any) -> None:
    rollout.calls("c1", cmd="false").answers("c1", output)
    assert reading_of(rollout, home).tool_errors == 1


@pytest.mark.parametrize(
    "output",
    [
        "Process exited with code 0\nOutput:\nExit code: 3\n",
        "Process running with session ID 5\nOutput:\nExit code: 3\n",
        "Exit code 9",
        None,
        7,
        "{",
        "[]",
    ],
)
def test_what_a_command_prints_is_no_exit_code(output: Any) -> None:
    assert not exit_code(output)


def test_an_event_and_an_output_tell_of_one_failure(rollout: Rollout, home: Path) -> None:
    rollout.calls("c1", cmd="false").completed(
        "CommandExecution", id="c1", status="failed", exit_code=1
    )
    rollout.answers("c1", "Process exited with code 1\n")
    rollout.event("exec_command_end", call_id="c1", exit_code=1)
    assert reading_of(rollout, home).tool_errors == 1


@pytest.mark.parametrize("status", ["failed", "declined"])
def test_a_change_that_failed_wrote_nothing(rollout: Rollout, home: Path, status: str) -> None:
    changes = {"/work/acme/a": {"type": "add", "content": "x\n"}}
    rollout.completed("FileChange", id="c1", status=status, changes=changes)
    reading = reading_of(rollout, home)
    assert (reading.tool_errors, reading.writes, reading.lines) == (1, (), None)


def test_changes_name_their_files_and_lines(rollout: Rollout, home: Path) -> None:
    changes = {
        "/work/acme/new": {"type": "add", "content": "one\ntwo\n"},
        "kept": {"type": "update", "unified_diff": "--- a\n+++ b\n@@ -1 +1,2 @@\n-x\n+--y\n+z\n"},
        "old": {"type": "update", "unified_diff": "", "move_path": "/work/acme/moved"},
        "gone": {"type": "delete", "content": "1\n2\n3\n"},
    }
    rollout.at = NOON + 7
    rollout.completed("FileChange", id="c1", status="completed", changes=changes)
    rollout.completed("FileChange", id="c2", status="completed", changes={"./kept": {}})

    reading = reading_of(rollout, home)

    assert reading.lines == Lines(added=4, removed=4)
    assert paths(reading) == {f"/work/acme/{n}" for n in ("new", "kept", "old", "moved", "gone")}
    twice = (NOON + 7, NOON + 7)
    kept = FileWrite("/work/acme/kept", 2, NOON + 7, "edit", 2, 1, twice)
    assert kept in reading.writes
    kinds = {write.path.rpartition("/")[2]: write.kind for write in reading.writes}
    assert kinds["new"] == "create"
    assert kinds["gone"] == "delete"
    assert kinds["old"] == kinds["moved"] == "rename"


def test_an_older_patch_event_proves_its_files(rollout: Rollout, home: Path) -> None:
    changes = {"a": {"type": "add", "content": "x\n"}}
    rollout.item("custom_tool_call", name="apply_patch", input=PATCH, call_id="c1")
    rollout.event("patch_apply_begin", call_id="c1", changes=changes)
    rollout.event("patch_apply_end", call_id="c1", success=True, changes=changes)
    rollout.item("custom_tool_call_output", call_id="c1", output="Exit code: 0\n")
    assert paths(reading_of(rollout, home)) == {"/work/acme/a"}


@pytest.mark.parametrize(("code", "count"), [(0, 4), (1, 0)])
def test_without_an_event_the_patch_and_its_output_prove_the_files(
    rollout: Rollout, home: Path, code: int, count: int
) -> None:
    rollout.item("custom_tool_call", name="apply_patch", input=PATCH, call_id="c1")
    rollout.item("custom_tool_call_output", call_id="c1", output=f"Exit code: {code}\nOutput:\n")
    reading = reading_of(rollout, home)
    assert len(reading.writes) == count
    assert reading.lines == (Lines(4, 1) if count else None)


def test_a_shell_that_applies_a_patch_writes_its_files(rollout: Rollout, home: Path) -> None:
    rollout.calls("c1", "shell", command=["apply_patch", PATCH])
    rollout.answers("c1", '{"output":"ok","metadata":{"exit_code":0}}')
    assert "/work/acme/src/newer.py" in paths(reading_of(rollout, home))


def test_a_patch_is_taken_apart_by_file() -> None:
    edits = [(edit.path, edit.added, edit.removed) for edit in of_patch(PATCH)]
    assert edits == [
        ("new.py", 2, 0),
        ("src/old.py", 0, 0),
        ("src/newer.py", 2, 1),
        ("gone.py", 0, 0),
    ]


@pytest.mark.parametrize(
    ("name", "arguments", "action"),
    [
        ("shell", {"command": ["bash", "-lc", "ls -l"]}, "shell: ls -l"),
        ("shell", {"command": ["git", "status"]}, "shell: git status"),
        ("view_image", {"path": "/a.png"}, "view_image: /a.png"),
        ("update_plan", {"plan": []}, "update_plan"),
        ("mcp__x__y", {"n": 3, "where": "there"}, "mcp__x__y: there"),
    ],
)
def test_the_action_shows_the_telling_argument(
    rollout: Rollout, home: Path, name: str, arguments: dict[str, Any], action: str
) -> None:
    assert reading_of(rollout.calls("c1", name, **arguments), home).action == action


def test_a_patch_under_way_shows_its_files(rollout: Rollout, home: Path) -> None:
    rollout.item("custom_tool_call", name="apply_patch", input=PATCH, call_id="c1")
    action = reading_of(rollout, home).action
    assert action == "apply_patch: new.py src/old.py src/newer.py gone.py"


def test_a_long_action_is_cut(rollout: Rollout, home: Path) -> None:
    action = reading_of(rollout.calls("c1", cmd="x" * 5_000), home).action
    assert action is not None
    assert len(action) == ACTION_LENGTH
