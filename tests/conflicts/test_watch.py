"""Only what changed is looked at again, and what was found is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agtop.conflicts import DAY, Conflicts, History
from agtop.model import FileWrite, ForeignChange, Reading, Session, replace

NOW = 1_795_180_000.0
CART = "/work/shop/cart.py"


def session(
    key: str,
    writes: dict[str, tuple[float, ...]] | None = None,
    *below: Session,
    foreign: tuple[ForeignChange, ...] = (),
) -> Session:
    agent, _, session_id = key.partition(":")
    told = tuple(
        FileWrite(path, len(at), NOW + at[-1], "edit", 1, 0, tuple(NOW + each for each in at))
        for path, at in (writes or {}).items()
    )
    reading = Reading(session_id, f"/home/ada/{session_id}.jsonl", writes=told, foreign=foreign)
    return Session(agent, agent, session_id, reading, subagents=below)


def look(conflicts: Conflicts, *sessions: Session, later: float = 0.0) -> set[str]:
    return conflicts.take({each.key: each for each in sessions}, NOW + later)


def test_two_sessions_of_one_directory_meet() -> None:
    conflicts = Conflicts()

    changed = look(
        conflicts, session("claude:1", {CART: (-9.0,)}), session("codex:2", {CART: (-4.0,)})
    )

    assert changed == {"claude:1", "codex:2"}
    assert conflicts.count("claude:1") == conflicts.count("codex:2") == 1
    assert [each.path for each in conflicts.recent] == [CART]


def test_a_conflict_appears_as_the_second_write_does() -> None:
    conflicts = Conflicts()
    look(conflicts, session("claude:1", {CART: (-9.0,)}), session("codex:2"))
    assert conflicts.recent == ()

    changed = look(conflicts, session("codex:2", {CART: (-4.0,)}))

    assert changed == {"claude:1", "codex:2"}
    assert len(conflicts.recent) == 1


def test_subagents_belong_to_their_parent() -> None:
    conflicts = Conflicts()
    child = session("claude:child", {CART: (-8.0,)})

    look(conflicts, session("claude:1", {CART: (-9.0,)}, child))
    assert conflicts.recent == ()

    look(conflicts, session("codex:2", {CART: (-7.5,)}))
    (conflict,) = conflicts.recent
    assert [(w.key, w.writes) for w in conflict.writers] == [("claude:1", 2), ("codex:2", 1)]


def test_one_file_by_two_paths_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    conflicts = Conflicts()

    look(
        conflicts,
        session("a:1", {f"{tmp_path}/real/gone.py": (-9.0,)}),
        session("b:2", {f"{tmp_path}/link/../link/gone.py": (-8.0,)}),
    )

    assert [each.path for each in conflicts.recent] == [f"{tmp_path}/real/gone.py"]


def test_worktrees_of_one_repository_are_different_files() -> None:
    conflicts = Conflicts()

    look(
        conflicts,
        session("a:1", {"/work/shop/cart.py": (-9.0,)}),
        session("b:2", {"/work/shop-fix/cart.py": (-9.0,)}),
    )

    assert conflicts.recent == ()


def test_an_idle_round_looks_at_no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    conflicts = Conflicts()
    both = session("a:1", {CART: (-9.0,)}), session("b:2", {CART: (-8.0,)})
    look(conflicts, *both)
    recent = conflicts.recent

    def never(*_: object) -> None:
        raise AssertionError("a path was looked at")

    monkeypatch.setattr("agtop.conflicts.watch.episodes", never)
    monkeypatch.setattr(conflicts, "_sum_up", never)
    thinking = replace(both[0], reading=replace(both[0].reading, records=9))

    assert look(conflicts, later=2.0) == set()
    assert look(conflicts, thinking, later=4.0) == set()
    assert conflicts.recent is recent


def test_only_the_path_that_changed_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    from agtop.conflicts import watch

    conflicts = Conflicts()
    many = {f"/work/shop/{n}.py": (-9.0,) for n in range(50)}
    look(conflicts, session("a:1", many), session("b:2", many))
    seen: list[str] = []
    inner = watch.episodes

    def noted(path: str, *rest: object) -> object:
        seen.append(path)
        return inner(path, *rest)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(watch, "episodes", noted)
    look(conflicts, session("b:2", {**many, "/work/shop/7.py": (-9.0, -1.0)}))

    assert seen == ["/work/shop/7.py"]


def test_a_day_later_nothing_is_left() -> None:
    conflicts = Conflicts()
    look(conflicts, session("a:1", {CART: (-9.0,)}), session("b:2", {CART: (-8.0,)}))

    assert look(conflicts, later=DAY - 8.0) == set()
    assert len(conflicts.recent) == 1
    assert look(conflicts, later=DAY - 7.0) == {"a:1", "b:2"}
    assert conflicts.recent == ()


def test_a_session_that_turns_out_to_be_a_subagent_is_in_nobodys_way() -> None:
    conflicts = Conflicts()
    child = session("a:2", {CART: (-8.0,)})
    look(conflicts, session("a:1", {CART: (-9.0,)}), child)
    assert len(conflicts.recent) == 1

    parent = session("a:1", {CART: (-9.0,)}, child)
    changed = conflicts.take({"a:1": parent, "a:2": None}, NOW)

    assert conflicts.recent == ()
    assert changed == {"a:1", "a:2"}


def test_a_reading_that_grew_partial_takes_nothing_back() -> None:
    conflicts = Conflicts()
    first = session("a:1", {CART: (-9.0,)})
    look(conflicts, first, session("b:2", {CART: (-8.0,)}))

    look(conflicts, replace(first, reading=Reading("1", "/t", partial=True)))

    assert len(conflicts.recent) == 1


def test_writes_without_an_instant_or_a_whole_path_tell_nothing() -> None:
    conflicts = Conflicts()
    unknown = FileWrite(CART, 3, None)
    relative = FileWrite("cart.py", 1, NOW, "edit", 1, 0, (NOW,))
    for key in ("a:1", "b:2"):
        known = session(key)
        reading = replace(known.reading, writes=(unknown, relative))
        look(conflicts, replace(known, reading=reading))

    assert conflicts.recent == ()


def test_a_path_that_no_system_knows_is_taken_as_it_is() -> None:
    conflicts = Conflicts()
    odd = "/work/a\0b"

    look(conflicts, session("a:1", {odd: (-9.0,)}), session("b:2", {odd: (-8.0,)}))

    assert [each.path for each in conflicts.recent] == [odd]


def test_foreign_changes_are_told_of_the_session_that_met_them() -> None:
    conflicts = Conflicts()
    met = (ForeignChange("refused", CART, NOW - 1.0),)

    look(conflicts, session("a:1", foreign=met))

    (conflict,) = conflicts.recent
    assert (conflict.grade, conflict.severity) == ("foreign", "medium")
    assert conflicts.count("a:1") == 1


def test_the_history_outlives_its_sessions(tmp_path: Path) -> None:
    path = tmp_path / "state" / "conflicts.json"
    first = Conflicts(history=History(path))
    look(first, session("a:1", {CART: (-9.0,)}), session("b:2", {CART: (-8.0,)}))
    first.save()

    second = Conflicts(history=History(path))
    look(second)

    assert second.recent == first.recent
    assert path.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(path.read_bytes())["conflicts"][0]) == {
        *("grade", "severity", "path", "first_at", "last_at", "writers", "evidence")
    }


def test_an_episode_that_goes_on_is_kept_once(tmp_path: Path) -> None:
    path = tmp_path / "conflicts.json"
    first = Conflicts(history=History(path))
    look(first, session("a:1", {CART: (-9.0,)}), session("b:2", {CART: (-8.0,)}))
    first.save()
    second = Conflicts(history=History(path))

    look(second, session("a:1", {CART: (-9.0, -2.0)}), session("b:2", {CART: (-8.0,)}))
    second.save()

    assert [each.last_at for each in second.recent] == [NOW - 2.0]
    assert [each.last_at for each in History(path).load()] == [NOW - 2.0]


def test_the_history_is_bounded_and_survives_nonsense(tmp_path: Path) -> None:
    path = tmp_path / "conflicts.json"
    path.write_text('{"conflicts": [{"grade": "peace"}]}')
    conflicts = Conflicts(history=History(path))
    many = {f"/work/shop/{n}.py": (-9.0 - n / 100,) for n in range(600)}
    look(conflicts, session("a:1", many), session("b:2", many))

    conflicts.save()

    kept = History(path).load()
    assert len(kept) == 500
    assert max(each.last_at for each in kept) == NOW - 9.0


def test_a_history_that_cannot_be_written_is_a_problem_and_no_end(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    conflicts = Conflicts(history=History(tmp_path / "file" / "conflicts.json"))
    look(conflicts, session("a:1", {CART: (-9.0,)}), session("b:2", {CART: (-8.0,)}))

    conflicts.save()

    assert conflicts.problem is not None
    assert "cannot be written" in conflicts.problem.message
