"""Processes times threads fill the machine's cores, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from qc_pipeline.config import parse_settings
from qc_pipeline.weekly import shares


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        ("", (8, 1)),
        ("[runner]\nprocesses = 3\n", (3, 2)),
        ("[asr]\nthreads = 3\n", (2, 4)),
        ("[asr]\nthreads = 16\n", (1, 8)),
        ("[asr]\ndevice = 'cuda'\n", (1, 8)),
        ("[runner]\nkind = 'inline'\n", (1, 8)),
    ],
)
def test_shares_of_eight_cores(
    tables: str, expected: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second number is what a process takes where `[asr] threads` says nothing."""
    monkeypatch.setattr("qc_pipeline.weekly.usable_cores", lambda: 8)
    text = f"[paths]\ncalls = 'c.csv'\nrecordings = '.'\n{tables}"
    settings, problems = parse_settings(text, root=Path("/w"))
    assert settings is not None
    assert problems == []
    assert shares(settings) == expected
