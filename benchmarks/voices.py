"""How often a second voice is found where there is one, and where there is none.

`make bench-voices`. Without one: every channel (and every separated voice) of the sample calls as
it is. With one: halves of two sample calls' parties laid one after the other (a transfer), or turn
about, in one channel; and mono mixes of two parties with a third voice after them. Who speaks with
which voice is in the truth files.

    python -m benchmarks.voices [--pairs 40] [--mixes 40]
"""

from __future__ import annotations

import argparse
import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from benchmarks.asr import Call, sample_calls
from qc_pipeline.audio.decode import Decoded, decode
from qc_pipeline.audio.mono_separation import separate
from qc_pipeline.audio.second_speaker import LEAST_S, second_voice
from qc_pipeline.audio.speakers import Voices, find_voices, listened
from qc_pipeline.call import Span

FEMALE = ("f", "Alicia", "belinda")
Int16 = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """One party's speech alone: its regions laid one after another, and its voice."""

    decoded: Decoded
    parts: tuple[Int16, ...]
    voice: str

    @property
    def female(self) -> bool:
        return self.voice.startswith(FEMALE)

    @property
    def seconds(self) -> float:
        return sum(p.size for p in self.parts) / self.decoded.sample_rate_hz


def sounds_of(call: Call, voices: Voices) -> list[Sound]:
    """The parties of a two-channel call whose sides the list gives."""
    if voices.mono or voices.agent is None:
        return []
    found = []
    for party, number in (("agent", voices.agent), ("customer", 1 - voices.agent)):
        voice, rate = voices.pair[number], voices.decoded.sample_rate_hz
        samples = voices.decoded.samples[voice.channel]
        parts = tuple(samples[round(a * rate) : round(b * rate)] for a, b in voice.regions)
        name = call.truth["voices"].get(party, {}).get("voice", "")
        if name:
            found.append(Sound(decoded=voices.decoded, parts=parts, voice=name))
    return [s for s in found if s.seconds >= 2 * LEAST_S]


def laid(like: Decoded, parts: Sequence[Int16]) -> tuple[Decoded, tuple[Span, ...]]:
    """Parts in one channel, half a second apart, and where they lie."""
    rate = like.sample_rate_hz
    pause = np.zeros(rate // 2, dtype=np.int16)
    rows, spans, at = [], [], 0
    for part in parts:
        rows += [pause, part]
        at += pause.size
        spans.append((at / rate, (at + part.size) / rate))
        at += part.size
    return replace(like, samples=np.concatenate(rows).reshape(1, -1)), tuple(spans)


def transfer(one: Sound, two: Sound) -> list[Int16]:
    return [*one.parts[: len(one.parts) // 2 + 1], *two.parts[len(two.parts) // 2 :]]


def turn_about(one: Sound, two: Sound) -> list[Int16]:
    rows = itertools.zip_longest(one.parts, two.parts)
    return [part for row in rows for part in row if part is not None]


def pairs(sounds: Sequence[Sound], count: int, *, same_sex: bool) -> list[tuple[Sound, Sound]]:
    """Pairs of different voices at one rate, drawn with a fixed seed."""
    fitting = [
        (a, b)
        for a, b in itertools.permutations(sounds, 2)
        if a.voice != b.voice
        and (a.female == b.female) == same_sex
        and a.decoded.sample_rate_hz == b.decoded.sample_rate_hz
    ]
    return random.Random(1).sample(fitting, min(count, len(fitting)))


def show(name: str, found: Sequence[bool]) -> None:
    share = sum(found) / len(found) if found else float("nan")
    print(f"{name:<52}{sum(found):>4} of {len(found):>3}  {share:6.1%}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--mixes", type=int, default=40)
    options = parser.parse_args()
    sounds: list[Sound] = []
    alarms: list[bool] = []
    mono_alarms: list[bool] = []
    for call in sample_calls():
        voices = listened(find_voices(decode(call.path), call.agent_channel))
        judged = [v.second is not None for v in voices.pair if spoken(v.regions) >= 2 * LEAST_S]
        (mono_alarms if voices.mono else alarms).extend(judged)
        sounds += sounds_of(call, voices)
    show("one voice in a channel, called two", alarms)
    show("one voice of a mono call, called two", mono_alarms)
    for same_sex in (False, True):
        sex = "same sex" if same_sex else "man and woman"
        drawn = pairs(sounds, options.pairs, same_sex=same_sex)
        for name, mixed in (("transfer", transfer), ("turn about", turn_about)):
            shown = [laid(a.decoded, mixed(a, b)) for a, b in drawn]
            show(f"{name}, {sex}", [second_voice(d, 0, spans) is not None for d, spans in shown])
        show(f"third voice in a mono call, {sex}", thirds(drawn[: options.mixes], sounds))


def thirds(drawn: Sequence[tuple[Sound, Sound]], sounds: Sequence[Sound]) -> list[bool]:
    """Two voices in turn, then a third that is neither: found in either separated voice?"""
    found = []
    for number, (one, two) in enumerate(drawn):
        rate = one.decoded.sample_rate_hz
        others = [
            s
            for s in sounds
            if s.voice not in (one.voice, two.voice) and s.decoded.sample_rate_hz == rate
        ]
        third = others[number * 7 % len(others)]
        decoded, spans = laid(one.decoded, [*turn_about(one, two), *third.parts])
        voices = separate(decoded, 0, spans).voices
        found.append(any(second_voice(decoded, 0, v) is not None for v in voices))
    return found


def spoken(regions: Sequence[Span]) -> float:
    return sum(b - a for a, b in regions)


if __name__ == "__main__":
    main()
