"""Where OpenCode and Kilo keep their sessions."""

from __future__ import annotations

from pathlib import Path

import pytest

from agtop.agents.base import Agent
from agtop.agents.kilo import AGENT as KILO
from agtop.agents.opencode import AGENT as OPENCODE
from agtop.agents.walk import Walk
from tests.agents.opencode.writing import Store
from tests.worlds import World


def test_the_data_folder_is_the_same_on_every_system(home: Path) -> None:
    assert OPENCODE.roots(home, {}) == (home / ".local/share/opencode",)
    assert OPENCODE.roots(home, {"XDG_DATA_HOME": "/data"}) == (Path("/data/opencode"),)
    assert KILO.roots(home, {}) == (home / ".local/share/kilo",)
    assert KILO.roots(home, {"KILO_DATA_DIR": "/k"}) == (Path("/k"),)


def test_the_database_can_be_moved(home: Path) -> None:
    folder = home / ".local/share/opencode"
    assert OPENCODE.roots(home, {"OPENCODE_DB": "/x/y.db"}) == (folder, Path("/x/y.db"))
    assert OPENCODE.roots(home, {"OPENCODE_DB": "y.db"}) == (folder, folder / "y.db")
    assert OPENCODE.roots(home, {"OPENCODE_DB": ":memory:"}) == (folder,)


def found(agent: Agent, root: Path) -> list[str]:
    paths = agent.transcripts(root, Walk([]))
    return sorted(str(Path(path).relative_to(root)) for path in paths)


def test_every_channel_has_its_database_and_nothing_below_is_walked(tmp_path: Path) -> None:
    for name in ("opencode.db", "opencode-dev.db", "opencode.db-wal", "other.db",
                 "snapshot/opencode.db", "storage/session/global/ses_1.json",
                 "storage/message/ses_1/msg_1.json"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert found(OPENCODE, tmp_path) == [
        "opencode-dev.db", "opencode.db", "storage/session/global/ses_1.json"
    ]  # fmt: skip
    walk = Walk([])
    list(OPENCODE.transcripts(tmp_path, walk))
    assert str(tmp_path / "snapshot") not in walk.folders


def test_a_moved_database_is_found_and_watched(tmp_path: Path) -> None:
    path = tmp_path / "moved.db"
    assert list(OPENCODE.transcripts(path, Walk([]))) == []
    path.touch()
    assert list(OPENCODE.transcripts(path, Walk([]))) == [str(path)]


def test_kilo_reads_its_own_database_under_its_own_name(home: Path) -> None:
    store = Store(home / ".local/share/kilo/kilo.db")
    store.session("ses_k")
    (session,) = World(home, now=store.now / 1000).collect().sessions
    assert (session.key, KILO.resume("ses_k")) == ("kilo:ses_k", "kilo --session ses_k")


def test_a_database_that_appears_is_found_in_the_next_round(home: Path) -> None:
    world = World(home)
    assert not world.collect().sessions
    (home / ".local/share/opencode").mkdir(parents=True)
    world.collect(later=2)
    Store(home / ".local/share/opencode/opencode.db").session("ses_a")
    assert [s.session_id for s in world.collect(later=2).sessions] == ["ses_a"]


@pytest.mark.parametrize("agent", [OPENCODE, KILO], ids=lambda agent: agent.name)
def test_the_log_of_a_database_changes_with_it(agent: Agent) -> None:
    assert agent.companions("/d/opencode.db") == ("/d/opencode.db-wal",)
