"""How well and how fast the recogniser hears: `make bench-asr`.

Accuracy is measured on the sample calls against their truth files: character error rate (CER,
without punctuation and spaces), turn starts, words in the wrong party's mouth, words in silence.

    python -m benchmarks.asr [--calls N] [--model sample] [--codecs] [--mono] [--write]

Speed is measured by `benchmarks.asr_speed`.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qc_pipeline.asr.load import Recogniser, load_recogniser
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.asr.transcribe import AsrJob, Recognised, recognise
from qc_pipeline.audio.decode import RECOGNISER_HZ, decode
from qc_pipeline.call import Failure, Speaker, Transcript

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
MERGE_S = 1.5
_Change = Callable[[Path, npt.NDArray[Any], int], Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A sample call with what was really said."""

    recording_id: str
    path: Path
    agent_channel: str
    truth: dict[str, Any]

    @property
    def stereo(self) -> bool:
        return self.agent_channel != "mono"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts of one call; rates are made when they are shown. `wrong_party`: where turns begin
    that stand in the wrong party's mouth (seconds).
    """

    recording_id: str
    characters: int
    errors: int
    starts: tuple[float, ...]
    wrong_party: tuple[float, ...]
    in_silence: int
    turns: int
    right_s: float
    spoken_s: float


def sample_calls(limit: int | None = None) -> list[Call]:
    """The answered sample calls, every n-th of them when `limit` is given."""
    with (SAMPLES / "calls.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["path"]]
    rows.sort(key=lambda r: r["recording_id"])
    step = max(len(rows) // limit, 1) if limit else 1
    return [
        Call(
            recording_id=row["recording_id"],
            path=SAMPLES / "recordings" / row["path"],
            agent_channel=row["agent_channel"] or "auto",
            truth=json.loads(
                (SAMPLES / "truth" / f"{row['recording_id']}.json").read_text(encoding="utf-8")
            ),
        )
        for row in rows[::step][:limit]
    ]


def letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def merged(turns: Iterable[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    """Turns of one party with nothing of the other between and at most 1.5 s apart are one."""
    out: list[tuple[str, float, float]] = []
    for speaker, start, end in sorted(turns, key=lambda t: t[1]):
        if out and out[-1][0] == speaker and start - out[-1][2] <= MERGE_S:
            out[-1] = (speaker, out[-1][1], max(out[-1][2], end))
        else:
            out.append((speaker, start, end))
    return out


def figures(call: Call, transcript: Transcript) -> Figures:
    from rapidfuzz.distance import Levenshtein

    truth = call.truth["turns"]
    characters = errors = 0
    for speaker in Speaker:
        said = letters("".join(t["text"] for t in truth if t["speaker"] == speaker))
        heard = letters("".join(t.text for t in transcript.turns if t.speaker is speaker))
        characters += len(said)
        errors += Levenshtein.distance(said, heard)
    expected = merged((t["speaker"], t["start_s"], t["end_s"]) for t in truth)
    got = merged((str(t.speaker), t.start_s, t.end_s) for t in transcript.turns)
    starts = tuple(
        min((g[1] - e[1] for g in got if g[0] == e[0]), key=abs, default=99.0) for e in expected
    )
    wrong: list[float] = []
    silent = 0
    for turn in transcript.turns:
        span = turn.start_s, turn.end_s
        own = _spoken_s(truth, turn.speaker, *span)
        other = _spoken_s(truth, turn.speaker.other, *span)
        # Who says "oh" while the other goes on is not the other.
        both = math.fsum(
            _spoken_s(truth, turn.speaker, max(span[0], t["start_s"]), min(span[1], t["end_s"]))
            for t in truth
            if t["speaker"] == turn.speaker.other
        )
        alone = other - both
        if alone > own:
            wrong.append(turn.start_s)
        silent += own == other == 0.0
    right_s, spoken_s = party_time(call, transcript)
    return Figures(
        recording_id=call.recording_id,
        characters=characters,
        errors=errors,
        starts=starts,
        wrong_party=tuple(wrong),
        in_silence=silent,
        turns=len(transcript.turns),
        right_s=right_s,
        spoken_s=spoken_s,
    )


def _spoken_s(
    truth: Iterable[dict[str, Any]], speaker: Speaker, start_s: float, end_s: float
) -> float:
    """For how long of a span a party really spoke."""
    return math.fsum(
        max(0.0, min(end_s, t["end_s"]) - max(start_s, t["start_s"]))
        for t in truth
        if t["speaker"] == speaker
    )


def party_time(call: Call, transcript: Transcript) -> tuple[float, float]:
    """Seconds of the truth's speech that were given to the right party, and all of them.

    Counted where exactly one party speaks.
    """
    step = 0.01
    count = int(call.truth["duration_s"] / step) + 1
    masks = {s: np.zeros(count, dtype=bool) for s in Speaker}
    found = {s: np.zeros(count, dtype=bool) for s in Speaker}
    for turn in call.truth["turns"]:
        masks[Speaker(turn["speaker"])][int(turn["start_s"] / step) : int(turn["end_s"] / step)] = 1
    for speaker in Speaker:
        for start, end in transcript.speech.get(speaker, ()):
            found[speaker][int(start / step) : int(end / step)] = True
    right = spoken = 0
    for speaker in Speaker:
        alone = masks[speaker] & ~masks[speaker.other]
        heard = alone & (found[speaker] | found[speaker.other])
        spoken += int(heard.sum())
        right += int((heard & found[speaker]).sum())
    return right * step, spoken * step


def hear(calls: Sequence[Call], recogniser: Recogniser) -> list[Recognised]:
    """What is heard in each call; ends the benchmark where one fails."""
    jobs = [
        AsrJob(recording_id=c.recording_id, path=c.path, agent_channel=c.agent_channel)
        for c in calls
    ]
    heard = []
    for result in recognise(jobs, recogniser):
        if isinstance(result, Failure):
            raise SystemExit(f"{result.recording_id} failed: {result.reason}")
        heard.append(result)
    return heard


def listen(calls: Sequence[Call], recogniser: Recogniser) -> tuple[list[Figures], float]:
    """Figures of each call, and how long it all took (seconds)."""
    started = time.perf_counter()
    heard = hear(calls, recogniser)
    took = time.perf_counter() - started
    return [figures(c, h.transcript) for c, h in zip(calls, heard, strict=True)], took


def summary(rows: Sequence[Figures]) -> str:
    starts = np.array([s for r in rows for s in r.starts])
    characters = sum(r.characters for r in rows)
    errors = sum(r.errors for r in rows)
    rate = errors / characters
    close = float((np.abs(starts) <= 0.3).mean())
    right = sum(r.right_s for r in rows) / sum(r.spoken_s for r in rows)
    return (
        f"CER {rate:6.2%}, {errors} of {characters} characters · turn starts within 0.3 s "
        f"{close:.1%} of {len(starts)} · of {sum(r.turns for r in rows)} turns in the wrong "
        f"party's mouth {sum(len(r.wrong_party) for r in rows)}, in silence "
        f"{sum(r.in_silence for r in rows)} · speaking time right {right:.2%}"
    )


def worse_copies(calls: Sequence[Call], folder: Path) -> dict[str, list[Call]]:
    """The same calls as MP3, as A-law, and with noise 15 dB below the speech.

    MP3 at 8 kHz, the constant rates that LAME has there: 16 and 32 kbit/s for both channels are 8
    and 16 a channel. At 8 for both, its joint stereo puts each party into the other's channel, and
    nothing can be told apart any more.
    """
    import soundfile

    def copy(call: Call, name: str, change: _Change) -> Call:
        decoded = decode(call.path)
        sound = decoded.samples.T.astype(np.float32) / 32_768
        target = folder / name / call.recording_id
        target.parent.mkdir(exist_ok=True)
        return Call(
            recording_id=call.recording_id,
            path=change(target, sound, decoded.sample_rate_hz),
            agent_channel=call.agent_channel,
            truth=call.truth,
        )

    def mp3(level: float, target: Path, sound: npt.NDArray[Any], rate: int) -> Path:
        path = target.with_suffix(".mp3")
        soundfile.write(path, sound, rate, compression_level=level, bitrate_mode="CONSTANT")
        return path

    def alaw(target: Path, sound: npt.NDArray[Any], rate: int) -> Path:
        path = target.with_suffix(".wav")
        soundfile.write(path, sound, rate, subtype="ALAW")
        return path

    def noisy(target: Path, sound: npt.NDArray[Any], rate: int) -> Path:
        path = target.with_suffix(".wav")
        generator = np.random.default_rng(int(target.name[1:].replace("-", "")))
        loud = sound[np.abs(sound).max(axis=1) > 0.02]
        level = float(np.sqrt((loud**2).mean())) * 10 ** (-15 / 20)
        soundfile.write(path, np.clip(sound + generator.normal(0, level, sound.shape), -1, 1), rate)
        return path

    kinds: dict[str, _Change] = {
        "mp3 16 kbit/s": partial(mp3, 0.86),
        "mp3 32 kbit/s": partial(mp3, 0.57),
        "a-law": alaw,
        "noise 15 dB": noisy,
    }
    return {
        name: [copy(c, name.replace(" ", "-").replace("/", "-"), k) for c in calls]
        for name, k in kinds.items()
    }


def mono_copies(calls: Sequence[Call], folder: Path) -> list[Call]:
    """Both channels of each call mixed to one."""
    import soundfile

    out = []
    for call in calls:
        decoded = decode(call.path)
        path = folder / f"{call.recording_id}.wav"
        mix = decoded.samples.astype(np.float32).sum(axis=0) / 65_536
        soundfile.write(path, mix, decoded.sample_rate_hz)
        out.append(
            Call(recording_id=call.recording_id, path=path, agent_channel="mono", truth=call.truth)
        )
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, help="so many of the sample calls; all of them else")
    parser.add_argument("--model", default="sample")
    parser.add_argument("--codecs", action="store_true")
    parser.add_argument("--mono", action="store_true")
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    lines = list(report(given))
    if given.write:
        target = ROOT / "benchmarks" / "asr.txt"
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")


def report(given: argparse.Namespace) -> Iterable[str]:
    """Lines of the table, printed as they come."""

    def line(text: str) -> str:
        print(text, flush=True)
        return text

    recogniser = load_recogniser(AsrOptions(model=given.model), ROOT)
    yield line(f"model: {recogniser.place.name} on {recogniser.engine.machine}")
    calls = [c for c in sample_calls(given.calls) if c.stereo]
    audio_min = sum(c.truth["duration_s"] for c in calls) / 60
    yield line(f"{len(calls)} two-channel sample calls, {audio_min:.0f} min of {RECOGNISER_HZ} Hz")
    rows, took = listen(calls, recogniser)
    yield line(f"as they are:   {summary(rows)} · {took:.0f} s")
    for row in rows:
        for start_s in row.wrong_party:
            yield line(f"  in the wrong party's mouth: {row.recording_id} at {start_s:.1f} s")
    for held, name in ((False, "voices in training"), (True, "a voice kept out of training")):
        part = [
            r
            for r, c in zip(rows, calls, strict=True)
            if any(v["held_out"] for v in c.truth["voices"].values()) is held
        ]
        if part:
            yield line(f"  {name}: {summary(part)}")
    if given.each:
        for row, call in sorted(zip(rows, calls, strict=True), key=lambda p: p[0].recording_id):
            rate = row.errors / max(row.characters, 1)
            yield line(f"  {row.recording_id} {rate:7.2%} {call.path.suffix}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.codecs:
            for kind, copies in worse_copies(calls, folder).items():
                worse, _ = listen(copies, recogniser)
                yield line(f"{kind + ':':<15}{summary(worse)}")
        if given.mono:
            mixed, _ = listen(mono_copies(calls, folder), recogniser)
            yield line(f"mono mixes:    {summary(mixed)}")


if __name__ == "__main__":
    main()
