"""From what was heard twice to the bounds below which a model's words and texts are not relied on.

Pure. How well these bounds tell wrong words from right ones was measured on calls with a truth;
the figures stand in docs/asr.md, section "A model of your own".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from qc_pipeline.asr.consistency import HeardTwice
from qc_pipeline.scoring.evidence.hearing import DOUBTFUL_BELOW, LEAST_CONFIDENCE

CONSISTENT_ENOUGH = 0.85
"""Share of the words at `doubtful_below` that both hearings have. About as many are right: below
the bound a third of the words is wrong, above it few are."""
LEAST_DOUBTFUL, MOST_DOUBTFUL = 0.5, 0.95
"""Within these the bound is believed: below a half a word is more likely wrong than right whatever
the measurement says, above 0.95 a good model has most of its words."""
LEAST_WORDS = 300
"""Words that a bound is measured by: a tenth of them, those of which a model is least sure, are 30,
and a share of 85 % of these is known to ± 13 %."""
UNDERSTOOD = 0.6
"""Share of a party's words that both hearings have below which its text is not understood."""
LEAST_PARTY_WORDS = 20
"""Words that tell how a party was heard: a minute's worth of answers."""
_STEP = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyHeard:
    """A party of a call: how many words, their mean confidence, and the share of them that both
    hearings have; both in [0, 1].
    """

    words: int
    confidence: float
    consistency: float

    @property
    def tells(self) -> bool:
        return self.words >= LEAST_PARTY_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredBounds:
    """Confidences in [0, 1]: below `doubtful_below` a word is doubtful, below `least_confidence` on
    the mean a party's text is not understood.

    Which of them were measured is said beside them; the others are those of every model.
    """

    doubtful_below: float = DOUBTFUL_BELOW
    doubtful_measured: bool = False
    least_confidence: float = LEAST_CONFIDENCE
    confidence_measured: bool = False


def party_heard(words: Sequence[HeardTwice]) -> PartyHeard:
    """The figures of a party; 0 where it has no words."""
    count = len(words)
    return PartyHeard(
        words=count,
        confidence=sum(w.confidence for w in words) / count if count else 0.0,
        consistency=sum(w.consistent for w in words) / count if count else 0.0,
    )


def measured_bounds(parties: Sequence[Sequence[HeardTwice]]) -> MeasuredBounds:
    """The bounds for a model, from the words of each party of the calls it was tried on."""
    doubtful = doubtful_below([word for words in parties for word in words])
    least = least_confidence([party_heard(words) for words in parties])
    return MeasuredBounds(
        doubtful_below=DOUBTFUL_BELOW if doubtful is None else doubtful,
        doubtful_measured=doubtful is not None,
        least_confidence=LEAST_CONFIDENCE if least is None else least,
        confidence_measured=least is not None,
    )


def doubtful_below(words: Sequence[HeardTwice]) -> float | None:
    """The confidence from which up words are consistent enough, in hundredths.

    The share that is consistent is taken to rise with the confidence (isotonic regression, pooling
    adjacent violators: Ayer et al. 1955). LEAST_DOUBTFUL where it is enough throughout,
    MOST_DOUBTFUL where it is nowhere; None where fewer than LEAST_WORDS words tell.
    """
    if len(words) < LEAST_WORDS:
        return None
    steps = _rising(words)
    enough = [start for start, share in steps if share >= CONSISTENT_ENOUGH]
    if not enough:
        return MOST_DOUBTFUL
    if enough[0] == steps[0][0]:
        return LEAST_DOUBTFUL
    bound = math.ceil(enough[0] * 100 - 1e-9) / 100
    return min(max(bound, LEAST_DOUBTFUL), MOST_DOUBTFUL)


def _rising(words: Sequence[HeardTwice]) -> list[tuple[float, float]]:
    """The consistent share as steps that rise with the confidence: from where on, and how much."""
    blocks: list[tuple[float, int, int]] = []  # from where on, consistent words, words
    ordered = sorted(words, key=lambda w: w.confidence)
    for confidence, alike in groupby(ordered, key=lambda w: w.confidence):
        consistent = [w.consistent for w in alike]
        start, same, count = confidence, sum(consistent), len(consistent)
        while blocks and blocks[-1][1] * count >= same * blocks[-1][2]:
            start, before, more = blocks.pop()
            same, count = same + before, count + more
        blocks.append((start, same, count))
    return [(start, same / count) for start, same, count in blocks]


def least_confidence(parties: Sequence[PartyHeard]) -> float | None:
    """The mean confidence that best parts parties that were understood from those that were not.

    Between the two, as far as they are apart; where they overlap, where the fewest are on the wrong
    side. Where all were understood the usual bound stands, unless one of them lies below it, and so
    it does where too few words tell (None): nothing was measured then. Where none was understood,
    above them all.
    """
    telling = [p for p in parties if p.tells]
    bad = [p.confidence for p in telling if p.consistency < UNDERSTOOD]
    good = [p.confidence for p in telling if p.consistency >= UNDERSTOOD]
    if not bad:
        lowest = min(good, default=1.0)
        return None if lowest >= LEAST_CONFIDENCE else _down(lowest)
    if not good:
        return min(_down(max(bad)) + _STEP, 1.0) if max(bad) >= LEAST_CONFIDENCE else None
    points = sorted({*bad, *good})
    cuts = [points[0], *((a + b) / 2 for a, b in pairwise(points))]
    cuts.append(min(points[-1] + _STEP, 1.0))

    def wrong(cut: float) -> int:
        return sum(b >= cut for b in bad) + sum(g < cut for g in good)

    best: float = min(cuts, key=lambda cut: (wrong(cut), abs(cut - LEAST_CONFIDENCE)))
    return round(best, 2)


def _down(value: float) -> float:
    """Hundredths, downwards: who has the very value stays above it."""
    return int(value * 100) / 100
