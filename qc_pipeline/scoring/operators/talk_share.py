"""`talk_share`: the speaker's share of all speaking time, 0 to 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.evidence import timing
from qc_pipeline.scoring.evidence.outcome import Outcome
from qc_pipeline.scoring.evidence.terms import PARTY_WORDS, Bounds, Party, Share, Words
from qc_pipeline.scoring.operators.measure_bounds import MeasuredFigure, judged, stored
from qc_pipeline.scoring.operators.operator import Operator

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


class TalkShare(Bounds, Operator):
    name: ClassVar[str] = "talk_share"

    by: Party
    above: Share | None = None
    below: Share | None = None

    def describe(self) -> Words:
        who, bound = PARTY_WORDS[self.by], self.bound_words()
        return Words(
            f"{who.zh}说话时间占比{bound.zh}", f"{who.en}'s share of talk time is {bound.en}"
        )

    def evaluate(self, ctx: Context) -> Outcome:
        blocked = ctx.cannot_tell_apart(words=False)
        if blocked is not None:
            return blocked
        bound = self.bound_words()
        figures = []
        for speaker in ctx.live(self.by):
            value = stored(ctx, speaker, "talk_share")
            if value is None:
                value = timing.talk_share(ctx.call.transcript, speaker)
            if value is not None:
                quote = Words(
                    f"说话时间占{value:.0%}（{bound.zh}）", f"{value:.0%} of talk time ({bound.en})"
                )
                figures.append(MeasuredFigure(speaker, value, self.holds(value), quote))
        return judged(ctx, figures, Words("没有人说话", "nobody spoke"))
