"""`hangs_up`: the speaker ended the call."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.evidence.outcome import NEVER_AROSE, Hit, Outcome, State, unknown
from qc_pipeline.scoring.evidence.terms import PARTY_WORDS, Party, Seconds, Words
from qc_pipeline.scoring.operators.measure_bounds import measure
from qc_pipeline.scoring.operators.operator import Operator

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


class HangsUp(Operator):
    name: ClassVar[str] = "hangs_up"

    by: Party
    sooner_than: Seconds | None = None

    def describe(self) -> Words:
        who = PARTY_WORDS[self.by]
        zh, en = f"{who.zh}挂断电话", f"{who.en} hangs up"
        if self.sooner_than is not None:
            zh = f"{who.zh}在对方说完{self.sooner_than:g}秒内挂断电话"
            en = f"{en} within {self.sooner_than:g} s of the other's last word"
        return Words(zh, en)

    def evaluate(self, ctx: Context) -> Outcome:
        by = ctx.call.field("hangup_by")
        if by not in ("agent", "customer"):
            return unknown("话单没有hangup_by", "the call list has no hangup_by")
        speaker = Speaker(str(by))
        end_s = ctx.end_s
        quote = Words(f"{PARTY_WORDS[by].zh}挂断", f"{PARTY_WORDS[by].en} hung up")
        if self.by not in ("any", by):
            return Outcome(
                state=State.NOT,
                measured=(measure(ctx, end_s, end_s, quote.of(ctx.language), speaker=speaker),),
            )
        holds, start_s = True, end_s
        if self.sooner_than is not None:
            if speaker.other in ctx.call.dead:
                return ctx.cannot_hear(speaker.other.value, words=False) or NEVER_AROSE
            others = ctx.call.turns_of[speaker.other]
            if not others:
                return unknown("对方没有说话", "the other party did not speak")
            start_s = max(ctx.call.turns[i].end_s for i in others)
            waited_s = max(0.0, end_s - start_s)
            holds = waited_s < self.sooner_than
            quote = Words(
                f"对方说完{waited_s:.1f}秒后{quote.zh}（界限{self.sooner_than:g}秒）",
                f"{quote.en} {waited_s:.1f} s after the other's last word "
                f"(bound {self.sooner_than:g} s)",
            )
        shown = measure(ctx, start_s, end_s, quote.of(ctx.language), speaker=speaker)
        if not holds:
            # Words that were not heard may have come later.
            unheard = ctx.not_heard(speaker.other.value)
            return unheard or Outcome(state=State.NOT, measured=(shown,))
        hit = Hit(start_s=start_s, end_s=end_s, speaker=speaker, evidence=(shown,))
        return Outcome(state=State.HOLDS, hits=(hit,))
