"""How far people agree: raw agreement, Cohen's κ, Krippendorff's α, with bootstrap intervals.

A unit is one thing that was judged (a criterion of a call); its labels are nominal. All three
figures follow from sums over units, so that the bootstrap only adds up matrices again.

Sources: J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological
Measurement 20 (1960) 37–46; K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011),
nominal data with missing values; B. Efron and R. Tibshirani, "An Introduction to the Bootstrap"
(1993), chapter 13 (percentile interval), resampling whole groups because units of one group are
not independent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LEVEL = 0.95
RESAMPLES = 2000
LEAST_DEFINED = 0.5
"""An interval is given where at least this share of the resamples has a figure at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One thing judged by some of the raters. `labels[rater]` is what a rater said of it; a rater
    who said nothing is left out. `group` is what is resampled whole (the call).
    """

    group: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficient:
    """A coefficient with its 95 % percentile interval; None where it is not defined.

    κ and α are not defined where chance alone explains everything: all labels are the same.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How raters agree on units that at least two of them judged.

    `units` counts those, `pairs` the pairs of labels in them, `agreeing` the pairs that are the
    same. `raw` is the share of agreeing pairs, `alpha` Krippendorff's, `kappa` Cohen's (of two
    raters alone, over the units that both judged).
    """

    units: int
    pairs: int
    agreeing: int
    raw: Coefficient
    alpha: Coefficient
    kappa: Coefficient


def agreement(
    units: Sequence[Unit], *, raters: Sequence[str], seed: str, resamples: int = RESAMPLES
) -> Agreement:
    """The figures of `units`, judged by `raters`; the same seed gives the same intervals."""
    labels = sorted({label for u in units for label in u.labels.values()})
    groups = sorted({u.group for u in units})
    pairs, coincidences, tables = _sums(units, raters, labels, groups)
    weights = _weights(len(groups), resamples, seed)
    counts = pairs.sum(axis=0)
    return Agreement(
        units=sum(len(u.labels) > 1 for u in units),
        pairs=int(counts[0]),
        agreeing=int(counts[1]),
        raw=_figure(_raw, pairs, weights),
        alpha=_figure(_alpha, coincidences, weights),
        kappa=_figure(_kappa, tables, weights) if len(raters) == 2 else Coefficient(),
    )


def krippendorff_alpha(units: Sequence[Sequence[str]]) -> float | None:
    """α of nominal labels; each unit holds the labels it was given. None where not defined."""
    made = [Unit(group="", labels={str(i): v for i, v in enumerate(u)}) for u in units]
    raters = sorted({r for u in made for r in u.labels})
    return agreement(made, raters=raters, seed="", resamples=0).alpha.value


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> float | None:
    """κ of two raters who judged the same units. None where not defined."""
    made = [Unit(group="", labels={"a": a, "b": b}) for a, b in zip(first, second, strict=True)]
    return agreement(made, raters=("a", "b"), seed="", resamples=0).kappa.value


def _sums(
    units: Sequence[Unit], raters: Sequence[str], labels: Sequence[str], groups: Sequence[str]
) -> tuple[Array, Array, Array]:
    """By group: (pairs, agreeing pairs), the coincidence matrix of α, the table of two raters.

    A unit with m labels puts each ordered pair of them into the coincidence matrix with the
    weight 1 / (m - 1) (Krippendorff 2011, section C).
    """
    import numpy as np

    at = {label: i for i, label in enumerate(labels)}
    place = {group: i for i, group in enumerate(groups)}
    pairs = np.zeros((len(groups), 2))
    coincidences = np.zeros((len(groups), len(labels), len(labels)))
    tables = np.zeros_like(coincidences)
    for unit in units:
        said = [at[unit.labels[r]] for r in raters if r in unit.labels]
        g = place[unit.group]
        for a, b in combinations(said, 2):
            pairs[g] += (1, a == b)
        for a, b in permutations(said, 2):
            coincidences[g, a, b] += 1 / (len(said) - 1)
        if len(raters) == 2 and len(said) == 2:
            tables[g, said[0], said[1]] += 1
    return pairs, coincidences, tables


def _weights(groups: int, resamples: int, seed: str) -> Array:
    """How often each group stands in each resample: resamples × groups."""
    import numpy as np

    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
    if groups < 2 or resamples == 0:
        return np.zeros((0, groups))
    chosen = np.random.default_rng(number).integers(0, groups, size=(resamples, groups))
    weights = np.zeros((resamples, groups))
    rows = np.repeat(np.arange(resamples), groups)
    np.add.at(weights, (rows, chosen.ravel()), 1)
    return weights


def _figure(of: Any, sums: Array, weights: Array) -> Coefficient:
    """`of` maps sums (n × …) to n values, NaN where there is none."""
    import numpy as np

    value = float(of(sums.sum(axis=0, keepdims=True))[0])
    if np.isnan(value):
        return Coefficient()
    if not len(weights):
        return Coefficient(value=value)
    drawn = of(np.tensordot(weights, sums, axes=1))
    defined = drawn[~np.isnan(drawn)]
    if len(defined) < LEAST_DEFINED * len(drawn):
        return Coefficient(value=value)
    low, high = np.quantile(defined, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return Coefficient(value=value, low=float(low), high=float(high))


def _raw(pairs: Array) -> Array:
    return _over(pairs[:, 1], pairs[:, 0])


def _alpha(coincidences: Array) -> Array:
    """1 - (n - 1) Σ_{c≠k} o_ck / Σ_{c≠k} n_c n_k (Krippendorff 2011, nominal data)."""
    by_label = coincidences.sum(axis=2)
    n = by_label.sum(axis=1)
    observed = n - coincidences.trace(axis1=1, axis2=2)
    expected = n**2 - (by_label**2).sum(axis=1)
    return 1 - _over((n - 1) * observed, expected)


def _kappa(tables: Array) -> Array:
    """(p_o - p_e) / (1 - p_e) (Cohen 1960, formula 1), with counts for shares."""
    n = tables.sum(axis=(1, 2))
    observed = tables.trace(axis1=1, axis2=2)
    chance = (tables.sum(axis=1) * tables.sum(axis=2)).sum(axis=1)
    return _over(observed * n - chance, n**2 - chance)


def _over(above: Array, below: Array) -> Array:
    """NaN where there is nothing to divide by; sums of thirds are not quite whole."""
    import numpy as np

    sound = below > 1e-9
    return np.where(sound, above / np.where(sound, below, 1.0), np.nan)
