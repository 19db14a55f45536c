"""`names_time_limit`: a time limit was promised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import AfterValidator

from qc_pipeline.scoring.evidence.finding import Evidence
from qc_pipeline.scoring.evidence.outcome import Hit, Outcome
from qc_pipeline.scoring.evidence.terms import PARTY_WORDS, Party, Window, Words, problem
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.operators.phrase_hits import counted, heard, placed
from qc_pipeline.text.phonetic_index import ALMOST_TIER
from qc_pipeline.text.time_limits import broken_limits, parse_limit

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


SHOWN = 2


def _limit(text: str) -> str:
    if parse_limit(text) is None:
        raise problem(
            "limit",
            "no length of time",
            found=text,
            allowed="a number and a unit, such as '24 hours' or '3 working days'",
        )
    return text


class NamesTimeLimit(Operator):
    name: ClassVar[str] = "names_time_limit"

    by: Party
    at_most: Annotated[str, AfterValidator(_limit)] | None = None
    within: Window | None = None

    def describe(self) -> Words:
        who = PARTY_WORDS[self.by]
        zh, en = f"{who.zh}告知具体时限", f"{who.en} names a time limit"
        if self.at_most is not None:
            zh, en = f"{zh}（不超过{self.at_most}）", f"{en} of at most {self.at_most}"
        return placed(Words(zh, en), self.within)

    def evaluate(self, ctx: Context) -> Outcome:
        blocked = ctx.cannot_hear(self.by)
        if blocked is not None:
            return blocked
        most = None if self.at_most is None else parse_limit(self.at_most)
        hits: list[Hit] = []
        longer: list[Hit] = []
        for i in ctx.turns(ctx.live(self.by), self.within):
            turn = ctx.call.turns[i]
            start, end = ctx.span(turn.speaker, self.within)
            for limit in ctx.call.time_limits(i):
                hit = heard(ctx, i, limit.start, limit.end, None)
                if start <= hit.start_s <= end:
                    # A date whose distance nobody can tell speaks for the agent.
                    fits = most is None or limit.at_most(most)
                    (hits if fits or (fits is None and ctx.favour) else longer).append(hit)
        outcome = counted(hits, 1)
        if outcome is not None:
            return outcome
        absent = ctx.absent(self.by, self.within, self.describe, self._broken(ctx))
        named = tuple(e for h in longer for e in h.evidence)
        return ctx.or_unknown(self.by, absent._replace(measured=named))

    def _broken(self, ctx: Context) -> tuple[Evidence, ...]:
        """Limits whose number came through broken (二十次小时内), and was doubted: they may have
        been named, which speaks for the agent.
        """
        if not ctx.favour or ctx.language == "en":
            return ()
        found: list[Evidence] = []
        for i in ctx.turns(ctx.live(self.by), self.within):
            for limit in broken_limits(ctx.call.turns[i].text):
                if ctx.call.doubted(i, limit.start, limit.end):
                    hit = heard(ctx, i, limit.start, limit.end, None)
                    start, end = ctx.span(ctx.call.turns[i].speaker, self.within)
                    if start <= hit.start_s <= end:
                        found += [e._replace(tier=ALMOST_TIER) for e in hit.evidence]
        return tuple(found[:SHOWN])
