"""Two rubrics over the same calls: which calls change their band, which criteria move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard


@dataclass(frozen=True, slots=True, kw_only=True)
class CallChange:
    """One call under both rubrics; None where a card has no total or no band."""

    recording_id: str
    total_a: float | None
    total_b: float | None
    band_a: str | None
    band_b: str | None
    passed_a: bool | None
    passed_b: bool | None

    @property
    def changes_band(self) -> bool:
        return self.band_a != self.band_b

    @property
    def changes_pass(self) -> bool:
        return self.passed_a is not self.passed_b


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionChange:
    """One criterion over all calls; a side that has no such criterion is None throughout.

    `failed` and `held` count calls, `lost` sums points; `flipped` counts the calls whose verdict
    differs, where both have it.
    """

    id: str
    title: str
    failed_a: int | None
    failed_b: int | None
    held_a: int | None
    held_b: int | None
    lost_a: float | None
    lost_b: float | None
    flipped: int

    @property
    def moves(self) -> bool:
        return (self.failed_a, self.held_a, self.lost_a) != (
            self.failed_b,
            self.held_b,
            self.lost_b,
        ) or self.flipped > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`calls` in the order of the cards, `criteria` in that of the first rubric, then new ones.

    Means are over the calls that have a total under both.
    """

    calls: tuple[CallChange, ...]
    criteria: tuple[CriterionChange, ...]
    mean_a: float | None
    mean_b: float | None


def compare(a: Sequence[Scorecard], b: Sequence[Scorecard]) -> Comparison:
    """Compare cards of the same calls in the same order."""
    calls = tuple(_call(x, y) for x, y in zip(a, b, strict=True))
    lines_a, lines_b = ([{c.id: c for c in card.criteria()} for card in cards] for cards in (a, b))
    ids = dict.fromkeys(id_ for lines in (*lines_a, *lines_b) for id_ in lines)
    both = [(c.total_a, c.total_b) for c in calls if c.total_a is not None]
    pairs = [(x, y) for x, y in both if x is not None and y is not None]
    return Comparison(
        calls=calls,
        criteria=tuple(_criterion(id_, lines_a, lines_b) for id_ in ids),
        mean_a=sum(x for x, _ in pairs) / len(pairs) if pairs else None,
        mean_b=sum(y for _, y in pairs) / len(pairs) if pairs else None,
    )


def together(parts: Sequence[Comparison]) -> Comparison:
    """Comparisons of some calls each as one of all of them, in order; at least one."""
    calls = tuple(call for part in parts for call in part.calls)
    criteria: dict[str, CriterionChange] = {}
    for row in (row for part in parts for row in part.criteria):
        former = criteria.get(row.id)
        criteria[row.id] = row if former is None else _summed(former, row)
    pairs = [(c.total_a, c.total_b) for c in calls]
    both = [(x, y) for x, y in pairs if x is not None and y is not None]
    return Comparison(
        calls=calls,
        criteria=tuple(criteria.values()),
        mean_a=sum(x for x, _ in both) / len(both) if both else None,
        mean_b=sum(y for _, y in both) / len(both) if both else None,
    )


def _summed(one: CriterionChange, other: CriterionChange) -> CriterionChange:
    def counts(x: int | None, y: int | None) -> int | None:
        return y if x is None else x if y is None else x + y

    def points(x: float | None, y: float | None) -> float | None:
        return y if x is None else x if y is None else round(x + y, 2)

    return CriterionChange(
        id=one.id,
        title=one.title,
        failed_a=counts(one.failed_a, other.failed_a),
        failed_b=counts(one.failed_b, other.failed_b),
        held_a=counts(one.held_a, other.held_a),
        held_b=counts(one.held_b, other.held_b),
        lost_a=points(one.lost_a, other.lost_a),
        lost_b=points(one.lost_b, other.lost_b),
        flipped=one.flipped + other.flipped,
    )


def _call(a: Scorecard, b: Scorecard) -> CallChange:
    return CallChange(
        recording_id=a.recording_id,
        total_a=a.total,
        total_b=b.total,
        band_a=a.band,
        band_b=b.band,
        passed_a=a.passed,
        passed_b=b.passed,
    )


_Lines = Sequence[Mapping[str, CriterionResult]]


def _criterion(id_: str, a: _Lines, b: _Lines) -> CriterionChange:
    left, right = [x.get(id_) for x in a], [x.get(id_) for x in b]
    both = [(x.verdict, y.verdict) for x, y in zip(left, right, strict=True) if x and y]
    some = next(r for r in (*left, *right) if r is not None)
    return CriterionChange(
        id=id_,
        title=some.title,
        failed_a=_count(left, Verdict.FAIL),
        failed_b=_count(right, Verdict.FAIL),
        held_a=_count(left, Verdict.HELD),
        held_b=_count(right, Verdict.HELD),
        lost_a=_lost(left),
        lost_b=_lost(right),
        flipped=sum(x is not y for x, y in both),
    )


def _count(results: list[CriterionResult | None], verdict: Verdict) -> int | None:
    known = [r for r in results if r is not None]
    return sum(r.verdict is verdict for r in known) if known else None


def _lost(results: list[CriterionResult | None]) -> float | None:
    known = [r for r in results if r is not None]
    return round(sum(r.lost for r in known), 2) if known else None
