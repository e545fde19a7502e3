"""The notes that running processes leave: of this machine, whole, and never waited for."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from agtop.agents.claude import AGENT, registry, roots
from agtop.model import Problem, Registration

NAMESPACE = os.readlink("/proc/self/ns/pid") if os.path.exists("/proc/self/ns/pid") else "pid:[1]"


def note(home: Path, pid: int = 42, **more: Any) -> Path:
    folder = home / ".claude" / "sessions"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{pid}.json"
    path.write_text(json.dumps({"pid": pid, "sessionId": "s", "procStart": "7", **more}))
    return path


def found(home: Path) -> list[Registration]:
    problems: list[Problem] = []
    notes = list(AGENT.registrations(home / ".claude", problems))
    assert problems == []
    return notes


@pytest.mark.parametrize(
    ("domain", "is_here"),
    [(None, True), ("linux", True), ("linux:host", True),
     (f"linux:this:{NAMESPACE}", True), (f"linux::{NAMESPACE}", True),
     (f"linux:other:{NAMESPACE}", False), ("linux:this:pid:[1]", False)],
)  # fmt: skip
def test_a_note_of_another_machine_or_namespace_is_none_of_ours(
    home: Path, monkeypatch: pytest.MonkeyPatch, domain: str | None, is_here: bool
) -> None:
    monkeypatch.setattr(registry, "_machine", lambda: "this")
    if domain and ":pid:" in domain and not os.path.exists("/proc/self/ns/pid"):
        pytest.skip("no pid namespaces here")
    note(home, pidDomain=domain)

    assert bool(found(home)) is is_here


def test_a_note_caught_half_written_is_read_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = note(home)
    whole = path.read_bytes()
    sights = iter([whole[:9], whole])
    monkeypatch.setattr(registry, "contents", lambda *_asked: next(sights))  # pyright: ignore[reportUnknownLambdaType]

    assert [each.session_id for each in found(home)] == ["s"]


@pytest.mark.parametrize("marks", [{"kind": "daemon"}, {"kind": "bg", "spare": True}])
def test_a_daemon_or_an_unclaimed_spare_serves_no_session(
    home: Path, marks: dict[str, Any]
) -> None:
    note(home, **marks)

    assert found(home) == []


def test_what_is_no_note_is_passed_over(home: Path) -> None:
    folder = note(home, 1).parent
    os.mkfifo(folder / "2.json")
    writer = os.open(folder / "2.json", os.O_RDWR)
    (folder / "3.json").mkdir()
    (folder / "4.json").symlink_to("/dev/zero")
    for pid, content in enumerate((b"", b"[]", b"\xff\0", b'{"pid":1e999}', b'{"pid":"x"}'), 5):
        (folder / f"{pid}.json").write_bytes(content)

    try:
        assert [each.pid for each in found(home)] == [1]
    finally:
        os.close(writer)


@pytest.mark.parametrize("given", ["{a},{b}", " {a} , {b} ,"])
def test_the_config_variable_may_list_several_homes(tmp_path: Path, given: str) -> None:
    a, b = tmp_path / "a", tmp_path / "b"

    assert roots(tmp_path, {"CLAUDE_CONFIG_DIR": given.format(a=a, b=b)}) == (a, b)


def test_a_home_with_a_comma_in_its_name_is_one_home(tmp_path: Path) -> None:
    home = tmp_path / "a,b"
    home.mkdir()

    assert roots(tmp_path, {"CLAUDE_CONFIG_DIR": str(home)}) == (home,)


def test_a_home_of_nobody_is_only_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert roots(tmp_path, {"CLAUDE_CONFIG_DIR": "~nobody-here/x"}) == (Path("~nobody-here/x"),)
