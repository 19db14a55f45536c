"""Place the turns of a dialogue in time, and make its labels seconds of the call."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.samples.script import CHARACTERS_PER_S, Dialogue, Line, Mark, SpeakerName
from tools.speech.synth import SAMPLE_RATE_HZ, utter
from tools.speech.voices import Manner, Voice

Sound = npt.NDArray[np.float32]

# `utter` leaves 40 ms around the sound.
_MARGIN_S = 0.04
_QUESTION = ("吗", "呢", "什么", "多少", "哪里", "几天", "谁", "怎么办", "多久", "为什么")


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """How one party speaks in one call."""

    voice: Voice
    manner: Manner


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlacedTurn:
    """A turn with its place. `samples`: float32 mono 8 kHz, its sound between start and end."""

    speaker: SpeakerName
    start_s: float
    end_s: float
    text: str
    sentences: tuple[str, ...]
    samples: Sound


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault of the call with its place, for the truth file."""

    criterion: str
    start_s: float
    end_s: float
    note: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlacedCall:
    """A whole call: turns by the order of the dialogue, length in seconds, faults by start."""

    turns: tuple[PlacedTurn, ...]
    duration_s: float
    faults: tuple[Fault, ...]
    music: tuple[tuple[float, float], ...]


Say = Callable[[SpeakerName, str], Sound]


def place(dialogue: Dialogue, say: Say, lead_s: float, rng: random.Random) -> PlacedCall:
    """Speak every line and give it a place; `lead_s` is the silence or ringing before the first."""
    placed: list[PlacedTurn] = []
    music: list[tuple[float, float]] = []
    floor_s = lead_s
    for index, line in enumerate(dialogue.lines):
        samples = _spoken(line, say, rng)
        length_s = len(samples) / SAMPLE_RATE_HZ
        if line.inside:
            host = placed[-1]
            start_s = host.start_s + (host.end_s - host.start_s) * rng.uniform(0.4, 0.6)
        elif line.overlap_s:
            start_s = floor_s - line.overlap_s
        elif line.pause_s is not None:
            start_s = floor_s + line.pause_s
        else:
            start_s = floor_s + (rng.uniform(0.3, 1.0) if index else 0.0)
        start_s = round(start_s, 2)
        turn = PlacedTurn(
            speaker=line.speaker,
            start_s=start_s,
            end_s=round(start_s + length_s, 2),
            text="".join(_written(x) for x in line.sentences),
            sentences=line.sentences,
            samples=samples,
        )
        if line.music:
            music.append((floor_s + 0.8, start_s - 0.8))
        placed.append(turn)
        floor_s = max(floor_s, turn.end_s)
    duration_s = round(floor_s + rng.uniform(0.6, 1.6), 2)
    return PlacedCall(
        turns=tuple(placed),
        duration_s=duration_s,
        faults=_faults(dialogue.marks, placed, duration_s),
        music=tuple(music),
    )


def voices(speech: Mapping[SpeakerName, Speech]) -> Say:
    """Return how the two parties say a sentence: from its first sound to its last."""

    def say(speaker: SpeakerName, text: str) -> Sound:
        said = utter(text, speech[speaker].voice, speech[speaker].manner)
        return said.samples[int(_MARGIN_S * SAMPLE_RATE_HZ) : int(said.end_s * SAMPLE_RATE_HZ) + 1]

    return say


def guess(speaker: SpeakerName, text: str) -> Sound:
    """Silence about as long as the sentence would take: to try a dialogue before it is spoken."""
    return np.zeros(int(len(text) / CHARACTERS_PER_S * SAMPLE_RATE_HZ), dtype=np.float32)


def _spoken(line: Line, say: Say, rng: random.Random) -> Sound:
    """The sound of a line, its sentences parted by a short gap."""
    parts: list[Sound] = []
    for text in line.sentences:
        if parts:
            gap = int(rng.uniform(0.2, 0.5) * SAMPLE_RATE_HZ)
            parts.append(np.zeros(gap, dtype=np.float32))
        parts.append(say(line.speaker, text))
    return np.concatenate(parts)


def _written(sentence: str) -> str:
    mark = "？" if sentence.endswith(_QUESTION) else "。"
    return sentence.replace(",", "，") + mark


def _faults(
    marks: tuple[Mark, ...], turns: list[PlacedTurn], duration_s: float
) -> tuple[Fault, ...]:
    found = [
        Fault(
            criterion=mark.criterion,
            start_s=turns[mark.first].end_s if mark.before_last else turns[mark.first].start_s,
            end_s=turns[mark.last].start_s if mark.before_last else turns[mark.last].end_s,
            note=mark.note,
        )
        for mark in marks
        if duration_s > mark.longer_than_s
    ]
    return tuple(sorted(found, key=lambda f: (f.start_s, f.criterion)))
