"""A model run plainly hears what the tuned one hears, and needs nothing of the tuning."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from faster_whisper import WhisperModel

from benchmarks.asr import sample_calls
from qc_pipeline.asr import malloc_tuning
from qc_pipeline.asr.execution import (
    PLAIN_VARIABLE,
    PlainExecution,
    TunedExecution,
    runs_plainly,
)
from qc_pipeline.asr.load import describe, identify, load_recogniser
from qc_pipeline.asr.models import sample_model_dir
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.asr.transcribe import AsrJob, recognise
from qc_pipeline.asr.whisper import DecodedWindow, WhisperEngine, choose_machine
from qc_pipeline.call import Transcript
from tests.asr.tiny_model import random_model, scripted_model
from tests.audio.speechlike import at, speech

TOLERANCE = 1e-6
"""How far a word's probability may be off. Measured: 0 in 118 windows of 24 sample calls with the
sample model; at most 2.1e-7 with models of drawn weights, whose texts differ much in length."""

SAID = "您好请问有什么可以帮"


@pytest.fixture(scope="module")
def said_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scripted_model(tmp_path_factory.mktemp("models") / "m", SAID, quantization="int8")


@pytest.fixture(scope="module")
def drawn_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "drawn"
    return random_model(folder, quantization="int8", stop_bias=1.0)


def engine_of(
    folder: Path, *, plain: bool | None, batch_size: int = 2, threads: int = 2
) -> WhisperEngine:
    machine = choose_machine("cpu", "int8", threads, 2)
    return WhisperEngine(folder, machine, beam_size=5, batch_size=batch_size, plain=plain)


def windows() -> list[np.ndarray]:
    """Five of 10 to 14 s with 2 to 6 s of speech: of drawn models, texts of 7 to 188 characters."""
    voices = [speech(2 + n, pitch_hz=210, tract=1.15, seed=n) for n in range(5)]
    return [
        at([(0.2 + n, voice)], 10 + n).repeat(2).astype(np.float32)
        for n, voice in enumerate(voices)
    ]


def what_and_when(heard: list[DecodedWindow]) -> list[list[tuple[str, float, float]]]:
    return [[(w.text, w.start_s, w.end_s) for w in one.words] for one in heard]


def probabilities(heard: list[DecodedWindow]) -> np.ndarray:
    return np.array([w.probability for one in heard for w in one.words])


def transcribed(monkeypatch: pytest.MonkeyPatch, plain: str, path: Path) -> Transcript:
    monkeypatch.setenv(PLAIN_VARIABLE, plain)
    recogniser = load_recogniser(AsrOptions(model="sample", threads=2), Path())
    kind = PlainExecution if plain == "1" else TunedExecution
    assert isinstance(recogniser.engine.execution, kind)
    assert (type(recogniser.engine.execution.model) is WhisperModel) == (plain == "1")
    (got,) = recognise([AsrJob(recording_id="R", path=path)], recogniser)
    return got.transcript


def test_both_ways_hear_the_same_in_a_sample_call(monkeypatch: pytest.MonkeyPatch) -> None:
    if sample_model_dir() is None:
        pytest.skip("no samples/model: NOTHING was really recognised")
    call = min(
        (c for c in sample_calls() if c.agent_channel == "left"),
        key=lambda c: c.truth["duration_s"],
    )
    tuned, plain = (transcribed(monkeypatch, asked, call.path) for asked in ("0", "1"))

    def told(transcript: Transcript) -> list[tuple[object, ...]]:
        return [
            (t.speaker, t.start_s, t.end_s, [(w.text, w.start_s, w.end_s) for w in t.words])
            for t in transcript.turns
        ]

    assert sum(len(t.text) for t in tuned.turns) > 40
    assert told(plain) == told(tuned)
    sure = [[w.confidence for t in one.turns for w in t.words] for one in (tuned, plain)]
    np.testing.assert_allclose(sure[1], sure[0], rtol=0, atol=TOLERANCE)


@pytest.mark.slow
def test_both_ways_hear_the_same_in_batches_and_with_care(drawn_folder: Path) -> None:
    tuned, plain = (engine_of(drawn_folder, plain=way, batch_size=3) for way in (False, True))
    first = tuned.hear(windows(), "zh", None), plain.hear(windows(), "zh", None)
    # Two threads at one window of a model this small wait for each other longer than they work.
    alone = engine_of(drawn_folder, plain=True, batch_size=3, threads=1)
    again = (
        tuned.hear_carefully(windows()[:2], "zh", None),
        alone.hear_carefully(windows()[:2], "zh", None),
    )
    for one, other in (first, again):
        assert any(h.words for h in one)
        assert what_and_when(other) == what_and_when(one)
        np.testing.assert_allclose(probabilities(other), probabilities(one), rtol=0, atol=TOLERANCE)


@pytest.mark.slow
def test_run_plainly_the_last_digits_depend_on_the_neighbours_and_so_nothing_else_is_claimed(
    drawn_folder: Path,
) -> None:
    """Why calls do not share its batches: a window alone, and the same among others.

    Four of the five windows differ, by up to 2.1e-7, on an x86-64 processor with AVX2.
    """
    engine = engine_of(drawn_folder, plain=True, batch_size=8)
    together = engine.hear(windows(), "zh", None)
    alone = [engine.hear([window], "zh", None)[0] for window in windows()]
    assert what_and_when(alone) == what_and_when(together)
    apart = np.abs(probabilities(alone) - probabilities(together))
    assert apart.max() <= TOLERANCE
    assert not engine.exact
    assert engine.at_once == 8, "one batch after another"
    tuned = engine_of(drawn_folder, plain=False, batch_size=8)
    assert tuned.exact
    assert [tuned.hear([w], "zh", None)[0] for w in windows()] == tuned.hear(windows(), "zh", None)


class Watched:
    """What is asked of the C library for memory, and of Python for threads."""

    def __init__(self) -> None:
        self.memory: list[str] = []
        self.threads: list[str] = []

    def __getattr__(self, name: str) -> object:
        return lambda *_: self.memory.append(name)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    seen = Watched()
    start = threading.Thread.start

    def starting(thread: threading.Thread) -> None:
        seen.threads.append(thread.name)
        start(thread)

    monkeypatch.setattr(malloc_tuning, "_glibc", lambda: seen)
    monkeypatch.setattr(threading.Thread, "start", starting)
    yield seen


def test_run_plainly_neither_memory_nor_threads_are_touched(
    said_folder: Path, watched: Watched
) -> None:
    for plain in (False, True):
        watched.memory.clear()
        watched.threads.clear()
        engine = engine_of(said_folder, plain=plain)
        heard = engine.hear(windows(), "zh", None)
        heard += engine.hear_carefully(windows()[:2], "zh", None)
        assert [h.text for h in heard[:5]] == [SAID] * 5
        here = engine.execution.prepare([threading.current_thread] * 3)
        assert (set(here) == {threading.current_thread()}) is plain
        assert ("mallopt" in watched.memory) is not plain
        assert ("recogniser" in watched.threads) is not plain
        if plain:
            assert (watched.memory, watched.threads) == ([], [])


def test_an_error_of_a_plain_batch_is_raised_and_nothing_more_is_begun(said_folder: Path) -> None:
    begun: list[int] = []

    def fail() -> None:
        begun.append(len(begun))
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        engine_of(said_folder, plain=True).execution.decode([fail, fail])
    assert begun == [0]


def renamed(*_: object) -> None:
    """No method of faster-whisper 1.2 has such parameters."""


@pytest.mark.parametrize("name", ["encode", "find_alignment"])
@pytest.mark.parametrize("how", ["gone", "other parameters"])
def test_another_library_than_the_tuning_was_made_for_is_run_plainly(
    name: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not runs_plainly()
    methods = {
        "encode": WhisperModel.encode,
        "find_alignment": WhisperModel.find_alignment,
    }
    if how == "gone":
        del methods[name]
    else:
        methods[name] = renamed
    monkeypatch.setattr("faster_whisper.WhisperModel", SimpleNamespace(**methods))
    assert runs_plainly()


def test_a_method_with_a_new_parameter_is_noticed_and_the_model_still_hears(
    said_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = WhisperModel.find_alignment

    def newer(  # the library's own parameters, and one more
        self: WhisperModel,
        tokenizer: object,
        text_tokens: list[object],
        encoder_output: object,
        num_frames: object,
        median_filter_width: int = 7,
        smoothing: float = 0.0,
    ) -> list[object]:
        return find(self, tokenizer, text_tokens, encoder_output, num_frames, median_filter_width)

    monkeypatch.setattr(WhisperModel, "find_alignment", newer)
    engine = engine_of(said_folder, plain=None)
    assert isinstance(engine.execution, PlainExecution)
    assert engine.hear(windows()[:1], "zh", None)[0].text == SAID


def test_a_library_without_what_the_tuning_imports_is_run_plainly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr("faster_whisper.audio.pad_or_trim")
    monkeypatch.delitem(sys.modules, "qc_pipeline.asr.deterministic_model", raising=False)
    assert runs_plainly()


@pytest.mark.parametrize(("asked", "plain"), [("1", True), ("0", False), ("", False)])
def test_the_variable_asks_and_the_identity_and_the_screen_tell(
    asked: str, plain: bool, said_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = AsrOptions(model=str(said_folder))
    monkeypatch.delenv(PLAIN_VARIABLE, raising=False)
    unasked = identify(options, Path())
    assert "execution" not in unasked.options
    monkeypatch.setenv(PLAIN_VARIABLE, asked)
    recogniser = load_recogniser(options, Path())
    assert identify(options, Path()) == recogniser.identity
    assert (recogniser.identity != unasked) is plain
    assert recogniser.identity.options.get("execution") == ("plain" if plain else None)
    assert describe(options, Path()) == recogniser.describe()
    assert recogniser.describe().code == ("listens.plain" if plain else "listens.model")
