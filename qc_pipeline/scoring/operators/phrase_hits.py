"""Finding phrases for the operators: where, how surely, and overlapping ones as one hit."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

from qc_pipeline.scoring.evidence.finding import SAID, Evidence
from qc_pipeline.scoring.evidence.likeness import Likeness, doubted_words, likeness
from qc_pipeline.scoring.evidence.outcome import HOLDS, Hit, Outcome, WantedSet
from qc_pipeline.scoring.evidence.prepared_call import WHOLE
from qc_pipeline.scoring.evidence.terms import Party, Window, Words
from qc_pipeline.text.certainty import TIER_FACTORS
from qc_pipeline.text.phrase_patterns import first_wording
from qc_pipeline.text.phrases import PhraseHit

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context

UNLESS_TIER = 3
NOTHING = WantedSet((), "exact")


def candidates(
    ctx: Context, by: Party, wanted: WantedSet, window: Window | None, unless: WantedSet
) -> list[PhraseHit]:
    """Every place where one of the phrases was found, in any tier, inside window and scope."""
    call = ctx.call
    places = call.places(wanted, favour=ctx.favour)
    if not places:
        return []
    turns, live = call.turns, call.live[by]
    if window is None and ctx.scope is WHOLE:
        out = [p for p in places if turns[p.turn].speaker in live]
    else:
        spans = {speaker: ctx.span(speaker, window) for speaker in live}
        out = []
        for place in places:
            span = spans.get(turns[place.turn].speaker)
            if span is not None and call.starts_in(place.turn, place.start, span):
                out.append(place)
    if out:
        known = call.earned[ctx.favour, ctx.grave].get
        out = [p for p in out if (earned(ctx, p) if (worth := known(p)) is None else worth)]
    if out and unless.phrases:
        cancelled = turns_with(ctx, unless)
        if cancelled:
            out = [p for p in out if p.turn not in cancelled]
    return out


def turns_with(ctx: Context, wanted: WantedSet) -> frozenset[int]:
    """The merged turns in which one of the phrases stands, in tiers 1 to 3, 您 or 你."""
    for_agent = ctx.favouring(True)
    return frozenset(
        [
            p.turn
            for p in ctx.call.places(wanted, favour=True)
            if p.tier <= UNLESS_TIER and earned(for_agent, p)
        ]
    )


def distinct(places: Sequence[PhraseHit]) -> list[PhraseHit]:
    """Overlapping occurrences as one: the best tier, then the longest, then the earliest."""
    if len(places) < 2:
        return list(places)
    kept: list[PhraseHit] = []
    for place in sorted(places, key=_best_first):
        turn, start, end, *_ = place
        for k in kept:
            if k.turn == turn and k.start < end and start < k.end:
                break
        else:
            kept.append(place)
    kept.sort(key=_IN_ORDER)
    return kept


def _best_first(place: PhraseHit) -> tuple[int, int, int, int]:
    turn, start, end, _, tier, _ = place
    return tier, start - end, turn, start


_IN_ORDER = itemgetter(0, 1)


def hit_of(ctx: Context, place: PhraseHit) -> Hit:
    """The hit at a place that `candidates` gave, with its certainty: the tier's factor times that
    of its words.
    """
    hits = ctx.call.hits[ctx.favour, ctx.grave]
    hit = hits.get(place)
    if hit is None:
        hit = hits[place] = _hit(ctx, place, earned(ctx, place) == Likeness.SURE)
    return hit


def earned(ctx: Context, place: PhraseHit) -> int:
    """What a place found for a phrase is worth in this view: one of `Likeness`."""
    worth = ctx.call.earned[ctx.favour, ctx.grave]
    known = worth.get(place)
    if known is None:
        known = worth[place] = likeness(ctx.call, place, favour=ctx.favour, grave=ctx.grave)
    return known


def _hit(ctx: Context, found: PhraseHit, certain: bool) -> Hit:
    call = ctx.call
    turn, start, end, _, tier, _ = found
    start_s, end_s, raw, confidence, quote = call.place(turn, start, end)
    certainty = TIER_FACTORS[tier] * confidence
    speaker = call.turns[turn].speaker
    sure = certain and certainty >= call.thresholds.said
    evidence = Evidence(
        kind=SAID,
        start_s=start_s,
        end_s=end_s,
        speaker=speaker,
        turn=raw,
        quote=quote,
        phrase="…".join([part.text for part in call.found.parts(found)]),
        tier=tier,
        certainty=certainty,
        doubt="" if sure else doubted_words(call, found, favour=ctx.favour),
    )
    return Hit(
        start_s=start_s,
        end_s=end_s,
        certainty=certainty,
        sure=sure,
        speaker=speaker,
        turn=turn,
        evidence=(evidence,),
    )


def heard(ctx: Context, turn: int, start: int, end: int, phrase: str | None) -> Hit:
    """Characters of a merged turn as a hit of the first tier, as sure as their words."""
    start_s, end_s, raw, confidence, quote = ctx.call.place(turn, start, end)
    speaker = ctx.call.turns[turn].speaker
    evidence = Evidence(
        kind=SAID,
        start_s=start_s,
        end_s=end_s,
        speaker=speaker,
        turn=raw,
        quote=quote,
        phrase=phrase,
        tier=1,
        certainty=confidence,
    )
    return Hit(
        start_s=start_s,
        end_s=end_s,
        certainty=confidence,
        sure=ctx.sure_said(confidence),
        speaker=speaker,
        turn=turn,
        evidence=(evidence,),
    )


def repeated(hits: Sequence[Hit], times: int) -> tuple[Hit, ...]:
    """The hits from the `times`-th on, each as sure as the best `times` up to it."""
    if times == 1:
        return tuple(hits)
    out = []
    for k in range(times - 1, len(hits)):
        best = sorted((h.certainty for h in hits[: k + 1]), reverse=True)
        out.append(
            Hit(
                start_s=hits[k].start_s,
                end_s=hits[k].end_s,
                certainty=best[times - 1],
                sure=sum(h.sure for h in hits[: k + 1]) >= times,
                speaker=hits[k].speaker,
                turn=hits[k].turn,
                evidence=tuple(e for h in hits[: k + 1] for e in h.evidence)
                if k == times - 1
                else hits[k].evidence,
            )
        )
    return tuple(out)


def counted(hits: Sequence[Hit], times: int) -> Outcome | None:
    """Holds where there are `times` hits; None where there are fewer."""
    if len(hits) < times:
        return None
    if times == 1:
        certainty, sure = hits[0].certainty, hits[0].sure
        for hit in hits:
            if hit.certainty > certainty:
                certainty = hit.certainty
            sure = sure or hit.sure
        return Outcome(state=HOLDS, certainty=certainty, sure=sure, hits=tuple(hits))
    return Outcome(
        state=HOLDS,
        certainty=sorted((h.certainty for h in hits), reverse=True)[times - 1],
        sure=sum(h.sure for h in hits) >= times,
        hits=tuple(hits),
        triggers=repeated(hits, times),
    )


def listed(phrases: Sequence[str]) -> Words:
    """Phrases for a sentence: the first three, and how many there are."""
    shown = [first_wording(p) for p in phrases[:3]]
    zh = "".join(f"“{p}”" for p in shown)
    en = ", ".join(f"“{p}”" for p in shown)
    if len(phrases) > len(shown):
        return Words(f"{zh}等{len(phrases)}种说法", f"{en} and {len(phrases) - len(shown)} more")
    return Words(zh, en)


def placed(words: Words, window: Window | None) -> Words:
    """A sentence with its window."""
    if window is None:
        return words
    where = window.describe()
    return Words(f"{where.zh}{words.zh}", f"{words.en} {where.en}")
