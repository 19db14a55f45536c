"""`repeats`: the speaker says nearly the same again."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.evidence.clauses import SpokenClause
from qc_pipeline.scoring.evidence.outcome import Hit, Outcome, Wanted, WantedSet
from qc_pipeline.scoring.evidence.terms import (
    PARTY_WORDS,
    Party,
    Phrases,
    Share,
    Times,
    TurnSpan,
    Words,
)
from qc_pipeline.scoring.evidence.timing import chars, is_feedback
from qc_pipeline.scoring.operators import combine
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.operators.phrase_hits import counted, heard, turns_with
from qc_pipeline.text.similar import sound_similarity

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


class Repeats(Operator):
    name: ClassVar[str] = "repeats"

    by: Party
    times: Annotated[int, Field(ge=2)] = 2
    within: TurnSpan = TurnSpan(turns=6)
    similarity: Share = 0.85
    min_chars: Times = 4
    unless: Phrases | None = None

    @cached_property
    def _allowed(self) -> WantedSet:
        return WantedSet(self.unless or (), "homophone")

    def own_phrases(self) -> tuple[Wanted, ...]:
        return self._allowed.phrases

    def describe(self) -> Words:
        who = PARTY_WORDS[self.by]
        return Words(
            f"{who.zh}{self.within.turns}轮内把差不多的话说了{self.times}遍",
            f"{who.en} says nearly the same {self.times} times within {self.within.turns} turns",
        )

    def evaluate(self, ctx: Context) -> Outcome:
        blocked = ctx.cannot_hear(self.by)
        if blocked is not None:
            return blocked
        allowed = turns_with(ctx, self._allowed)
        hits = [hit for speaker in ctx.live(self.by) for hit in self._by_one(ctx, speaker, allowed)]
        return counted(combine.in_time(hits), 1) or ctx.or_unknown(
            self.by, ctx.absent(self.by, None, self.describe)
        )

    def _by_one(self, ctx: Context, speaker: Speaker, allowed: frozenset[int]) -> list[Hit]:
        hits = []
        former: list[tuple[int, SpokenClause]] = []
        start, end = ctx.scope
        for number, i in enumerate(ctx.call.turns_of[speaker]):
            if i in allowed or not start <= ctx.call.turns[i].start_s <= end:
                continue
            for clause in ctx.call.clauses[i]:
                if chars(clause.text) < self.min_chars or is_feedback(clause.text, ctx.language):
                    continue
                same = [
                    c
                    for n, c in former
                    if 0 < number - n <= self.within.turns
                    and sound_similarity(c.units, clause.units) >= self.similarity
                ]
                if len(same) >= self.times - 1:
                    hits.append(self._hit(ctx, same, clause))
                former.append((number, clause))
        return hits

    @staticmethod
    def _hit(ctx: Context, same: list[SpokenClause], clause: SpokenClause) -> Hit:
        first = same[0]
        places = [
            heard(ctx, c.turn, c.start, c.end, None if c is first else first.text)
            for c in (*same, clause)
        ]
        return places[-1]._replace(
            certainty=min(p.certainty for p in places),
            sure=all(p.sure for p in places),
            evidence=tuple(e for p in places for e in p.evidence),
        )
