"""`similar`: a clause is worded nearly like one of the sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.evidence.clauses import SpokenClause, nearest_part
from qc_pipeline.scoring.evidence.likeness import SURE_SYLLABLES
from qc_pipeline.scoring.evidence.outcome import Hit, Outcome
from qc_pipeline.scoring.evidence.terms import PARTY_WORDS, Party, Phrases, Share, Window, Words
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.operators.phrase_hits import counted, heard, listed, placed
from qc_pipeline.text.similar import sound

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context

# The same counts of every sound: no difference that could be heard.
SAME = 0.999


class Similar(Operator):
    name: ClassVar[str] = "similar"

    by: Party
    to: Phrases
    at_least: Share = 0.7
    within: Window | None = None

    def describe(self) -> Words:
        who, words = PARTY_WORDS[self.by], listed(self.to)
        return placed(
            Words(f"{who.zh}说类似{words.zh}的话", f"{who.en} says something like {words.en}"),
            self.within,
        )

    def evaluate(self, ctx: Context) -> Outcome:
        blocked = ctx.cannot_hear(self.by)
        if blocked is not None:
            return blocked
        wanted = [(text, sound(text, ctx.language)) for text in self.to]
        hits = []
        for i in ctx.turns(ctx.live(self.by), self.within):
            start, end = ctx.span(ctx.call.turns[i].speaker, self.within)
            for clause in ctx.call.clauses[i]:
                found = [
                    (*nearest_part(units, clause, ctx.language), text, len(units))
                    for text, units in wanted
                ]
                likeness, part, text, size = max(found, key=lambda one: one[0])
                if likeness < self.at_least:
                    continue
                hit = alike(ctx, part, text, likeness, size)
                if start <= hit.start_s <= end:
                    hits.append(hit)
        return counted(hits, 1) or ctx.or_unknown(
            self.by, ctx.absent(self.by, self.within, self.describe)
        )


def alike(ctx: Context, clause: SpokenClause, text: str, likeness: float, units: int) -> Hit:
    """A clause that is worded like `text`; sure only where it is the same to the ear."""
    hit = heard(ctx, clause.turn, clause.start, clause.end, text)
    certainty = likeness * hit.certainty
    same = likeness >= SAME and units >= SURE_SYLLABLES
    return hit._replace(
        certainty=certainty,
        sure=same and ctx.sure_said(certainty),
        evidence=tuple(
            e._replace(tier=3 if same else 4, certainty=certainty) for e in hit.evidence
        ),
    )
