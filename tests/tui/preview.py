"""The invented fleet at work, to look at: python -m tests.tui.preview [sessions]."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from itertools import count

from agtop.model import Session, Snapshot, replace
from agtop.tui.app import Agtop
from tests.tui.fleet import PROBLEMS, crowd, fleet, responses, snapshot
from tests.tui.records import NOW, OPUS, priced


def lively(sessions: tuple[Session, ...]) -> Callable[[], Snapshot]:
    """Each round two seconds pass, and the first two sessions do something."""
    dice, rounds = random.Random(1), count()

    def collect() -> Snapshot:
        now = NOW + 2 * next(rounds)
        busy = tuple(
            replace(
                session,
                last_active=now - dice.random() * 9,
                rates=replace(session.rates, tokens_per_min=dice.random() * 60_000),
            )
            for session in sessions[:2]
        )
        return snapshot((*busy, *sessions[2:]), taken_at=now, problems=PROBLEMS)

    return collect


if __name__ == "__main__":
    cast = crowd(int(sys.argv[1])) if len(sys.argv) > 1 else fleet()
    Agtop(
        lively(cast),
        why=lambda _key: responses(300),
        price=lambda _session, response: priced(response.tokens, OPUS),
        resume=lambda session: f"{session.agent} --resume {session.session_id}",
    ).run()
