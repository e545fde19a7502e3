"""`agtop metrics`, as it is called."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from agtop.cli import main
from agtop.verbs.metrics import beats
from tests.claude_rows import SESSION, answer, prompt, usage, write
from tests.metrics.reading import read
from tests.test_floors import modules_after

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def spent(home: Path) -> None:
    write(home, SESSION, prompt("go", 0), answer("m1", 1, usage(1000, 500)))


def row(capsys: Captured, *flags: str) -> dict[str, str]:
    assert main(["metrics", *flags]) == 0
    [found] = csv.DictReader(io.StringIO(capsys.readouterr().out))
    return found


def test_without_flags_it_is_a_header_and_one_row(capsys: Captured) -> None:
    found = row(capsys)

    assert (found["sessions"], found["tokens"], found["total_cpu_pct"]) == ("1", "1500", "")
    assert float(found["cost_usd"]) > 0


def test_it_agrees_with_what_spend_says(capsys: Captured) -> None:
    found = row(capsys)
    main(["spend", "--all", "--json"])
    total = json.loads(capsys.readouterr().out)["total"]

    assert float(found["cost_usd"]) == pytest.approx(total["cost"])
    assert int(found["tokens"]) == total["tokens"]["total"]


def test_what_a_deleted_transcript_used_stays(home: Path, capsys: Captured) -> None:
    before = row(capsys)
    (home / f".claude/projects/-work-api/{SESSION}.jsonl").unlink()

    after = row(capsys)

    assert (after["sessions"], before["sessions"]) == ("0", "1")
    assert after["cost_usd"] == before["cost_usd"]


def test_what_a_plan_covers_is_told_apart(capsys: Captured) -> None:
    billed, covered = row(capsys), row(capsys, "--plan", "max")

    assert (covered["cost_usd"], covered["included_usd"]) == ("0.0", billed["cost_usd"])


def test_the_ending_of_the_log_chooses_its_form(tmp_path: Path, capsys: Captured) -> None:
    for ending in ("prom", "jsonl", "csv"):
        assert main(["metrics", "--once", "--log", str(tmp_path / f"log.{ending}")]) == 0

    assert capsys.readouterr().out == ""
    exposed = read((tmp_path / "log.prom").read_text())
    assert exposed["agtop_tokens_total"].kind == "counter"
    assert json.loads((tmp_path / "log.jsonl").read_text())["agents"][0]["agent"] == "claude"
    assert (tmp_path / "log.csv").read_text().startswith("timestamp,total_cpu_pct,")


def test_no_label_tells_of_the_work_and_safe_hides_private_names(
    home: Path, capsys: Captured
) -> None:
    secret = answer("m2", 2, usage(10, 5))
    secret["message"]["model"] = "/home/ann/models/secret"
    write(home, "b" * 36, prompt("mix the secret dough", 0), secret)
    assert main(["metrics", "--format", "prom"]) == 0
    told = capsys.readouterr().out
    assert main(["metrics", "--format", "prom", "--safe"]) == 0
    safe = capsys.readouterr().out

    assert "dough" not in told
    assert "work-api" not in told
    assert "models/secret" in told
    assert "secret" not in safe
    assert read(safe)["agtop_unpriced_tokens_total"]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--once", "--watch", "2"], "not allowed with"),
        (["--watch", "0"], "out of range"),
        (["--watch", "soon"], "is not a delay"),
        (["--format", "xml"], "invalid choice"),
        (["--filter", "x"], "unrecognized arguments"),
        (["--agent", "nobody"], "no agent is called"),
    ],
)
def test_what_cannot_be_done_is_said(capsys: Captured, flags: list[str], said: str) -> None:
    assert main(["metrics", *flags]) == 2
    assert said in capsys.readouterr().err


def test_a_log_that_cannot_be_written_is_told(tmp_path: Path, capsys: Captured) -> None:
    assert main(["metrics", "--once", "--log", str(tmp_path / "no/log")]) == 1

    assert capsys.readouterr().err == (
        f"agtop: --log {tmp_path}/no/log cannot be written (no such file or directory)\n"
    )


class Time:
    """A clock that only waiting and working move."""

    def __init__(self) -> None:
        self.now = 100.0

    def wait(self, seconds: float) -> None:
        self.now += seconds


def test_beats_do_not_drift_however_long_the_work_takes() -> None:
    time, begun = Time(), list[float]()
    for _ in islice(beats(2.0, lambda: time.now, time.wait), 4):
        begun.append(time.now)
        time.now += 1.9

    assert begun == [100.0, 102.0, 104.0, 106.0]


def test_beats_that_were_missed_are_left_out() -> None:
    time, begun = Time(), list[float]()
    works = iter([0.5, 7.0, 0.5, 0.5])
    for _ in islice(beats(2.0, lambda: time.now, time.wait), 4):
        begun.append(time.now)
        time.now += next(works)

    assert begun == [100.0, 102.0, 110.0, 112.0]


def started(*flags: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "agtop", "metrics", "--watch", "100ms", *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": ""},
    )


def test_a_watch_writes_at_once_and_ends_with_ctrl_c() -> None:
    with started() as agtop:
        assert agtop.stdout is not None
        lines = [agtop.stdout.readline() for _ in range(3)]
        agtop.send_signal(signal.SIGINT)
        rest, told = agtop.communicate(timeout=20)

    assert (agtop.returncode, told) == (0, "")
    assert [line.count(",") for line in lines] == [27] * 3
    first, second = lines[1].split(","), lines[2].split(",")
    assert first[1] == ""
    assert second[1] != ""
    assert "timestamp" not in rest


def test_a_reader_that_has_enough_ends_it_quietly() -> None:
    with started("--format", "jsonl") as agtop:
        assert agtop.stdout is not None
        assert agtop.stdout.readline().startswith("{")
        agtop.stdout.close()
        assert agtop.wait(timeout=20) == 0
        assert agtop.stderr is not None
        assert agtop.stderr.read() == ""


def test_neither_textual_nor_rich_is_loaded(home: Path) -> None:
    code = "from agtop.cli import main; main(['metrics', '--format', 'prom'])"

    loaded = modules_after(home, code)

    assert "agtop.metrics" in loaded
    assert not {name for name in loaded if name.split(".")[0] in ("textual", "rich", "pydantic")}
