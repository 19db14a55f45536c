"""Which espeak-ng voices speak the synthetic calls, and how fast and high they may speak."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

LANGUAGE = "cmn-latn-pinyin"
SPEED_WPM = (150, 235)
PITCH = (32, 68)
GAP = (0, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One espeak-ng voice variant, with the sex a listener would give it."""

    name: str
    sex: Literal["male", "female"]

    @property
    def espeak_name(self) -> str:
        """Return the name espeak-ng knows it by."""
        return f"{LANGUAGE}+{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a sentence is spoken: words a minute, pitch 0 to 99, gap between words in 10 ms."""

    speed_wpm: int
    pitch: int
    gap: int


def _voices(sex: Literal["male", "female"], names: str) -> tuple[Voice, ...]:
    return tuple(Voice(name=name, sex=sex) for name in names.split())


MAIN_VOICES = _voices("male", "m1 m2 m4 m5 m6 m7 m8") + _voices("female", "f1 f3 f4 f5")
OTHER_VOICES = _voices(
    "male",
    "Alex Andy Diogo Denis Gene Henrique Hugo Lee Mario Michael Mike Nguyen RicishayMax adam boris"
    " caleb david edward grandpa gustave john klatt klatt3 marcelo max michel miguel pablo quincy"
    " rob robert sandro victor",
) + _voices("female", "Alicia Annie aunty belinda grandma linda shelby steph")
TRAIN_VOICES = MAIN_VOICES + OTHER_VOICES
HELD_OUT_VOICES = _voices("male", "m3") + _voices("female", "f2")


def draw_voice(rng: random.Random) -> Voice:
    """Draw a training voice: two times in three one of the clear ones."""
    return rng.choice(MAIN_VOICES if rng.random() < 0.65 else OTHER_VOICES)


def draw_manner(rng: random.Random) -> Manner:
    """Draw a speed, a pitch and a gap."""
    return Manner(
        speed_wpm=rng.randint(*SPEED_WPM),
        pitch=rng.randint(*PITCH),
        gap=rng.choice((0, 0, 0, 1, 2)),
    )
