"""A rubric's criteria made ready for many calls: what never changes is worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from qc_pipeline.scoring import reasons
from qc_pipeline.scoring.apply_decisions import Settled, settle_by_rule
from qc_pipeline.scoring.criterion_identity import identity_of
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.evidence.terms import Words
from qc_pipeline.scoring.judgement import Judgement
from qc_pipeline.scoring.rubric.model import Criterion, Rubric, Section
from qc_pipeline.scoring.scorecard import CriterionResult

_AS_ASKED = Words("符合要求", "as asked")
_NOTHING_FOUND = Words("未发现问题", "nothing found")


class CriterionPlan:
    """A criterion and what its verdicts have in common in every call.

    `lines` keeps, by reason, the finished lines of the verdicts that are the same in every call
    that comes to them (`Judgement.fixed`).
    """

    def __init__(self, rubric: Rubric, section: Section, criterion: Criterion) -> None:
        language = rubric.language
        self._of = (rubric, section)
        self.criterion = criterion
        self.id = criterion.id
        self.points = criterion.points or 0.0
        self.applies = criterion.applies
        self.condition = criterion.condition
        self.effective = criterion.effective
        self.expected = criterion.expect is not None
        self.trial = criterion.status == "trial"
        self.grave = criterion.severity != "minor"
        self.language = language
        self.lines: dict[str, CriterionResult] = {}
        self.passed = (_AS_ASKED if criterion.forbid is None else _NOTHING_FOUND).of(language)

    @cached_property
    def identity(self) -> str:
        """What it finds its faults by; see `identity_of`."""
        return identity_of(*self._of, self.criterion)

    @cached_property
    def does_not_apply(self) -> str:
        """The reason where the criterion's own `applies` does not hold."""
        assert self.applies is not None  # noqa: S101 # nosec B101 - asked only where there is one
        return reasons.not_applicable(self.applies.words, self.language)

    @cached_property
    def settled(self) -> Mapping[Verdict, Settled]:
        """By verdict: what the machine's alone comes to, where that is always the same."""
        always = (Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.UNSCORABLE)
        return {
            v: settle_by_rule(self.criterion, Judgement(verdict=v, reason=""), published=False)
            for v in always
        }


class SectionPlan:
    """A section with the plans of its criteria."""

    def __init__(self, rubric: Rubric, section: Section) -> None:
        self.section = section
        self.applies = section.applies
        self.criteria = tuple(CriterionPlan(rubric, section, c) for c in section.criteria)
        self._language = rubric.language

    @cached_property
    def does_not_apply(self) -> str:
        assert self.applies is not None  # noqa: S101 # nosec B101 - asked only where there is one
        return reasons.not_applicable(self.applies.words, self._language)


def plan(rubric: Rubric) -> tuple[SectionPlan, ...]:
    return tuple(SectionPlan(rubric, section) for section in rubric.sections)
