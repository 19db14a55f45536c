"""What a decided objection changes: by criterion, band and total."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qc_pipeline.report.words.translate import Translator
from qc_pipeline.review.never_worse import figure_of
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealEffect:
    """Two cards of a call; `changed` are the criteria whose verdict or cost differ, (before, after)
    each.
    """

    before: Scorecard
    after: Scorecard

    @property
    def changed(self) -> tuple[tuple[CriterionResult, CriterionResult], ...]:
        former = {c.id: c for c in self.before.criteria()}
        return tuple(
            (former[c.id], c)
            for c in self.after.criteria()
            if c.id in former and (former[c.id].verdict, former[c.id].lost) != (c.verdict, c.lost)
        )

    def lines(self, t: Translator) -> Iterator[str]:
        """It in sentences."""
        if self.before.sha256() == self.after.sha256():
            yield t("appeal_effect.none")
            return
        yield t("appeal_effect.head")
        for was, now in self.changed:
            yield "  " + t(
                "appeal_effect.criterion",
                title=now.title,
                before=f"{was.lost:g}",
                after=f"{now.lost:g}",
                was=t(f"blind.machine.{was.verdict}"),
                now=t(f"blind.machine.{now.verdict}"),
            )
        if self.before.band != self.after.band:
            bands = {"before": self.before.band or "–", "after": self.after.band or "–"}
            yield "  " + t("appeal_effect.band", **bands)
        totals = {"before": figure_of(self.before), "after": figure_of(self.after)}
        yield "  " + t("appeal_effect.total", **totals)
