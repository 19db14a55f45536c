"""How fast the recogniser listens, beside faster-whisper's own two ways: `make bench-asr`.

One run, the same calls, the same threads, the same model but for how much it says. It has the shape
of one of Whisper's sizes, with a vocabulary of Whisper's size, and says a fixed number of tokens in
every window whatever it hears. Each way has so many that all write the same text, as long as people
speak in the calls: who lays the speech into more windows says less in each.

    python -m benchmarks.asr_speed [--shape small] [--calls 4] [--long 1] [--threads 2] [--write]

Three sets of calls: sample calls as they are (about a minute each), sample calls laid one after
another to about five minutes, as calls of a centre are, and the real call of `shared`, where it is
there. Every way works in processes of its own, faster-whisper's without anything that we set for
ourselves, and one after the other.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from benchmarks.asr import ROOT, SAMPLES, Call, hear, sample_calls
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.asr.recognise import load_recogniser
from qc_pipeline.asr.whisper import Heard, WhisperEngine
from qc_pipeline.asr.windows import WHOLE_S, pack
from qc_pipeline.audio.decode import RECOGNISER_HZ, decode
from qc_pipeline.audio.separate import separate
from qc_pipeline.audio.voices import find_voices
from qc_pipeline.runners import usable_cores

REAL = ROOT.parent / "shared" / "data" / "real-calls"
LONG_S = 300.0
VOCABULARY = 51_865
"""Tokens of Whisper's multilingual models: the last layer of the decoder costs by their number."""
MARKS = 1_501
"""The last tokens of the vocabulary are time stamps."""
TOKENS_PER_CHARACTER = 1.325
"""Whisper's own multilingual vocabulary (multilingual.tiktoken of openai-whisper 20250625) takes
29,616 tokens for the 22,352 characters of the sample calls' truth, punctuation written but not
counted as characters."""

Sound = npt.NDArray[np.float32]


def characters_per_second() -> float:
    """Characters (no punctuation) a second of a turn in the sample calls' truth."""
    characters, seconds = 0, 0.0
    for path in sorted((SAMPLES / "truth").glob("*.json")):
        for turn in json.loads(path.read_text(encoding="utf-8"))["turns"]:
            characters += sum(c.isalnum() for c in turn["text"])
            seconds += turn["end_s"] - turn["start_s"]
    return characters / seconds


def long_calls(folder: Path, count: int) -> list[Call]:
    """Calls of about five minutes, each laid together from sample calls, agent on the left."""
    import soundfile

    sources = [c for c in sample_calls() if c.agent_channel in ("left", "right")]
    made: list[Call] = []
    while len(made) < count:
        parts: list[Sound] = []
        lasting_s = 0.0
        for call in list(sources):
            duration_s = call.truth["duration_s"]
            if lasting_s + duration_s > LONG_S:
                continue
            sources.remove(call)
            left, right = channels(call)
            parts.append(np.stack([left, right] if call.agent_channel == "left" else [right, left]))
            lasting_s += duration_s
        path = folder / f"long-{len(made) + 1}.wav"
        soundfile.write(path, np.concatenate(parts, axis=1).T, RECOGNISER_HZ)
        made.append(_call(path))
    return made


def real_call(folder: Path) -> list[Call]:
    """The real call's two sides as one recording; nothing where it is not at hand."""
    import soundfile

    if not REAL.is_dir():
        return []
    sides = [soundfile.read(REAL / f"auto_repairs_40_UTC_{n}.wav") for n in ("agent", "caller")]
    length = min(len(sound) for sound, _ in sides)
    path = folder / "real.wav"
    soundfile.write(path, np.stack([sound[:length] for sound, _ in sides], axis=1), sides[0][1])
    return [_call(path)]


def _call(path: Path) -> Call:
    return Call(recording_id=path.stem, path=path, agent_channel="left", truth={})


