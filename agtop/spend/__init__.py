"""Where the money went: sums over what was used, by whatever cut and over whatever days."""

from __future__ import annotations

from agtop.spend.period import Period, Span
from agtop.spend.report import Report, report
from agtop.spend.rows import CUTS, Cut, Row, rows
from agtop.spend.sums import Sum
from agtop.spend.uses import Clock, Use, uses
from agtop.spend.week import Strip

__all__ = [
    "CUTS",
    "Clock",
    "Cut",
    "Period",
    "Report",
    "Row",
    "Span",
    "Strip",
    "Sum",
    "Use",
    "report",
    "rows",
    "uses",
]
