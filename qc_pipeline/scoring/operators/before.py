"""`before`: `then` has a hit before the first hit of `first`."""

from __future__ import annotations

from math import inf, nextafter
from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.evidence.outcome import NEVER_AROSE, Hit, Outcome, State
from qc_pipeline.scoring.evidence.terms import Words
from qc_pipeline.scoring.operators.operator import Condition, Operator

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


class Before(Operator):
    name: ClassVar[str] = "before"

    first: Condition
    then: Condition

    def parts(self) -> tuple[Operator, ...]:
        return (self.first, self.then)

    def describe(self) -> Words:
        first, then = self.first.describe(), self.then.describe()
        return Words(f"在{first.zh}之前{then.zh}", f"{then.en} before {first.en}")

    def evaluate(self, ctx: Context) -> Outcome:
        first = ctx.favouring(False).in_full().outcome(self.first)
        if first.state is State.UNKNOWN:
            return first
        if first.state is not State.HOLDS or not first.arose:
            return NEVER_AROSE
        earliest = min(first.arose, key=lambda h: h.start_s)
        then = self._up_to(ctx, earliest)
        if then.state is not State.NOT:
            return then
        sure_hits = [h for h in first.arose if h.sure]
        sure = False
        if sure_hits:
            # What may be a mishearing of `first` must not make `then` come too late.
            known = min(sure_hits, key=lambda h: h.start_s)
            later = then if known is earliest else self._up_to(ctx, known)
            sure = later.state is State.NOT and later.sure
            if sure:
                earliest, then = known, later
        evidence = list(earliest.evidence)
        for search in then.searched:
            evidence.extend(ctx.absence(search))
        wanted = self.then.words
        miss = earliest._replace(
            certainty=min(earliest.certainty, then.certainty),
            sure=sure,
            evidence=(*evidence, *then.measured),
            trigger=earliest.evidence,
            note=Words(f"此前未做到：{wanted.zh}", f"before it, not found that {wanted.en}"),
        )
        return Outcome(state=State.NOT, certainty=miss.certainty, sure=sure, hits=(miss,))

    def _up_to(self, ctx: Context, hit: Hit) -> Outcome:
        return self.then.evaluate(ctx.inside(-inf, nextafter(hit.start_s, -inf)))
