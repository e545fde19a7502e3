"""Where a scene plays: in the past, where it leaves only its records, or in a living process."""

from __future__ import annotations

from agtop.demo.dice import Dice
from agtop.demo.paper import Clock
from agtop.demo.spend import Tally


class Stage:
    """The past: pauses take no time, nothing is run and no file of a project changes."""

    def __init__(self, home: str, dice: Dice, clock: Clock) -> None:
        self.home = home
        self.dice = dice
        self.clock = clock
        self.tallies: list[Tally] = []

    def folder(self, project: str) -> str:
        return f"{self.home}/acme/{project}"

    def keep(self, tally: Tally) -> None:
        """Have a session's truth kept with the others'."""
        self.tallies.append(tally)

    def pause(self, low: float, high: float | None = None) -> None:
        """Let time go by."""
        self.clock.tick(self.dice.seconds(low, low if high is None else high))

    def status(self, status: str, waiting_for: str | None = None) -> None:
        """Tell what the process is doing."""

    def burn(self, seconds: float) -> None:
        """Compute something."""

    def run(self, _command: str, seconds: float) -> None:
        """Run a command for a while."""
        self.clock.tick(seconds)

    def tell(self, topic: str, summary: str, path: str = "", **data: object) -> None:
        """Say something to the other agents, if they listen."""

    def write(self, path: str, text: str) -> None:
        """Change a file of the project."""
