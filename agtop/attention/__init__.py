"""What needs the user: when a session begins to, and the ways they are told."""

from __future__ import annotations

from agtop.attention.alerts import ALERT_KINDS, Alert, Alerts, Kind
from agtop.attention.conflicts import conflict_alerts, going_on
from agtop.attention.quiet import Quiet, parse_quiet

__all__ = [
    "ALERT_KINDS",
    "Alert",
    "Alerts",
    "Kind",
    "Quiet",
    "conflict_alerts",
    "going_on",
    "parse_quiet",
]
