"""`louder_than_other`: the speaker's level lies above the other party's."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.evidence.outcome import Outcome, State
from qc_pipeline.scoring.evidence.terms import PARTY_WORDS, Number, Over, Party, Words
from qc_pipeline.scoring.operators import combine
from qc_pipeline.scoring.operators.measure_bounds import (
    NO_LEVEL,
    MeasuredFigure,
    judged,
    level_of_turn,
    turn_hit,
)
from qc_pipeline.scoring.operators.operator import Operator

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


class LouderThanOther(Operator):
    name: ClassVar[str] = "louder_than_other"

    by: Party
    db: Number
    over: Over = "call"

    def describe(self) -> Words:
        who = PARTY_WORDS[self.by]
        return Words(
            f"{who.zh}音量比对方高{self.db:g}分贝以上",
            f"{who.en} is more than {self.db:g} dB louder than the other",
        )

    def evaluate(self, ctx: Context) -> Outcome:
        blocked = ctx.cannot_tell_apart(words=False)
        if blocked is not None:
            return blocked
        measures = ctx.call.measures
        figures = []
        hits = []
        for speaker in ctx.live(self.by):
            own = measures.get(speaker, "level_db") if measures else None
            other = measures.get(speaker.other, "level_db") if measures else None
            if other is None:
                continue
            if self.over == "call":
                if own is not None:
                    more = own - other
                    figures.append(MeasuredFigure(speaker, more, more > self.db, self._quote(more)))
                continue
            for i in ctx.turns((speaker,)):
                level = level_of_turn(ctx, i)
                if level is not None and ctx.starts_inside(i):
                    more = level - other
                    figures.append(MeasuredFigure(speaker, more, more > self.db, self._quote(more)))
                    if more > self.db:
                        hits.append(turn_hit(ctx, i, self._quote(more)))
        if hits:
            return Outcome(state=State.HOLDS, hits=combine.in_time(hits))
        if self.over == "turn" and figures:
            figures = [max(figures, key=lambda f: f.value)]
        return judged(ctx, figures, NO_LEVEL)

    def _quote(self, more: float) -> Words:
        return Words(
            f"音量比对方高{more:.1f}分贝（界限{self.db:g}分贝）",
            f"{more:.1f} dB louder than the other (bound {self.db:g} dB)",
        )
