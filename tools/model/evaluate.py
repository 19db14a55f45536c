"""Measure the sample recogniser the ways a pipeline uses it: character error, times, doubt.

python -m tools.model.evaluate --model samples/model
"""

from __future__ import annotations

import argparse
import itertools
import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from faster_whisper import BatchedInferencePipeline, WhisperModel
from rapidfuzz.distance import Levenshtein
from scipy.signal import resample_poly

from tools.model.corpus import held_out_set
from tools.model.line import coded, companded, with_noise
from tools.speech.lines import bare
from tools.speech.synth import SAMPLE_RATE_HZ, Utterance
from tools.speech.voices import HELD_OUT_VOICES, MAIN_VOICES, Voice

Audio = npt.NDArray[np.float32]
GAP_S = 0.3
WINDOW_S = 30.0
NEAR_S = 0.3
DECODING: dict[str, Any] = {
    "language": "zh",
    "beam_size": 2,
    "temperature": 0.0,
    "without_timestamps": True,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """A window as a pipeline would hand it over: 8 kHz audio, its characters, where each begins."""

    audio: Audio
    text: str
    begins_s: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One recognised character with its begin (seconds) and probability."""

    text: str
    begin_s: float
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts over many windows: characters, errors, time errors of right ones, probabilities."""

    characters: int
    errors: int
    off_s: tuple[float, ...]
    right: tuple[float, ...]
    wrong: tuple[float, ...]

    @property
    def error_rate(self) -> float:
        """Return the character error rate: edits over reference characters."""
        return self.errors / max(1, self.characters)


def pack(utterances: list[Utterance], longest_s: float) -> list[Sample]:
    """Pack utterances into windows of at most `longest_s`, 0.3 s of silence between."""
    gap = np.zeros(int(GAP_S * SAMPLE_RATE_HZ), np.float32)
    samples: list[Sample] = []
    group: list[Utterance] = []
    used = 0.0
    for utterance in [*utterances, None]:
        size = len(utterance.samples) / SAMPLE_RATE_HZ + GAP_S if utterance else 0.0
        if group and (utterance is None or used + size > longest_s):
            audio = np.concatenate([x for u in group for x in (u.samples, gap)][:-1])
            begins, at = [], 0.0
            for u in group:
                begins += [at + b for b in u.begins_s]
                at += len(u.samples) / SAMPLE_RATE_HZ + GAP_S
            text = "".join(bare(u.text) for u in group)
            samples.append(Sample(audio=audio, text=text, begins_s=tuple(begins)))
            group, used = [], 0.0
        if utterance:
            group.append(utterance)
            used += size
    return samples


def tally(samples: list[Sample], heard: list[list[Heard]]) -> Tally:
    """Compare what was heard with what was said, window by window."""
    characters = errors = 0
    off: list[float] = []
    right: list[float] = []
    wrong: list[float] = []
    for sample, found in zip(samples, heard, strict=True):
        hypothesis = "".join(h.text for h in found)
        characters += len(sample.text)
        for op in Levenshtein.opcodes(sample.text, hypothesis):
            if op.tag == "equal":
                for i, j in zip(
                    range(op.src_start, op.src_end), range(op.dest_start, op.dest_end), strict=True
                ):
                    off.append(abs(found[j].begin_s - sample.begins_s[i]))
                    right.append(found[j].probability)
            else:
                errors += max(op.src_end - op.src_start, op.dest_end - op.dest_start)
                wrong += [h.probability for h in found[op.dest_start : op.dest_end]]
    return Tally(characters=characters, errors=errors, off_s=tuple(off), right=tuple(right),
                 wrong=tuple(wrong))  # fmt: skip


def _characters(segments: Iterable[Any]) -> list[Heard]:
    out: list[Heard] = []
    for segment in segments:
        if segment.words is None:
            out += [Heard(text=c, begin_s=segment.start, probability=1) for c in bare(segment.text)]
            continue
        for word in segment.words:
            out += [
                Heard(text=c, begin_s=word.start, probability=word.probability)
                for c in bare(word.word)
            ]
    return out


def wide(audio: Audio) -> Audio:
    """Return 8 kHz audio at 16 kHz."""
    return np.asarray(resample_poly(audio, 2, 1), dtype=np.float32)


def sequential(model: WhisperModel, samples: list[Sample], **options: Any) -> list[list[Heard]]:
    """Recognise window by window with `WhisperModel.transcribe`."""
    settings = DECODING | {"vad_filter": False, "condition_on_previous_text": False} | options
    return [_characters(model.transcribe(wide(s.audio), **settings)[0]) for s in samples]


def batched(model: WhisperModel, samples: list[Sample], **options: Any) -> list[list[Heard]]:
    """Recognise all windows at once with faster-whisper's batched pipeline."""
    settings = DECODING | {"batch_size": 8} | options
    sizes = [len(s.audio) / SAMPLE_RATE_HZ for s in samples]
    begins = np.cumsum([0.0, *(s + 1.0 for s in sizes)])
    pause = np.zeros(SAMPLE_RATE_HZ, np.float32)
    audio = wide(np.concatenate([x for s in samples for x in (s.audio, pause)]))
    clips = [{"start": b, "end": b + s} for b, s in zip(begins[:-1], sizes, strict=True)]
    segments, _ = BatchedInferencePipeline(model).transcribe(
        audio, clip_timestamps=clips, **settings
    )
    heard: list[list[Heard]] = [[] for _ in samples]
    for segment in segments:
        index = int(np.searchsorted(begins, segment.start + 0.01, side="right")) - 1
        index = min(max(index, 0), len(samples) - 1)
        heard[index] += [
            Heard(text=h.text, begin_s=h.begin_s - begins[index], probability=h.probability)
            for h in _characters([segment])
        ]
    return heard


def _changed(samples: list[Sample], change: Callable[[Audio], Audio]) -> list[Sample]:
    return [Sample(audio=change(s.audio), text=s.text, begins_s=s.begins_s) for s in samples]


def _filled(audio: Audio) -> Audio:
    return np.pad(audio, (0, max(0, int(WINDOW_S * SAMPLE_RATE_HZ) - len(audio))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A way of recognising: the windows, the recogniser's way, and its options."""

    name: str
    samples: list[Sample]
    way: Callable[..., list[list[Heard]]]
    options: dict[str, Any]


def _line(situation: Situation, model: WhisperModel) -> str:
    began = time.perf_counter()
    heard = situation.way(model, situation.samples, **situation.options)
    seconds = (time.perf_counter() - began) / len(situation.samples)
    result = tally(situation.samples, heard)
    line = f"{situation.name:40} CER {100 * result.error_rate:6.2f} %  {seconds:5.2f} s a window"
    if result.right and min(result.right) < 1:
        off = np.array(result.off_s)
        line += f"  time off: median {np.median(off):.2f} s, 95 % {np.quantile(off, 0.95):.2f} s,"
        line += f" within 0.3 s {100 * np.mean(off <= NEAR_S):.1f} %"
        line += f"  probability: right {np.mean(result.right):.2f}"
        if result.wrong:
            line += f", wrong {np.mean(result.wrong):.2f}"
    return line


def _quiet(rng: np.random.Generator) -> list[Sample]:
    sizes = (rng.uniform(1, 30, 24) * SAMPLE_RATE_HZ).astype(int)
    sounds = [rng.standard_normal(n) * 10 ** rng.uniform(-5, -1) for n in sizes]
    return [Sample(audio=x.astype(np.float32), text="", begins_s=()) for x in sounds]


def situations(sentences: int, seed: int) -> Iterator[Situation]:
    """Yield every situation that is measured, the most telling ones first.

    Unless the name says otherwise: held-out sentences by held-out voices, packed up to 12 s, the
    batched pipeline, no time stamps, beam 2.
    """
    noise = np.random.default_rng(seed)

    def speech(voices: tuple[Voice, ...], unseen: bool) -> list[Utterance]:
        utterances = [u for u, _ in held_out_set(seed, sentences, voices, unseen)]
        random.Random(seed).shuffle(utterances)
        return utterances

    def batch(name: str, samples: list[Sample], **options: Any) -> Situation:
        return Situation(name=name, samples=samples, way=batched, options=options)

    def in_turn(name: str, samples: list[Sample], **options: Any) -> Situation:
        return Situation(name=name, samples=samples, way=sequential, options=options)

    fresh = speech(HELD_OUT_VOICES, True)
    packed, single = pack(fresh, 12.0), pack(fresh[: sentences // 3], 0.1)
    words, stamps = {"word_timestamps": True}, {"without_timestamps": False}
    yield batch("word times", packed, **words)
    yield batch("filled with silence, word times", _changed(packed, _filled), **words)
    for seconds in (8, 20, 28):
        yield batch(f"packed up to {seconds} s", pack(fresh, seconds))
    yield batch("one sentence", single)
    yield in_turn("one sentence, sequential", single)
    yield in_turn("one sentence, filled, sequential", _changed(single, _filled))
    yield batch("time stamps", packed, **stamps)
    yield batch("time stamps, word times", packed, **stamps, **words)
    yield in_turn("sequential, time stamps, word times", packed, **stamps, **words)
    for beam in (1, 5):
        yield batch(f"beam {beam}", packed, beam_size=beam)
    changes: dict[str, Callable[[Audio], Audio]] = {
        "A-law": lambda x: companded(x, "alaw"),
        "µ-law": lambda x: companded(x, "ulaw"),
        "MP3, 13 kbit/s": lambda x: coded(x, "mp3"),
        "Opus, lowest rate": lambda x: coded(x, "opus"),
        "noise 15 dB below": lambda x: with_noise(x, 15, noise, 0.4),
        "20 dB softer": lambda x: x * np.float32(0.1),
    }
    for name, change in changes.items():
        yield batch(name, _changed(packed, change))
    yield batch("training voices", pack(speech(MAIN_VOICES, True), 12))
    yield batch("training wordings", pack(speech(HELD_OUT_VOICES, False), 12))
    yield batch("training wordings and voices", pack(speech(MAIN_VOICES, False), 12))


def main() -> None:
    """Measure all situations and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--sentences", type=int, default=270)
    parser.add_argument("--compute-type", default="int8")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--first", type=int, default=99, help="only so many situations")
    options = parser.parse_args()
    model = WhisperModel(
        str(Path(options.model).resolve()),
        device="cpu",
        compute_type=options.compute_type,
        cpu_threads=options.threads,
        local_files_only=True,
    )
    for situation in itertools.islice(situations(options.sentences, options.seed), options.first):
        print(_line(situation, model), flush=True)
    quiet = _quiet(np.random.default_rng(options.seed))
    said = [heard for heard in sequential(model, quiet) if heard]
    print(f"noise alone: text in {len(said)} of {len(quiet)} windows")


if __name__ == "__main__":
    main()
