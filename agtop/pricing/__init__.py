"""What models cost: each request by its own model, day, size and tier, or honestly unknown.

`Prices` answers from table.json, which `python -m agtop.pricing.generate` makes from the
genai-prices package and overlay.toml.
"""

from __future__ import annotations

from agtop.pricing.override import Override
from agtop.pricing.prices import Prices

__all__ = ["Override", "Prices"]
