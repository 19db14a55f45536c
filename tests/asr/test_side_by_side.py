"""Batches are decoded side by side: as many as there are threads, in their order."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from faster_whisper import WhisperModel

from qc_pipeline.asr.thread_team import ThreadTeam
from qc_pipeline.asr.whisper import DecodedWindow, WhisperEngine, choose_machine
from tests.asr.tiny_model import random_model, scripted_model
from tests.audio.speechlike import speech

WINDOWS = [np.full(10, n, dtype=np.float32) for n in range(1, 8)]


def engine_of(tmp_path: Path, threads: int, batch_size: int = 3) -> WhisperEngine:
    folder = random_model(tmp_path / "m", quantization="int8")
    machine = choose_machine("cpu", "int8", threads, threads)
    return WhisperEngine(folder, machine, beam_size=1, batch_size=batch_size)


def heard_of(window: np.ndarray) -> DecodedWindow:
    """What stands for a window: its number as its score."""
    return DecodedWindow(
        words=(), log_probability=-float(window[0]), compression_ratio=1.0, no_speech=0.0
    )


def test_two_batches_are_at_work_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2, timeout=20)
    sizes: list[int] = []

    def hear(self: WhisperEngine, windows: list[np.ndarray], *_: object) -> list[DecodedWindow]:
        sizes.append(len(windows))
        both.wait()  # broken, and so raised, unless the other batch comes
        return [heard_of(window) for window in windows]

    monkeypatch.setattr(WhisperEngine, "_hear_batch", hear)
    got = engine_of(tmp_path, threads=2).hear(WINDOWS, "zh", None)
    assert [-h.log_probability for h in got] == [1, 2, 3, 4, 5, 6, 7]
    assert sorted(sizes) == [1, 2, 2, 2], "seven in threes: four batches, even, for two at once"


@pytest.mark.parametrize(
    ("threads", "count", "sizes"),
    [(1, 7, [2, 2, 3]), (2, 1, [1]), (2, 3, [1, 2]), (4, 7, [1, 2, 2, 2]), (9, 2, [1, 1])],
)
def test_batches_are_even_and_no_more_than_windows(
    threads: int, count: int, sizes: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def hear(self: WhisperEngine, windows: list[np.ndarray], *_: object) -> list[DecodedWindow]:
        seen.append(len(windows))
        return [heard_of(window) for window in windows]

    monkeypatch.setattr(WhisperEngine, "_hear_batch", hear)
    got = engine_of(tmp_path, threads).hear(WINDOWS[:count], "zh", None)
    assert [-h.log_probability for h in got] == list(range(1, count + 1))
    assert sorted(seen) == sizes


def test_an_error_in_one_batch_is_raised_and_nothing_more_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[float] = []

    def hear(self: WhisperEngine, window: np.ndarray, *_: object) -> DecodedWindow:
        begun.append(float(window[0]))
        raise RuntimeError("out of memory")

    monkeypatch.setattr(WhisperEngine, "_hear_alone", hear)
    with pytest.raises(RuntimeError, match="out of memory"):
        engine_of(tmp_path, threads=2).hear_carefully(WINDOWS, "zh", None)
    assert len(begun) <= 2


def test_what_the_encoder_made_of_a_window_is_used_until_it_was_listened_to_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[int] = []
    encode = WhisperModel.encode

    def counting(self: WhisperModel, features: np.ndarray) -> object:
        encoded.append(1 if features.ndim == 2 else len(features))
        return encode(self, features)

    monkeypatch.setattr(WhisperModel, "encode", counting)
    # It says that all it hears lasts two seconds, so that the careful path needs one look.
    folder = scripted_model(tmp_path / "m", "您好请问", quantization="int8")
    machine = choose_machine("cpu", "int8", 2, 2)
    engine = WhisperEngine(folder, machine, beam_size=2, batch_size=3)
    windows = [speech(2.0, seed=n).repeat(2).astype(np.float32) for n in range(5)]
    engine.hear(windows, "zh", None)
    assert sum(encoded) == 5, "ahead or in its batch, but once"
    again = engine.hear_carefully(windows[:2], "zh", None)
    assert sum(encoded) == 5, "steps of the careful path included"
    assert engine.hear_carefully(windows[:2], "zh", None) == again
    assert sum(encoded) == 7, "it was forgotten"


def test_the_longer_batch_is_begun_first_and_after_its_windows_are_encoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    monkeypatch.setattr(WhisperEngine, "_encode_ahead", lambda *_: order.append("encoded") or [])

    def hear(self: WhisperEngine, windows: list[np.ndarray], *_: object) -> list[DecodedWindow]:
        order.append(f"batch of {len(windows)}")
        return [heard_of(window) for window in windows]

    monkeypatch.setattr(WhisperEngine, "_hear_batch", hear)
    monkeypatch.setattr(ThreadTeam, "do", lambda self, works: [work() for work in works])
    engine_of(tmp_path, threads=2, batch_size=8).hear(WINDOWS, "zh", None)
    assert order == ["encoded"] * 7 + ["batch of 4", "batch of 3"]
    order.clear()
    engine_of(tmp_path, threads=1, batch_size=8).hear(WINDOWS, "zh", None)
    assert order == ["batch of 7"]
