"""Measure the sample recogniser the ways a pipeline uses it: character error, times, doubt.

python -m tools.model.evaluate --model samples/model --sentences 360
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from faster_whisper import BatchedInferencePipeline, WhisperModel
from rapidfuzz.distance import Levenshtein
from scipy.signal import resample_poly

from tools.model.corpus import held_out_set
from tools.model.windows import coded, companded, with_noise
from tools.speech.lines import bare
from tools.speech.synth import SAMPLE_RATE_HZ, Utterance
from tools.speech.voices import HELD_OUT_VOICES, MAIN_VOICES

Audio = npt.NDArray[np.float32]
GAP_S = 0.3
WINDOW_S = 30.0
NEAR_S = 0.3


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
    settings = {"language": "zh", "beam_size": 2, "temperature": 0.0, "vad_filter": False,
                "condition_on_previous_text": False, "without_timestamps": True} | options  # fmt: skip
    return [_characters(model.transcribe(wide(s.audio), **settings)[0]) for s in samples]


def batched(model: WhisperModel, samples: list[Sample], **options: Any) -> list[list[Heard]]:
    """Recognise all windows at once with faster-whisper's batched pipeline."""
    settings = {"language": "zh", "beam_size": 2, "temperature": 0.0, "batch_size": 8,
                "without_timestamps": True} | options  # fmt: skip
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
    lead = np.zeros(SAMPLE_RATE_HZ // 5, np.float32)
    size = int(WINDOW_S * SAMPLE_RATE_HZ)
    return np.pad(np.concatenate([lead, audio]), (0, max(0, size - len(audio) - len(lead))))


def _show(name: str, samples: list[Sample], run: Callable[[], list[list[Heard]]]) -> None:
    began = time.perf_counter()
    heard = run()
    seconds = (time.perf_counter() - began) / len(samples)
    result = tally(samples, heard)
    line = f"{name:44} CER {100 * result.error_rate:6.2f} %  {seconds:5.2f} s a window"
    if result.right and min(result.right) < 1:
        off = np.array(result.off_s)
        line += f"  time off: median {np.median(off):.2f} s, 95 % {np.quantile(off, 0.95):.2f} s,"
        line += f" within 0.3 s {100 * np.mean(off <= NEAR_S):.1f} %"
        line += f"  probability: right {np.mean(result.right):.2f}"
        if result.wrong:
            line += f", wrong {np.mean(result.wrong):.2f}"
    print(line, flush=True)


def _quiet(rng: np.random.Generator) -> list[Sample]:
    sizes = rng.uniform(1, 30, 24)
    return [
        Sample(audio=(rng.standard_normal(int(s * SAMPLE_RATE_HZ)) * 10 ** rng.uniform(-5, -1))
               .astype(np.float32), text="", begins_s=())
        for s in sizes
    ]  # fmt: skip


def main() -> None:
    """Measure all situations and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--sentences", type=int, default=360)
    parser.add_argument("--compute-type", default="int8")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="only the first few situations")
    options = parser.parse_args()
    model = WhisperModel(
        str(Path(options.model).resolve()), device="cpu", compute_type=options.compute_type,
        cpu_threads=options.threads, local_files_only=True,
    )  # fmt: skip
    noise = np.random.default_rng(options.seed)

    def spoken(voices: Any, unseen: bool) -> list[Utterance]:
        return [u for u, _ in held_out_set(options.seed, options.sentences, voices, unseen)]

    fresh = spoken(HELD_OUT_VOICES, True)
    random.Random(options.seed).shuffle(fresh)
    packed, halves = pack(fresh, 28.0), pack(fresh, 14.0)
    single = pack(fresh[: options.sentences // 4], 0.1)
    _show("packed 28 s, batched", packed, lambda: batched(model, packed))
    _show("packed 28 s, batched, word times", packed,
          lambda: batched(model, packed, word_timestamps=True))  # fmt: skip
    _show("packed 28 s, batched, time stamps", packed,
          lambda: batched(model, packed, without_timestamps=False))  # fmt: skip
    _show("one sentence, filled with silence", single,
          lambda: sequential(model, _changed(single, _filled)))  # fmt: skip
    _show("one sentence, short", single, lambda: sequential(model, single))
    if options.quick:
        return
    _show("packed 28 s, batched, time stamps, word times", packed,
          lambda: batched(model, packed, without_timestamps=False, word_timestamps=True))  # fmt: skip
    for beam in (1, 5):
        _show(f"packed 28 s, batched, beam {beam}", packed,
              lambda: batched(model, packed, beam_size=beam))  # noqa: B023  # fmt: skip
    _show("packed 14 s, batched, word times", halves,
          lambda: batched(model, halves, word_timestamps=True))  # fmt: skip
    _show("packed 28 s, sequential, time stamps, words", packed,
          lambda: sequential(model, packed, without_timestamps=False, word_timestamps=True))  # fmt: skip
    for name, change in (
        ("A-law", lambda x: companded(x, "alaw")),
        ("µ-law", lambda x: companded(x, "ulaw")),
        ("MP3, 13 kbit/s", lambda x: coded(x, "mp3")),
        ("Opus, lowest rate", lambda x: coded(x, "opus")),
        ("noise 15 dB", lambda x: with_noise(x, 15, noise, 0.4)),
        ("20 dB softer", lambda x: x * np.float32(0.1)),
    ):
        changed = _changed(packed, change)
        _show(f"packed 28 s, batched, {name}", changed, lambda: batched(model, changed))  # noqa: B023
    for name, voices, unseen in (
        ("held-out sentences, training voices", MAIN_VOICES, True),
        ("training sentences, held-out voices", HELD_OUT_VOICES, False),
        ("training sentences, training voices", MAIN_VOICES, False),
    ):
        others = pack(spoken(voices, unseen), 28.0)
        _show(f"packed, {name}", others, lambda: batched(model, others))  # noqa: B023
    quiet = _quiet(noise)
    said = [h for h in sequential(model, quiet) if h]
    print(f"noise alone: text in {len(said)} of {len(quiet)} windows")


if __name__ == "__main__":
    main()
