"""Recordings that are not part of the project: where they lie on this machine.

Tests on real speech are skipped, and say so, where they are missing.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]


def shared_data(name: str) -> Path:
    """The folder `shared/data/NAME`: below QC_SHARED, else of the nearest folder around the
    checkout that has a `shared`; where it would be beside the checkout if there is none.
    """
    named = os.environ.get("QC_SHARED")
    around = [Path(named)] if named else [p / "shared" for p in ROOT.resolve().parents]
    found = next((p for p in around if (p / "data").is_dir()), around[0])
    return found / "data" / name


REAL_CALLS = shared_data("real-calls")
