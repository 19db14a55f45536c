"""`follows_script`: the lines of a script were said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from math import ceil
from typing import TYPE_CHECKING, Annotated, ClassVar

from qc_pipeline.scoring.evidence.likeness import SURE_SYLLABLES
from qc_pipeline.scoring.evidence.outcome import Outcome, State, Wanted, WantedSet
from qc_pipeline.scoring.evidence.terms import PARTY_WORDS, SOME, Line, Party, Share, Window, Words
from qc_pipeline.scoring.operators import combine
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.operators.phrase_hits import (
    NOTHING,
    candidates,
    hit_of,
    listed,
    placed,
)
from qc_pipeline.text.phrases import NEAR_TIER, PhraseHit
from qc_pipeline.text.similar import best_part, sound

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


class FollowsScript(Operator):
    name: ClassVar[str] = "follows_script"

    by: Party
    script: Annotated[tuple[Line, ...], SOME[0], SOME[1]]
    at_least: Share = 1.0
    in_order: bool = True
    similarity: Share = 0.75
    within: Window | None = None

    @cached_property
    def _lines(self) -> tuple[WantedSet, ...]:
        return tuple(WantedSet(line, "near") for line in self.script)

    def own_phrases(self) -> tuple[Wanted, ...]:
        return tuple(wanted for line in self._lines for wanted in line.phrases)

    def own_phrases_by(self) -> Iterator[tuple[Wanted, Party]]:
        for phrase in self.own_phrases():
            yield phrase, self.by

    def describe(self) -> Words:
        who, lines = PARTY_WORDS[self.by], len(self.script)
        zh, en = f"{who.zh}按话术说完{lines}句", f"{who.en} says the {lines} lines of the script"
        if self.at_least < 1:
            needed = self._needed
            zh = f"{who.zh}按话术说到{lines}句中的{needed}句"
            en = f"{who.en} says {needed} of the {lines} lines of the script"
        return placed(Words(zh, en), self.within)

    @property
    def _needed(self) -> int:
        return max(1, ceil(self.at_least * len(self.script) - 1e-9))

    def evaluate(self, ctx: Context) -> Outcome:
        blocked = ctx.cannot_hear(self.by)
        if blocked is not None:
            return blocked
        found = [self._found(ctx, line) for line in self._lines]
        said = self._in_order([[c for c in line if c.tier <= NEAR_TIER] for line in found])
        if len(said) >= self._needed:
            hits = [hit_of(ctx, c) for c in said.values()]
            best = sorted((h.certainty for h in hits), reverse=True)
            return Outcome(
                state=State.HOLDS,
                certainty=best[self._needed - 1],
                sure=sum(h.sure for h in hits) >= self._needed,
                hits=combine.in_time(hits),
            )
        almost = self._in_order(found)
        doubts = [c for line, c in almost.items() if line not in said]
        if len(almost) < self._needed:
            doubts = []
        absent = ctx.absent(
            self.by,
            self.within,
            partial(self._missing, [i for i in range(len(self.script)) if i not in said]),
            tuple(e for c in doubts for e in hit_of(ctx, c).evidence),
        )
        return ctx.or_unknown(self.by, absent)

    def _missing(self, lines: list[int]) -> Words:
        who = PARTY_WORDS[self.by]
        words = listed([self.script[i][0] for i in lines])
        order = Words("按顺序", " in order") if self.in_order else Words("", "")
        return placed(
            Words(f"{who.zh}{order.zh}说话术中的{words.zh}", f"{who.en} says{order.en} {words.en}"),
            self.within,
        )

    def _found(self, ctx: Context, line: WantedSet) -> list[PhraseHit]:
        """Where a line was said: by the tiers, else by how it sounds."""
        places = candidates(ctx, self.by, line, self.within, NOTHING)
        if any(c.tier <= NEAR_TIER for c in places):
            return places
        for wanted in line.phrases:
            units = sound(wanted.text, ctx.language)
            if len(units) >= SURE_SYLLABLES:
                places.extend(self._sounding(ctx, wanted, units))
        return places

    def _sounding(self, ctx: Context, wanted: Wanted, units: tuple[str, ...]) -> list[PhraseHit]:
        number = ctx.call.lexicon.number(wanted)
        most = len(units) * (1 - self.similarity) + 1e-9
        out = []
        for i in ctx.turns(ctx.live(self.by), self.within):
            heard, where = ctx.call.sounds[i]
            # Every syllable that the turn does not have is one edit.
            if sum(unit not in heard for unit in units) > most:
                continue
            edits, first, last = best_part(units, heard)
            if edits > most or first >= last:
                continue
            place = PhraseHit(i, *where.span(first, last), number, NEAR_TIER, 0)
            start, end = ctx.span(ctx.call.turns[i].speaker, self.within)
            if start <= ctx.call.start_of(i, place.start) <= end:
                out.append(place)
        return out

    def _in_order(self, found: Sequence[list[PhraseHit]]) -> dict[int, PhraseHit]:
        """The lines that count, each with its place: all, or the longest run in order."""
        if not self.in_order:
            return {i: min(line, key=_place) for i, line in enumerate(found) if line}
        # best[k]: the run of k lines that ends earliest.
        best: list[dict[int, PhraseHit]] = [{}]
        for i, line in enumerate(found):
            places = sorted(line, key=_place)
            for k in range(len(best) - 1, -1, -1):
                after = _place(list(best[k].values())[-1]) if best[k] else (-1, 0)
                following = next((c for c in places if _place(c) > after), None)
                if following is None:
                    continue
                longer = {**best[k], i: following}
                if k + 1 == len(best):
                    best.append(longer)
                elif _place(following) < _place(list(best[k + 1].values())[-1]):
                    best[k + 1] = longer
        return best[-1]


def _place(candidate: PhraseHit) -> tuple[int, int]:
    return candidate.turn, candidate.start
