"""How a loaded model is run: tuned for a processor, or plainly, as faster-whisper comes.

The one door to what belongs to tuning: the memory that is kept (`malloc_tuning`), the team of
threads that help each other (`thread_team`) and the model that takes a batch's windows one by one
(`deterministic_model`). Who listens asks for an `Execution` and does not see which one it got.

The plain one needs nothing of all that. It is taken where the library is another than the one the
tuning was made for, and where QC_PLAIN_RECOGNISER asks for it, so that a doubt about what was heard
can be settled: both hear the same words at the same times (docs/asr.md has the figures).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from qc_pipeline.asr.malloc_tuning import kept_heap, share_heap
from qc_pipeline.asr.thread_team import ThreadTeam
from qc_pipeline.audio.runtime import prepare_runtime

Float32 = npt.NDArray[np.float32]
Result = TypeVar("Result")

PLAIN_VARIABLE = "QC_PLAIN_RECOGNISER"
"""The environment variable that asks for the plain execution; `0` and nothing do not."""

_MOST_BATCHES = 4
"""Batches decoded side by side on a processor, at most; each gets its share of the threads. Most of
a step's matrices are too small for two threads: docs/asr.md has the figures."""


class Execution(Protocol):
    """A loaded model and the way it is run."""

    @property
    def model(self) -> Any:
        """faster-whisper's `WhisperModel`, or one that is used like it."""

    @property
    def parallel_batches(self) -> int:
        """How many batches are decoded, and recordings prepared, at the same time."""

    @property
    def exact(self) -> bool:
        """Whether a window gets the same words and probabilities whatever shares its batch."""

    def decode(self, works: Sequence[Callable[[], Result]]) -> list[Result]:
        """The results of works with the model, in their order. The first error is raised."""

    def prepare(self, works: Sequence[Callable[[], Result]]) -> list[Result]:
        """The results of works without the model, in their order. The first error is raised."""

    def encode_ahead(self, window: Float32) -> None:
        """Make a window (16 kHz, ±1, ≤ 30 s) ready that is going to be decoded."""

    def forget(self) -> None:
        """Let go of what was made ready so far."""


class TunedExecution:
    """Batches side by side, in memory that stays, by threads that help each other.

    On a GPU it is one batch after another in memory as the system gives it, and only Ctrl-C is
    heard sooner. Raises what `WhisperModel` raises.
    """

    def __init__(self, folder: Path, *, device: str, precision: str, threads: int) -> None:
        prepare_runtime()
        from qc_pipeline.asr.deterministic_model import OneByOneModel

        self._on_processor = device == "cpu"
        self.exact = self._on_processor and precision.startswith("int8")
        self.parallel_batches = min(_MOST_BATCHES, threads) if self.exact else 1
        self._team = ThreadTeam(self.parallel_batches)
        share_heap()
        self.model = OneByOneModel(
            str(folder),
            self._team,
            device=device,
            compute_type=precision,
            cpu_threads=threads // self.parallel_batches,
            num_workers=self.parallel_batches,
            local_files_only=True,
        )

    def decode(self, works: Sequence[Callable[[], Result]]) -> list[Result]:
        if not works:
            return []
        with kept_heap() if self._on_processor else contextlib.nullcontext():
            return self._team.do(works)

    def prepare(self, works: Sequence[Callable[[], Result]]) -> list[Result]:
        return self._team.do(works)

    def encode_ahead(self, window: Float32) -> None:
        self.model.encode_ahead(window)

    def forget(self) -> None:
        self.model.forget()


class PlainExecution:
    """faster-whisper's own model; one batch after another, by the thread that asks.

    A window's probabilities depend, in their last digits, on what shares its batch. Ctrl-C is heard
    when the step of the model that is going on has ended. Raises what `WhisperModel` raises.
    """

    parallel_batches = 1
    exact = False

    def __init__(self, folder: Path, *, device: str, precision: str, threads: int) -> None:
        prepare_runtime()
        from faster_whisper import WhisperModel

        self.model: Any = WhisperModel(
            str(folder),
            device=device,
            compute_type=precision,
            cpu_threads=threads,
            local_files_only=True,
        )

    def decode(self, works: Sequence[Callable[[], Result]]) -> list[Result]:
        return [work() for work in works]

    def prepare(self, works: Sequence[Callable[[], Result]]) -> list[Result]:
        return [work() for work in works]

    def encode_ahead(self, window: Float32) -> None:
        """Nothing: a batch encodes its windows itself."""

    def forget(self) -> None:
        """Nothing is kept."""


def runs_plainly() -> bool:
    """Whether models are run plainly here: because somebody asks for it, or nothing else can be.

    It is known without loading a model, as it is part of what names a transcript.
    """
    if os.environ.get(PLAIN_VARIABLE, "0") not in ("", "0"):
        return True
    prepare_runtime()
    try:
        from faster_whisper import WhisperModel

        from qc_pipeline.asr.deterministic_model import overrides_fit
    except ImportError:
        return True  # and where the library is not there at all, loading it says so
    return not overrides_fit(WhisperModel)


def execution_of(
    folder: Path, *, device: str, precision: str, threads: int, plain: bool
) -> Execution:
    """Load the model in `folder`. Raises what faster-whisper raises where files are damaged."""
    kind = PlainExecution if plain else TunedExecution
    return kind(folder, device=device, precision=precision, threads=threads)
