"""The channel between agents on this machine: one Unix socket, JSON lines, live, at most once.

    from agtop.bus import Message, publish, subscribe

    publish(Message(agent="claude:8421", topic="finding", summary="the lock is never released"))
    for message in subscribe("finding"):
        ...

A message is what a stranger says: a hint, not a fact.
"""

from __future__ import annotations

from agtop.bus.client import Subscription, publish, subscribe
from agtop.bus.message import Message
from agtop.errors import BusError

__all__ = ["BusError", "Message", "Subscription", "publish", "subscribe"]
