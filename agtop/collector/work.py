"""What a round cost, in counts: they are the same on every machine, unlike seconds."""

from __future__ import annotations

from msgspec import Struct


class Work(Struct):
    """Done since the round began."""

    files_stated: int = 0
    folders_stated: int = 0
    folders_listed: int = 0
    files_recalled: int = 0
    """Transcripts that were taken from the index by themselves, not with a whole session."""
    files_read: int = 0
    bytes_read: int = 0
    records_decoded: int = 0
    """Records that readings gained; what a meter read again after a rewrite counts once."""
    sessions_assembled: int = 0
    """Sessions and subagents put together anew; those that stayed the same object are free."""

    def reset(self) -> None:
        for name in self.__struct_fields__:
            setattr(self, name, 0)
