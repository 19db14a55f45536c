"""Three ways to listen, each in a process of its own: ours, and faster-whisper's own two.

For `benchmarks.asr_speed`. What we set for ourselves in a process is not set in faster-whisper's.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from benchmarks.asr import ROOT, Call, hear
from qc_pipeline.asr.load import load_recogniser
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.asr.whisper import DecodedWindow, WhisperEngine
from qc_pipeline.audio.decode import decode

VOCABULARY = 51_865
"""Tokens of Whisper's multilingual models: the last layer of the decoder costs by their number."""
MARKS = 1_501
"""The last tokens of the vocabulary are time stamps."""

Sound = npt.NDArray[np.float32]


def channels(call: Call) -> list[Sound]:
    """Both channels of a call (16 kHz, ±1; each of shape (n,))."""
    decoded = decode(call.path)
    count = min(decoded.samples.shape[0], 2)
    return [decoded.at_16k(n, 0, decoded.length_16k) for n in range(count)]


@dataclass(slots=True)
class Taken:
    """What a way took for calls: wall seconds, processor seconds, windows, tokens.

    `hearing_s`: wall seconds inside our recogniser; the rest is what stands around it.
    """

    wall_s: float = 0.0
    work_s: float = 0.0
    hearing_s: float = 0.0
    windows: int = 0
    again: int = 0
    tokens: int = 0

    def __iadd__(self, other: Taken) -> Taken:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))
        return self


class Watched(WhisperEngine):
    """An engine that counts the windows it is given and the seconds it takes for them."""

    def __init__(self, engine: WhisperEngine) -> None:
        self.__dict__.update(engine.__dict__)
        self.taken = Taken()

    def hear(
        self,
        windows: Sequence[Sound],
        language: str,
        hotwords: str | None,
        prompt: str | None = None,
    ) -> list[DecodedWindow]:
        started = time.perf_counter()
        heard = super().hear(windows, language, hotwords, prompt)
        self.taken.hearing_s += time.perf_counter() - started
        self.taken.windows += len(windows)
        # The model's tokens are characters.
        self.taken.tokens += sum(len(h.text) for h in heard)
        return heard

    def hear_carefully(
        self, windows: Sequence[Sound], language: str, hotwords: str | None
    ) -> list[DecodedWindow]:
        started = time.perf_counter()
        heard = super().hear_carefully(windows, language, hotwords)
        self.taken.hearing_s += time.perf_counter() - started
        self.taken.again += len(windows)
        return heard


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to listen: `ours`, `batched` or `sequential`, with its model."""

    kind: str
    folder: Path
    threads: int

    @property
    def options(self) -> AsrOptions:
        """Ours; faster-whisper's ways take beam and batch size from them."""
        return AsrOptions(model=str(self.folder), threads=self.threads)

    def listener(self) -> Callable[[Sequence[Call]], Taken]:
        """Load the model; what it gives listens to calls and says what it took."""
        return {"ours": _ours, "batched": _batched, "sequential": _sequential}[self.kind](self)


def _ours(way: Way) -> Callable[[Sequence[Call]], Taken]:
    recogniser = load_recogniser(way.options, ROOT)

    def listen(calls: Sequence[Call]) -> Taken:
        engine = Watched(recogniser.engine)
        hear(calls, replace(recogniser, engine=engine))
        return engine.taken

    return listen


def _their_model(way: Way) -> tuple[Any, dict[str, Any]]:
    """faster-whisper's model as its users load it, and the options that all ways share."""
    import faster_whisper

    model = faster_whisper.WhisperModel(
        str(way.folder),
        device="cpu",
        compute_type="int8",
        cpu_threads=way.threads,
        local_files_only=True,
    )
    return model, {
        "language": way.options.language,
        "beam_size": way.options.beam_size,
        "word_timestamps": True,
    }


def _batched(way: Way) -> Callable[[Sequence[Call]], Taken]:
    import faster_whisper

    model, common = _their_model(way)
    pipeline = faster_whisper.BatchedInferencePipeline(model)
    encoded = _counted(model)

    def listen(calls: Sequence[Call]) -> Taken:
        taken, encoded[0] = Taken(), 0
        for sound in (sound for call in calls for sound in channels(call)):
            segments, _ = pipeline.transcribe(sound, batch_size=way.options.batch_size, **common)
            taken.tokens += sum(_text_tokens(segment.tokens) for segment in segments)
        taken.windows = encoded[0]
        return taken

    return listen


