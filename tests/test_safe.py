"""Nothing private comes out of any face under --safe, whatever record it was put into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec.structs import fields

from agtop import cli, fullscreen, wiring
from agtop.columns import COLUMNS
from agtop.flags import parse
from agtop.model import Expenses, Record, Response, Session, Snapshot, SourceReport, SourceRow
from agtop.safe import Shield
from agtop.sources import AppServer, Inventory, Probe
from agtop.tui.app import Agtop
from agtop.tui.opening import Opening
from tests import planted
from tests.planted import NEEDLE, PLANTS
from tests.snapshots import reading, session, snapshot
from tests.tui.stage import show

RANDOM = "8f14e45f-ceea-467f-a0e6-1f0c7d2b91aa"
PRIVATE = pytest.mark.parametrize("text", PLANTS.values(), ids=PLANTS)


class Fake:
    """A collector in whose records everything is private."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.asked: list[str] = []

    is_new_here = True

    def collect(self, _patience: float | None = None) -> Snapshot:
        return planted.snapshot(self.text)

    def written(self) -> None:
        return None

    def sources(self) -> tuple[SourceReport, ...]:
        return (planted.report(self.text),)

    def why(self, key: str) -> tuple[Response, ...]:
        self.asked.append(key)
        return planted.responses(self.text)

    def look_into(self, key: str) -> None:
        self.asked.append(key)

    tells_expenses = False

    def expenses(self) -> tuple[Expenses, ...]:
        assert self.tells_expenses, "a guest sees nothing of what was spent"
        return (planted.record(Expenses, self.text),)

    def close(self) -> None:
        pass


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch, home: Any) -> Callable[[str], Fake]:
    """Have agtop find nothing but what is private; every column is shown."""
    config = home / ".config" / "agtop" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f"columns = {[column.name for column in COLUMNS]}", "utf-8")

    def give(text: str) -> Fake:
        fake = Fake(text)

        def collector(*_: object) -> Fake:
            return fake

        def inventory(*_: object) -> Inventory:
            return planted.inventory(text)

        def app_server(_: object) -> Probe:
            return lambda: planted.app_server(text)

        monkeypatch.setattr(wiring, "collector", collector)
        monkeypatch.setattr(wiring, "inventory", inventory)
        monkeypatch.setattr(wiring, "app_server", app_server)
        return fake

    return give


FACES = [
    ["--list"],
    ["--json"],
    ["--ndjson"],
    ["sources"],
    ["sources", "--json"],
    ["inventory"],
    ["inventory", "--json"],
]
MORE = [
    ["spend", "--all"],
    ["spend", "--all", "--json", "--by", "session"],
    ["spend", "--all", "--csv", "--by", "model"],
    ["conflicts"],
    ["conflicts", "--json"],
]


@PRIVATE
@pytest.mark.parametrize("face", [*FACES, *MORE], ids=" ".join)
def test_no_face_for_scripts_tells_what_is_private(
    face: list[str], text: str, plant: Callable[[str], Fake], capsys: pytest.CaptureFixture[str]
) -> None:
    plant(text).tells_expenses = True

    assert cli.main([*face, "--safe"]) == 0

    told = capsys.readouterr()
    assert told.out
    assert NEEDLE not in told.out + told.err


@pytest.mark.parametrize("face", [*FACES[:4], *MORE], ids=" ".join)
def test_without_the_flag_the_owner_sees_it(
    face: list[str], plant: Callable[[str], Fake], capsys: pytest.CaptureFixture[str]
) -> None:
    plant(PLANTS["prompt"]).tells_expenses = True

    assert cli.main(face) == 0

    assert NEEDLE in capsys.readouterr().out


@PRIVATE
@pytest.mark.parametrize("face", FACES[4::2], ids=" ".join)
def test_what_is_made_to_be_shared_is_always_safe(
    face: list[str], text: str, plant: Callable[[str], Fake], capsys: pytest.CaptureFixture[str]
) -> None:
    plant(text)

    assert cli.main(face) == 0

    assert NEEDLE not in capsys.readouterr().out


def the_screen(fake: Fake, monkeypatch: pytest.MonkeyPatch, *argv: str) -> Agtop:
    """The app as the command line would run it."""
    made: list[Agtop] = []

    def keep(app: Agtop, **_wishes: object) -> None:
        made.append(app)

    def inventory(*_: object) -> Inventory:
        return planted.inventory(fake.text)

    monkeypatch.setattr(Agtop, "run", keep)
    monkeypatch.setattr(wiring, "inventory", inventory)
    with wiring.place(False) as place:
        wants = wiring.wants(parse(argv), place)
        fullscreen.fill(
            wants,
            place,
            fake,  # pyright: ignore[reportArgumentType]
            Opening(None, "", None),
            lambda: planted.app_server(fake.text),
        )
    return made[0]


