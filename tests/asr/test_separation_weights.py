"""`[asr.separation]`: models of the user's that tell two voices of one channel apart."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

from qc_pipeline.asr.load import check_models, identify, load_recogniser
from qc_pipeline.asr.options import AsrOptions, SeparationOptions
from qc_pipeline.asr.transcribe import AsrJob, recognise
from qc_pipeline.errors import UsageError
from qc_pipeline.workspace.settings import parse_settings
from tests.asr.test_transcribe import SAID, call
from tests.asr.tiny_model import scripted_model

WORKSPACE = "[paths]\ncalls = 'calls.csv'\nrecordings = '.'\n[asr.separation]\n"


def options(folder: Path) -> AsrOptions:
    """A workspace with a recogniser and the two models, each by its path in the workspace."""
    pytest.importorskip("sherpa_onnx", reason="no sherpa-onnx: the extra `diarize` is NOT checked")
    voice_models = pytest.importorskip("tests.audio.voice_models")
    scripted_model(folder / "asr", SAID)
    voice_models.segmentation(folder / "segmentation.onnx")
    voice_models.embedding(folder / "embedding.onnx")
    named = SeparationOptions(segmentation="segmentation.onnx", embedding="embedding.onnx")
    return AsrOptions(model="asr", separation=named)


def test_the_models_separate_and_stand_in_the_identity(tmp_path: Path) -> None:
    chosen = options(tmp_path)
    recogniser = load_recogniser(chosen, tmp_path)
    assert recogniser.describe().code == "listens.separated"
    job = AsrJob(recording_id="R", path=call(tmp_path, mono=True), agent_channel="mono")
    (got,) = recognise([job], recogniser)
    version = importlib.metadata.version("sherpa-onnx")
    named = got.transcript.asr.options["separation"]
    assert named.startswith(f"sherpa-onnx {version}, ")
    assert identify(chosen, tmp_path) == recogniser.identity
    # Another model, another identity; without models nothing stands there.
    with (tmp_path / "embedding.onnx").open("ab") as file:
        file.write(b"\0")
    assert identify(chosen, tmp_path).options["separation"] != named
    assert "separation" not in identify(AsrOptions(model="asr"), tmp_path).options
    assert set(got.transcript.channels.values()) == {"mono"}


def test_a_missing_model_is_told_before_the_job_begins(tmp_path: Path) -> None:
    chosen = options(tmp_path)
    (tmp_path / "embedding.onnx").unlink()
    with pytest.raises(UsageError, match=r"^there is no model .*embedding\.onnx; name the [^\n]*$"):
        check_models(chosen, tmp_path)


def test_without_the_extra_one_sentence_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_there(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr("qc_pipeline.audio.diarize.version", not_there)
    scripted_model(tmp_path / "asr", SAID)
    named = SeparationOptions(segmentation="a.onnx", embedding="b.onnx")
    with pytest.raises(UsageError, match=r"pip install 'qc-pipeline\[diarize\]'"):
        check_models(AsrOptions(model="asr", separation=named), tmp_path)


def test_one_model_alone_is_a_mistake_with_its_line() -> None:
    _, problems = parse_settings(WORKSPACE + "embedding = 'e.onnx'\n", root=Path("/w"))
    assert [str(p) for p in problems] == [
        "qc.toml:4: 'asr.separation' is not right; "
        "allowed: both `segmentation` and `embedding`, or neither"
    ]
    _, problems = parse_settings(WORKSPACE + "embeding = 'e.onnx'\n", root=Path("/w"))
    assert 'did you mean "embedding"?' in str(problems[0])


def test_paths_are_of_the_workspace() -> None:
    named = SeparationOptions(segmentation="m/s.onnx", embedding="/models/e.onnx")
    assert named.models(Path("/w")) == (Path("/w/m/s.onnx"), Path("/models/e.onnx"))
    assert SeparationOptions().models(Path("/w")) is None