def channels(call: Call) -> list[Sound]:
    """Both channels of a call (16 kHz, ±1; each of shape (n,))."""
    decoded = decode(call.path)
    count = min(decoded.samples.shape[0], 2)
    return [decoded.at_16k(n, 0, decoded.length_16k) for n in range(count)]


def their_windows(calls: Sequence[Call]) -> tuple[int, int]:
    """Windows of faster-whisper's batched and of its sequential way, by its own voice filter."""
    from faster_whisper.vad import VadOptions, collect_chunks, get_speech_timestamps

    batched = sequence = 0
    cut = VadOptions(max_speech_duration_s=WHOLE_S, min_silence_duration_ms=160)
    for sound in (sound for call in calls for sound in channels(call)):
        chunks, _ = collect_chunks(sound, get_speech_timestamps(sound, cut), max_duration=WHOLE_S)
        batched += len(chunks)
        kept = sum(s["end"] - s["start"] for s in get_speech_timestamps(sound, VadOptions()))
        sequence += math.ceil(kept / RECOGNISER_HZ / WHOLE_S)
    return batched, sequence


def speech_in_windows(calls: Sequence[Call], window_s: float) -> tuple[float, int, float]:
    """Seconds of speech in the calls, how many windows hold it, and seconds of recording."""
    speech_s, windows, audio_s = 0.0, 0, 0.0
    for call in calls:
        voices = find_voices(decode(call.path), call.agent_channel, separate)
        audio_s += voices.decoded.duration_s
        for voice in voices.pair:
            packed = pack(voice.regions, voice.probabilities, voices.decoded.duration_s, window_s)
            speech_s += sum(window.speech_s for window in packed)
            windows += len(packed)
    return speech_s, windows, audio_s


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

    def hear(self, windows: Sequence[Sound], language: str, hotwords: str | None) -> list[Heard]:
        started = time.perf_counter()
        heard = super().hear(windows, language, hotwords)
        self.taken.hearing_s += time.perf_counter() - started
        self.taken.windows += len(windows)
        # The model's tokens are characters.
        self.taken.tokens += sum(len(h.text) for h in heard)
        return heard

    def hear_carefully(
        self, windows: Sequence[Sound], language: str, hotwords: str | None
    ) -> list[Heard]:
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
    beam_size: int = 5
    batch_size: int = 8

    def listener(self) -> Callable[[Sequence[Call]], Taken]:
        """Load the model; what it gives listens to calls and says what it took."""
        return {"ours": _ours, "batched": _batched, "sequential": _sequential}[self.kind](self)


def _ours(way: Way) -> Callable[[Sequence[Call]], Taken]:
    options = AsrOptions(model=str(way.folder), threads=way.threads)
    recogniser = load_recogniser(options, ROOT)

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
    return model, {"language": "zh", "beam_size": way.beam_size, "word_timestamps": True}


def _batched(way: Way) -> Callable[[Sequence[Call]], Taken]:
    import faster_whisper

    model, common = _their_model(way)
    pipeline = faster_whisper.BatchedInferencePipeline(model)
    encoded = _counted(model)

    def listen(calls: Sequence[Call]) -> Taken:
        taken, encoded[0] = Taken(), 0
        for sound in (sound for call in calls for sound in channels(call)):
            segments, _ = pipeline.transcribe(sound, batch_size=way.batch_size, **common)
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


