"""Sound that a voice detector takes for speech, made from pulses and formants."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

RATE_HZ = 8_000
# First three formants (Hz) of a, i, u, e, o for a grown man; a woman's lie about 15 % higher.
VOWELS = (
    (730, 1090, 2440),
    (270, 2290, 3010),
    (300, 870, 2240),
    (530, 1840, 2480),
    (570, 840, 2410),
)


def speech(
    seconds: float, *, pitch_hz: float = 120.0, tract: float = 1.0, seed: int = 0
) -> np.ndarray:
    """Syllables of one voice, 4 a second, shape (n,), ±0.5. `tract` scales the formants."""
    generator = np.random.default_rng(seed)
    parts: list[np.ndarray] = []
    made = 0
    while made < seconds * RATE_HZ:
        length = int(generator.uniform(0.18, 0.3) * RATE_HZ)
        drift = np.linspace(1.0, generator.uniform(0.85, 1.15), length)
        phase = np.cumsum(pitch_hz * drift * generator.uniform(0.92, 1.08) / RATE_HZ)
        source = np.diff(np.floor(phase), prepend=0.0) + generator.normal(0, 0.02, length)
        consonant = generator.normal(0, 0.25, length) * (np.arange(length) < 0.04 * RATE_HZ)
        sound = source + consonant
        for formant in VOWELS[generator.integers(len(VOWELS))]:
            sound = resonator(sound, min(formant * tract, 3_700.0), 60 + formant * 0.04)
        sound *= np.hanning(length) ** 0.5
        parts.append(sound / max(np.abs(sound).max(), 1e-9) * generator.uniform(0.25, 0.5))
        made += length
    return np.concatenate(parts)[: int(seconds * RATE_HZ)]


def resonator(sound: np.ndarray, frequency_hz: float, width_hz: float) -> np.ndarray:
    radius = np.exp(-np.pi * width_hz / RATE_HZ)
    angle = 2 * np.pi * frequency_hz / RATE_HZ
    return lfilter([1 - radius], [1, -2 * radius * np.cos(angle), radius * radius], sound)


def at(spans: list[tuple[float, np.ndarray]], seconds: float) -> np.ndarray:
    """A silent channel of that length with the sounds laid at their times."""
    out = np.zeros(int(seconds * RATE_HZ))
    for start_s, sound in spans:
        first = int(start_s * RATE_HZ)
        out[first : first + len(sound)] += sound[: len(out) - first]
    return out
