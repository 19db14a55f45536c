"""A day's or a period's counted calls: what charts over time are made of. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from qc_pipeline.report import stats


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The counted calls of a day or a period that begins on `first`."""

    label: str
    first: date
    totals: tuple[float, ...]
    passed: int

    @property
    def mean(self) -> float | None:
        return stats.mean(self.totals)
