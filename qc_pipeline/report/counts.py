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


@dataclass(slots=True, kw_only=True)
class Count:
    """A criterion over a set of calls: `judged` = passed + failed; `lost` in points."""

    judged: int = 0
    failed: int = 0
    held: int = 0
    not_applicable: int = 0
    unscorable: int = 0
    lost: float = 0.0
    agents: set[str] = field(default_factory=set)

    @property
    def share(self) -> float | None:
        return stats.share(self.failed, self.judged)


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
                    entry.judged += 1
                case Verdict.FAIL:
                    entry.judged += 1
                    entry.failed += 1
                    if call.agent_id is not None:
                        entry.agents.add(call.agent_id)
                case Verdict.HELD:
                    entry.held += 1
                case Verdict.NOT_APPLICABLE:
                    entry.not_applicable += 1
                case Verdict.UNSCORABLE:
                    entry.unscorable += 1
            entry.lost += result.lost
    return counts


def count_past(calls: Iterable[PastCall]) -> dict[str, Count]:
    counts: dict[str, Count] = {}
    for call in calls:
        if not call.counts:
            continue
        for criterion in call.judged:
            counts.setdefault(criterion, Count()).judged += 1
        for criterion in call.failed:
            entry = counts.setdefault(criterion, Count())
            entry.failed += 1
            entry.lost += call.lost.get(criterion, 0.0)
            if call.agent_id is not None:
                entry.agents.add(call.agent_id)
    return counts
