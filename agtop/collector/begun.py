"""Which calls have begun a process: remembered, as that may be over before the call is."""

from __future__ import annotations

from agtop.collector.host import Host
from agtop.model import Activity
from agtop.states import begun_since


class Begun:
    """Remembers it for what each session does now."""

    def __init__(self) -> None:
        self._calls: dict[str, float] = {}
        """Session id → since when it does what has begun one."""

    def look(self, session_id: str, activity: Activity, host: Host) -> bool:
        """Whether a process of what the session does was there in this round or before."""
        since = activity.since
        if since is None or not activity.at_once:
            self._calls.pop(session_id, None)
            return False
        if begun_since(since, (host.process, *host.servers)):
            self._calls[session_id] = since
        return self._calls.get(session_id) == since
