"""Sessions at work: a thread that appends to transcripts as busy agents do."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from random import Random
from types import TracebackType

from tests.bench import claude
from tests.bench.pen import Pen, uuid
from tests.bench.truth import Tally

PERIOD = 2.0
"""Seconds between two responses of each session."""
_LATE = 20.0
"""A response takes time, and its records must not lie in the future."""


class Writer:
    """Keeps `count` Claude Code sessions below `root` growing while it is entered."""

    def __init__(self, root: Path, count: int) -> None:
        chance = Random(count)
        folder = root / "projects" / "-home-dev-work-live"
        self._sessions = [self._session(folder, chance) for _ in range(count)]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @staticmethod
    def _session(folder: Path, chance: Random) -> claude.Session:
        session_id = uuid(chance)
        pen = Pen(folder / f"{session_id}.jsonl", chance, time.time() - 60, 30_000, Tally())
        session = claude.Session(
            pen, session_id, claude.NEW, "/home/dev/work/live", "claude-sonnet-4-5"
        )
        session.write()
        pen.close()
        return session

    @property
    def ids(self) -> list[str]:
        return [session.session_id for session in self._sessions]

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        pause = PERIOD / len(self._sessions)
        while True:
            for session in self._sessions:
                session.pen.now = time.time() - _LATE
                session.response()
                with open(session.pen.path, "ab") as file:
                    file.write(session.pen.written())
                if self._stop.wait(pause):
                    return
