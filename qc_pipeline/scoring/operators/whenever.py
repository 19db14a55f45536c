"""`whenever` … `then` … `within`: after every hit of the trigger the second holds in time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from qc_pipeline.scoring.evidence.outcome import HOLDS, NEVER_AROSE, NOT, UNKNOWN, Hit, Outcome
from qc_pipeline.scoring.evidence.terms import AnswerSpan, Party, Words
from qc_pipeline.scoring.operators.combine import in_time
from qc_pipeline.scoring.operators.operator import Condition, Operator

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context

ONE_TRIGGER_S = 30.0


class Whenever(Operator):
    name: ClassVar[str] = "whenever"
    whole: ClassVar[bool] = True

    trigger: Annotated[Condition, Field(alias="whenever")]
    then: Condition
    within: AnswerSpan

    def parts(self) -> tuple[Operator, ...]:
        return (self.trigger, self.then)

    def describe(self) -> Words:
        trigger, then, within = (
            self.trigger.describe(),
            self.then.describe(),
            self.within.describe(),
        )
        return Words(
            f"每当{trigger.zh}，{within.zh}{then.zh}",
            f"whenever {trigger.en}, {within.en} {then.en}",
        )

    def evaluate(self, ctx: Context) -> Outcome:
        trigger = ctx.favouring(False).in_full().outcome(self.trigger)
        if trigger.state is UNKNOWN:
            return trigger
        if trigger.state is not HOLDS:
            return NEVER_AROSE
        answered: list[tuple[Hit, Outcome]] = []
        missed: list[tuple[Hit, Outcome]] = []
        doubtful: Outcome | None = None
        for hit, first_end_s in together(trigger.arose):
            then = ctx.inside(first_end_s, self._until(ctx, hit)).outcome(self.then)
            if then.state is HOLDS:
                answered.append((hit, then))
            elif then.state is NOT:
                missed.append((hit, then))
            elif then.state is UNKNOWN:
                doubtful = then
        if missed:
            hits = tuple([self._miss(ctx, hit, then) for hit, then in missed])
            return Outcome(
                state=NOT,
                certainty=max([h.certainty for h in hits]),
                sure=any([h.sure for h in hits]),
                hits=hits,
            )
        if doubtful is not None:
            return doubtful
        if not answered:
            return NEVER_AROSE
        hits = tuple([self._answered(hit, then) for hit, then in answered])
        return Outcome(
            state=HOLDS,
            certainty=min([h.certainty for h in hits]),
            sure=all([h.sure for h in hits]),
            hits=hits,
        )

    def _until(self, ctx: Context, hit: Hit) -> float:
        """Where the time for the answer to this trigger ends."""
        if self.within.seconds is not None:
            return hit.end_s + self.within.seconds
        call = ctx.call
        only = self._answering
        left = self.within.turns or 1
        # Merged turns stand in the order of their starts.
        for i in range(bisect_left(call.starts, hit.end_s), len(call.turns)):
            turn = call.turns[i]
            if i != hit.turn and only in ("any", turn.speaker) and not call.feedback(i):
                left -= 1
                if not left:
                    own_end_s = call.turns[hit.turn].end_s if hit.turn is not None else hit.end_s
                    return max(turn.end_s, own_end_s)
        return inf

    @cached_property
    def _answering(self) -> Party:
        """Who is to answer."""
        named = self.then.speakers()
        return next(iter(named)) if len(named) == 1 else "any"

    def _miss(self, ctx: Context, hit: Hit, then: Outcome) -> Hit:
        evidence = list(hit.evidence)
        for search in then.searched:
            evidence.extend(ctx.absence(search))
        evidence.extend(then.measured)
        evidence.extend(e for h in then.hits for e in h.evidence)
        return Hit(
            start_s=hit.start_s,
            end_s=hit.end_s,
            certainty=min(hit.certainty, then.certainty),
            sure=hit.sure and then.sure,
            speaker=hit.speaker,
            turn=hit.turn,
            evidence=tuple(evidence),
            trigger=hit.evidence,
            note=self._missed,
        )

    @cached_property
    def _missed(self) -> Words:
        """What is said of a trigger that nothing followed."""
        within, wanted = self.within.describe(), self.then.words
        return Words(f"{within.zh}未做到：{wanted.zh}", f"{within.en} not found that {wanted.en}")

    def _answered(self, hit: Hit, then: Outcome) -> Hit:
        quotes = [e.quote for h in then.hits for e in h.evidence if e.quote][:1]
        note = Words(f"之后“{quotes[0]}”", f"then “{quotes[0]}”") if quotes else None
        return Hit(
            start_s=hit.start_s,
            end_s=max([hit.end_s, *[h.end_s for h in then.hits]]),
            certainty=min(hit.certainty, then.certainty),
            sure=hit.sure and then.sure,
            speaker=hit.speaker,
            turn=hit.turn,
            evidence=(*hit.evidence, *[e for h in then.hits for e in h.evidence], *then.measured),
            note=note,
        )


def together(hits: Sequence[Hit]) -> list[tuple[Hit, float]]:
    """Hits of a trigger under 30 s apart as one, each with the end of its first hit.

    What was answered between two of them was answered: the search begins after the first, and the
    time runs from the end of the last.
    """
    groups: list[list[Hit]] = []
    until_s = -inf
    for hit in hits if len(hits) < 2 else in_time(hits):
        if hit.start_s - until_s < ONE_TRIGGER_S:
            groups[-1].append(hit)
            until_s = max(until_s, hit.end_s)
        else:
            groups.append([hit])
            until_s = hit.end_s
    out = []
    for group in groups:
        if len(group) == 1:
            out.append((group[0], group[0].end_s))
            continue
        last = max(group, key=lambda h: h.end_s)
        merged = last._replace(
            start_s=group[0].start_s,
            certainty=max(h.certainty for h in group),
            sure=any(h.sure for h in group),
            evidence=tuple(e for h in group for e in h.evidence),
        )
        out.append((merged, group[0].end_s))
    return out
