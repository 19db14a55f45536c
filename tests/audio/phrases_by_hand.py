"""Phrases whose voices are known, without any sound: each a region with one level and one pitch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qc_pipeline.audio.phrases import FEATURES, LOG_TO_DB, Phrases, Piece
from qc_pipeline.call import Span

LEVELS_DB = (-20.0, -29.0)
PITCHES_HZ = (230.0, 120.0)


def phrases(regions: Sequence[Span], voices: Sequence[int]) -> Phrases:
    """One phrase for each region; voice 0 is 9 dB louder and nearly an octave higher than 1."""
    generator = np.random.default_rng(4)
    frames, features = [], []
    for (start_s, end_s), voice in zip(regions, voices, strict=True):
        count = round((end_s - start_s) * 100)
        part = generator.normal(0, 0.2, (count, FEATURES))
        part[:, 0] += LEVELS_DB[voice] / LOG_TO_DB
        part[:, 1] = np.log(PITCHES_HZ[voice]) + generator.normal(0, 0.03, count)
        frames.append(part.astype(np.float32))
        features.append([LEVELS_DB[voice], np.log(PITCHES_HZ[voice]), *[0.0] * (FEATURES - 2)])
    return Phrases(
        regions=tuple(regions),
        frames=tuple(frames),
        pieces=tuple(Piece(region=n, first=0, last=len(f)) for n, f in enumerate(frames)),
        features=np.array(features),
    )
