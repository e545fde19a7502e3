"""Signals to sessions that agtop did not start.

`plan` says which processes a signal is meant for and refuses those that are nobody's to stop;
`deliver` sends it, looking at each process once more at that moment; `stop` climbs from a request
to force and tells every step.
"""

from __future__ import annotations

from agtop.control.aims import Aim, Me, Plan, Processes, Spared, Vitals, plan
from agtop.control.delivery import Sent, deliver, send, summary
from agtop.control.ladder import Ending, Step, stop
from agtop.control.signals import SIGNALS, Signal, signal_named

__all__ = [
    "SIGNALS",
    "Aim",
    "Ending",
    "Me",
    "Plan",
    "Processes",
    "Sent",
    "Signal",
    "Spared",
    "Step",
    "Vitals",
    "deliver",
    "plan",
    "send",
    "signal_named",
    "stop",
    "summary",
]
