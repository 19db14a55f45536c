"""Recordings that are not part of the project: where they lie on this machine.

Tests on real speech are skipped, and say so, where they are missing.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def shared_data(name: str) -> Path:
    """The folder `shared/data/NAME`: below QC_SHARED, else of the nearest folder around the
    checkout that has a `shared`; where it would be beside the checkout if there is none.
    """
    named = os.environ.get("QC_SHARED")
    around = [Path(named)] if named else [p / "shared" for p in ROOT.resolve().parents]
    found = next((p for p in around if (p / "data").is_dir()), around[0])
    return found / "data" / name


def shared_case(name: str) -> Path:
    """A file or folder of `shared/cases`; the test is skipped, and says so, where it is missing."""
    path = shared_data("").parent / "cases" / name
    if not path.exists():
        pytest.skip(f"no {path}: what people really met with is NOT checked")
    return path


REAL_CALLS = shared_data("real-calls")
