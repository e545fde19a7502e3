"""One process of the fleet: plays a scene until the curtain."""

from __future__ import annotations

import json
import os

from agtop.demo.live import Curtain, LiveStage, bind_to_director
from agtop.demo.scenes import SCENES

PART = "AGTOP_DEMO_PART"
"""The variable that tells an actor its part; its arguments are those of an agent."""


def main() -> None:
    part = json.loads(os.environ[PART])
    bind_to_director(part["agent"])
    stage = LiveStage(part, int(part["life"]), int(part["ready"]))
    try:
        SCENES[part["scene"]](stage)
    except Curtain:
        pass  # the usual end
    finally:
        stage.leave()
