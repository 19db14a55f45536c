"""What names a way of hearing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qc_pipeline import transcripts
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.call import AsrIdentity, Recording
from qc_pipeline.transcripts import Ways


def test_new_definitions_of_measures_are_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the measures that are kept are taken again, and the former stay in the record."""
    recording = Recording(
        recording_id="r", path="r.wav", start_time=datetime(2026, 11, 20, tzinfo=UTC), agent_id="a"
    )
    identity = AsrIdentity(backend="b", model="m", model_sha256="0" * 64)
    ways = Ways(options=AsrOptions(), identity=identity)
    now = ways.of(recording)
    assert ways.of(recording) == now
    monkeypatch.setattr(transcripts, "MEASURES_VERSION", "another")
    assert ways.of(recording) != now
