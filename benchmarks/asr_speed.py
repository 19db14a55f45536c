"""How fast the recogniser listens, beside faster-whisper's own two ways: `make bench-asr`.

One run, the same calls, the same threads, the same model but for how much it says. It has the shape
of one of Whisper's sizes, with a vocabulary of Whisper's size, and says a fixed number of tokens in
every window whatever it hears. Each way has so many that all write the same text, as long as people
speak in the calls: who lays the speech into more windows says less in each.

    python -m benchmarks.asr_speed [--shape small] [--calls 4] [--long 1] [--threads 2] [--write]

Three sets of calls: sample calls as they are (about a minute each), sample calls laid one after
another to about five minutes, as calls of a centre are, and the real call of `shared`, where it is
there. The ways take turns call by call, so that a busy machine disturbs them alike.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.asr import ROOT, SAMPLES, Call, sample_calls
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.asr.recognise import AsrJob, Recogniser, load_recogniser, recognise
from qc_pipeline.asr.whisper import Heard, WhisperEngine
from qc_pipeline.asr.windows import WHOLE_S, pack
from qc_pipeline.audio.decode import RECOGNISER_HZ, decode
from qc_pipeline.audio.separate import separate
from qc_pipeline.audio.voices import find_voices
from qc_pipeline.call import Failure
from qc_pipeline.runners import run_processes, usable_cores

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


class Watched(WhisperEngine):
    """An engine that counts the windows it is given and the seconds it takes for them."""

    def __init__(self, engine: WhisperEngine) -> None:
        self.__dict__.update(engine.__dict__)
        self.seconds = 0.0
        self.windows = self.again = self.tokens = 0

    def hear(self, windows: Sequence[Sound], language: str, hotwords: str | None) -> list[Heard]:
        started = time.perf_counter()
        heard = super().hear(windows, language, hotwords)
        self.seconds += time.perf_counter() - started
        self.windows += len(windows)
        # The model's tokens are characters.
        self.tokens += sum(len(h.text) for h in heard)
        return heard

    def hear_carefully(self, window: Sound, language: str, hotwords: str | None) -> Heard:
        started = time.perf_counter()
        heard = super().hear_carefully(window, language, hotwords)
        self.seconds += time.perf_counter() - started
        self.again += 1
        return heard


@dataclass(slots=True)
class Taken:
    """What a way took for all calls: wall seconds, processor seconds, windows, tokens."""

    wall_s: float = 0.0
    work_s: float = 0.0
    windows: int = 0
    again: int = 0
    tokens: int = 0

    def time(self, work: Callable[[], None]) -> None:
        """Add what `work` takes."""
        started, before = time.perf_counter(), time.process_time()
        work()
        self.wall_s += time.perf_counter() - started
        self.work_s += time.process_time() - before


def _listen(calls: Sequence[Call], recogniser: Recogniser) -> None:
    jobs = [
        AsrJob(recording_id=c.recording_id, path=c.path, agent_channel=c.agent_channel)
        for c in calls
    ]
    for result in recognise(jobs, recogniser):
        if isinstance(result, Failure):
            raise SystemExit(f"{result.recording_id} failed: {result.reason}")


def _in_processes(calls: Sequence[Call], options: AsrOptions, processes: int) -> Taken:
    """What our job's way takes: processes of one thread, each with a model of its own.

    A first task without a call loads the model, so that only listening is timed, as in the others.
    """
    taken, first, last = Taken(), dict[int, float](), dict[int, float]()
    tasks = [*[None] * processes, *calls]
    make = partial(_listener, options.model_copy(update={"threads": 1}))
    loaded = 0.0
    for index, (process, worked_s) in run_processes(tasks, make, processes=processes, died=_died):
        if index < processes:
            first[process], loaded = worked_s, time.perf_counter()
        last[process] = worked_s
    taken.wall_s = time.perf_counter() - loaded
    taken.work_s = sum(last[p] - first[p] for p in first)
    return taken


def _listener(options: AsrOptions) -> Callable[[Call | None], tuple[int, float]]:
    recogniser = load_recogniser(options, ROOT)

    def listen(call: Call | None) -> tuple[int, float]:
        if call is not None:
            _listen([call], recogniser)
        return os.getpid(), time.process_time()

    return listen


def _died(call: Call | None, reason: str) -> tuple[int, float]:
    raise SystemExit(f"{call.recording_id if call else 'a model'}: {reason}")


def speed_lines(
    calls: Sequence[Call], recogniser: Recogniser, theirs: tuple[Path, Path], audio_s: float
) -> Iterator[str]:
    """Wall and processor time of ours and of faster-whisper's two ways on the same channels.

    `theirs`: the folders of the models for the batched and for the sequential way.
    """
    import faster_whisper

    options, machine = recogniser.options, recogniser.engine.machine
    in_parts, in_a_row = (
        faster_whisper.WhisperModel(
            str(folder),
            device=machine.device,
            compute_type=machine.precision,
            cpu_threads=machine.threads,
            local_files_only=True,
        )
        for folder in theirs
    )
    batched = faster_whisper.BatchedInferencePipeline(in_parts)
    common = {"language": options.language, "beam_size": options.beam_size, "word_timestamps": True}
    watched = Watched(recogniser.engine)
    ours, batches, sequence = (Taken() for _ in range(3))
    encoded = {id(batches): _counted(in_parts), id(sequence): _counted(in_a_row)}
    _watch_decoding(in_a_row, sequence)

    def gather(taken: Taken, transcribe: Callable[[Sound], tuple[Any, Any]], call: Call) -> None:
        for sound in channels(call):
            segments, _ = transcribe(sound)
            for segment in segments:
                if taken is batches:
                    taken.tokens += _text_tokens(segment.tokens)
        taken.windows = encoded[id(taken)][0]

    in_batches = partial(batched.transcribe, batch_size=options.batch_size, **common)
    in_sequence = partial(in_a_row.transcribe, vad_filter=True, **common)
    for call in calls:
        ours.time(partial(_listen, [call], replace(recogniser, engine=watched)))
        batches.time(partial(gather, batches, in_batches, call))
        sequence.time(partial(gather, sequence, in_sequence, call))
    ours.windows, ours.again, ours.tokens = watched.windows, watched.again, watched.tokens
    rows = {
        "ours": ours,
        "BatchedInferencePipeline, channel by channel": batches,
        "WhisperModel.transcribe with vad_filter": sequence,
    }
    processes = min(len(calls), machine.threads)
    if machine.device == "cpu" and processes > 1:
        shared = _in_processes(calls, options, processes)
        shared.windows, shared.again, shared.tokens = ours.windows, ours.again, ours.tokens
        rows[f"ours, {processes} processes of 1 thread, as the job runs"] = shared
    for name, taken in rows.items():
        yield (
            f"{name:<50}{taken.wall_s:7.1f} s {audio_s / taken.wall_s:5.1f} × real time "
            f"{taken.wall_s / ours.wall_s:5.2f} × ours · processor {taken.work_s:7.1f} s "
            f"{taken.work_s / ours.work_s:5.2f} × ours · {taken.windows} windows, "
            f"{taken.again} again, {taken.tokens} tokens"
        )
    around = ours.wall_s - watched.seconds
    yield f"around our recogniser {around:.1f} s of {ours.wall_s:.1f} s, {around / ours.wall_s:.1%}"
    ratio = sequence.wall_s / ours.wall_s
    yield f"{ratio:.2f} × the sequential path: the 1.8 × wanted {_reached(ratio)}"


def _reached(ratio: float) -> str:
    return "are reached" if ratio >= 1.8 else "are not reached"


def _text_tokens(tokens: Sequence[int]) -> int:
    return sum(token < VOCABULARY - MARKS for token in tokens)


def _watch_decoding(model: Any, taken: Taken) -> None:
    """Count the tokens of the sequential way where it decodes, and windows it decodes again.

    It decodes them and aligns their words like the others, but drops its segments afterwards: the
    model gives all words one time, and a segment without length is taken for none.
    """
    decode_window = model.generate_with_fallback

    def watching(*given: Any) -> Any:
        decoded = decode_window(*given)
        taken.tokens += _text_tokens(decoded[0].sequences_ids[0])
        taken.again += decoded[2] > 0  # the temperature that was ended with
        return decoded

    model.generate_with_fallback = watching


def _counted(model: Any) -> list[int]:
    """How many windows the model has encoded, in the one place of the list."""
    count, encode = [0], model.encode

    def counting(features: Any) -> Any:
        count[0] += features.shape[0] if features.ndim == 3 else 1
        return encode(features)

    model.encode = counting
    return count


def shaped_lines(
    size: str, sets: Mapping[str, Sequence[Call]], threads: int, folder: Path
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
        recogniser = load_recogniser(AsrOptions(model=str(models[0]), threads=threads), ROOT)
        yield (
            f"{name}: {len(calls)} of {audio_s / len(calls):.0f} s on average, {windows} windows "
            f"with {speech_s / windows:.1f} s of speech; {size} on {recogniser.engine.machine}"
        )
        yield from speed_lines(calls, recogniser, (models[1], models[2]), audio_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=("base", "small"), default="small")
    parser.add_argument("--calls", type=int, default=4, help="sample calls as they are")
    parser.add_argument("--long", type=int, default=1, help="calls of five minutes")
    parser.add_argument("--no-real", action="store_true")
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
        for line in shaped_lines(given.shape, some, given.threads, folder):
            print(line, flush=True)
            lines.append(line)
    if given.write:
        target = ROOT / "benchmarks" / "asr_speed.txt"
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
