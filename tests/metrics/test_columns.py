"""The columns of a log."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from agtop.export import encode
from agtop.metrics import Page
from agtop.metrics.columns import NAMES
from agtop.metrics.sample import Load, Sample
from tests.metrics.made import AT, sample

FIRST = (
    "timestamp,total_cpu_pct,total_mem_mb,ram_used_mb,ram_total_mb,swap_used_mb,swap_total_mb,"
    "load_1m,load_5m,load_15m,procs_total,procs_running,net_in_mb,net_out_mb,disk_read_mbs,"
    "disk_write_mbs,db_size_mb,data_dir_mb"
)


def page(form: Any) -> Page:
    return Page(form, "1", str, lambda document: encode(document, indent=None))


def test_the_first_columns_are_those_that_other_logs_have() -> None:
    assert ",".join(NAMES).startswith(FIRST + ",")


def test_a_row_reads_back_as_it_was_written() -> None:
    told = page("csv")
    load = Load((3 << 30, 4 << 30), (0, 0), (1.5, 1.25, 1.125))

    rows = list(csv.DictReader(io.StringIO(told.header + told.text(sample(load=load)))))

    assert len(rows) == 1
    row = rows[0]
    assert tuple(row) == NAMES
    assert row["timestamp"] == "2026-11-20T13:06:40.250Z"
    assert (row["total_cpu_pct"], row["total_mem_mb"]) == ("150.0", "320.0")
    assert (row["ram_used_mb"], row["swap_total_mb"]) == ("3072.0", "0.0")
    assert (row["procs_total"], row["disk_write_mbs"]) == ("4", "2.0")
    assert (row["cost_usd"], row["unpriced_tokens"], row["tokens"]) == ("1.25", "70", "85")
    assert (row["net_in_mb"], row["db_size_mb"], row["tokens_per_min"]) == ("", "", "")


def test_on_a_first_sample_speeds_are_unknown_and_later_nothing_is_nought() -> None:
    first, later = (json.loads(page("jsonl").text(Sample(AT, is_first=f))) for f in (True, False))

    assert (first["total_cpu_pct"], first["disk_read_mbs"]) == (None, None)
    assert (later["total_cpu_pct"], later["disk_read_mbs"]) == (0.0, 0.0)
    assert (first["total_mem_mb"], first["procs_total"]) == (0.0, 0)
    assert (later["cost_usd"], later["tokens"]) == (None, None)


def test_a_line_of_json_holds_the_same_columns_and_each_agent() -> None:
    text = page("jsonl").text(sample())

    assert text.count("\n") == 1
    told = json.loads(text)
    assert tuple(told)[:-1] == NAMES
    agents = {each["agent"]: each for each in told["agents"]}
    assert agents["codex"]["cpu_pct"] is None
    assert agents["claude"]["states"] == {"ended": 9, "working": 2}
    assert [m["cost_usd"] for m in agents["claude"]["models"]] == [1.25, None]
