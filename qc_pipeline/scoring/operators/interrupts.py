"""`interrupts`: the speaker starts while the other is talking and goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.evidence.outcome import Hit, Outcome, unknown
from qc_pipeline.scoring.evidence.terms import PARTY_WORDS, Party, Seconds, Times, Words
from qc_pipeline.scoring.evidence.timing import Interruption
from qc_pipeline.scoring.operators.measure_bounds import measure
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.operators.phrase_hits import counted

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


class Interrupts(Operator):
    name: ClassVar[str] = "interrupts"

    by: Party
    overlap: Seconds = 1.5
    min_chars: Times = 5
    gave_way: bool = False
    times: Times = 1

    def describe(self) -> Words:
        who = PARTY_WORDS[self.by]
        zh = f"{who.zh}打断对方{self.overlap:g}秒以上"
        en = f"{who.en} cuts in on the other for {self.overlap:g} s or more"
        if self.gave_way:
            zh, en = f"{zh}且对方停下", f"{en}, who gives way"
        if self.times > 1:
            zh, en = f"{zh}，至少{self.times}次", f"{en}, at least {self.times} times"
        return Words(zh, en)

    def evaluate(self, ctx: Context) -> Outcome:
        blocked = ctx.cannot_tell_apart(words=True)
        if blocked is not None:
            return blocked
        if ctx.call.one_channel:
            return unknown("单声道录音无法判断抢话", "one channel: who cut in cannot be told")
        start, end = ctx.scope
        hits = [
            self._hit(ctx, one)
            for one in ctx.call.interruptions
            if self.by in ("any", one.speaker)
            and one.overlap_s >= self.overlap
            and one.chars >= self.min_chars
            and (one.gave_way or not self.gave_way)
            and start <= one.start_s <= end
        ]
        return (
            counted(hits, self.times)
            or ctx.not_heard("any")
            or ctx.absent(self.by, None, self.describe)
        )

    def _hit(self, ctx: Context, one: Interruption) -> Hit:
        turn = ctx.call.turns[one.turn]
        gave_way = Words("，对方停下", ", the other gave way") if one.gave_way else Words("", "")
        quote = Words(
            f"重叠{one.overlap_s:.1f}秒{gave_way.zh}：{turn.text[:30]}",
            f"both talk for {one.overlap_s:.1f} s{gave_way.en}: {turn.text[:60]}",
        ).of(ctx.language)
        return Hit(
            start_s=one.start_s,
            end_s=one.end_s,
            speaker=one.speaker,
            turn=one.turn,
            evidence=(
                measure(
                    ctx, one.start_s, one.end_s, quote, speaker=one.speaker, turn=turn.parts[0]
                ),
            ),
        )
