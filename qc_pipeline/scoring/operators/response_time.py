"""`response_time`: the wait before the speaker answers, in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.evidence.finding import Evidence
from qc_pipeline.scoring.evidence.outcome import Hit, Outcome, State, unknown
from qc_pipeline.scoring.evidence.terms import PARTY_WORDS, Bounds, Party, Words
from qc_pipeline.scoring.evidence.timing import Response
from qc_pipeline.scoring.operators.measure_bounds import measure
from qc_pipeline.scoring.operators.operator import Operator

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


class ResponseTime(Bounds, Operator):
    name: ClassVar[str] = "response_time"

    by: Party
    first: bool = False

    def describe(self) -> Words:
        who, bound = PARTY_WORDS[self.by], self.bound_words()
        first = Words("首次", "first ") if self.first else Words("", "")
        return Words(
            f"{who.zh}{first.zh}应答等待{bound.zh}秒",
            f"the {first.en}wait for {who.en}'s answer is {bound.en} s",
        )

    def evaluate(self, ctx: Context) -> Outcome:
        """By the longest wait: above = some answer took longer, below = none did."""
        # An answer that was not heard, or words of the other's before it, would be a wait.
        blocked = ctx.cannot_tell_apart(words=False) or ctx.not_heard("any")
        if blocked is not None:
            return blocked
        start, end = ctx.scope
        answers = [
            a
            for a in ctx.call.answers
            if self.by in ("any", a.speaker) and start <= a.start_s <= end
        ]
        if self.first:
            answers = answers[:1]
        if not answers:
            who = PARTY_WORDS[self.by]
            return unknown(f"{who.zh}没有应答对方", f"{who.en} never answered the other party")
        longest = max(answers, key=lambda a: a.wait_s)
        if not self.holds(longest.wait_s):
            return Outcome(state=State.NOT, measured=(self._evidence(ctx, longest),))
        slow = [longest]
        if self.above is not None:
            slow = [a for a in answers if a.wait_s > self.above]
        return Outcome(
            state=State.HOLDS,
            hits=tuple(
                Hit(
                    start_s=a.start_s - a.wait_s,
                    end_s=a.start_s,
                    speaker=a.speaker,
                    turn=a.turn,
                    evidence=(self._evidence(ctx, a),),
                )
                for a in slow
            ),
        )

    def _evidence(self, ctx: Context, answer: Response) -> Evidence:
        bound = self.bound_words()
        quote = Words(
            f"等待{answer.wait_s:.1f}秒才应答（{bound.zh}）",
            f"waited {answer.wait_s:.1f} s for the answer ({bound.en})",
        ).of(ctx.language)
        start_s = answer.start_s - answer.wait_s
        turn = ctx.call.turns[answer.turn].parts[0]
        return measure(ctx, start_s, answer.start_s, quote, speaker=answer.speaker, turn=turn)
