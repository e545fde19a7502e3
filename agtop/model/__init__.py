"""The records everything else speaks in: frozen, slotted, made once.

Units: instants (`*_at`) are Unix seconds, durations seconds, sizes bytes, money dollars,
percentages 0–100. `None` is unknown and never stands for zero.
"""

from __future__ import annotations

from agtop.model.process import (
    Confidence,
    Match,
    Process,
    Recognition,
    Registration,
    Role,
    Signature,
    Tree,
)
from agtop.model.session import (
    STATES,
    Rates,
    Session,
    Spend,
    State,
    StateName,
)
from agtop.model.snapshot import (
    Host,
    Problem,
    Progress,
    RunningTotals,
    Snapshot,
    Totals,
    Weight,
    unpriced_tokens,
)
from agtop.model.trace import EVENT_KINDS, Author, Event, EventKind
from agtop.model.transcript import (
    Activity,
    Context,
    FileWrite,
    Lines,
    Phase,
    Reading,
)
from agtop.model.usage import (
    MOST,
    PICO,
    Charge,
    Claim,
    Cost,
    Price,
    Response,
    Tokens,
    Usage,
)

__all__ = [
    "EVENT_KINDS",
    "MOST",
    "PICO",
    "STATES",
    "Activity",
    "Author",
    "Charge",
    "Claim",
    "Confidence",
    "Context",
    "Cost",
    "Event",
    "EventKind",
    "FileWrite",
    "Host",
    "Lines",
    "Match",
    "Phase",
    "Price",
    "Problem",
    "Process",
    "Progress",
    "Rates",
    "Reading",
    "Recognition",
    "Registration",
    "Response",
    "Role",
    "RunningTotals",
    "Session",
    "Signature",
    "Snapshot",
    "Spend",
    "State",
    "StateName",
    "Tokens",
    "Totals",
    "Tree",
    "Usage",
    "Weight",
    "unpriced_tokens",
]
