"""Batches are decoded side by side: as many as there are threads, in their order."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from qc_pipeline.asr.whisper import Heard, WhisperEngine, choose_machine
from tests.asr.tiny_model import random_model

WINDOWS = [np.full(10, n, dtype=np.float32) for n in range(1, 8)]


def engine_of(tmp_path: Path, threads: int, batch_size: int = 3) -> WhisperEngine:
    folder = random_model(tmp_path / "m", quantization="int8")
    machine = choose_machine("cpu", "int8", threads, threads)
    return WhisperEngine(folder, machine, beam_size=1, batch_size=batch_size)


def heard_of(window: np.ndarray) -> Heard:
    """What stands for a window: its number as its score."""
    return Heard(words=(), log_probability=-float(window[0]), compression_ratio=1.0, no_speech=0.0)


def test_two_batches_are_at_work_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2, timeout=20)
    sizes: list[int] = []

    def hear(self: WhisperEngine, windows: list[np.ndarray], *_: object) -> list[Heard]:
        sizes.append(len(windows))
        both.wait()  # broken, and so raised, unless the other batch comes
        return [heard_of(window) for window in windows]

    monkeypatch.setattr(WhisperEngine, "_hear_batch", hear)
    got = engine_of(tmp_path, threads=2).hear(WINDOWS, "zh", None)
    assert [-h.log_probability for h in got] == [1, 2, 3, 4, 5, 6, 7]
    assert sorted(sizes) == [1, 2, 2, 2], "seven in threes: four batches, even, for two sides"


@pytest.mark.parametrize(
    ("threads", "count", "sizes"),
    [(1, 7, [2, 2, 3]), (2, 1, [1]), (2, 3, [1, 2]), (4, 7, [1, 2, 2, 2]), (9, 2, [1, 1])],
)
def test_batches_are_even_and_no_more_than_windows(
    threads: int, count: int, sizes: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def hear(self: WhisperEngine, windows: list[np.ndarray], *_: object) -> list[Heard]:
        seen.append(len(windows))
        return [heard_of(window) for window in windows]

    monkeypatch.setattr(WhisperEngine, "_hear_batch", hear)
    got = engine_of(tmp_path, threads).hear(WINDOWS[:count], "zh", None)
    assert [-h.log_probability for h in got] == list(range(1, count + 1))
    assert sorted(seen) == sizes


def test_an_error_on_one_side_is_raised_and_nothing_more_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[float] = []

    def hear(self: WhisperEngine, window: np.ndarray, *_: object) -> Heard:
        begun.append(float(window[0]))
        raise RuntimeError("out of memory")

    monkeypatch.setattr(WhisperEngine, "_hear_alone", hear)
    with pytest.raises(RuntimeError, match="out of memory"):
        engine_of(tmp_path, threads=2).hear_carefully(WINDOWS, "zh", None)
    assert len(begun) <= 2
