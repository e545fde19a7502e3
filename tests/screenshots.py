"""Makes the pictures in screenshots/ from the demo: python -m tests.screenshots [folder].

SVG always; PNG too when cairosvg is installed. The pictures differ a little each time: the fleet
is alive.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from textual.pilot import Pilot

from agtop import demo, wiring
from agtop.collector import Collector
from agtop.config import Config
from agtop.flags import parse
from agtop.model import Session, Snapshot, replace
from agtop.trace.follow import openers
from agtop.tui.app import Agtop

FOLDER = Path(__file__).parents[1] / "screenshots"
HOST = "workshop"
"""Stands for the name of the machine the pictures are made on."""
FONT, SIGNS_FONT = "DejaVu Sans Mono", "DejaVu Sans"
"""The second for the dots of the graph, which the first lacks."""
COLOURS = 96
WARM_UP = 14.0
"""Seconds of life before the first picture, so that the graph has a shape."""

Choice = Callable[[Session], object]


@dataclass(frozen=True, slots=True)
class Picture:
    """A size, the session under the cursor (of the best the first), and the keys pressed then."""

    name: str
    size: tuple[int, int]
    rank: Choice
    keys: tuple[str, ...] = ()


def _leads(session: Session) -> object:
    return len(session.subagents) if session.is_live else 0


def _spends(session: Session) -> object:
    return session.cost.total if session.is_live and session.cost is not None else 0.0


def _waits(session: Session) -> object:
    return session.state.reason == "permission"


PICTURES = (
    Picture("main", (120, 36), _leads, ("1",)),
    Picture("wide", (200, 50), _waits, ("1",)),
    Picture("narrow", (80, 24), _spends),
    Picture("cost", (120, 36), _spends, ("3",)),
    Picture("why", (120, 36), _spends, ("3", "w")),
    Picture("help", (120, 36), _leads, ("f1",)),
    Picture("trace", (120, 36), _leads, ("4",)),
    Picture("limits", (120, 36), _spends, ("7",)),
    Picture("dashboard", (120, 36), _leads, ("1", "d")),
    Picture("spend", (120, 36), _leads, ("S", "a", "b", "b")),
    Picture("command", (120, 24), _leads, ("colon", *"spend ")),
    Picture("filter", (120, 36), _leads, ("slash", *"agent:claude cost>0.05")),
)


@contextmanager
def _fleet() -> Generator[tuple[Collector, wiring.Wants]]:
    """What reads the demo's fleet. Its home stands for the user's, so that paths begin with ~."""
    with demo.running() as fleet:
        os.environ["HOME"] = str(fleet.home)
        place = wiring.Place(fleet.home, fleet.environ, Config(), is_kept=False)
        wants = wiring.wants(parse([]), place)
        yield wiring.collector(wants, place, None), wants


def _app(collector: Collector, wants: wiring.Wants) -> Agtop:
    prices = wiring.prices(wants.config)
    agents = {agent.name: agent for agent in wants.agents}

    def collect() -> Snapshot:
        snapshot = collector.collect()
        return replace(snapshot, host=replace(snapshot.host, name=HOST))

    app = Agtop(
        collect,
        delay=1.0,
        readers=openers(wants.agents),
        why=collector.why,
        price=lambda session, response: (
            None
            if (charge := prices.charge(response, agents[session.agent].provider)) is None
            else charge.cost()
        ),
        resume=lambda session: agents[session.agent].resume(session.session_id),
    )
    app.spent = collector.expenses, wants.config
    return app


async def _take(picture: Picture, pilot: Pilot[None], folder: Path) -> None:
    app = pilot.app
    assert isinstance(app, Agtop)
    await pilot.resize_terminal(*picture.size)
    app.panel.display = picture.size[1] >= 30
    rows = app.table.rows
    best = max(rows, key=picture.rank)  # pyright: ignore[reportArgumentType, reportCallIssue]
    app.table.move_to(rows.index(best))
    for key in picture.keys:
        await pilot.press("space" if key == " " else key)
        await pilot.pause()
    await asyncio.sleep(1.5)  # a round, for what is drawn by it
    _save(app.export_screenshot(title="agtop"), folder / picture.name)
    await pilot.press("escape", "escape")
    await pilot.pause()


def _save(svg: str, path: Path) -> None:
    path.with_suffix(".svg").write_text(svg, "utf-8")
    if find_spec("cairosvg") is not None:
        _draw(svg, path.with_suffix(".png"))


def _draw(svg: str, path: Path) -> None:
    import cairosvg  # pyright: ignore[reportMissingImports]
    from PIL import Image  # pyright: ignore[reportMissingImports]

    drawn = cairosvg.svg2png(bytestring=_with_fonts(svg).encode())
    assert isinstance(drawn, bytes)
    Image.open(BytesIO(drawn)).quantize(COLOURS).save(path, optimize=True)


def _with_fonts(svg: str) -> str:
    """With fonts of this machine: the one named is fetched from the web by browsers only."""
    return re.sub(
        r"<text (?=[^>]*>[^<]*[\u2800-\u28ff⟳⤷])",
        f'<text style="font-family: {SIGNS_FONT}; font-size: 16.6px" ',
        svg.replace("Fira Code", FONT),
    )


async def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with _fleet() as (collector, wants):
        app = _app(collector, wants)
        async with app.run_test(size=(200, 50)) as pilot:
            await asyncio.sleep(WARM_UP)
            for picture in PICTURES:
                await _take(picture, pilot, folder)


if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    time.tzset()
    asyncio.run(_make(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
