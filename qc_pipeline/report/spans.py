"""A day's or a period's counted calls: what charts over time are made of. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from qc_pipeline.report import stats


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The counted calls of a day or a period that begins on `first`: of each its total, what it
    weighs in the machine reference, and whether it passed.
    """

    label: str
    first: date
    totals: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    passes: tuple[bool, ...] = ()

    @property
    def mean(self) -> float | None:
        return stats.mean(self.totals, self.weights)

    @property
    def pass_share(self) -> float | None:
        return stats.weighted_share(self.passes, self.weights)

    @property
    def size(self) -> float:
        """The effective number of calls; their number where all weigh the same."""
        return stats.effective_size(math.fsum(self.weights), math.fsum(w * w for w in self.weights))

    @property
    def passed(self) -> float:
        """The effective number of calls that passed."""
        whole = math.fsum(self.weights)
        part = math.fsum(w for w, passed in zip(self.weights, self.passes, strict=True) if passed)
        return part * (self.size / whole) if whole > 0 else 0.0
