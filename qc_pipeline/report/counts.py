"""Criteria counted over calls: judged, failed, held, points lost. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from qc_pipeline.report import stats
from qc_pipeline.report.inputs import PastCall
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.scorecard import CriterionResult


class Judged(Protocol):
    """A call with its results, as `model.Call` is."""

    @property
    def agent_id(self) -> str | None: ...
    @property
    def results(self) -> Sequence[CriterionResult]: ...
    @property
    def weight(self) -> float: ...


@dataclass(slots=True, kw_only=True)
class Count:
    """A criterion over a set of calls: `judged` = passed + failed; `lost` in points.

    These count calls that were seen. What speaks of all calls is made from the same sums with every
    call at its weight: `judged_weight`, `failed_weight`, `lost_weight`; `squares` is Σ w² of the
    judged ones. Where all calls weigh 1 these are the same numbers.
    """

    judged: int = 0
    failed: int = 0
    held: int = 0
    not_applicable: int = 0
    unscorable: int = 0
    lost: float = 0.0
    judged_weight: float = 0.0
    failed_weight: float = 0.0
    lost_weight: float = 0.0
    squares: float = 0.0
    agents: set[str] = field(default_factory=set)

    @property
    def share(self) -> float | None:
        """The share of failing calls among the judged, each by its weight."""
        return self.failed_weight / self.judged_weight if self.judged_weight > 0 else None

    @property
    def passed_share(self) -> float | None:
        if self.judged_weight <= 0:
            return None
        return (self.judged_weight - self.failed_weight) / self.judged_weight

    @property
    def size(self) -> float:
        """The effective number of judged calls (`stats.effective_size`): what tests and intervals
        of the share rest on."""
        return stats.effective_size(self.judged_weight, self.squares)

    @property
    def failing(self) -> float:
        """The effective number of failing calls."""
        whole = self.judged_weight
        return self.failed_weight * (self.size / whole) if whole > 0 else 0.0

    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share."""
        return stats.share_interval(self.failing, self.size)

    def tested(self) -> tuple[int, int]:
        """Failing and judged calls in effective whole numbers, for a test of two shares."""
        return round(self.failing), round(self.size)

    def without(self, part: Count) -> Count:
        """The judged and failed calls of this count that are not in `part` of it."""
        if self.judged == part.judged:
            return Count()
        return Count(
            judged=self.judged - part.judged,
            failed=self.failed - part.failed,
            judged_weight=self.judged_weight - part.judged_weight,
            failed_weight=self.failed_weight - part.failed_weight,
            squares=self.squares - part.squares,
        )

    def judge(self, weight: float) -> None:
        self.judged += 1
        self.judged_weight += weight
        self.squares += weight * weight

    def fail(self, weight: float, agent_id: str | None) -> None:
        self.failed += 1
        self.failed_weight += weight
        if agent_id is not None:
            self.agents.add(agent_id)


def count(calls: Iterable[Judged]) -> dict[str, Count]:
    """Criteria over calls; trial criteria and bonuses are left out, covered failures count."""
    counts: dict[str, Count] = {}
    for call in calls:
        for result in call.results:
            if result.trial or result.bonus is not None:
                continue
            entry = counts.setdefault(result.id, Count())
            match result.verdict:
                case Verdict.PASS:
                    entry.judge(call.weight)
                case Verdict.FAIL:
                    entry.judge(call.weight)
                    entry.fail(call.weight, call.agent_id)
                case Verdict.HELD:
                    entry.held += 1
                case Verdict.NOT_APPLICABLE:
                    entry.not_applicable += 1
                case Verdict.UNSCORABLE:
                    entry.unscorable += 1
            entry.lost += result.lost
            entry.lost_weight += result.lost * call.weight
    return counts


def count_past(calls: Iterable[PastCall]) -> dict[str, Count]:
    counts: dict[str, Count] = {}
    for call in calls:
        if not call.counts:
            continue
        for criterion in call.judged:
            counts.setdefault(criterion, Count()).judge(call.weight)
        for criterion in call.failed:
            entry = counts.setdefault(criterion, Count())
            entry.fail(call.weight, call.agent_id)
            entry.lost += call.lost.get(criterion, 0.0)
            entry.lost_weight += call.lost.get(criterion, 0.0) * call.weight
    return counts
