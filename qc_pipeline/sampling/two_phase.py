"""Means of the frame from both phases: the calls that a machine judged, and those of them that a
person listened to.

Phase 1 is the machine sample (inclusion probabilities π), phase 2 the listened calls among it
(probabilities π2 once drawn). With m what the machine made of a call and y what a person made of
it, the **difference estimator** of two-phase sampling (Särndal, Swensson & Wretman,
Model Assisted Survey Sampling, 1992, ch. 9, with their π* = π π2) is

    Σ w1 m / Σ w1  +  Σ w2 (y - m) / Σ w2,    w1 = 1 / π over phase 1, w2 = 1 / (π π2) over phase 2.

Both parts are Hájek ratios. Given phase 1 the second one is that sample's mean of y - m, whatever m
is, so the sum estimates the mean of y: how good the machine is decides the width, not the bias.
Without m it is the weighted mean of the listened calls.

Its variance (the same chapter: what phase 1 would leave if every drawn call had been listened to,
and what phase 2 adds to it) is

    V1 (w1 (y - mean) / Σ w1)  +  V2 (w2 (d - mean of d) / Σ w2),    d = y - m.

V2 is that of the listened sample, which holds the calls of each agent and of each rate of the
targeted part fixed: residuals after the effects of both, with 1 - π2. V1 holds strata and
agents fixed. It is about y, known in phase 2 alone, and is put together from what is known best:
that of m from all of phase 1, and what the differences change in it from phase 2,

    Σ (1 - π) r²  +  Σ over phase 2 of k (1 - π) ((r + e)² - r²),

r being the residuals of m, e those of d after the strata, where there are calls enough, and k what
a listened call stands for in phase 1 (1 / π2). Intervals are Student's; degrees of freedom are
Kish's effective number of the listened calls, by (1 - π π2) w2², less the effects fitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qc_pipeline.sampling.estimation import (
    LEAST_CALLS,
    Design,
    group_means,
    paired,
    residuals,
    t_quantile,
)
from qc_pipeline.sampling.sample import Pick

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """The calls of phase 1 as arrays.

    `drawn` (π) and `listening` (π2) in (0, 1]; `stratum`, `agent` and `rate` (of the targeted part)
    are codes from 0; `heard` marks the calls of phase 2. `weight` and `heard_weight` are w1 and w2,
    those of calls without a value already given to others; w2 is 0 where a call was not heard.
    """

    drawn: Array
    listening: Array
    stratum: Array
    agent: Array
    rate: Array
    heard: Array
    weight: Array
    heard_weight: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoPhaseMean:
    """`value` = `machine` + `difference`, in the unit of y; without m `machine` is 0.

    `variance` is of `value`; `low` and `high` its 95 % interval, None where fewer than eight of its
    calls were `heard`.
    """

    value: float
    machine: float
    difference: float
    variance: float
    low: float | None
    high: float | None
    heard: int


def phases_of(
    picks: Sequence[Pick], weights: Sequence[float], heard_weights: Sequence[float]
) -> Phases:
    """The phases of drawn calls whose chance of being drawn is known; calls with a weight in phase
    2 were heard, and have a chance of that too. Raises ValueError where such a chance is missing.
    """
    import numpy as np

    heard = np.array(heard_weights, dtype=np.float64) > 0
    drawn = np.array([p.probability or 0.0 for p in picks])
    listening = np.array([p.relisten_probability or 0.0 for p in picks])
    if (drawn <= 0).any() or (listening[heard] <= 0).any():
        raise ValueError("a call's chance of being drawn, or of being listened to, is not known")
    return Phases(
        drawn=drawn,
        listening=np.where(listening > 0, listening, 1.0),
        stratum=_codes([p.stratum for p in picks]),
        agent=_codes([p.agent_id or "" for p in picks]),
        rate=_codes([_targeted_rate(p) for p in picks]),
        heard=heard,
        weight=np.array(weights, dtype=np.float64),
        heard_weight=np.array(heard_weights, dtype=np.float64),
    )


def two_phase_mean(
    phases: Phases, person: Array, machine: Array | None = None, *, part: Array | None = None
) -> TwoPhaseMean | None:
    """The mean over the frame, or over the calls that `part` (bool) stands for.

    `person` is y (float64, read where a call was heard), `machine` m of every call of phase 1; None
    estimates from the heard calls alone. None where nothing of the part was drawn or heard.
    """
    import numpy as np

    inside = np.ones(len(phases.drawn), dtype=bool) if part is None else part
    known = np.zeros(len(inside)) if machine is None else machine
    heard = phases.heard & inside
    first, second = np.where(inside, phases.weight, 0.0), np.where(heard, phases.heard_weight, 0.0)
    whole, whole_heard = float(first.sum()), float(second.sum())
    if whole <= 0 or whole_heard <= 0:
        return None
    first, second = first / whole, second / whole_heard
    of_machine = float((first * known).sum())
    gap = np.where(heard, person - known, 0.0)
    difference = float((second * gap).sum())
    value = of_machine + difference
    rest = np.where(heard, gap - difference, 0.0)
    of_first = _first_phase(phases, first * (known - of_machine), first * rest, first, second)
    chance = np.where(phases.heard, phases.listening, 1.0)
    design = Design(probability=chance, stratum=phases.rate, agent=phases.agent)
    left = residuals(design, second * rest, phases.heard)
    variance = of_first + float(((1.0 - chance) * left.value**2).sum())
    low = high = None
    count = int(heard.sum())
    if count >= LEAST_CALLS:
        carried = ((1.0 - phases.drawn * phases.listening) * second**2)[heard]
        squares = float((carried**2).sum())
        effective = float(carried.sum()) ** 2 / squares if squares > 0 else float(count)
        fitted = left.parameters / left.calls if left.calls else 1.0 / count
        half = t_quantile(max(1.0, effective * (1.0 - fitted))) * variance**0.5
        low, high = value - half, value + half
    return TwoPhaseMean(
        value=value,
        machine=of_machine,
        difference=difference,
        variance=variance,
        low=low,
        high=high,
        heard=count,
    )


def _first_phase(
    phases: Phases, of_machine: Array, of_gap: Array, first: Array, second: Array
) -> float:
    """V1, from the contributions of m (by call of phase 1) and of y - m (0 where not heard)."""
    import numpy as np

    everybody = np.ones(len(of_machine), dtype=bool)
    design = Design(probability=phases.drawn, stratum=phases.stratum, agent=phases.agent)
    known = residuals(design, of_machine, everybody).value
    rest = 1.0 - phases.drawn
    stands_for = np.divide(second, first, out=np.zeros(len(first)), where=first > 0)
    heard = second > 0
    gap = of_gap.copy()
    stratum = paired(phases.stratum[heard])
    n, strata = len(stratum), int(stratum.max()) + 1
    if n - strata >= max(LEAST_CALLS, n / 2):
        means = group_means(gap[heard], (stands_for * rest)[heard], stratum)
        gap[heard] = (gap[heard] - means[stratum]) * (n / (n - strata)) ** 0.5
    changed = stands_for * rest * ((known + gap) ** 2 - known**2)
    return max(0.0, float((rest * known**2).sum() + changed.sum()))


def _targeted_rate(pick: Pick) -> float:
    """The rate t of the targeted part among what the random one left: π2 = r + (1 - r) t. Where a
    sample has no parts, π2 itself.
    """
    both, random = pick.relisten_probability or 0.0, pick.random_probability or 0.0
    return round((both - random) / (1.0 - random), 9) if random < 1.0 else 1.0


def _codes(values: Sequence[Any]) -> Array:
    import numpy as np

    place = {value: i for i, value in enumerate(sorted(set(values)))}
    return np.array([place[v] for v in values], dtype=np.int64)
