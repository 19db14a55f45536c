"""`whenever` … `then` … `within`: after every hit of the trigger the second holds in time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from qc_pipeline.scoring.rules.base import (
    NEVER_AROSE,
    AnswerSpan,
    Condition,
    Hit,
    Operator,
    Outcome,
    State,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context

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
            f"每当{trigger.zh},{within.zh}{then.zh}",
            f"whenever {trigger.en}, {within.en} {then.en}",
        )

    def evaluate(self, ctx: Context) -> Outcome:
        trigger = ctx.favouring(False).in_full().outcome(self.trigger)
        if trigger.state is State.UNKNOWN:
            return trigger
        if trigger.state is not State.HOLDS:
            return NEVER_AROSE
        answered: list[tuple[Hit, Outcome]] = []
        missed: list[tuple[Hit, Outcome]] = []
        doubtful: Outcome | None = None
        for hit, first_end_s in together(trigger.arose):
            then = ctx.inside(first_end_s, self._until(ctx, hit)).outcome(self.then)
            match then.state:
                case State.HOLDS:
                    answered.append((hit, then))
                case State.NOT:
                    missed.append((hit, then))
                case State.UNKNOWN:
                    doubtful = then
                case State.NEVER:
                    pass
        if missed:
            hits = tuple(self._miss(ctx, hit, then) for hit, then in missed)
            return Outcome(
                state=State.NOT,
                certainty=max(h.certainty for h in hits),
                sure=any(h.sure for h in hits),
                hits=hits,
            )
        if doubtful is not None:
            return doubtful
        if not answered:
            return NEVER_AROSE
        hits = tuple(self._answered(hit, then) for hit, then in answered)
        return Outcome(
            state=State.HOLDS,
            certainty=min(h.certainty for h in hits),
            sure=all(h.sure for h in hits),
            hits=hits,
        )

    def _until(self, ctx: Context, hit: Hit) -> float:
        """Where the time for the answer to this trigger ends."""
        if self.within.seconds is not None:
            return hit.end_s + self.within.seconds
        call = ctx.call
        named = self.then.speakers()
        only = next(iter(named)) if len(named) == 1 else "any"
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

    def _miss(self, ctx: Context, hit: Hit, then: Outcome) -> Hit:
        evidence = list(hit.evidence)
        for search in then.searched:
            evidence.extend(ctx.absence(search))
        evidence.extend(then.measured)
        evidence.extend(e for h in then.hits for e in h.evidence)
        within, wanted = self.within.describe(), self.then.words
        return Hit(
            start_s=hit.start_s,
            end_s=hit.end_s,
            certainty=min(hit.certainty, then.certainty),
            sure=hit.sure and then.sure,
            speaker=hit.speaker,
            turn=hit.turn,
            evidence=tuple(evidence),
            trigger=hit.evidence,
            note=Words(f"{within.zh}未做到:{wanted.zh}", f"{within.en} not found that {wanted.en}"),
        )

    def _answered(self, hit: Hit, then: Outcome) -> Hit:
        quotes = [e.quote for h in then.hits for e in h.evidence if e.quote][:1]
        note = Words(f"之后“{quotes[0]}”", f"then “{quotes[0]}”") if quotes else None
        return Hit(
            start_s=hit.start_s,
            end_s=max([hit.end_s, *(h.end_s for h in then.hits)]),
            certainty=min(hit.certainty, then.certainty),
            sure=hit.sure and then.sure,
            speaker=hit.speaker,
            turn=hit.turn,
            note=note,
            evidence=(*hit.evidence, *(e for h in then.hits for e in h.evidence), *then.measured),
        )


def together(hits: Sequence[Hit]) -> list[tuple[Hit, float]]:
    """Hits of a trigger under 30 s apart as one, each with the end of its first hit.

    What was answered between two of them was answered: the search begins after the first, and the
    time runs from the end of the last.
    """
    groups: list[list[Hit]] = []
    for hit in sorted(hits, key=lambda h: (h.start_s, h.end_s)):
        if groups and hit.start_s - max(h.end_s for h in groups[-1]) < ONE_TRIGGER_S:
            groups[-1].append(hit)
        else:
            groups.append([hit])
    out = []
    for group in groups:
        last = max(group, key=lambda h: h.end_s)
        merged = replace(
            last,
            start_s=group[0].start_s,
            certainty=max(h.certainty for h in group),
            sure=any(h.sure for h in group),
            evidence=tuple(e for h in group for e in h.evidence),
        )
        out.append((merged, group[0].end_s))
    return out
