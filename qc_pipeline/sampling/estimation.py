"""What the sample says about all calls of the frame: weighted means and shares with intervals.

Means and shares are Hájek ratios Σ w y / Σ w with w = 1 / inclusion probability (Särndal,
Swensson & Wretman 1992, 5.7). A drawn call without a value (failed, not scorable) gives its
weight to the others of its stratum. Their variance comes from the linearised values
z = w (y - mean) / Σ w: the residuals of z after stratum and agent effects, each call counted with
1 - probability (finite population), corrected for the effects fitted (Deville & Tillé 2005).
Intervals of means are Student's with Σ(n_h - 1) degrees of freedom, fewer where a few strata
carry most of the variance (Satterthwaite 1946). Those of shares have the limits of a simple
sample of an effective size with the normal quantile (`share_interval`): a variance estimated from
few failing calls is too badly known to be trusted, or to be paid for by a t quantile. Fewer than
eight calls get no interval.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qc_pipeline.sampling.sample import Pick, Sample

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LEAST_CALLS = 8
CONFIDENCE = 0.95
PSEUDO_FAILS = 5.0
"""Failing calls at which a share's own variance counts as much as that of its weights alone."""
MOST_EXCESS = 1.25
"""The most by which a share's variance may exceed that of its weights alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean or a share of the frame (or of a group of it), with its 95 % interval.

    `value` is the weighted estimate, `plain` the unweighted figure of the same calls; both None
    without calls. `calls` counts the calls it rests on, `without_value` the drawn ones of the
    sample that have none. `low` and `high` are None, and `note` a sentence, below eight calls.
    """

    value: float | None
    plain: float | None
    low: float | None
    high: float | None
    calls: int
    without_value: int
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """The drawn calls as arrays: probabilities in (0, 1], stratum and agent codes."""

    probability: Array
    stratum: Array
    agent: Array


def estimate_mean(
    sample: Sample,
    values: Mapping[str, float],
    *,
    of: Collection[str] | None = None,
    relistened: bool = False,
) -> Estimate:
    """The mean of a value over the frame, or over the part that the recordings `of` stand for.

    `values` by recording_id; only calls drawn at random count (not forced, not mystery). With
    `relistened` the estimate rests on the calls heard in full, as personal scores do; their
    probability is that of being drawn times that of being chosen once drawn.
    """
    return _estimate(sample, values, of, share=False, relistened=relistened)


def estimate_share(
    sample: Sample,
    flags: Mapping[str, bool],
    *,
    of: Collection[str] | None = None,
    relistened: bool = False,
) -> Estimate:
    """The share in [0, 1] of calls with a property, such as passing or a deduction."""
    values = {k: float(v) for k, v in flags.items()}
    return _estimate(sample, values, of, share=True, relistened=relistened)


def _chance(pick: Pick, *, relistened: bool) -> float:
    """A pick's inclusion probability; 0 where it has none in this tier."""
    if pick.origin != "drawn" or pick.probability is None:
        return 0.0
    if not relistened:
        return pick.probability
    return pick.probability * (pick.relisten_probability or 0.0) if pick.relisten else 0.0


def _estimate(
    sample: Sample,
    values: Mapping[str, float],
    of: Collection[str] | None,
    *,
    share: bool,
    relistened: bool,
) -> Estimate:
    import numpy as np

    chances = [_chance(p, relistened=relistened) for p in sample.picks]
    picks = [p for p, chance in zip(sample.picks, chances, strict=True) if chance > 0]
    wanted = None if of is None else set(of)
    strata = {name: i for i, name in enumerate(sorted({p.stratum for p in picks}))}
    agents = {name: i for i, name in enumerate(sorted({p.agent_id or "" for p in picks}))}
    design = Design(
        probability=np.array([c for c in chances if c > 0], dtype=np.float64),
        stratum=np.array([strata[p.stratum] for p in picks], dtype=np.int64),
        agent=np.array([agents[p.agent_id or ""] for p in picks], dtype=np.int64),
    )
    y = np.array([values.get(p.recording_id, np.nan) for p in picks], dtype=np.float64)
    inside = np.array([wanted is None or p.recording_id in wanted for p in picks], dtype=bool)
    return estimate(design, y, inside, share=share)


