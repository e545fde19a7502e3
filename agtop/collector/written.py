"""What a face wrote of sessions that sleep: kept with them, so that it is written once.

Nobody but their transcripts, prices and terms changes such sessions, and the index drops the texts
with them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from agtop.collector.transcripts import Transcripts
from agtop.model import Session


class Written:
    """The texts of all agents' sessions. Owned by the collector's thread."""

    def __init__(self, transcripts: Mapping[str, Transcripts]) -> None:
        """`transcripts`: by the agents' names."""
        self._transcripts = transcripts

    def find(self, sessions: Iterable[Session]) -> dict[str, str]:
        """Session key → what was written of it; a session that was changed for showing has none."""
        return {
            f"{agent}:{session_id}": text
            for agent, ids in self._asleep(sessions).items()
            for session_id, text in self._transcripts[agent].memory.texts(ids).items()
        }

    def keep(self, texts: Collection[tuple[Session, str]]) -> None:
        """Have them found by a later run; those of sessions that are awake are not kept."""
        new = {session.key: text for session, text in texts}
        asleep = self._asleep([session for session, _ in texts])
        for agent, ids in asleep.items():
            memory = self._transcripts[agent].memory
            memory.keep_texts({each: new[f"{agent}:{each}"] for each in ids})

    def _asleep(self, sessions: Iterable[Session]) -> dict[str, list[str]]:
        """Agent → the ids of those that are the very ones that sleep."""
        asleep: dict[str, list[str]] = {}
        for session in sessions:
            transcripts = self._transcripts.get(session.agent)
            sleeping = {} if transcripts is None else transcripts.sleepers.sessions
            if sleeping.get(session.session_id) is session:
                asleep.setdefault(session.agent, []).append(session.session_id)
        return asleep
