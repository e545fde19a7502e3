"""An invented fleet in a temporary home: real small processes that write real transcripts."""

from __future__ import annotations

from contextlib import contextmanager

# Every actor imports this package and is to stay small: what only the fleet needs loads late.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from agtop.demo.fleet import Fleet


@contextmanager
def running(*, lively: bool = True) -> Generator[Fleet]:
    """A fleet at work, gone without a trace afterwards.

    Args:
        lively: Whether the agents go on working; otherwise each stays in its opening scene.

    Raises:
        DemoError: it could not be started.
    """
    from agtop.demo import fleet

    with fleet.running(lively) as running_fleet:
        yield running_fleet


def history(home: Path, now: float, seed: int = 1) -> dict[str, dict[str, object]]:
    """Write only the finished sessions, the same bytes for the same arguments.

    Returns:
        The truth: what each session spent, by `agent:session id`.
    """
    from agtop.demo import past

    return {tally.key: tally.as_dict() for tally in past.write(str(home), now, seed)}
