"""Budgets: what may be spent, what has been, who is told and who is stopped.

`standings` hold budgets against sessions; `alerts` and `acts` say what is new about them. All are
functions of what they are given: nothing here looks at a clock, a file or a process, but for
`AlertLog`, which remembers over restarts what was said.
"""

from __future__ import annotations

from agtop.budgets.alerting import Act, Alert, AlertLog, acts, alerts
from agtop.budgets.allowance import Allowances
from agtop.budgets.budget import (
    ACTIONS,
    THRESHOLDS,
    Action,
    Budget,
    Kind,
    Period,
    Target,
    parse_amount,
    parse_target,
)
from agtop.budgets.standing import (
    Gone,
    Span,
    Spending,
    Spent,
    Standing,
    as_told,
    nobody,
    so_far,
    standing_of,
    standings,
)

__all__ = [
    "ACTIONS",
    "THRESHOLDS",
    "Act",
    "Action",
    "Alert",
    "AlertLog",
    "Allowances",
    "Budget",
    "Gone",
    "Kind",
    "Period",
    "Span",
    "Spending",
    "Spent",
    "Standing",
    "Target",
    "acts",
    "alerts",
    "as_told",
    "nobody",
    "parse_amount",
    "parse_target",
    "so_far",
    "standing_of",
    "standings",
]
