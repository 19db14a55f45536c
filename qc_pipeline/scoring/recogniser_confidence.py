"""How sure a recogniser is of what it heard rightly and of what it heard wrongly, as measured.

A likeness is earned by doubt (docs/trust.md), so a bench that makes errors has to doubt them as a
recogniser does: neither every one of them nor none. What was measured stands in docs/matching.md,
"How sure a recogniser is of its errors".
"""

from __future__ import annotations

import random

# OpenAI's Whisper `base` as `tools.real_model` brings it, heard as `qc transcribe` hears: six
# two-channel Mandarin calls with their truth, 1,466 characters said, 15.2 % errors. Each quantile
# from 0 to 1 in steps of a twentieth, of the confidence of the word that a character stands in.
RIGHT = (
    0.090, 0.433, 0.607, 0.692, 0.785, 0.838, 0.877, 0.911, 0.933, 0.951, 0.964,
    0.974, 0.981, 0.986, 0.990, 0.992, 0.995, 0.997, 0.998, 0.999, 1.000,
)  # fmt: skip
"""Of 1,260 characters that were heard rightly: mean 0.87, 26 % under 0.85."""
WRONG = (
    0.055, 0.197, 0.247, 0.318, 0.360, 0.430, 0.469, 0.529, 0.546, 0.601, 0.647,
    0.706, 0.754, 0.807, 0.846, 0.880, 0.934, 0.963, 0.983, 0.992, 1.000,
)  # fmt: skip
"""Of 226 that were not said, others in their place or additional ones: mean 0.64, 72 % under 0.85.
"""


def drawn_confidence(rng: random.Random, *, right: bool) -> float:
    """A confidence in [0, 1] as such a recogniser gives one: to a ten-thousandth."""
    quantiles = RIGHT if right else WRONG
    at = rng.random() * (len(quantiles) - 1)
    step = int(at)
    low, high = quantiles[step], quantiles[step + 1]
    return round(low + (high - low) * (at - step), 4)
