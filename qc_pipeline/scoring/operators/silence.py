"""`silence`: nobody speaks, between turns."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.evidence import timing
from qc_pipeline.scoring.evidence.outcome import Hit, Outcome, State, Wanted, WantedSet
from qc_pipeline.scoring.evidence.terms import PARTY_WORDS, Party, Phrases, Seconds, Times, Words
from qc_pipeline.scoring.evidence.timing import SilentSpan
from qc_pipeline.scoring.operators.measure_bounds import measure
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.operators.phrase_hits import counted, listed, turns_with

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


class Silence(Operator):
    name: ClassVar[str] = "silence"

    longer_than: Seconds
    after: Party = "any"
    times: Times = 1
    unless_said: Phrases | None = None

    @cached_property
    def _announced(self) -> WantedSet:
        return WantedSet(self.unless_said or (), "homophone")

    def own_phrases(self) -> tuple[Wanted, ...]:
        return self._announced.phrases

    def describe(self) -> Words:
        after = Words("", "") if self.after == "any" else PARTY_WORDS[self.after]
        zh = f"{after.zh}{'说完' if after.zh else ''}后静音超过{self.longer_than:g}秒"
        zh = zh.removeprefix("后")
        en = f"a silence of more than {self.longer_than:g} s"
        en += f" after {after.en}" if after.en else ""
        if self.unless_said is not None:
            words = listed(self.unless_said)
            zh, en = f"{zh}且之前没有说{words.zh}", f"{en} without {words.en} before it"
        if self.times > 1:
            zh, en = f"{zh}，至少{self.times}次", f"{en}, at least {self.times} times"
        return Words(zh, en)

    def evaluate(self, ctx: Context) -> Outcome:
        blocked = ctx.cannot_tell_apart(words=self.unless_said is not None)
        if blocked is not None:
            return blocked
        start, end = ctx.scope
        spans = ctx.call.silences_after(self.after)
        if not ctx.unbounded:
            spans = [s for s in spans if start <= s.start_s <= end]
        long = [s for s in spans if s.end_s - s.start_s > self.longer_than]
        unheard = ctx.not_heard("any") if long and self.unless_said is not None else None
        if unheard is not None:
            # The announcement may be in what was not heard.
            return unheard
        announced = turns_with(ctx, self._announced) if long else frozenset()
        hits = []
        for span in long:
            before = ctx.call.turns_before(span.start_s)
            if not announced.intersection(before):
                hits.append(self._hit(ctx, span, before))
        outcome = counted(hits, self.times)
        if outcome is not None:
            return outcome
        longest = timing.longest(spans)
        return Outcome(
            state=State.NOT,
            measured=()
            if longest is None
            else (measure(ctx, longest.start_s, longest.end_s, self._quote(ctx, longest)),),
        )

    def _quote(self, ctx: Context, span: SilentSpan) -> str:
        if ctx.language.startswith("en"):
            return f"silence of {span.duration_s:.1f} s (bound {self.longer_than:g} s)"
        return f"静音{span.duration_s:.1f}秒（界限{self.longer_than:g}秒）"

    def _hit(self, ctx: Context, span: SilentSpan, before: tuple[int, ...]) -> Hit:
        certainty = 1.0
        if self.unless_said is not None and before:
            # That nobody announced it is as sure as what was heard just before.
            turns = [ctx.call.turns[i] for i in before]
            certainty = ctx.call.heard(
                tuple(Speaker), min(t.start_s for t in turns), max(t.end_s for t in turns)
            )
        shown = measure(
            ctx,
            span.start_s,
            span.end_s,
            self._quote(ctx, span),
            speaker=span.after,
            certainty=certainty,
        )
        return Hit(
            start_s=span.start_s,
            end_s=span.end_s,
            certainty=certainty,
            sure=self.unless_said is None or ctx.sure_not_said(certainty),
            evidence=(shown,),
        )
