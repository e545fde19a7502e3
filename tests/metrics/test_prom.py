"""Prometheus' text format, read back by a strict reader."""

from __future__ import annotations

from agtop.metrics.effort import Effort
from agtop.metrics.prom import exposition
from agtop.metrics.sample import Sample
from agtop.metrics.spent import Spent
from tests.metrics.made import AT, sample, window
from tests.metrics.reading import Metric, read


def exposed(of: Sample) -> dict[str, Metric]:
    return read(exposition(of, "1.2", str))


def test_figures_are_there_with_their_labels() -> None:
    found = exposed(sample())

    assert found["agtop_memory_bytes"].samples[(("agent", "claude"),)] == 300 << 20
    assert found["agtop_cpu_ratio"].samples == {(("agent", "claude"),): 1.5}
    assert found["agtop_cpu_seconds_total"].samples == {(("agent", "claude"),): 12.5}
    states = found["agtop_sessions"].samples
    assert states[("agent", "claude"), ("state", "working")] == 2
    kinds = found["agtop_tokens_total"].samples
    assert kinds[("agent", "claude"), ("model", "opus"), ("kind", "output")] == 5
    assert found["agtop_sample_timestamp_seconds"].samples[()] == AT


def test_what_is_unknown_has_no_sample_and_what_is_nothing_has_one() -> None:
    found = exposed(sample())

    assert ("agent", "codex") not in [pair for key in _keys(found, "cpu_ratio") for pair in key]
    assert list(_keys(found, "cost_dollars_total")) == [(("agent", "claude"), ("model", "opus"))]
    assert found["agtop_disk_read_bytes_total"].samples == {(("agent", "claude"),): 0}
    assert "agtop_database_bytes" not in found


def _keys(found: dict[str, Metric], name: str) -> list[tuple[tuple[str, str], ...]]:
    return list(found[f"agtop_{name}"].samples)


def test_names_from_outside_cannot_break_out_of_their_quotes() -> None:
    name = 'a"} 1\nagtop_evil 2\\'
    found = exposed(sample(spent=(Spent("claude", name, (1, 0, 0, 0, 0), 1.0, 0.0, 0),)))

    assert "agtop_evil" not in found
    model = dict(_keys(found, "cost_dollars_total")[0])["model"]
    assert model == 'a"} 1 agtop_evil 2\\'


def test_two_names_that_may_not_be_told_apart_become_one() -> None:
    spent = tuple(Spent("claude", name, (0, 0, 0, 0, 2), 1.0, 0.0, 0) for name in ("x", "y"))

    found = read(exposition(sample(spent=spent), "1", lambda name: "[redacted]"))

    assert list(found["agtop_cost_dollars_total"].samples.values()) == [2.0]


def test_a_plan_is_told_where_it_was_measured() -> None:
    guess = window(source="estimate", limit_id="guess")
    found = exposed(sample(limits=(window(), guess, window(limit_id="odd", used_percent=None))))

    [(labels, value)] = found["agtop_limit_used_ratio"].samples.items()
    assert dict(labels) == {
        "agent": "claude", "limit": "five_hour", "model": "", "window": "5 h",
    }  # fmt: skip
    assert value == 0.42


def test_with_nothing_known_it_is_still_a_document() -> None:
    found = exposed(Sample(AT))

    assert found["agtop_info"].samples == {(("version", "1.2"),): 1}
    assert "agtop_cost_dollars_total" not in found


def test_small_amounts_are_written_in_full() -> None:
    spent = (Spent("claude", "m", (1, 0, 0, 0, 0), 1e-07, 0.0, 0),)

    found = exposed(sample(spent=spent, efforts=(Effort("claude"),)))

    assert list(found["agtop_cost_dollars_total"].samples.values()) == [1e-07]
