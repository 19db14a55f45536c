"""From lost points to a total: RUBRIC.md, "Verdicts and the total".

Counted: pass, fail, held, and not_applicable under `award`. Per section D = min(section points,
Σ counted points), S = max(0, D − Σ lost). Total = points × ΣS / ΣD, rounded half up to two
decimals once, on whole numbers so that no binary fraction decides the last cent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_MICRO = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionSum:
    """Points of one section: `worth` is D, `kept` is S."""

    worth: float
    kept: float

    @property
    def lost(self) -> float:
        return (_micro(self.worth) - _micro(self.kept)) / _MICRO


def section_sum(
    points: float, counted: Iterable[float], lost: Iterable[float], *, fatal: bool
) -> SectionSum:
    """D and S of a section; a failed section-fatal keeps nothing of all its points."""
    if fatal:
        return SectionSum(worth=points, kept=0.0)
    worth = min(_micro(points), sum(_micro(p) for p in counted))
    kept = max(0, worth - sum(_micro(p) for p in lost))
    return SectionSum(worth=worth / _MICRO, kept=kept / _MICRO)


def total(points: float, sections: Iterable[SectionSum], bonus: float = 0.0) -> float | None:
    """The rubric's points × ΣS / ΣD with the bonus, at most the rubric's points.

    None where nothing counted. Rounded half up to two decimals.
    """
    worth = kept = 0
    for section in sections:
        worth += _micro(section.worth)
        kept += _micro(section.kept)
    if worth <= 0:
        return None
    # In units of 1 / (worth * 10^6); the bonus joins before the one rounding.
    exact = _micro(points) * kept + _micro(bonus) * worth
    cent = worth * (_MICRO // 100)
    cents = (2 * exact + cent) // (2 * cent)
    return min(cents / 100, points)


def exact_sum(points: Iterable[float]) -> float:
    """Points added up without the last binary digits of 0.1 + 0.2."""
    return sum(_micro(p) for p in points) / _MICRO


@lru_cache(maxsize=4096)
def _micro(points: float) -> int:
    return round(points * _MICRO)
