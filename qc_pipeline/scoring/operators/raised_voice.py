"""`raised_voice`: a turn's level lies above the speaker's own median."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.evidence.outcome import Outcome, State, unknown
from qc_pipeline.scoring.evidence.terms import PARTY_WORDS, Number, Over, Party, Words
from qc_pipeline.scoring.evidence.usual_level import usual_level
from qc_pipeline.scoring.operators import combine
from qc_pipeline.scoring.operators.measure_bounds import NO_LEVEL, level_of_turn, turn_hit
from qc_pipeline.scoring.operators.operator import Operator

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


class RaisedVoice(Operator):
    name: ClassVar[str] = "raised_voice"

    by: Party
    db: Number
    over: Over = "turn"

    def describe(self) -> Words:
        who = PARTY_WORDS[self.by]
        return Words(
            f"{who.zh}音量比自己平时高{self.db:g}分贝以上",
            f"{who.en} speaks more than {self.db:g} dB above the own median",
        )

    def evaluate(self, ctx: Context) -> Outcome:
        blocked = ctx.cannot_hear(self.by, words=False)
        if blocked is not None:
            return blocked
        raised: list[tuple[float, int]] = []
        for speaker in ctx.live(self.by):
            levels = {i: level_of_turn(ctx, i) for i in ctx.call.turns_of[speaker]}
            known = {i: level for i, level in levels.items() if level is not None}
            turns = ctx.call.turns
            usual = usual_level([(v, turns[i].end_s - turns[i].start_s) for i, v in known.items()])
            if usual is not None:
                raised.extend((v - usual, i) for i, v in known.items() if ctx.starts_inside(i))
        if not raised:
            return unknown(*NO_LEVEL)
        over = [(more, i) for more, i in raised if more > self.db]
        if not over:
            more, i = max(raised)
            shown = turn_hit(ctx, i, self._quote(more)).evidence
            return ctx.or_unknown(self.by, Outcome(state=State.NOT, measured=shown))
        if self.over == "call":
            over = [max(over)]
        return Outcome(
            state=State.HOLDS,
            hits=combine.in_time(turn_hit(ctx, i, self._quote(more)) for more, i in over),
        )

    def _quote(self, more: float) -> Words:
        return Words(
            f"音量比自己平时高{more:.1f}分贝（界限{self.db:g}分贝）",
            f"{more:.1f} dB above the own median (bound {self.db:g} dB)",
        )
