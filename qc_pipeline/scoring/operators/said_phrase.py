"""`said`: the speaker uttered the phrases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import ValidationInfo, model_validator

from qc_pipeline.scoring.evidence.finding import Evidence
from qc_pipeline.scoring.evidence.nearest_sentence import nearest
from qc_pipeline.scoring.evidence.outcome import Hit, Level, Outcome, State, Wanted, WantedSet
from qc_pipeline.scoring.evidence.terms import (
    PARTY_WORDS,
    Params,
    Party,
    Phrases,
    Times,
    Window,
    Words,
    problem,
)
from qc_pipeline.scoring.operators.doubtful_phrase import doubtful
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.operators.phrase_hits import (
    NOTHING,
    candidates,
    counted,
    distinct,
    heard,
    hit_of,
    listed,
    placed,
    turns_with,
)
from qc_pipeline.text.phrases import NEAR_TIER, PhraseHit

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context

SHOWN = 3
_TIER = attrgetter("tier")


class AtLeast(Params):
    n: Times
    of: Phrases

    @model_validator(mode="after")
    def _enough(self) -> AtLeast:
        if self.n > len(set(self.of)):
            raise problem(
                "at_least",
                "'n' is more than the phrases there are",
                found=str(self.n),
                allowed=f"1 to {len(set(self.of))}",
            )
        return self


class Said(Operator):
    name: ClassVar[str] = "said"

    by: Party
    any: Phrases | None = None
    all: Phrases | None = None
    at_least: AtLeast | None = None
    within: Window | None = None
    match: Level = "near"
    unless: Phrases | None = None
    times: Times = 1

    @model_validator(mode="after")
    def _one_list(self, info: ValidationInfo) -> Said:
        given = [k for k in ("any", "all", "at_least") if getattr(self, k) is not None]
        if len(given) != 1:
            raise problem(
                "said",
                "'said' takes exactly one list of phrases",
                found=", ".join(given) or "none",
                allowed="any all at_least",
            )
        context: Any = info.context
        if self.match == "homophone" and context and context.get("language") == "en":
            raise problem(
                "said_match",
                "'match: homophone' is for Chinese; English is matched by words",
                found="homophone",
                allowed="near exact",
            )
        return self

    def own_phrases(self) -> tuple[Wanted, ...]:
        return self._looked_for.phrases + self._cancelling.phrases

    def own_phrases_by(self) -> Iterator[tuple[Wanted, Party]]:
        for phrase in self._looked_for.phrases:
            yield phrase, self.by
        for phrase in self._cancelling.phrases:
            yield phrase, "any"

    def doubted_phrases(self) -> tuple[Wanted, ...]:
        """Those of which one doubtful syllable can make the absence doubtful."""
        return self._looked_for.phrases if self.any is not None and self.times == 1 else ()

    @cached_property
    def _looked_for(self) -> WantedSet:
        return WantedSet(self.wanted, self.match)

    @cached_property
    def _cancelling(self) -> WantedSet:
        return WantedSet(self.unless or (), "homophone")

    @property
    def wanted(self) -> tuple[str, ...]:
        if self.at_least is not None:
            return self.at_least.of
        return self.any or self.all or ()

    def describe(self) -> Words:
        who = PARTY_WORDS[self.by]
        words = listed(self.wanted)
        if self.all is not None:
            zh, en = f"{who.zh}说到{words.zh}（全部）", f"{who.en} says all of {words.en}"
        elif self.at_least is not None:
            n = self.at_least.n
            zh = f"{who.zh}说{words.zh}中的至少{n}种"
            en = f"{who.en} says at least {n} of {words.en}"
        else:
            zh, en = f"{who.zh}说{words.zh}", f"{who.en} says {words.en}"
        if self.times > 1:
            zh, en = f"{zh}至少{self.times}次", f"{en} at least {self.times} times"
        return placed(Words(zh, en), self.within)

    def _looked(self) -> Words:
        return self.words

    def evaluate(self, ctx: Context) -> Outcome:
        blocked = ctx.cannot_hear(self.by)
        if blocked is not None:
            return blocked
        unless = NOTHING if self.unless is None else self._cancelling
        places = candidates(ctx, self.by, self._looked_for, self.within, unless)
        almost: tuple[Evidence, ...] = ()
        if places:
            good = distinct([c for c in places if c.tier <= NEAR_TIER])
            any_list = self.any is not None
            outcome = self._any(ctx, good) if any_list else self._each(ctx, good, places)
            if outcome is not None:
                return outcome
            almost = self._almost(ctx, good, [c for c in places if c.tier > NEAR_TIER], places)
        absent = ctx.absent(self.by, self.within, self._looked, almost)
        if ctx.favour and absent.sure and self.doubted_phrases():
            doubts = doubtful(ctx, self.by, self._looked_for, self.within)
            doubts = doubts or self._nearest(ctx)
            if doubts:
                absent = ctx.absent(self.by, self.within, self._looked, doubts)
        return ctx.or_unknown(self.by, absent)

    def _nearest(self, ctx: Context) -> tuple[Evidence, ...]:
        """The sentence that is worded most like one of the list, where it may be one of them."""
        turns = ctx.turns(ctx.live(self.by), self.within)
        if self.unless is not None:
            cancelled = turns_with(ctx, self._cancelling)
            turns = [i for i in turns if i not in cancelled]
        pool = ctx.call.lexicon.pool(self._looked_for)
        found = nearest(pool, ctx.call.turns, turns, ctx.call.folded_turns)
        if found is None:
            return ()
        hit = heard(ctx, found.turn, found.start, found.end, found.wording)
        start, end = ctx.span(ctx.call.turns[found.turn].speaker, self.within)
        if not start <= hit.start_s <= end:
            return ()
        return tuple([e._replace(tier=None, certainty=found.likeness) for e in hit.evidence])

    def _any(self, ctx: Context, good: list[PhraseHit]) -> Outcome | None:
        if len(good) < self.times:
            return None
        most = max(SHOWN, self.times)
        if not ctx.every_hit and len(good) > most:
            # The best heard ones decide how sure it is, the first ones are shown.
            best = sorted(good, key=_TIER)[: self.times]
            first = [c for c in good if c not in best][: most - self.times]
            good = sorted([*best, *first])
        return counted([hit_of(ctx, c) for c in good], self.times)

    def _each(self, ctx: Context, good: list[PhraseHit], places: list[PhraseHit]) -> Outcome | None:
        """`all` and `at_least`: every phrase (or n different ones) so many times."""
        if self.at_least is not None:
            needed, counting = self.at_least.n, good
        else:
            # One phrase may lie inside another that is asked for as well.
            needed = len(set(self.wanted))
            counting = [c for c in places if c.tier <= NEAR_TIER]
        by_phrase: dict[int, list[Hit]] = {}
        for c in counting:
            by_phrase.setdefault(c.phrase, []).append(hit_of(ctx, c))
        said = [o for o in (counted(hits, self.times) for hits in by_phrase.values()) if o]
        if len(said) < needed:
            return None
        best = sorted((o.certainty for o in said), reverse=True)
        hits = [hit_of(ctx, c) for c in good]
        return Outcome(
            state=State.HOLDS,
            certainty=best[needed - 1],
            sure=sum(o.sure for o in said) >= needed,
            hits=tuple(hits),
            triggers=tuple(hits[-1:]),
        )

    def _almost(
        self,
        ctx: Context,
        good: list[PhraseHit],
        near: list[PhraseHit],
        places: list[PhraseHit],
    ) -> tuple[Evidence, ...]:
        """What was nearly heard, where it would have been enough; doubt about the absence."""
        if not near:
            return ()
        if self.any is not None:
            enough = len(distinct([*good, *near])) >= self.times
        else:
            heard = Counter(c.phrase for c in places)
            needed = self.at_least.n if self.at_least is not None else len(set(self.wanted))
            enough = sum(n >= self.times for n in heard.values()) >= needed
        if not enough:
            return ()
        return tuple([e for c in distinct(near) for e in hit_of(ctx, c).evidence])
