"""Two voices told apart by the real sherpa-onnx, with models that the tests write."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from qc_pipeline.audio.channels import look_at_channels
from qc_pipeline.audio.decode import decode
from qc_pipeline.audio.diarize import Diarizer, SpeakerSpan, _speakers
from qc_pipeline.audio.mono_separation import SeparatedVoices
from qc_pipeline.audio.speakers import find_voices
from qc_pipeline.errors import UsageError
from tests.audio.test_mono_separation import conversation, regions_of, right_share

pytest.importorskip("sherpa_onnx", reason="no sherpa-onnx: the extra `diarize` is NOT checked")
pytest.importorskip("onnx", reason="no onnx to write models with: sherpa-onnx is NOT checked")

from tests.audio import voice_models


@pytest.fixture(scope="module")
def diarizer(tmp_path_factory: pytest.TempPathFactory) -> Diarizer:
    folder = tmp_path_factory.mktemp("models")
    return Diarizer(
        voice_models.segmentation(folder / "segmentation.onnx"),
        voice_models.embedding(folder / "embedding.onnx"),
        threads=1,
    )


def test_the_library_tells_a_man_and_a_woman_apart(tmp_path: Path, diarizer: Diarizer) -> None:
    woman, man, seconds = conversation(tmp_path / "mono.wav", 0.8)
    decoded = decode(tmp_path / "mono.wav")
    regions = regions_of(decoded)
    found = diarizer.separate(decoded, 0, regions)
    assert right_share(found.voices, (woman, man), seconds) >= 0.9
    assert found.voices[0][0][0] < found.voices[1][0][0]
    spans = sorted(s for v in found.voices for s in v)
    # Every region is given away whole, and nothing twice.
    assert sum(b - a for a, b in spans) == pytest.approx(sum(b - a for a, b in regions))
    assert all(a[1] <= b[0] + 1e-9 for a, b in itertools.pairwise(spans))
    assert diarizer.separate(decoded, 0, regions) == found


def test_a_mono_recording_is_given_to_the_library(tmp_path: Path, diarizer: Diarizer) -> None:
    conversation(tmp_path / "mono.wav", 0.8)
    decoded = decode(tmp_path / "mono.wav")
    voices = find_voices(decoded, "mono", diarizer.separate)
    assert voices.mono
    regions = look_at_channels(decoded)[0].regions(decoded.duration_s)
    expected = diarizer.separate(decoded, 0, regions).voices
    assert tuple(v.regions for v in voices.pair) == expected
    # It gives no measure of how far apart the voices are, so nothing is said about that.
    assert not any(note.code == "speakers.alike" for note in voices.notes)


def test_nobody_and_hardly_anybody(tmp_path: Path, diarizer: Diarizer) -> None:
    conversation(tmp_path / "mono.wav", 0.8)
    decoded = decode(tmp_path / "mono.wav")
    assert diarizer.separate(decoded, 0, ()) == SeparatedVoices(voices=((), ()))
    quiet = np.zeros_like(decoded.samples)
    from dataclasses import replace

    found = diarizer.separate(replace(decoded, samples=quiet), 0, ((1.0, 1.5),))
    assert found.voices == (((1.0, 1.5),), ())


def test_frames_go_to_the_later_of_two_and_to_the_nearest_of_none() -> None:
    said = [
        SpeakerSpan(start_s=0.0, end_s=2.0, speaker=0),
        SpeakerSpan(start_s=1.5, end_s=2.5, speaker=1),
        SpeakerSpan(start_s=4.0, end_s=5.0, speaker=0),
    ]
    got = _speakers((1.0, 4.5), said)
    # 1.0–1.5 the first; 1.5–2.5 the second, who began later; then a gap, nearer to the second up
    # to 3.25; the third span from there.
    assert got.tolist() == [0] * 50 + [1] * 175 + [0] * 125
    assert _speakers((7.0, 7.1), said).tolist() == [0] * 10
    assert _speakers((7.0, 7.1), []).tolist() == [0] * 10


@pytest.mark.parametrize("which", ["segmentation", "embedding"])
def test_a_model_that_is_not_there_is_one_sentence(tmp_path: Path, which: str) -> None:
    files = {
        "segmentation": voice_models.segmentation(tmp_path / "s.onnx"),
        "embedding": voice_models.embedding(tmp_path / "e.onnx"),
    }
    files[which].unlink()
    with pytest.raises(
        UsageError, match=rf"^`\[asr.separation\] {which}` .* is not there; [^\n]*$"
    ):
        Diarizer(files["segmentation"], files["embedding"], threads=1)


def test_a_model_the_library_would_end_the_process_on_is_refused(tmp_path: Path) -> None:
    good = voice_models.embedding(tmp_path / "e.onnx")
    notes = {k: v for k, v in voice_models.SEGMENTATION_NOTES.items() if k != "window_size"}
    bad = voice_models.segmentation(tmp_path / "s.onnx", notes)
    with pytest.raises(UsageError, match="does not say its window_size"):
        Diarizer(bad, good, threads=1)
    good_segmentation = voice_models.segmentation(tmp_path / "t.onnx")
    other = {**voice_models.EMBEDDING_NOTES, "framework": "elsewhere"}
    with pytest.raises(UsageError, match="is a model of elsewhere; sherpa-onnx takes wespeaker"):
        Diarizer(good_segmentation, voice_models.embedding(tmp_path / "f.onnx", other), threads=1)
    narrow = {**voice_models.EMBEDDING_NOTES, "sample_rate": 8_000}
    with pytest.raises(UsageError, match="listens at 8000 Hz; 16000 is needed"):
        Diarizer(good_segmentation, voice_models.embedding(tmp_path / "g.onnx", narrow), threads=1)


def test_a_file_that_is_no_model_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "s.onnx").write_text("not a model")
    good = voice_models.embedding(tmp_path / "e.onnx")
    with pytest.raises(UsageError, match=r"is not an ONNX model that can be used: [^\n]*$"):
        Diarizer(tmp_path / "s.onnx", good, threads=1)
