"""How much each call weighs in a figure that speaks of all calls of a period. Pure.

A drawn call stands for 1 / (its chance of being drawn) calls of the frame, one that was chosen to
be listened to for 1 / (chance of being drawn × chance of being chosen then); means are Hájek
ratios, as in `sampling.estimation`. Where all chances are alike that is the plain mean.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from qc_pipeline.report import stats
from qc_pipeline.sampling.estimation import Design, respread
from qc_pipeline.sampling.sample import Pick, Sample
from qc_pipeline.scoring.listened import is_listened
from qc_pipeline.scoring.scorecard import Scorecard

ALIKE = 1.05
"""Chances are alike where the largest is at most so many times the smallest. Weights in [1, k] have
a coefficient of variation of (k - 1) / (2 √k) at most, here 0.024, and the plain mean differs from
the weighted one by no more than that times the spread of the scores (Cauchy-Schwarz): by a quarter
of a point where scores spread by ten points and go with the chance as closely as anything can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The weight of each call in estimates; 0 of one that has no chance in this tier, or no value.

    `by_call` is None where the sample knows no chances at all: every call weighs 1 then. `differ`:
    the chances are not alike, a figure made with these weights is a weighted one; else each is 1.
    """

    by_call: Mapping[str, float] | None = None
    differ: bool = False

    def of(self, recording_id: str) -> float:
        return 1.0 if self.by_call is None else self.by_call.get(recording_id, 0.0)


def machine_weights(sample: Sample, known: Collection[str]) -> Weights:
    """Of the calls drawn at random. `known` are the recordings with a value (a total): those
    without one give their weight to the others of their stratum.
    """
    return _weights([(p, _drawn(p)) for p in sample.picks], known)


def listened_weights(sample: Sample, known: Collection[str]) -> Weights:
    """Of the drawn calls that were chosen to be listened to; of `known` a person has done so."""
    chosen = [
        (p, _drawn(p) * (p.relisten_probability or 0.0) if p.relisten else 0.0)
        for p in sample.picks
    ]
    return _weights(chosen, known)


def listened_score(sample: Sample, cards: Mapping[str, Scorecard]) -> tuple[float | None, int]:
    """The listened score (复听成绩, points of 100) of a period and the calls it is made of, as the
    report's head gives it; None of none. `cards` are those of all calls but the mystery ones.
    """
    own = {k: card for k, card in cards.items() if card.total is not None}
    machine = machine_weights(sample, own)
    listened = {k for k, card in own.items() if is_listened(card)}
    heard = listened_weights(sample, listened)
    counted = [
        k
        for k in sorted(p.recording_id for p in sample.picks if p.origin == "drawn")
        if k in listened and machine.of(k) > 0 and heard.of(k) > 0
    ]
    totals = [own[k].total or 0.0 for k in counted]
    return stats.mean(totals, [heard.of(k) for k in counted]), len(counted)


def makes_personal_score(sample: Sample, pick: Pick) -> bool:
    """Whether a call, once listened to, counts for its agent: where a sample has parts, the random
    one alone, which gives every call of an agent the same chance.
    """
    return pick.personal if sample.has_parts else True


def personal_weights(probabilities: Sequence[float | None]) -> tuple[float, ...]:
    """The weights of one agent's calls in a personal mean, from their chances of being in it: one
    over the chance where the chances differ; else, or where one is not known, 1.
    """
    known = [p for p in probabilities if p]
    if len(known) < len(probabilities) or not _differ(known):
        return (1.0,) * len(probabilities)
    return tuple(1.0 / p for p in known)


def is_raised_for_risk(pick: Pick) -> bool:
    """Whether a risk condition made it likelier that a call was drawn: a class above ×1."""
    if pick.origin != "drawn" or not pick.risk_class.startswith("×"):
        return False
    return float(pick.risk_class.removeprefix("×")) > 1.0


def _drawn(pick: Pick) -> float:
    """The chance in (0, 1] of a call drawn at random; 0 of any other."""
    return (pick.probability or 0.0) if pick.origin == "drawn" else 0.0


def _weights(chances: Iterable[tuple[Pick, float]], known: Collection[str]) -> Weights:
    import numpy as np

    drawn = [(pick, chance) for pick, chance in chances if chance > 0]
    if not drawn:
        return Weights()
    if not _differ([chance for _, chance in drawn]):
        found = {p.recording_id: 1.0 for p, _ in drawn if p.recording_id in known}
        return Weights(by_call=found)
    strata = {name: i for i, name in enumerate(sorted({p.stratum for p, _ in drawn}))}
    design = Design(
        probability=np.array([chance for _, chance in drawn], dtype=np.float64),
        stratum=np.array([strata[p.stratum] for p, _ in drawn], dtype=np.int64),
        agent=np.zeros(len(drawn), dtype=np.int64),
    )
    has_value = np.array([p.recording_id in known for p, _ in drawn], dtype=bool)
    spread = respread(design, has_value).tolist()
    return Weights(
        by_call={p.recording_id: w for (p, _), w in zip(drawn, spread, strict=True)}, differ=True
    )


def _differ(chances: Sequence[float]) -> bool:
    return bool(chances) and max(chances) > ALIKE * min(chances)