def speed_lines(
    calls: Sequence[Call], ways: Mapping[str, Sequence[Way]], audio_s: float, rounds: int
) -> Iterator[str]:
    """Wall and processor time of every way; each has as many processes as it has entries.

    The ways take turns, `rounds` times, so that a busy machine disturbs them alike. The first is
    ours in one process, the last the sequential path.
    """
    rows = {name: Taken() for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            seats = [Seat(w) for w in way]
            if len(seats) == 1:
                seats[0].begin(calls)
                rows[name] += seats[0].end()
            else:
                rows[name] += together(seats, calls)
            for seat in seats:
                seat.close()
    ours, *_, sequence = rows.values()
    for name, taken in rows.items():
        yield (
            f"{name:<50}{taken.wall_s / rounds:7.1f} s {audio_s * rounds / taken.wall_s:5.1f} × "
            f"real time {taken.wall_s / ours.wall_s:5.2f} × ours · processor "
            f"{taken.work_s / rounds:7.1f} s {taken.work_s / ours.work_s:5.2f} × ours · "
            f"{taken.windows // rounds} windows, {taken.again // rounds} again, "
            f"{taken.tokens // rounds} tokens"
        )
    around = ours.wall_s - ours.hearing_s
    yield (
        f"around our recogniser {around / rounds:.1f} s of {ours.wall_s / rounds:.1f} s, "
        f"{around / ours.wall_s:.1%}"
    )
    ratio = sequence.wall_s / ours.wall_s
    yield f"{ratio:.2f} × the sequential path: the 1.8 × wanted {_reached(ratio)}"


def _reached(ratio: float) -> str:
    return "are reached" if ratio >= 1.8 else "are not reached"


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


def shaped_lines(
    size: str, sets: Mapping[str, Sequence[Call]], threads: int, rounds: int, folder: Path
) -> Iterator[str]:
    """Speed of each set of calls with a model of one of Whisper's sizes."""
    from tests.asr.tiny_model import scripted_model

    rate = characters_per_second() * TOKENS_PER_CHARACTER
    yield (
        f"{rate:.2f} tokens a second of speech: {characters_per_second():.2f} characters of "
        f"{TOKENS_PER_CHARACTER} tokens"
    )
    for name, calls in sets.items():
        speech_s, windows, audio_s = speech_in_windows(calls, WHOLE_S)
        models = []
        for count in (windows, *their_windows(calls)):
            tokens = math.ceil(speech_s * rate / count)
            made = folder / f"{size}-{tokens}"
            if not made.is_dir():
                said = "".join(chr(0x4E00 + n) for n in range(tokens))
                scripted_model(made, said, size, quantization="int8", vocabulary=VOCABULARY)
            models.append(made)
        ours, in_parts, in_a_row = models
        yield (
            f"{name}: {len(calls)} of {audio_s / len(calls):.0f} s on average, {windows} windows "
            f"with {speech_s / windows:.1f} s of speech; {size} on cpu, int8, {threads} threads"
        )
        processes = min(len(calls), threads)
        ways = {"ours": [Way(kind="ours", folder=ours, threads=threads)]}
        if processes > 1:
            ways[f"ours, {processes} processes of 1 thread, as the job runs"] = [
                Way(kind="ours", folder=ours, threads=1)
            ] * processes
        ways["BatchedInferencePipeline, channel by channel"] = [
            Way(kind="batched", folder=in_parts, threads=threads)
        ]
        ways["WhisperModel.transcribe with vad_filter"] = [
            Way(kind="sequential", folder=in_a_row, threads=threads)
        ]
        yield from speed_lines(calls, ways, audio_s, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=("base", "small"), default="small")
    parser.add_argument("--calls", type=int, default=4, help="sample calls as they are")
    parser.add_argument("--long", type=int, default=1, help="calls of five minutes")
    parser.add_argument("--no-real", action="store_true")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=usable_cores())
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    lines = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sets = {
            "sample calls": [c for c in sample_calls(given.calls) if c.stereo]
            if given.calls
            else [],
            "long calls": long_calls(folder, given.long),
            "the real call": [] if given.no_real else real_call(folder),
        }
        some = {name: calls for name, calls in sets.items() if calls}
        for line in shaped_lines(given.shape, some, given.threads, given.rounds, folder):
            print(line, flush=True)
            lines.append(line)
    if given.write:
        target = ROOT / "benchmarks" / "asr_speed.txt"
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
