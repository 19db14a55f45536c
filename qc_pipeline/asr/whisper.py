"""faster-whisper behind our own interface: windows in, words out.

Windows of several recordings are laid one after another in one array and named by
`clip_timestamps`, which is BatchedInferencePipeline's public way to be told what to decode. Two of
its habits shape how they are laid (faster-whisper 1.2, transcribe.py):

- a clip's place is turned into whole hundredths of a second by truncation, so every clip starts on
  a whole second;
- `add_word_timestamps` shortens the first words of a clip by how long ago the clip before it ended,
  so clips lie further apart than its longest test (2.8 s), and a window's words do not depend on
  its neighbours.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qc_pipeline.asr.execution import execution_of, runs_plainly
from qc_pipeline.asr.windows import evenly
from qc_pipeline.audio.decode import RECOGNISER_HZ
from qc_pipeline.audio.runtime import prepare_runtime

Float32 = npt.NDArray[np.float32]

_APART_S = 4
_COMPRESSION_LIMIT = 2.4
_LOG_PROBABILITY_LIMIT = -1.0
_NO_SPEECH_LIMIT = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardWord:
    """A word as the recogniser gave it; times in seconds from the window's start."""

    text: str
    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedWindow:
    """What was heard in one window.

    `log_probability` is the mean over the window's tokens (natural logarithm),
    `compression_ratio` the length of the text over its zlib length (loops are above 2.4),
    `no_speech` the model's probability that nobody speaks. `careful` says which path gave it.
    `looped` are words that were taken out because they repeat for ever.
    """

    words: tuple[HeardWord, ...]
    log_probability: float
    compression_ratio: float
    no_speech: float
    careful: bool = False
    looped: tuple[HeardWord, ...] = ()

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where and how the model runs, as chosen for this machine."""

    device: str
    precision: str
    threads: int

    def __str__(self) -> str:
        threads = f", {self.threads} threads" if self.device == "cpu" else ""
        return f"{self.device}, {self.precision}{threads}"


def gpu_here() -> bool:
    """Whether this machine has a GPU that the recogniser can use."""
    prepare_runtime()
    import ctranslate2

    return bool(ctranslate2.get_cuda_device_count() > 0)


def choose_machine(device: str, precision: str, threads: int, cores: int) -> Machine:
    """Device and precision for this machine. Raises ValueError when it lacks what was asked for.

    On a processor int8 is fastest and needs the least memory; on a GPU float16 is what Whisper
    was published in.
    """
    prepare_runtime()
    import ctranslate2

    has_gpu = gpu_here()
    chosen = device if device != "auto" else ("cuda" if has_gpu else "cpu")
    if chosen == "cuda" and not has_gpu:
        raise ValueError("`[asr] device` is cuda, but this machine has no usable GPU")
    supported = set(ctranslate2.get_supported_compute_types(chosen))
    if precision == "auto":
        order = ("float16", "float32") if chosen == "cuda" else ("int8", "int8_float32", "float32")
        precision = next(p for p in order if p in supported)
    if precision not in supported:
        raise ValueError(
            f"`[asr] precision` {precision} does not run on this machine's {chosen}; "
            f"it can do {', '.join(sorted(supported))}"
        )
    return Machine(device=chosen, precision=precision, threads=threads or max(cores, 1))


class WhisperEngine:
    """A loaded model. Raises ValueError or RuntimeError where its files are damaged.

    `plain` says how it is run (`execution`); None takes the tuned way wherever it can be taken.
    """

    def __init__(
        self,
        folder: Path,
        machine: Machine,
        *,
        beam_size: int,
        batch_size: int,
        plain: bool | None = None,
    ) -> None:
        self.machine = machine
        self._beam_size = beam_size
        self._batch_size = batch_size
        try:
            self.execution = execution_of(
                folder,
                device=machine.device,
                precision=machine.precision,
                threads=machine.threads,
                plain=runs_plainly() if plain is None else plain,
            )
        except (ValueError, RuntimeError):
            raise
        except Exception as error:
            # A damaged tokenizer.json is a bare Exception, other files are whatever they break.
            raise ValueError(f"{type(error).__name__}: {error}") from error

    @property
    def multilingual(self) -> bool:
        return bool(self.execution.model.model.is_multilingual)

    def hear(
        self,
        windows: Sequence[Float32],
        language: str,
        hotwords: str | None,
        prompt: str | None = None,
    ) -> list[DecodedWindow]:
        """Decode windows (16 kHz, ±1, ≤ 30 s each) in batches, in their order.

        Where the engine is `exact` (tuned, in int8 on a processor) what is heard in a window does
        not depend on what shares its batch, to the last digit. Elsewhere the probabilities of words
        do in their last digits (about 1e-7), so whoever wants the same bytes there gives the same
        windows together.
        """
        self.execution.forget()
        settings = {**self._settings(language, hotwords), "initial_prompt": prompt}
        batches = self._cut(windows)
        works: list[Callable[[], list[DecodedWindow]]] = []
        parallel = self.execution.parallel_batches
        for first in range(0, len(batches), parallel):
            together = batches[first : first + parallel]
            if len(together) > 1:
                works += [partial(self._encode_ahead, w) for batch in together for w in batch]
            works += [partial(self._hear_batch, batch, settings) for batch in together]
        return [heard for found in self.execution.decode(works) for heard in found]

    def hear_carefully(
        self, windows: Sequence[Float32], language: str, hotwords: str | None
    ) -> list[DecodedWindow]:
        """Decode windows by the sequential path, each falling back until the result is sound.

        The steps are beam search with time stamps, which break up loops; then with a penalty on
        repetition; then with repeated triples forbidden. faster-whisper's own steps (sampling at
        rising temperature) draw from a generator that is seeded once a thread, so what they give
        depends on what was decoded before; ours give the same words every time.
        """
        found = self.execution.decode(
            [partial(self._hear_alone, window, language, hotwords) for window in windows]
        )
        self.execution.forget()
        return found

    @property
    def exact(self) -> bool:
        """Whether a window gets the same words and probabilities whatever shares its batch."""
        return self.execution.exact

    @property
    def at_once(self) -> int:
        """How many windows keep it busy: so many full batches as are decoded in parallel."""
        return self._batch_size * self.execution.parallel_batches

    def _cut(self, windows: Sequence[Float32]) -> list[Sequence[Float32]]:
        """Batches as even as can be, enough of them for all that are decoded in parallel."""
        count = math.ceil(len(windows) / self._batch_size)
        if self.exact:
            parallel = self.execution.parallel_batches
            count = min(math.ceil(count / parallel) * parallel, len(windows))
        return evenly(windows, count)

    def _settings(self, language: str, hotwords: str | None) -> dict[str, Any]:
        """What both ways of decoding have in common."""
        return {
            "language": language,
            "beam_size": self._beam_size,
            "temperature": 0.0,
            "word_timestamps": True,
            "vad_filter": False,
            "hotwords": hotwords,
        }

    def _encode_ahead(self, window: Float32) -> list[DecodedWindow]:
        """Nothing is heard yet; but the batch with this window is ready the sooner."""
        self.execution.encode_ahead(window)
        return []

    def _hear_batch(
        self, windows: Sequence[Float32], settings: Mapping[str, Any]
    ) -> list[DecodedWindow]:
        import faster_whisper

        array, clips = _laid_out(windows)
        # A pipeline keeps where the last words ended, so every batch has its own.
        segments, _ = faster_whisper.BatchedInferencePipeline(self.execution.model).transcribe(
            array,
            without_timestamps=True,
            clip_timestamps=clips,
            batch_size=self._batch_size,
            **settings,
        )
        by_start = {clip["start"]: number for number, clip in enumerate(clips)}
        gathered: list[list[Any]] = [[] for _ in windows]
        for segment in segments:
            # `seek` is the clip's start in hundredths of a second.
            gathered[by_start[segment.seek / 100]].append(segment)
        return [
            _heard(parts, offset_s=clip["start"], careful=False)
            for parts, clip in zip(gathered, clips, strict=True)
        ]

    def _hear_alone(self, window: Float32, language: str, hotwords: str | None) -> DecodedWindow:
        tried: list[DecodedWindow] = []
        steps: tuple[dict[str, Any], ...] = (
            {"without_timestamps": False},
            {"without_timestamps": True, "repetition_penalty": 1.15},
            {"without_timestamps": True, "no_repeat_ngram_size": 3},
        )
        for step in steps:
            segments, _ = self.execution.model.transcribe(
                window,
                condition_on_previous_text=False,
                **self._settings(language, hotwords),
                **step,
            )
            tried.append(_heard(list(segments), offset_s=0.0, careful=True))
            if _sound(tried[-1]):
                break
        return max(tried, key=lambda h: (_sound(h), not _loops(h), h.log_probability))

    def language_probabilities(self, window: Float32) -> Mapping[str, float]:
        """How likely the model takes a window (16 kHz, ±1) for each language, by its code."""
        _, _, every = self.execution.model.detect_language(window)
        return {str(language): float(probability) for language, probability in every}


def _laid_out(windows: Sequence[Float32]) -> tuple[Float32, list[dict[str, float]]]:
    """One array with every window on a whole second, and the clips that name them."""
    clips: list[dict[str, float]] = []
    at = float(_APART_S)
    for window in windows:
        length = window.size / RECOGNISER_HZ
        # A quarter of a sample more: the pipeline truncates start and end to whole samples.
        clips.append({"start": at, "end": at + (window.size + 0.25) / RECOGNISER_HZ})
        at += math.ceil(length) + _APART_S
    array = np.zeros(round(at) * RECOGNISER_HZ, dtype=np.float32)
    for window, clip in zip(windows, clips, strict=True):
        first = round(clip["start"]) * RECOGNISER_HZ
        array[first : first + window.size] = window
    return array, clips


def _heard(segments: Sequence[Any], *, offset_s: float, careful: bool) -> DecodedWindow:
    words = tuple(
        HeardWord(
            text=word.word,
            # The library rounds times to 0.01 s; taking the offset off must not blur that.
            start_s=max(round(float(word.start) - offset_s, 2), 0.0),
            end_s=max(round(float(word.end) - offset_s, 2), 0.0),
            probability=float(word.probability),
        )
        for segment in segments
        for word in segment.words or ()
    )
    weights = [max(len(segment.tokens), 1) for segment in segments]
    total = sum(weights)

    def weighted(values: list[float]) -> float:
        return sum(v * w for v, w in zip(values, weights, strict=True)) / total if total else 0.0

    return DecodedWindow(
        words=words,
        log_probability=weighted([float(s.avg_logprob) for s in segments]),
        compression_ratio=max((float(s.compression_ratio) for s in segments), default=0.0),
        no_speech=weighted([float(s.no_speech_prob) for s in segments]) if total else 1.0,
        careful=careful,
    )


def _loops(heard: DecodedWindow) -> bool:
    return heard.compression_ratio > _COMPRESSION_LIMIT


def _sound(heard: DecodedWindow) -> bool:
    return not _loops(heard) and heard.log_probability > _LOG_PROBABILITY_LIMIT


@contextlib.contextmanager
def quiet_library() -> Iterator[None]:
    """faster-whisper's own log lines say nothing an inspector can act on."""
    import logging

    logger = logging.getLogger("faster_whisper")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
