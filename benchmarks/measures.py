"""How long the measures of a call take: `make bench-measures`.

A call of five minutes with two channels (the sample calls' speech, laid end to end), measured as
the job measures it, by measure; then two hours of it, for memory. Times are processor seconds of
one core. Beside it, in the same run, a plain textbook pitch tracker: one frame after the other,
scipy's correlation, the highest peak (L. R. Rabiner, "On the use of autocorrelation analysis for
pitch detection", IEEE Trans. ASSP 25, 1977).

    OMP_NUM_THREADS=1 python -m benchmarks.measures
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.active_level import LevelMeter
from qc_pipeline.audio.decode import decode
from qc_pipeline.audio.measures import measure
from qc_pipeline.audio.pitch import log_pitch, without_octave_errors
from qc_pipeline.audio.speakers import find_voices
from qc_pipeline.audio.telephone_band import TELEPHONE_HZ, at_8k
from qc_pipeline.audio.tones_and_music import find_signals
from qc_pipeline.call import AsrIdentity, Speaker, Transcript, Turn
from qc_pipeline.scoring.evidence.conversation_measures import conversation

ROOT = Path(__file__).parents[1]
MINUTES = 5
WANTED_S = 1.0
PEER_S = 30  # seconds of speech that the slow peer gets
Int16 = npt.NDArray[np.int16]
Float32 = npt.NDArray[np.float32]


def five_minutes() -> tuple[dict[Speaker, Int16], Transcript]:
    """Sample calls of two channels, one after the other, with their regions and turns."""
    channels: dict[Speaker, list[Int16]] = {s: [] for s in Speaker}
    speech: dict[Speaker, list[tuple[float, float]]] = {s: [] for s in Speaker}
    turns: list[Turn] = []
    at = 0.0
    for path in sorted((ROOT / "samples" / "recordings").glob("*.ogg")):
        decoded = decode(path)
        if decoded.samples.shape[0] < 2 or decoded.sample_rate_hz != TELEPHONE_HZ:
            continue
        voices = find_voices(decoded, "left")
        for number, speaker in enumerate(Speaker):
            channels[speaker].append(decoded.samples[voices.pair[number].channel])
            for a, b in voices.pair[number].regions:
                speech[speaker].append((at + a, at + b))
                turns.append(
                    Turn(
                        speaker=speaker, start_s=at + a, end_s=at + b, text="请问" * int(b - a + 1)
                    )
                )
        at += decoded.duration_s
        if at >= MINUTES * 60:
            break
    cut = round(MINUTES * 60 * TELEPHONE_HZ)
    end_s = MINUTES * 60.0
    return {s: np.concatenate(c)[:cut] for s, c in channels.items()}, Transcript(
        recording_id="bench",
        language="zh",
        duration_s=end_s,
        asr=AsrIdentity(backend="bench", model="bench"),
        turns=tuple(
            sorted((t for t in turns if t.end_s <= end_s), key=lambda t: (t.start_s, t.speaker))
        ),
        speech={s: tuple(r for r in spans if r[1] <= end_s) for s, spans in speech.items()},
        channels=dict.fromkeys(Speaker, "ok"),
    )


def longer(
    channels: dict[Speaker, Int16], transcript: Transcript, times: int
) -> tuple[dict[Speaker, Int16], Transcript]:
    """The same call several times over."""
    length_s = transcript.duration_s
    shifts = [k * length_s for k in range(times)]
    return {s: np.tile(c, times) for s, c in channels.items()}, replace(
        transcript,
        duration_s=length_s * times,
        turns=tuple(
            replace(t, start_s=t.start_s + d, end_s=t.end_s + d)
            for d in shifts
            for t in transcript.turns
        ),
        speech={
            s: tuple((a + d, b + d) for d in shifts for a, b in spans)
            for s, spans in transcript.speech.items()
        },
    )


def best_s(work: Callable[[], object], rounds: int = 3) -> float:
    """Processor seconds of the fastest of some rounds."""
    times = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def spoken(channels: dict[Speaker, Int16], transcript: Transcript) -> list[Float32]:
    """The parties' speech, in ±1, region by region."""
    scale = np.float32(1 / 32_768)
    return [
        channels[s][round(a * TELEPHONE_HZ) : round(b * TELEPHONE_HZ)].astype(np.float32) * scale
        for s, spans in transcript.speech.items()
        for a, b in spans
    ]


def plain_pitch(sound: Float32) -> list[float]:
    """A textbook tracker: the lag of the highest peak of each frame's own autocorrelation."""
    from scipy.signal import correlate

    out = []
    window = np.hanning(384)
    for start in range(0, sound.size - 384, 80):
        frame = (sound[start : start + 384] - sound[start : start + 384].mean()) * window
        full = correlate(frame, frame, mode="full")[383:]
        lag = int(np.argmax(full[16:129])) + 16
        out.append(TELEPHONE_HZ / lag if full[lag] > 0.3 * full[0] else float("nan"))
    return out


def peak_mb(work: Callable[[], object]) -> float:
    """What Python and numpy held at most while at work, above what was there before."""
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def rows(channels: dict[Speaker, Int16], transcript: Transcript) -> Iterator[tuple[str, float]]:
    parts = spoken(channels, transcript)
    yield (
        "talk, silence, answers, interruption, pace",
        best_s(lambda: conversation(transcript, "bench")),
    )

    def level() -> None:
        meter = LevelMeter(TELEPHONE_HZ)
        for part in parts:
            meter.add(part)
        meter.level()

    yield "active level", best_s(level)
    yield "pitch", best_s(lambda: [without_octave_errors(p) for p in log_pitch(parts)])
    yield (
        "keys, tones, music (both channels)",
        best_s(lambda: [find_signals(*at_8k(c, TELEPHONE_HZ)) for c in channels.values()]),
    )


def main() -> int:
    channels, transcript = five_minutes()
    talk_s = sum(b - a for spans in transcript.speech.values() for a, b in spans)
    print(
        f"{MINUTES} minutes, two channels, {talk_s:.0f} s of speech, {len(transcript.turns)} turns"
    )

    def everything() -> None:
        found = {s: find_signals(*at_8k(c, TELEPHONE_HZ)) for s, c in channels.items()}
        measure(channels, TELEPHONE_HZ, transcript, found)

    everything()  # libraries are loaded once in a job, not once a call
    print(f"{'measure':<46} {'CPU s':>7}")
    for name, seconds in rows(channels, transcript):
        print(f"{name:<46} {seconds:7.3f}")
    whole = best_s(everything)
    print(f"{'all, as the job takes them':<46} {whole:7.3f}   wanted at most {WANTED_S:.1f}")
    sound = np.concatenate(spoken(channels, transcript))[: PEER_S * TELEPHONE_HZ]
    ours = best_s(lambda: log_pitch([sound])) / (sound.size / TELEPHONE_HZ)
    peer = best_s(lambda: plain_pitch(sound), rounds=1) / (sound.size / TELEPHONE_HZ)
    print(
        f"pitch, ms for a second of speech: ours {1000 * ours:.2f}, "
        f"textbook autocorrelation {1000 * peer:.2f} ({peer / ours:.0f} times)"
    )
    print(f"memory above the samples, {MINUTES} minutes: {peak_mb(everything):.1f} MB")
    channels, transcript = longer(channels, transcript, 24)
    print(f"the same, {24 * MINUTES // 60} hours: {peak_mb(everything):.1f} MB")
    return 0 if whole <= WANTED_S else 3


if __name__ == "__main__":
    sys.exit(main())
