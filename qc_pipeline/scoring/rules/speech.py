"""Finding phrases for the operators: where, how surely, and overlapping ones as one hit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from qc_pipeline.scoring.rules.base import (
    Hit,
    Outcome,
    Party,
    State,
    Wanted,
    WantedSet,
    Window,
    Words,
)
from qc_pipeline.scoring.scorecard import Evidence, EvidenceKind
from qc_pipeline.text.certainty import TIER_FACTORS

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context
    from qc_pipeline.scoring.lexicon import Found

UNLESS_TIER = 3
# Against the agent, another tier than the first counts from this many syllables on.
SURE_SYLLABLES = 4
NOTHING = WantedSet((), "exact")


class Candidate(NamedTuple):
    phrase: Wanted
    found: Found


def candidates(
    ctx: Context, by: Party, wanted: WantedSet, window: Window | None, unless: WantedSet
) -> list[Candidate]:
    """Every place where one of the phrases was found, in any tier, inside window and scope."""
    call = ctx.call
    if not call.lexicon.mask(wanted) & call.found.mask:
        return []
    found = ctx.found
    turns = ctx.call.turns
    spans = {speaker: ctx.span(speaker, window) for speaker in ctx.live(by)}
    free = ctx.unbounded and window is None
    cancelled = turns_with(ctx, unless)
    out = []
    for phrase in wanted.phrases:
        for place in found.get(phrase, ()):
            span = spans.get(turns[place.turn].speaker)
            if span is None or place.turn in cancelled:
                continue
            if not free and not ctx.call.starts_in(place.turn, place.start, span):
                continue
            out.append(Candidate(phrase, place))
    return out


def turns_with(ctx: Context, wanted: WantedSet) -> frozenset[int]:
    """The merged turns in which one of the phrases stands, in tiers 1 to 3, 您 or 你."""
    if not wanted.phrases or not ctx.call.lexicon.mask(wanted) & ctx.call.found.mask:
        return frozenset()
    found = ctx.call.found.polite
    return frozenset(
        place.turn
        for phrase in wanted.phrases
        for place in found.get(phrase, ())
        if place.tier <= UNLESS_TIER
    )


def distinct(places: Sequence[Candidate]) -> list[Candidate]:
    """Overlapping occurrences as one: the best tier, then the longest, then the earliest."""
    if len(places) < 2:
        return list(places)
    kept: list[Candidate] = []
    for place in sorted(
        places,
        key=lambda c: (c.found.tier, c.found.start - c.found.end, c.found.turn, c.found.start),
    ):
        mine = place.found
        if not any(
            k.found.turn == mine.turn and k.found.start < mine.end and mine.start < k.found.end
            for k in kept
        ):
            kept.append(place)
    return sorted(kept, key=lambda c: (c.found.turn, c.found.start))


def hit_of(ctx: Context, place: Candidate) -> Hit:
    """The hit, with its certainty: the tier's factor times that of its words."""
    phrase, found = place
    key = (phrase, found.turn, found.start, found.end)
    hit = ctx.call.hits.get(key)
    if hit is None:
        hit = ctx.call.hits[key] = _hit(ctx, phrase, found)
    return hit


def _hit(ctx: Context, phrase: Wanted, found: Found) -> Hit:
    where = ctx.call.place(found.turn, found.start, found.end)
    certainty = TIER_FACTORS[found.tier] * where.confidence
    well_heard = found.tier == 1 or (
        found.tier <= UNLESS_TIER and ctx.call.lexicon.units(phrase) >= SURE_SYLLABLES
    )
    speaker = ctx.call.turns[found.turn].speaker
    return Hit(
        start_s=where.start_s,
        end_s=where.end_s,
        certainty=certainty,
        sure=well_heard and ctx.sure_said(certainty),
        speaker=speaker,
        turn=found.turn,
        evidence=(
            Evidence(
                kind=EvidenceKind.SAID,
                start_s=where.start_s,
                end_s=where.end_s,
                speaker=speaker,
                turn=where.turn,
                quote=where.quote,
                phrase=phrase.text,
                tier=found.tier,
                certainty=certainty,
            ),
        ),
    )


def heard(ctx: Context, turn: int, start: int, end: int, phrase: str | None) -> Hit:
    """Characters of a merged turn as a hit of the first tier, as sure as their words."""
    where = ctx.call.place(turn, start, end)
    speaker = ctx.call.turns[turn].speaker
    return Hit(
        start_s=where.start_s,
        end_s=where.end_s,
        certainty=where.confidence,
        sure=ctx.sure_said(where.confidence),
        speaker=speaker,
        turn=turn,
        evidence=(
            Evidence(
                kind=EvidenceKind.SAID,
                start_s=where.start_s,
                end_s=where.end_s,
                speaker=speaker,
                turn=where.turn,
                quote=where.quote,
                phrase=phrase,
                tier=1,
                certainty=where.confidence,
            ),
        ),
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
        return Outcome(
            state=State.HOLDS,
            certainty=max(h.certainty for h in hits),
            sure=any(h.sure for h in hits),
            hits=tuple(hits),
        )
    return Outcome(
        state=State.HOLDS,
        certainty=sorted((h.certainty for h in hits), reverse=True)[times - 1],
        sure=sum(h.sure for h in hits) >= times,
        hits=tuple(hits),
        triggers=repeated(hits, times),
    )


def listed(phrases: Sequence[str]) -> Words:
    """Phrases for a sentence: the first three, and how many there are."""
    shown = phrases[:3]
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
