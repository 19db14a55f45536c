"""Processes times threads fill the machine's cores, and no more."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from qc_pipeline.asr.load import load_recogniser
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.asr.transcribe import AsrJob, recognise
from qc_pipeline.asr.whisper import WhisperEngine
from qc_pipeline.errors import RecordingError, UsageError
from qc_pipeline.job.share import listening_shares, recognise_all, shares
from qc_pipeline.message import Message
from qc_pipeline.workspace.settings import Settings, parse_settings
from tests.asr.tiny_model import scripted_model
from tests.audio.speechlike import RATE_HZ, at, speech


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many windows the engine is given at once, each time."""
    counts: list[int] = []
    hear = WhisperEngine.hear

    def watched(self: WhisperEngine, windows: list, *rest: object) -> list:
        counts.append(len(windows))
        return hear(self, windows, *rest)

    monkeypatch.setattr(WhisperEngine, "hear", watched)
    return counts


def write_call(path: Path) -> None:
    """A call of eight seconds with one window for each party."""
    left, right = at([(1.0, speech(3, pitch_hz=110))], 8), at([(5.0, speech(2, seed=3))], 8)
    soundfile.write(path, np.stack([left, right], axis=1), RATE_HZ)


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
    monkeypatch.setattr("qc_pipeline.job.share.usable_cores", lambda: 8)
    assert shares(settings_of(tables)) == expected


def settings_of(tables: str) -> Settings:
    text = f"[paths]\ncalls = 'c.csv'\nrecordings = '.'\n{tables}"
    settings, problems = parse_settings(text, root=Path("/w"))
    assert settings is not None
    assert problems == []
    return settings


@pytest.mark.parametrize(
    ("tables", "gpu", "expected"),
    [
        ("", False, (8, 1)),
        ("", True, (1, 8)),
        ("[asr]\ndevice = 'cpu'\n", True, (8, 1)),
        ("[asr]\nmix_calls = true\n", False, (1, 8)),
        (
            "[asr]\nmix_calls = true\n[asr.separation]\nsegmentation = 'a'\nembedding = 'b'\n",
            False,
            (8, 1),
        ),
    ],
    ids=["cores", "a GPU found", "a GPU unwanted", "mixed calls", "separation by weights"],
)
def test_one_model_on_a_gpu_and_one_where_calls_share_batches(
    tables: str, gpu: bool, expected: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qc_pipeline.job.share.usable_cores", lambda: 8)
    monkeypatch.setattr("qc_pipeline.job.share.gpu_here", lambda: gpu)
    assert listening_shares(settings_of(tables)) == expected


@pytest.mark.parametrize(
    ("mixed", "precision", "expected"),
    [(True, "float32", [4]), (False, "float32", [2, 2]), (False, "int8", [4])],
    ids=["mixed", "apart", "exact"],
)
def test_the_job_lets_calls_share_a_batch_where_it_shall(
    mixed: bool,
    precision: str,
    expected: list[int],
    tmp_path: Path,
    together: list[int],
) -> None:
    """Two calls of two windows each; in int8 it changes nothing and they always share."""
    model = scripted_model(tmp_path / "m", "您好请问有什么可以帮")
    words = f"[asr]\nmodel = '{model}'\nprecision = '{precision}'\n"
    words += f"mix_calls = {str(mixed).lower()}\n"
    settings = settings_of(f"[runner]\nkind = 'inline'\n{words}")
    jobs = []
    for name in ("a.wav", "b.wav"):
        write_call(tmp_path / name)
        jobs.append(AsrJob(recording_id=name, path=tmp_path / name, agent_channel="left"))
    heard = dict(recognise_all(settings, tmp_path, jobs))
    assert [heard[n].recording_id for n in (0, 1)] == ["a.wav", "b.wav"]
    assert all(len(result.transcript.turns) == 2 for result in heard.values())
    assert together == expected


def test_calls_are_listened_to_together_as_far_as_they_fill_batches(
    tmp_path: Path, together: list[int]
) -> None:
    """Seven calls of two windows, and room for five windows: two calls at a time."""
    model = scripted_model(tmp_path / "m", "您好请问有什么可以帮")
    options = AsrOptions(model=str(model), batch_size=5, threads=1)
    write_call(tmp_path / "a.wav")
    jobs = [AsrJob(recording_id=str(n), path=tmp_path / "a.wav") for n in range(7)]
    jobs.insert(1, AsrJob(recording_id="none", path=tmp_path / "none.wav"))
    got = list(recognise(jobs, load_recogniser(options, Path())))
    assert [g.recording_id for g in got] == ["0", "none", *"123456"]
    assert together == [4, 4, 4, 2]
    together.clear()
    small = AsrOptions(model=str(model), batch_size=1, threads=1)
    assert len(list(recognise(jobs[:3], load_recogniser(small, Path())))) == 3
    assert together == [2, 2], "a call with more windows than that is not divided"


def test_calls_are_prepared_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2, timeout=20)

    def unreadable(path: Path) -> None:
        both.wait()  # broken, and so raised, unless the other call comes
        raise RecordingError("audio", Message.of("audio.no-sound"))

    monkeypatch.setattr("qc_pipeline.asr.transcribe.decode", unreadable)
    model = scripted_model(tmp_path / "m", "您好请问有什么可以帮")
    recogniser = load_recogniser(AsrOptions(model=str(model), threads=2), Path())
    jobs = [AsrJob(recording_id=str(n), path=tmp_path / "a.wav") for n in range(4)]
    assert [failure.recording_id for failure in recognise(jobs, recogniser)] == list("0123")


@pytest.mark.parametrize(("calls", "threads"), [(1, 8), (2, 1)])
def test_a_call_alone_gets_all_cores(
    calls: int, threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[int] = []

    def load(options: AsrOptions, root: Path) -> None:
        given.append(options.threads)
        raise UsageError("far enough")

    monkeypatch.setattr("qc_pipeline.job.share.usable_cores", lambda: 8)
    monkeypatch.setattr("qc_pipeline.job.share.load_recogniser", load)
    jobs = [AsrJob(recording_id=str(n), path=tmp_path / "a.wav") for n in range(calls)]
    with pytest.raises(UsageError, match="far enough"):
        recognise_all(settings_of("[asr]\ndevice = 'cpu'\n"), tmp_path, jobs)
    assert given == [threads]
