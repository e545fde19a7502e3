"""A plan holds who is meant, and refuses who must never be hit."""

from __future__ import annotations

import pytest

from agtop.control import plan
from agtop.errors import RefusedError
from agtop.model import Role, replace
from tests.control.family import Paper


def pids(paper: Paper, pid: int, *, tree: bool = True, wrappers: tuple[int, ...] = ()) -> list[int]:
    found = plan(paper.process(pid, wrappers=wrappers), paper, paper.me, tree)
    return [aim.pid for aim in found.aims]


def test_a_tree_is_the_session_and_all_below_it(paper: Paper) -> None:
    paper.add(7)
    paper.add(8, 7, started_at=11)
    paper.add(9, 8, started_at=12)
    paper.add(60, 1)

    assert pids(paper, 7) == [7, 8, 9]
    assert pids(paper, 7, tree=False) == [7]


def test_launchers_go_with_what_they_launched_even_without_its_tree(paper: Paper) -> None:
    paper.add(5)
    paper.add(6, 5)
    paper.add(7, 6)
    paper.add(8, 7)

    assert pids(paper, 7, wrappers=(6, 5)) == [7, 8, 6, 5]
    assert pids(paper, 7, tree=False, wrappers=(6, 5)) == [7, 6, 5]


def test_a_launcher_that_has_let_go_is_left_out(paper: Paper) -> None:
    paper.add(6)
    paper.add(7, 1)

    assert pids(paper, 7, wrappers=(6,)) == [7]


def test_a_launcher_of_several_is_spared_and_so_is_what_launched_it(paper: Paper) -> None:
    paper.add(5)
    paper.add(6, 5)
    paper.add(7, 6)
    paper.add(8, 7)
    paper.add(9, 6)

    for tree in (True, False):
        found = plan(paper.process(7, wrappers=(6, 5)), paper, paper.me, tree)
        assert [aim.pid for aim in found.aims] == ([7, 8] if tree else [7])
        assert [spared.aim.pid for spared in found.spared] == [6, 5]
    assert str(found.spared[0]) == "node (pid 6) has started others too; it is left alone"


def test_a_child_older_than_its_parent_is_of_another_family(paper: Paper) -> None:
    paper.add(7, started_at=50)
    paper.add(8, 7, started_at=20)

    assert pids(paper, 7) == [7]


def test_the_plan_says_whom_it_means(paper: Paper) -> None:
    paper.add(6)
    paper.add(7, 6)
    paper.add(8, 7)
    paper.add(9, 7)

    assert str(plan(paper.process(7), paper, paper.me)) == "claude (pid 7) with 2 below it"
    whole = plan(paper.process(7, wrappers=(6,)), paper, paper.me)
    assert str(whole) == "claude (pid 7) with 2 below it and its launcher"


@pytest.mark.parametrize(
    ("pid", "why"),
    [
        (1, "is the system's first process"),
        (50, "is agtop itself"),
        (40, "is what agtop itself runs under"),
    ],
)
def test_agtop_never_signals_itself_or_what_it_stands_on(paper: Paper, pid: int, why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        plan(paper.process(pid), paper, paper.me)


@pytest.mark.parametrize(
    ("owner", "why"), [("0", "belongs to another user"), (None, "belongs to somebody unknown")]
)
def test_only_ones_own_processes_are_signalled(paper: Paper, owner: str | None, why: str) -> None:
    paper.add(7)
    paper.owners[7] = owner

    with pytest.raises(RefusedError, match=why):
        plan(paper.process(7), paper, paper.me)


@pytest.mark.parametrize("role", ["server", "daemon", "desktop"])
def test_what_several_sessions_share_is_refused_with_the_reason(paper: Paper, role: Role) -> None:
    paper.add(7)

    with pytest.raises(RefusedError, match=r"is a .*(share|all its).*\(its program is claude\)"):
        plan(paper.process(7, role), paper, paper.me)


def test_a_shared_server_in_the_tree_and_all_below_it_are_spared(paper: Paper) -> None:
    paper.add(7)
    paper.add(8, 7)
    paper.add(9, 8)
    paper.add(10, 7)
    whole = paper.process(7, below=(paper.process(8, "daemon"),))

    found = plan(whole, paper, paper.me)

    assert [aim.pid for aim in found.aims] == [7, 10]
    assert [str(spared) for spared in found.spared] == [
        "node (pid 8) is a daemon that other sessions may share; it is left alone"
    ]


def test_what_belongs_to_others_in_the_tree_is_spared(paper: Paper) -> None:
    paper.add(7)
    paper.add(8, 7, "sudo")
    paper.owners[8] = "0"

    found = plan(paper.process(7), paper, paper.me)

    assert [aim.pid for aim in found.aims] == [7]
    assert str(found.spared[0]) == "sudo (pid 8) belongs to another user; it is left alone"


def test_a_launcher_that_agtop_runs_under_is_spared(paper: Paper) -> None:
    paper.add(7, 40)

    found = plan(paper.process(7, wrappers=(40,)), paper, paper.me)

    assert [aim.pid for aim in found.aims] == [7]
    assert "what agtop itself runs under" in str(found.spared[0])


@pytest.mark.parametrize("changes", [{"status": "zombie"}, {"start_ticks": 1001}])
def test_a_process_that_has_ended_cannot_be_planned(
    paper: Paper, changes: dict[str, object]
) -> None:
    paper.add(7)
    seen = paper.process(7)
    paper.change(7, **changes)

    with pytest.raises(RefusedError, match=r"claude \(pid 7\) has ended"):
        plan(seen, paper, paper.me)


def test_without_ticks_the_start_itself_tells_processes_apart(paper: Paper) -> None:
    paper.add(7)
    seen = replace(paper.process(7), start_ticks=None)

    assert plan(seen, paper, paper.me).session.pid == 7
    paper.change(7, started_at=13.0)
    with pytest.raises(RefusedError):
        plan(seen, paper, paper.me)
