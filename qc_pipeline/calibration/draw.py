"""A blind set for calibration: scored calls mixed by band and by what is deducted in them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A scored call. `deducted` are the criteria that the machine deducted or held in it."""

    recording_id: str
    band: str
    deducted: frozenset[str] = frozenset()


def draw_calibration(candidates: Sequence[Candidate], *, calls: int, seed: str) -> tuple[str, ...]:
    """Up to `calls` recordings, in the order in which they are to be heard (at random, too).

    Bands take turns, so that good and bad calls are both there; inside a band the call comes
    first whose deducted criteria the set lacks most, and every third is taken as it comes, so that
    nobody can count on a fault. It is no sample of the period: agreement on what never happens
    says nothing, so rare deductions are looked for. The same candidates, in whatever order, and
    the same seed give the same set.
    """
    random_ = random.Random(f"calibration/{seed}")  # noqa: S311  (no secret)
    shuffled = sorted(candidates, key=lambda c: c.recording_id)
    random_.shuffle(shuffled)
    bands = list(dict.fromkeys(c.band for c in shuffled))
    chosen: list[str] = []
    seen: Counter[str] = Counter()
    while shuffled and len(chosen) < calls:
        for band in bands:
            group = [c for c in shuffled if c.band == band]
            if not group or len(chosen) >= calls:
                continue
            best = group[0]
            if len(chosen) % 3 != 2:
                # max() takes the first of equals: the shuffled order decides.
                best = max(group, key=lambda c: sum(1 / (1 + seen[d]) for d in sorted(c.deducted)))
            shuffled.remove(best)
            seen.update(best.deducted)
            chosen.append(best.recording_id)
    random_.shuffle(chosen)
    return tuple(chosen)
