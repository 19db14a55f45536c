"""`speech_rate`: characters (zh) or words (en) a minute of speaking time."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.evidence import pace, timing
from qc_pipeline.scoring.evidence.outcome import Outcome, State
from qc_pipeline.scoring.evidence.terms import PARTY_WORDS, Bounds, Over, Party, Times, Words
from qc_pipeline.scoring.operators.measure_bounds import MeasuredFigure, judged, stored, turn_hit
from qc_pipeline.scoring.operators.operator import Operator

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context

TOO_LITTLE = Words("说话太少，无法计算语速", "too little speech for a rate")


class SpeechRate(Bounds, Operator):
    name: ClassVar[str] = "speech_rate"

    by: Party
    over: Over = "call"
    min_chars: Times = 10

    def describe(self) -> Words:
        who, bound = PARTY_WORDS[self.by], self.bound_words()
        over = Words("单轮", " in a turn") if self.over == "turn" else Words("", "")
        return Words(
            f"{who.zh}{over.zh}语速每分钟{bound.zh}",
            f"{who.en} speaks{over.en} at a rate a minute {bound.en}",
        )

    def evaluate(self, ctx: Context) -> Outcome:
        # Words that are wanting, or that nobody said, are no rate.
        blocked = ctx.cannot_hear(self.by) or ctx.not_heard(self.by)
        if blocked is not None:
            return blocked
        by_turn = self._by_turn(ctx) if self.over == "turn" else None
        if by_turn is None:
            outcome = judged(ctx, self._by_call(ctx), TOO_LITTLE)
        elif not by_turn:
            outcome = judged(ctx, (), TOO_LITTLE)
        else:
            hits = tuple(turn_hit(ctx, i, self._quote(v)) for i, v in by_turn if self.holds(v))
            outcome = Outcome(state=State.HOLDS if hits else State.NOT, hits=hits)
            if not hits:
                turn, value = max(by_turn, key=lambda one: one[1])
                shown = turn_hit(ctx, turn, self._quote(value)).evidence
                outcome = Outcome(state=State.NOT, measured=shown)
        return outcome if outcome.state is State.HOLDS else ctx.or_unknown(self.by, outcome)

    def _quote(self, value: float) -> Words:
        bound = self.bound_words()
        return Words(
            f"每分钟{value:.0f}字（{bound.zh}）", f"{value:.0f} words a minute ({bound.en})"
        )

    def _by_call(self, ctx: Context) -> list[MeasuredFigure]:
        figures = []
        for speaker in ctx.live(self.by):
            own = "\n".join([ctx.call.turns[i].text for i in ctx.call.turns_of[speaker]])
            value = stored(ctx, speaker, "speech_rate")
            if value is None:
                value = pace.speech_rate(ctx.call.transcript, speaker)
            if value is not None and timing.chars(own) >= self.min_chars:
                figures.append(
                    MeasuredFigure(speaker, value, self.holds(value), self._quote(value))
                )
        return figures

    def _by_turn(self, ctx: Context) -> list[tuple[int, float]]:
        out = []
        start, end = ctx.scope
        turns = ctx.call.transcript.turns
        speaking = {s: pace.SpeakingTime(ctx.call.transcript, s) for s in ctx.live(self.by)}
        for i in ctx.turns(ctx.live(self.by)):
            merged = ctx.call.turns[i]
            if not start <= merged.start_s <= end or timing.chars(merged.text) < self.min_chars:
                continue
            spoken_s = sum(speaking[merged.speaker].of_turn(turns[p]) for p in merged.parts)
            if spoken_s > 0:
                out.append((i, 60 * timing.units(merged.text, ctx.language) / spoken_s))
        return out
