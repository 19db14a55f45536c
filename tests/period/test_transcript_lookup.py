"""What names a way of hearing."""

from __future__ import annotations

from datetime import UTC, datetime
from types import ModuleType

import pytest

from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.audio import measures
from qc_pipeline.call import AsrIdentity, Recording
from qc_pipeline.period import transcript_lookup
from qc_pipeline.period.transcript_lookup import RecogniserIdentity


@pytest.mark.parametrize(
    ("module", "name", "heard_again"),
    [
        # Measures are taken again from kept words; nothing is listened to for their sake.
        (measures, "MEASURES_VERSION", False),
        # Where a tone or music is found, no speech is looked for.
        (transcript_lookup, "SIGNALS_VERSION", True),
    ],
)
def test_what_is_another_way(
    module: ModuleType, name: str, heard_again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = Recording(
        recording_id="r", path="r.wav", start_time=datetime(2026, 11, 20, tzinfo=UTC), agent_id="a"
    )
    identity = AsrIdentity(backend="b", model="m", model_sha256="0" * 64)
    identified = RecogniserIdentity(options=AsrOptions(), identity=identity)
    now = identified.of(recording)
    assert identified.of(recording) == now
    monkeypatch.setattr(module, name, "another")
    assert (identified.of(recording) != now) is heard_again