PAGES = ["1", "2", "3", "4", "7", "w", "s", "v", "exclamation_mark", "f1"]


async def pictures(app: Agtop) -> str:
    """Every page as an exported screenshot, one after the other."""
    drawn: list[str] = []
    async with app.run_test(size=(250, 70)) as pilot:
        while not app.table.rows:
            await pilot.pause(0.01)
        for row in range(len(app.table.rows)):
            app.table.move_to(row)
            for page in PAGES:
                await pilot.press(page)
                await pilot.pause(0.3)
                drawn.append(app.export_screenshot())
                if len(app.screen_stack) > 1:
                    await pilot.press("escape")
    return "".join(drawn).replace("&#160;", " ")


@PRIVATE
async def test_no_picture_of_the_screen_shows_what_is_private(
    text: str, plant: Callable[[str], Fake], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = the_screen(plant(text), monkeypatch, "--safe")

    assert NEEDLE not in await pictures(app)


async def test_a_picture_of_the_owner_s_screen_does(
    plant: Callable[[str], Fake], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = the_screen(plant(PLANTS["prompt"]), monkeypatch)

    assert NEEDLE in await pictures(app)


async def test_why_finds_the_session_behind_the_safe_one(
    plant: Callable[[str], Fake], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = plant(PLANTS["prompt"])

    await pictures(the_screen(fake, monkeypatch, "--safe"))

    assert f"{PLANTS['prompt']}:{PLANTS['prompt']}" in fake.asked


# The records themselves


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Record):
        for each in fields(value):
            yield from texts(getattr(value, each.name))
    elif isinstance(value, dict):
        for key, each in value.items():  # pyright: ignore[reportUnknownVariableType]
            yield from (*texts(key), *texts(each))
    elif isinstance(value, tuple | list):
        for each in value:  # pyright: ignore[reportUnknownVariableType]
            yield from texts(each)


@PRIVATE
@pytest.mark.parametrize(
    "kind", [SourceReport, SourceRow, AppServer, Response, Session, Snapshot, Expenses]
)
def test_no_field_of_a_safe_record_holds_anything_private(kind: type[Any], text: str) -> None:
    made = planted.record(kind, text)
    safe = Shield().snapshot(made) if kind is Snapshot else Shield().records([made])[0]

    assert any(NEEDLE in each for each in texts(made))
    assert not any(NEEDLE in each for each in texts(safe))


def test_a_field_that_nobody_has_thought_of_is_covered() -> None:
    class Novel(Record):
        note: str
        maybe: str | None
        many: tuple[str, ...]
        table: dict[str, str]
        count: int

    (safe,) = Shield().records([planted_novel(Novel)])

    assert not any(NEEDLE in each for each in texts(safe))
    assert (safe.maybe, safe.count) == (None, 7)


def planted_novel(kind: type[Any]) -> Any:
    text = PLANTS["prompt"]
    return kind(note=text, maybe=text, many=(text, text), table={text: text}, count=7)


# What stays


def test_counts_states_times_and_harmless_names_stay() -> None:
    made = snapshot(session(RANDOM, reading=reading(RANDOM)))

    safe = Shield().snapshot(made)

    (was,), (now,) = made.sessions, safe.sessions
    assert safe.totals == made.totals
    assert (now.session_id, now.agent, now.project) == (RANDOM, "claude", "api")
    assert (now.tokens, now.cost, now.rates) == (was.tokens, was.cost, was.rates)
    assert (now.state.name, now.state.since) == ("working", was.state.since)
    assert (now.reading.model, now.reading.user_turns) == ("claude-sonnet-4-5", 3)
    assert (now.reading.title, now.reading.cwd, now.reading.branch) == (None, None, None)
    assert now.reading.action == "shell"
    assert len(now.reading.writes) == 1
    assert now.process is not None
    assert was.process is not None
    assert (now.process.pid, now.process.argv) == (was.process.pid, ())


def test_a_session_that_has_not_changed_is_not_made_anew() -> None:
    shield, made = Shield(), snapshot(session())

    first, second = shield.snapshot(made), shield.snapshot(made)

    assert first.sessions[0] is second.sessions[0]


def test_the_real_session_is_found_by_its_safe_key() -> None:
    shield, made = Shield(), snapshot(session("ada/secret"))

    (safe,) = shield.snapshot(made).sessions

    assert "ada" not in safe.key
    assert shield.session(safe.key) is made.sessions[0]
    assert shield.session("nobody") is None


async def test_a_new_snapshot_on_the_screen_is_whole_without_its_texts() -> None:
    app = Agtop(None)
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, Shield().snapshot(snapshot(session())))

        assert len(app.table.rows) == 1
