"""Training windows: clips laid one after another as the pipeline packs them, tokens and times."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.model.corpus import Shard
from tools.model.tokens import COMMA, STOP, Tokens
from tools.speech.lines import CLAUSE_MARK, bare
from tools.speech.synth import SAMPLE_RATE_HZ

Int16 = npt.NDArray[np.int16]
LONGEST_SYLLABLE_S = 0.4
PROMPT_SHARE = 0.08
FRAMES_PER_S = 50


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Window:
    """One training example.

    samples: int16 at 8 kHz, filled up with zeros; `heard` of them are sound, and what lies after is
    filled up with feature value 0.0 as faster-whisper does. tokens: what the decoder reads and
    predicts. times_s: where in the sound each token lies, nan where it lies nowhere. prompt: how
    many leading tokens are not to be learnt. frame_characters: int16, the character spoken in each
    20 ms, or the id after the last character for none.
    """

    samples: Int16
    heard: int
    tokens: list[int]
    times_s: list[float]
    prompt: int
    frame_characters: npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A sentence in a window: its text, where its characters begin, where it ends (seconds)."""

    text: str
    begins_s: tuple[float, ...]
    end_s: float
    cut: bool = False


def _level(sound: Int16) -> float:
    return float(np.sqrt(np.mean(np.square(sound[::4], dtype=np.float32)))) + 1.0


def place(
    picks: Sequence[tuple[Shard, int]], seconds: float, rng: random.Random, may_cut: bool
) -> tuple[Int16, list[Placed], float]:
    """Lay clips behind one another at one level; return sound, what lies where, and its end.

    The pauses are those of the pipeline: a seam of silence, or the pause as it was.
    """
    audio = np.zeros(int(seconds * SAMPLE_RATE_HZ), np.int16)
    position = int(rng.choice((0.0, 0.0, rng.uniform(0, 0.9))) * SAMPLE_RATE_HZ)
    placed: list[Placed] = []
    wanted, end_s = 0.0, 0.0
    for shard, index in picks:
        sound = shard.audio(index)
        room = len(audio) - position
        cut = len(sound) > room
        if cut and not (may_cut and room > 0.5 * SAMPLE_RATE_HZ):
            break
        level = _level(sound)
        wanted = wanted or level
        gain = min(wanted / level * 10 ** (rng.uniform(-4, 3) / 20), 8.0)
        piece = np.clip(sound[:room] * np.float32(gain), -32767, 32767).astype(np.int16)
        audio[position : position + len(piece)] = piece
        begin_s = position / SAMPLE_RATE_HZ
        end_s = min(begin_s + len(sound) / SAMPLE_RATE_HZ, seconds)
        if shard.texts[index]:
            begins = tuple((shard.begins_s[index] + begin_s).tolist())
            last_s = min(begin_s + float(shard.ends_s[index]), seconds)
            text = shard.texts[index]
            placed.append(Placed(text=text, begins_s=begins, end_s=last_s, cut=cut))
        pause_s = rng.choice((0.25, rng.uniform(0, 0.3), rng.uniform(0, 0.7), rng.uniform(0, 1.2)))
        position += len(sound) + int(pause_s * SAMPLE_RATE_HZ)
        if cut:
            break
    return audio, placed, end_s


def _text_tokens(item: Placed, tokens: Tokens, seconds: float) -> list[tuple[int, float]]:
    out: list[tuple[int, float]] = []
    begins = [*item.begins_s, item.end_s]
    spoken = 0
    for character in item.text:
        if character == CLAUSE_MARK:
            out.append((tokens.text_ids[COMMA], begins[spoken]))
            continue
        middle = (begins[spoken] + begins[spoken + 1]) / 2
        if item.cut and (middle > seconds - 0.05 or begins[spoken + 1] > seconds + 0.05):
            return out
        out.append((tokens.text_ids[character], middle))
        spoken += 1
    return [*out, (tokens.text_ids[STOP], item.end_s)]


def _sequence(
    placed: list[Placed], tokens: Tokens, seconds: float, rng: random.Random
) -> tuple[list[tuple[int, float]], int]:
    nowhere = float("nan")
    first = tokens.zh if placed else tokens.no_speech
    head: list[tuple[int, float]] = []
    if rng.random() < PROMPT_SHARE:
        prompt = [rng.randrange(tokens.characters) for _ in range(rng.randint(1, 24))]
        head = [(tokens.previous, nowhere)] + [(c, nowhere) for c in prompt]
    body: list[tuple[int, float]] = [(tokens.start, nowhere), (first, nowhere)]
    body.append((tokens.transcribe, nowhere))
    if rng.random() < 0.6:
        body.append((tokens.no_timestamps, nowhere))
        for item in placed:
            body += _text_tokens(item, tokens, seconds)
    else:
        if not placed:
            body.append((tokens.timestamp(0.0), 0.0))
        for item in placed:
            body.append((tokens.timestamp(item.begins_s[0]), item.begins_s[0]))
            if not item.cut:
                body += _text_tokens(item, tokens, seconds)
                body.append((tokens.timestamp(item.end_s), item.end_s))
    last_s = placed[-1].end_s if placed else 0.0
    return [*head, *body, (tokens.end, last_s)], len(head)


def _frame_characters(placed: list[Placed], frames: int, tokens: Tokens) -> npt.NDArray[np.int16]:
    out = np.full(frames, tokens.characters, np.int16)
    for item in placed:
        begins = [*item.begins_s, item.end_s]
        for character, begin_s, next_s in zip(bare(item.text), begins, begins[1:], strict=False):
            end_s = min(next_s, begin_s + LONGEST_SYLLABLE_S)
            first, last = round(begin_s * FRAMES_PER_S), round(end_s * FRAMES_PER_S)
            out[first:last] = tokens.text_ids[character]
    return out


def make(
    picks: Sequence[tuple[Shard, int]], seconds: float, tokens: Tokens, rng: random.Random
) -> Window:
    """Make one window of `seconds` from the clips picked."""
    may_cut = seconds >= 20 and rng.random() < 0.3
    audio, placed, end_s = place(picks, seconds, rng, may_cut)
    heard_s = seconds
    if (fill := rng.random()) < 0.7:  # feature value 0.0 from the end on, or from later on
        heard_s = end_s if fill < 0.55 else rng.uniform(end_s, seconds)
    pairs, prompt = _sequence(placed, tokens, seconds, rng)
    return Window(
        samples=audio,
        heard=max(1600, int(heard_s * SAMPLE_RATE_HZ)),
        tokens=[t for t, _ in pairs],
        times_s=[s for _, s in pairs],
        prompt=prompt,
        frame_characters=_frame_characters(placed, int(seconds * FRAMES_PER_S), tokens),
    )
