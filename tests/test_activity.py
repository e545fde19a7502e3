"""The log of what agtop did: there after a restart, bounded, and only its owner's."""

from __future__ import annotations

import stat
from pathlib import Path

from agtop.activity import FILE_NAME, KEPT, Activity, Entry

ENTRY = Entry(1.5, "signal", "TERM to claude (pid 4242)", "it ended", "budget day")


def test_what_was_done_another_time_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    Activity(folder).add(ENTRY)
    later = Activity(folder)
    later.add(Entry(2.0, "file", "config.toml", "changed"))

    assert [each.what for each in later.entries] == [ENTRY.what, "config.toml"]
    assert Activity(folder).entries[0] == ENTRY
    assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    one, other = Activity(tmp_path), Activity(tmp_path)
    one.add(ENTRY)
    other.add(Entry(2.0, "bus", "publish", "1 listener"))

    assert len(Activity(tmp_path).entries) == 2


def test_the_file_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    Activity(tmp_path).add(ENTRY)
    path.write_bytes(path.read_bytes() * 30_000)
    Activity(tmp_path).add(Entry(2.0, "bus", "publish", "1 listener"))

    assert len(path.read_bytes().splitlines()) == len(Activity(tmp_path).entries) == KEPT
    assert Activity(tmp_path).entries[-1].effect == "bus"


def test_what_another_agtop_did_meanwhile_is_told(tmp_path: Path) -> None:
    screen = Activity(tmp_path)
    screen.add(ENTRY)
    assert len(screen.entries) == 1
    Activity(tmp_path).add(Entry(2.0, "signal", "agtop kill 4242", "it ended"))

    assert [each.what for each in screen.entries] == [ENTRY.what, "agtop kill 4242"]


def test_lines_that_make_no_sense_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(b'\xff\n{}\n[1]\n[1,"magic","","",""]\n')
    Activity(tmp_path).add(ENTRY)

    assert Activity(tmp_path).entries == (ENTRY,)


def test_where_nothing_can_be_written_it_lasts_as_long_as_agtop(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    activity = Activity(tmp_path / "state")
    activity.add(ENTRY)

    assert activity.entries == (ENTRY,)