def estimate(design: Design, y: Array, inside: Array, *, share: bool) -> Estimate:
    """As `estimate_mean` on arrays: `y` float64 with NaN without value, `inside` the group."""
    import numpy as np

    known = ~np.isnan(y)
    missing = int((~known & inside).sum())
    weights = respread(design, known)
    part = known & inside
    n = int(part.sum())
    if n == 0:
        return Estimate(
            value=None,
            plain=None,
            low=None,
            high=None,
            calls=0,
            without_value=missing,
            note="没有可用的录音",
        )
    total = float(weights[part].sum())
    value = float((weights[part] * y[part]).sum()) / total
    plain = float(y[part].mean())
    if n < LEAST_CALLS:
        return Estimate(
            value=value,
            plain=plain,
            low=None,
            high=None,
            calls=n,
            without_value=missing,
            note=f"仅 {n} 通,不足 {LEAST_CALLS} 通,不给出置信区间",
        )
    z = np.where(part, weights * (np.nan_to_num(y) - value) / total, 0.0)
    variance, degrees = _variance(design, z, known, part)
    if share:
        low, high = share_interval(value, variance, weights[part], y[part])
    else:
        half = t_quantile(degrees) * float(np.sqrt(variance))
        low, high = value - half, value + half
    return Estimate(value=value, plain=plain, low=low, high=high, calls=n, without_value=missing)


def respread(design: Design, known: Array) -> Array:
    """Weights 1 / probability; those of calls without value go to the others of the stratum."""
    import numpy as np

    weights = 1.0 / design.probability
    count = int(design.stratum.max(initial=-1)) + 1
    whole = np.bincount(design.stratum, weights=weights, minlength=count)
    kept = np.bincount(design.stratum, weights=np.where(known, weights, 0.0), minlength=count)
    factor = np.divide(whole, kept, out=np.ones(count), where=kept > 0)
    spread: Array = np.where(known, weights * factor[design.stratum], 0.0)
    return spread


def wilson(p: float, size: float, quantile: float) -> tuple[float, float]:
    """The score interval of a share `p` of `size` (effective) calls, within [0, 1].

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal
    of the American Statistical Association 22 (1927). `quantile` is that of the confidence wanted.
    """
    square = quantile * quantile
    centre = (p + square / (2 * size)) / (1 + square / size)
    half = quantile * ((p * (1 - p) + square / (4 * size)) / size) ** 0.5 / (1 + square / size)
    return max(0.0, centre - half), min(1.0, centre + half)


def share_interval(p: float, variance: float, weights: Array, y: Array) -> tuple[float, float]:
    """The 95 % interval of a weighted share `p`: from its estimated variance and from the weights.

    `weights` (float64 ≥ 1) and `y` (0 or 1) by call. The effective size is p (1 - p) / v. v is what
    the spread of the weights alone gives (Kish 1965), p (1 - p) Σ w (w - 1) / (Σ w)², w - 1 being
    the finite population; the estimated variance takes its place by as much as there are
    calls of the rarer outcome to estimate it from: F / (F + 5), with F counted in calls of equal
    weight. v is at most 1.25 times the first, so that one heavy call does not blow the interval up.

    The limits are Wilson's or Jeffreys', whichever is further out: Wilson's alone falls to 84 %
    where one or two calls are expected to fail, Jeffreys' where the lot is just about to hold none
    (Brown, Cai & DasGupta 2001). Effective sizes: Korn & Graubard 1998; compared with a smoothed
    design effect by Franco, Little, Louis & Slud 2019. Limits are moved out to whole calls of
    those the weights stand for, and hold what was seen: drawing everything leaves no width.
    """
    total = float(weights.sum())
    spread = float((weights * (weights - 1.0)).sum()) / total**2
    seen = float(y.sum())
    if spread <= 1e-12:
        return p, p
    by_weights = spread * p * (1.0 - p)
    rarer = min(p, 1.0 - p) * total**2 / float((weights**2).sum())
    trust = rarer / (rarer + PSEUDO_FAILS)
    mixed = min(MOST_EXCESS * by_weights, trust * variance + (1.0 - trust) * by_weights)
    size = p * (1.0 - p) / mixed if mixed > 0.0 else 1.0 / spread
    low, high = share_limits(p, size)
    fewest = max(float(math.floor(low * total + 1e-6)), seen)
    fewest_against = max(float(math.floor((1.0 - high) * total + 1e-6)), len(y) - seen)
    return fewest / total, 1.0 - fewest_against / total


