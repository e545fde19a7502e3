"""Where rollouts lie, and what names say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agtop import zstd
from agtop.agents.codex import AGENT
from agtop.agents.codex.meter import DAMAGED, NEEDS_ZSTD, CodexMeter
from agtop.agents.codex.titles import Titles
from agtop.agents.walk import Walk
from tests.agents.codex.rollouts import NOON, Rollout, added_up, read, usage, uuid7

THREAD = uuid7(NOON)


@pytest.fixture
def rollout() -> Rollout:
    return Rollout(THREAD).meta().context().prompt().says().record("resp_1", usage(100, 40, 10))


def compressed(path: str, level: int = 3) -> str:
    zstandard = pytest.importorskip("zstandard")
    target = Path(path + ".zst")
    target.write_bytes(zstandard.ZstdCompressor(level=level).compress(Path(path).read_bytes()))
    Path(path).unlink()
    return str(target)


def test_the_home_is_codex_home_or_a_folder_of_the_user(home: Path) -> None:
    assert AGENT.roots(home, {}) == (home / ".codex",)
    assert AGENT.roots(home, {"CODEX_HOME": "/elsewhere"}) == (Path("/elsewhere"),)
    assert AGENT.roots(home, {"CODEX_HOME": ""}) == (home / ".codex",)


def test_only_rollouts_are_transcripts(rollout: Rollout, home: Path) -> None:
    live, archived = rollout.write(home), rollout.write(home, "archived_sessions")
    day = Path(live).parent
    for name in (
        "x.jsonl",
        "rollout-x.jsonl.tmp",
        ".rollout-materialize-x.jsonl",
        "rollout-x.json",
    ):
        (day / name).touch()
    (home / "session_index.jsonl").touch()
    assert sorted(AGENT.transcripts(home, Walk([]))) == sorted([live, archived])


def test_a_plain_rollout_hides_the_compressed_one(rollout: Rollout, home: Path) -> None:
    path = rollout.write(home)
    Path(path + ".zst").touch()
    assert list(AGENT.transcripts(home, Walk([]))) == [path]
    Path(path).unlink()
    assert list(AGENT.transcripts(home, Walk([]))) == [path + ".zst"]


@pytest.mark.parametrize(
    ("path", "thread"),
    [
        (f"/h/sessions/2026/03/01/rollout-2026-03-01T12-00-00-{THREAD}.jsonl", THREAD),
        (f"/h/archived_sessions/rollout-2026-03-01T12-00-00-{THREAD}.jsonl.zst", THREAD),
        (f"/h/thread-writer-locks/{THREAD}.lock", THREAD),
        (f"/h/other-locks/{THREAD}.lock", None),
        ("/h/thread-writer-locks/.coordination.lock", None),
        ("/h/state_5.sqlite", None),
    ],
)
def test_an_open_file_tells_its_thread(path: str, thread: str | None) -> None:
    assert AGENT.session_of_file(path) == thread


def test_a_thread_is_taken_up_again_by_its_id() -> None:
    assert AGENT.resume(THREAD) == f"codex resume {THREAD}"


def test_a_compressed_rollout_is_read_once(rollout: Rollout, home: Path) -> None:
    plain = read(rollout.write(home))
    meter = CodexMeter(compressed(rollout.write(home)))

    (reading,) = meter.read()

    assert added_up(meter.claims()) == added_up(plain[1])
    assert reading.records == plain[0].records
    assert not meter.changed()
    assert meter.read()[0] is reading


def test_a_replaced_compressed_rollout_is_read_anew(rollout: Rollout, home: Path) -> None:
    meter = CodexMeter(compressed(rollout.write(home)))
    meter.read()
    meter.claims()
    compressed(rollout.record("resp_2", usage(1, 0, 1)).write(home))
    meter.read()
    assert added_up(meter.claims()).total == 112


def test_the_parent_of_a_fork_may_be_compressed(home: Path) -> None:
    from tests.agents.codex import test_copies

    original = test_copies.parent(ids=False)
    compressed(original.write(home))
    fork = test_copies.child(original, ids=False, seconds=7.5)
    test_copies.expect_only_its_own_turn(fork, home)


@pytest.mark.parametrize("way", ["module", "program"])
def test_several_frames_are_one_file(
    rollout: Rollout, home: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    zstandard = pytest.importorskip("zstandard")
    if way == "program":
        _without_modules(monkeypatch)
        if not zstd.shutil.which("zstd"):
            pytest.skip("there is no zstd program")
    content = rollout.content()
    frames = [zstandard.compress(content[:300]), zstandard.compress(content[300:])]
    path = Path(rollout.write(home) + ".zst")
    path.write_bytes(b"".join(frames))
    assert b"".join(zstd.decompressed(str(path))) == content


def test_a_compressed_rollout_that_cannot_be_read_is_still_a_session(
    rollout: Rollout, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = compressed(rollout.write(home))
    _without_modules(monkeypatch)
    monkeypatch.setenv("PATH", "")
    meter = CodexMeter(path)

    (reading,) = meter.read()

    assert (reading.session_id, reading.metered) == (THREAD, False)
    assert reading.problems == (NEEDS_ZSTD,)
    assert meter.read()[0] is reading


@pytest.mark.parametrize("cut", [0, 3, -5])
def test_a_damaged_compressed_rollout_says_so(rollout: Rollout, home: Path, cut: int) -> None:
    path = Path(compressed(rollout.write(home)))
    path.write_bytes(path.read_bytes()[:cut])
    reading, _ = read(str(path))
    assert (reading.session_id, reading.problems) == (THREAD, (DAMAGED,))


def _without_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("compression.zstd", "zstandard"):
        monkeypatch.setitem(sys.modules, name, None)


def test_the_newest_name_in_the_index_is_the_title(rollout: Rollout, home: Path) -> None:
    index = home / "session_index.jsonl"
    index.write_text(
        f'{{"id":"{THREAD}","thread_name":"old","updated_at":"2026"}}\nbroken\n'
        f'{{"id":"{THREAD}","thread_name":"new","updated_at":"2026"}}\n'
    )
    assert read(rollout.write(home))[0].title == "new"


def test_a_name_given_later_is_seen(home: Path) -> None:
    index = home / "session_index.jsonl"
    now = [0.0]
    titles = Titles(str(index), patience=1.0, clock=lambda: now[0])
    assert titles.name(THREAD) is None
    index.write_text(f'{{"id":"{THREAD}","thread_name":"later"}}\n')
    assert titles.name(THREAD) is None  # it looks once a second, however many ask
    now[0] = 1.0
    assert titles.name(THREAD) == "later"
    index.write_text('{"id":"x","thread_name":"y"}\n')
    now[0] = 2.0
    assert titles.name(THREAD) is None


def test_importing_codex_loads_no_decompressor() -> None:
    code = "import sys, agtop.agents.codex; print('zstandard' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_file_that_grows_thirty_thousandfold_does_so_in_small_pieces(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    path = tmp_path / "bomb.zst"
    path.write_bytes(zstandard.ZstdCompressor(level=19).compress(bytes(256 << 20)))

    assert max(map(len, zstd.decompressed(str(path)))) <= 64 << 20
