"""What each agent's files are like, what is wrong with them and what to do about it."""

from __future__ import annotations

from agtop.sources.app_server import VARIABLE, AppServer, Probe
from agtop.sources.diagnosis import Diagnosis, Finding, diagnose
from agtop.sources.examination import Examination, Inventory, examine
from agtop.sources.usage import ModelUse, uses

__all__ = [
    "VARIABLE",
    "AppServer",
    "Diagnosis",
    "Examination",
    "Finding",
    "Inventory",
    "ModelUse",
    "Probe",
    "diagnose",
    "examine",
    "uses",
]
