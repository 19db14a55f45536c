"""What names a way of hearing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile

from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.audio import measures
from qc_pipeline.audio.survey import READER_VERSION, reader_of
from qc_pipeline.call import AsrIdentity, Recording
from qc_pipeline.period import transcript_lookup
from qc_pipeline.period.transcript_lookup import RecogniserIdentity

RECORDING = Recording(
    recording_id="r", path="r.wav", start_time=datetime(2026, 11, 20, tzinfo=UTC), agent_id="a"
)


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
    identity = AsrIdentity(backend="b", model="m", model_sha256="0" * 64)
    identified = RecogniserIdentity(options=AsrOptions(), identity=identity)
    now = identified.of(RECORDING)
    assert identified.of(RECORDING) == now
    monkeypatch.setattr(module, name, "another")
    assert (identified.of(RECORDING) != now) is heard_again


def test_only_unusual_recordings_are_heard_again_by_another_reader(tmp_path: Path) -> None:
    """One Opus recording is read as ever; two in one file were read in part by former versions."""
    sound = np.random.default_rng(1).normal(0, 0.1, (16_000, 2))
    one = tmp_path / "one.ogg"
    soundfile.write(one, sound, 8_000, format="OGG", subtype="OPUS")
    two = tmp_path / "two.ogg"
    two.write_bytes(one.read_bytes() * 2)
    four = tmp_path / "four.wav"
    soundfile.write(four, np.tile(sound, 2), 8_000)
    assert [reader_of(p) for p in (one, two, four)] == ["", READER_VERSION, READER_VERSION]
    identity = AsrIdentity(backend="b", model="m", model_sha256="0" * 64)
    identified = RecogniserIdentity(options=AsrOptions(), identity=identity)
    assert identified.of(RECORDING, "") == identified.of(RECORDING)
    assert identified.of(RECORDING, READER_VERSION) != identified.of(RECORDING)