def _sequential(way: Way) -> Callable[[Sequence[Call]], Taken]:
    model, common = _their_model(way)
    encoded = _counted(model)
    decoded = _watch_decoding(model)

    def listen(calls: Sequence[Call]) -> Taken:
        encoded[0] = decoded[0] = decoded[1] = 0
        for sound in (sound for call in calls for sound in channels(call)):
            list(model.transcribe(sound, vad_filter=True, **common)[0])
        return Taken(windows=encoded[0], tokens=decoded[0], again=decoded[1])

    return listen


def _serve(way: Way, pipe: Connection) -> None:
    """Listen to what comes through the pipe, in a process of its own, until it is closed."""
    listen = way.listener()
    pipe.send(None)
    while True:
        try:
            calls = pipe.recv()
        except EOFError:
            return
        started, before = time.perf_counter(), time.process_time()
        taken = listen(calls)
        taken.wall_s = time.perf_counter() - started
        taken.work_s = time.process_time() - before
        pipe.send(taken)


class Seat:
    """A process for one way. What we set for ourselves is not set for faster-whisper's ways."""

    def __init__(self, way: Way) -> None:
        ours = {"OPENBLAS_NUM_THREADS", "OMP_WAIT_POLICY", "KMP_BLOCKTIME"}
        kept = {name: os.environ.pop(name) for name in ours & os.environ.keys()}
        if way.kind != "ours":
            os.environ["OPENBLAS_NUM_THREADS"] = str(way.threads)
        spawn = multiprocessing.get_context("spawn")
        self.pipe, theirs = spawn.Pipe()
        self.process = spawn.Process(target=_serve, args=(way, theirs), daemon=True)
        self.process.start()
        theirs.close()
        os.environ.pop("OPENBLAS_NUM_THREADS", None)
        os.environ.update(kept)
        self._receive()

    def begin(self, calls: Sequence[Call]) -> None:
        self.pipe.send(calls)

    def end(self) -> Taken:
        return cast(Taken, self._receive())

    def _receive(self) -> Any:
        try:
            return self.pipe.recv()
        except EOFError:
            raise SystemExit("a way to listen ended early; its message stands above") from None

    def close(self) -> None:
        self.pipe.close()
        self.process.join()


def together(seats: Sequence[Seat], calls: Sequence[Call]) -> Taken:
    """What several processes take for calls, one after the other handed to whoever is free."""
    started = time.perf_counter()
    waiting, busy, taken = list(calls), list[Seat](), Taken()
    while waiting or busy:
        for seat in seats:
            if waiting and seat not in busy:
                seat.begin([waiting.pop(0)])
                busy.append(seat)
        ready = wait([seat.pipe for seat in busy])
        for seat in [seat for seat in busy if seat.pipe in ready]:
            taken += seat.end()
            busy.remove(seat)
    taken.wall_s = time.perf_counter() - started
    return taken


def _text_tokens(tokens: Sequence[int]) -> int:
    return sum(token < VOCABULARY - MARKS for token in tokens)


def _watch_decoding(model: Any) -> list[int]:
    """Tokens of the sequential way where it decodes, and windows it decodes again.

    It decodes them and aligns their words like the others, but drops its segments afterwards: the
    model gives all words one time, and a segment without length is taken for none.
    """
    decode_window, counts = model.generate_with_fallback, [0, 0]

    def watching(*given: Any) -> Any:
        decoded = decode_window(*given)
        counts[0] += _text_tokens(decoded[0].sequences_ids[0])
        counts[1] += decoded[2] > 0  # the temperature that was ended with
        return decoded

    model.generate_with_fallback = watching
    return counts


def _counted(model: Any) -> list[int]:
    """How many windows the model has encoded, in the one place of the list."""
    count, encode = [0], model.encode

    def counting(features: Any) -> Any:
        count[0] += features.shape[0] if features.ndim == 3 else 1
        return encode(features)

    model.encode = counting
    return count
