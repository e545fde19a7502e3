"""What agents take of the machine and of the purse, sample by sample, for logs and Prometheus."""

from __future__ import annotations

from agtop.metrics.effort import Effort, Efforts
from agtop.metrics.log import Form, Log, Page
from agtop.metrics.sample import Meter, Sample
from agtop.metrics.spent import Purse

__all__ = ["Effort", "Efforts", "Form", "Log", "Meter", "Page", "Purse", "Sample"]
