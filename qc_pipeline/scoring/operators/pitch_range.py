"""`pitch_range`: semitones between the 10th and 90th percentile of the speaker's pitch."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.evidence.outcome import Outcome, State
from qc_pipeline.scoring.evidence.terms import PARTY_WORDS, Bounds, Party, Words
from qc_pipeline.scoring.operators.measure_bounds import MeasuredFigure, judged
from qc_pipeline.scoring.operators.operator import Operator

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


class PitchRange(Bounds, Operator):
    name: ClassVar[str] = "pitch_range"

    by: Party

    def describe(self) -> Words:
        who, bound = PARTY_WORDS[self.by], self.bound_words()
        return Words(
            f"{who.zh}音高变化{bound.zh}个半音", f"{who.en}'s pitch range is {bound.en} semitones"
        )

    def evaluate(self, ctx: Context) -> Outcome:
        blocked = ctx.cannot_hear(self.by, words=False)
        if blocked is not None:
            return blocked
        measures, bound = ctx.call.measures, self.bound_words()
        figures = []
        for speaker in ctx.live(self.by):
            value = measures.get(speaker, "pitch_range_st") if measures else None
            if value is not None:
                quote = Words(
                    f"音高变化{value:.1f}个半音（{bound.zh}）",
                    f"pitch range of {value:.1f} semitones ({bound.en})",
                )
                figures.append(MeasuredFigure(speaker, value, self.holds(value), quote))
        missing = Words("没有测得音高", "the pitch was not measured")
        outcome = judged(ctx, figures, missing)
        return outcome if outcome.state is State.HOLDS else ctx.or_unknown(self.by, outcome)
