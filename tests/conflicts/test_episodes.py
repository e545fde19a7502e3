"""When two writes are a conflict, when an overlap, and when nothing."""

from __future__ import annotations

from agtop.conflicts import DAY, PAUSE, Touch, episodes

T = 1_763_679_600.1
PATH = "/work/shop/cart.py"


def wrote(key: str, after: float, at: float = T) -> Touch:
    return Touch(key, at + after)


def grades(*touches: Touch) -> list[str]:
    return [each.grade for each in episodes(PATH, touches)]


def test_two_writes_ten_seconds_apart_are_a_conflict() -> None:
    (conflict,) = episodes(PATH, [wrote("a:1", 0.0), wrote("b:2", 10.0)])

    assert conflict.grade == "writes"
    assert conflict.severity == "high"
    assert (conflict.first_at, conflict.last_at) == (T, T + 10.0)
    assert [writer.key for writer in conflict.writers] == ["a:1", "b:2"]
    assert conflict.evidence == "b wrote it 10.0 s after a"


def test_a_millisecond_more_is_only_an_overlap() -> None:
    (found,) = episodes(PATH, [wrote("a:1", 0.0), wrote("b:2", 10.001)])

    assert found.is_overlap
    assert found.severity == "low"


def test_more_than_a_day_apart_is_nothing() -> None:
    assert grades(wrote("a:1", 0.0), wrote("b:2", DAY)) == ["overlap"]
    assert grades(wrote("a:1", 0.0), wrote("b:2", DAY + 0.001)) == []


def test_the_window_slides_and_is_not_tied_to_the_newest_write() -> None:
    found = grades(wrote("a:1", 0.0), wrote("b:2", 3.0), wrote("a:1", 5_000.0))

    assert found == ["writes"]


def test_one_session_is_never_in_its_own_way() -> None:
    assert grades(wrote("a:1", 0.0), wrote("a:1", 1.0), wrote("a:1", 2.0)) == []


def test_two_sessions_of_one_agent_are_two() -> None:
    (conflict,) = episodes(PATH, [wrote("a:1", 0.0), wrote("a:2", 1.0)])

    assert conflict.grade == "writes"
    assert conflict.evidence == "a 2 wrote it 1.0 s after a 1"


def test_clashes_close_together_are_one_episode_and_later_ones_another() -> None:
    touches = [
        *(wrote("a:1", 0.0), wrote("b:2", 5.0), wrote("a:1", 12.0)),
        *(wrote("b:2", 20.0 + PAUSE), wrote("a:1", 21.0 + PAUSE)),
    ]

    first, second = episodes(PATH, touches)

    assert (first.first_at, first.last_at) == (T, T + 12.0)
    assert second.first_at == T + 20.0 + PAUSE
    assert [writer.key for writer in second.writers] == ["b:2", "a:1"]
    assert first.key != second.key


def test_three_writers_are_one_conflict_and_writes_are_counted() -> None:
    touches = [wrote("a:1", 0.0), wrote("b:2", 5.0), wrote("c:3", 9.0), wrote("b:2", 9.5)]

    (conflict,) = episodes(PATH, touches)

    assert [(w.key, w.writes) for w in conflict.writers] == [("a:1", 1), ("b:2", 2), ("c:3", 1)]
    assert [w.key for w in conflict.others("b:2")] == ["a:1", "c:3"]


def test_a_conflict_of_two_leaves_the_overlap_with_a_third() -> None:
    touches = [wrote("a:1", 0.0), wrote("b:2", 5.0), wrote("c:3", 4_000.0)]

    assert sorted(grades(*touches)) == ["overlap", "writes"]


def test_the_order_in_which_writes_are_found_makes_no_difference() -> None:
    touches = [wrote("a:1", 0.0), wrote("b:2", 5.0), wrote("c:3", 4_000.0)]

    assert episodes(PATH, touches) == episodes(PATH, reversed(touches))


def test_a_write_that_a_fork_copied_is_one_write() -> None:
    copied = [wrote("a:1", 0.0), wrote("a:2", 0.0)]

    assert grades(*copied) == []
    assert grades(*copied, wrote("a:1", 4.0), wrote("a:2", 5.0)) == ["writes"]
    assert grades(*copied, wrote("a:2", 4.0)) == []


def test_two_agents_whose_clocks_tell_only_seconds_are_still_two() -> None:
    whole = float(int(T))

    assert grades(wrote("a:1", 0.0, whole), wrote("a:2", 0.0, whole)) == ["writes"]
    assert grades(wrote("a:1", 0.0), wrote("b:2", 0.0)) == ["writes"]


def test_a_deletion_after_a_write_says_so() -> None:
    (conflict,) = episodes(PATH, [wrote("a:1", 0.0), Touch("b:2", T + 1.0, kind="delete")])

    assert conflict.evidence == "b deleted it 1.0 s after a"


def test_a_refused_write_names_the_session_that_wrote_before() -> None:
    touches = [wrote("b:2", 0.0), Touch("a:1", T + 60.0, "refused")]

    (conflict,) = episodes(PATH, touches)

    assert (conflict.grade, conflict.severity) == ("foreign", "high")
    assert [(w.key, w.writes) for w in conflict.writers] == [("b:2", 1), ("a:1", 0)]
    assert "1 min after b wrote it" in conflict.evidence


def test_a_change_by_nobody_known_is_told_quietly() -> None:
    (changed,) = episodes(PATH, [Touch("a:1", T, "changed")])
    (refused,) = episodes(PATH, [Touch("a:1", T, "refused")])

    assert (changed.grade, changed.severity) == ("foreign", "low")
    assert refused.severity == "medium"
    assert "no session is known" in changed.evidence


def test_a_failed_edit_alone_proves_nothing() -> None:
    assert grades(Touch("a:1", T, "failed")) == []
    assert grades(wrote("b:2", -60.0), Touch("a:1", T, "failed")) == ["foreign"]


def test_what_happened_before_its_own_last_write_is_no_reason() -> None:
    touches = [wrote("b:2", -600.0), wrote("a:1", -300.0), Touch("a:1", T, "failed")]

    assert grades(*touches) == ["overlap"]


def test_a_branch_switched_under_a_session_stands_alone() -> None:
    (conflict,) = episodes("/work/shop", [Touch("a:1", T, "branch", said="main to fix")])

    assert (conflict.grade, conflict.severity) == ("branch", "medium")
    assert "went from main to fix" in conflict.evidence


def test_a_write_that_met_another_names_it_though_it_is_as_old_as_its_own_sign() -> None:
    met = Touch("a:1", T + 100, "changed")

    (conflict,) = episodes(PATH, [wrote("a:1", 0), wrote("b:2", 60), wrote("a:1", 100), met])

    assert conflict.grade == "foreign"
    assert conflict.evidence == "a was told that the file had changed, 40.0 s after b wrote it"
