"""What needs the user: when a session begins to, and the ways they are told."""

from __future__ import annotations

from agtop.attention.alerts import ALERT_KINDS, Alert, Alerts, Kind
from agtop.attention.conflicts import conflict_alerts, going_on
from agtop.attention.needs import NEEDY, all_needy, needed_since, needs_you, needy, urgency
from agtop.attention.quiet import Quiet, parse_quiet
from agtop.attention.windows import window_alerts
from agtop.attention.wish import WAYS, AlertWish, Way

__all__ = [
    "ALERT_KINDS",
    "NEEDY",
    "WAYS",
    "Alert",
    "AlertWish",
    "Alerts",
    "Kind",
    "Quiet",
    "Way",
    "all_needy",
    "conflict_alerts",
    "going_on",
    "needed_since",
    "needs_you",
    "needy",
    "parse_quiet",
    "urgency",
    "window_alerts",
]
