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
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.asr import ROOT, SAMPLES, Call, sample_calls
from benchmarks.asr_ways import VOCABULARY, Seat, Sound, Taken, Way, channels, together
from qc_pipeline.asr.windows import WHOLE_S, pack
from qc_pipeline.audio.decode import RECOGNISER_HZ, decode
from qc_pipeline.audio.mono_separation import separate
from qc_pipeline.audio.speakers import find_voices
from qc_pipeline.system.workers import usable_cores

REAL = ROOT.parent / "shared" / "data" / "real-calls"
LONG_S = 300.0
TOKENS_PER_CHARACTER = 1.325
"""Whisper's own multilingual vocabulary (multilingual.tiktoken of openai-whisper 20250625) takes
29,616 tokens for the 22,352 characters of the sample calls' truth, punctuation written but not
counted as characters."""


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
    """The real call's two channels as one recording; nothing where it is not at hand."""
    import soundfile

    if not REAL.is_dir():
        return []
    parties = [soundfile.read(REAL / f"auto_repairs_40_UTC_{n}.wav") for n in ("agent", "caller")]
    length = min(len(sound) for sound, _ in parties)
    path = folder / "real.wav"
    soundfile.write(path, np.stack([sound[:length] for sound, _ in parties], axis=1), parties[0][1])
    return [_call(path)]


def _call(path: Path) -> Call:
    return Call(recording_id=path.stem, path=path, agent_channel="left", truth={})


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
