"""`python -m agtop`."""

from __future__ import annotations

import sys

from agtop.cli import main

if __name__ == "__main__":
    sys.exit(main())