def share_limits(p: float, size: float) -> tuple[float, float]:
    """Wilson's or Jeffreys' 95 % limits of a share of `size` calls, whichever is further out.

    Jeffreys' are quantiles of Beta(k + 1/2, size - k + 1/2), k = p · size, and 0 or 1 at k = 0 or
    size (Brown, Cai & DasGupta, "Interval estimation for a binomial proportion", Statistical
    Science 16 (2001)). Neither k nor `size` need be whole.
    """
    from scipy.special import betaincinv, ndtri

    tail = (1.0 - CONFIDENCE) / 2
    low, high = wilson(p, size, float(ndtri(1.0 - tail)))
    hits, misses = p * size, (1.0 - p) * size
    if p > 0.0:
        low = min(low, float(betaincinv(hits + 0.5, misses + 0.5, tail)))
    if p < 1.0:
        high = max(high, float(betaincinv(hits + 0.5, misses + 0.5, 1.0 - tail)))
    return (low, high)


def t_quantile(degrees: float) -> float:
    """Student's quantile of a 95 % interval."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + CONFIDENCE / 2))


def _variance(design: Design, z: Array, known: Array, part: Array) -> tuple[float, float]:
    """(variance of Σ z, degrees of freedom)."""
    import numpy as np

    counts = np.bincount(design.stratum[part], minlength=1)
    degrees = float(max(1, int(np.maximum(counts - 1, 0).sum())))
    found = residuals(design, z, known)
    if found.by_strata > 0.0:
        degrees = max(1.0, min(degrees, found.by_strata**2 / found.carried))
    return float(((1.0 - design.probability) * found.value**2).sum()), degrees


@dataclass(frozen=True, slots=True, kw_only=True)
class Residuals:
    """What is left of each call's contribution z after the effects that a design holds fixed.

    Σ (1 - probability) `value`² estimates the variance of Σ z; calls that are certain, or without
    a value, have 0. `calls` went in, `parameters` effects were fitted to them. `by_strata` is that
    variance with the strata's effects alone, `carried` the Σ v_h² / (n_h - 1) of its parts.
    """

    value: Array
    calls: int
    parameters: int
    by_strata: float
    carried: float


def residuals(design: Design, z: Array, known: Array) -> Residuals:
    """Residuals of `z` after stratum and agent effects; after the strata's alone where there are
    more effects than half of the calls.
    """
    import numpy as np

    left = np.zeros(len(z))
    free = known & (design.probability < 1.0 - 1e-12)
    if not free.any():
        return Residuals(value=left, calls=0, parameters=0, by_strata=0.0, carried=0.0)
    weight = 1.0 - design.probability[free]
    stratum = paired(design.stratum[free])
    _, agent = np.unique(design.agent[free], return_inverse=True)
    value = z[free]
    n = len(value)
    strata = int(stratum.max()) + 1
    plain = value - group_means(value, weight, stratum)[stratum]
    sizes = np.bincount(stratum)
    factors = sizes / np.maximum(sizes - 1, 1)
    parts = np.bincount(stratum, weights=weight * plain**2) * factors
    by_strata = float(parts.sum())
    carried = float((parts**2 / np.maximum(sizes - 1, 1)).sum())
    parameters = strata + int(agent.max())
    if n - parameters < max(LEAST_CALLS, n / 2):
        left[free] = plain * np.sqrt(factors[stratum])
        parameters = strata
    else:
        residual = plain
        for _ in range(50):
            residual = residual - group_means(residual, weight, agent)[agent]
            back = group_means(residual, weight, stratum)[stratum]
            residual = residual - back
            if float(np.abs(back).max()) <= 1e-9 * float(np.abs(value).max()):
                break
        left[free] = residual * (n / (n - parameters)) ** 0.5
    return Residuals(
        value=left, calls=n, parameters=parameters, by_strata=by_strata, carried=carried
    )


def paired(stratum: Array) -> Array:
    """Codes of strata; one with a single call joins the next one (the last the one before)."""
    import numpy as np

    _, codes, counts = np.unique(stratum, return_inverse=True, return_counts=True)
    codes = codes.reshape(-1)
    target = np.arange(len(counts))
    merged = counts.copy()
    for i in range(len(counts)):
        if merged[i] == 1 and len(counts) > 1:
            j = i + 1 if i + 1 < len(counts) else int(target[i - 1])
            target[target == i] = j
            merged[j] += 1
    _, renumbered = np.unique(target[codes], return_inverse=True)
    return np.asarray(renumbered.reshape(-1))


def group_means(value: Array, weight: Array, group: Array) -> Array:
    """The weighted mean of each group (codes 0, 1, …); 0 where nothing of it weighs."""
    import numpy as np

    whole = np.bincount(group, weights=weight)
    means: Array = np.bincount(group, weights=weight * value) / np.where(whole > 0, whole, 1.0)
    return means
