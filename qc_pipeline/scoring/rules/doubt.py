"""Short phrases that may have been said where the recogniser was not sure of a word.

A phrase of two or three syllables with one of them wrong is found by no tier: too much sounds like
it. But where the one word that differs was hardly heard, the absence of the phrase is doubtful and
must not cost points (RUBRIC, "The benefit of the doubt").
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from qc_pipeline.scoring.rules.base import Party, Wanted, WantedSet, Window
from qc_pipeline.scoring.rules.speech import SURE_SYLLABLES
from qc_pipeline.scoring.scorecard import SAID, Evidence, evidence_made
from qc_pipeline.text.certainty import TIER_FACTORS
from qc_pipeline.text.phrases import NEGATIONS
from qc_pipeline.text.similar import sound
from qc_pipeline.text.sound_index import ALMOST_TIER, NEAR_TIER

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context

_SHOWN = 2


class _Gap(NamedTuple):
    """A phrase with any syllable at one place."""

    phrase: Wanted
    pattern: re.Pattern[str]
    at: int


@lru_cache(maxsize=4096)
def _gaps(phrase: Wanted) -> tuple[_Gap, ...]:
    units = sound(phrase.text)
    if not 2 <= len(units) < SURE_SYLLABLES:
        return ()
    # As long in characters: neither a digit nor a sign stands in it.
    if len(phrase.text) != len(units):
        return ()
    literal = [re.escape(unit) for unit in units]
    return tuple(
        _Gap(phrase, re.compile("".join([*literal[:i], ".", *literal[i + 1 :]])), i)
        for i, char in enumerate(phrase.text)
        if char not in NEGATIONS
    )


def doubtful(
    ctx: Context, by: Party, wanted: WantedSet, window: Window | None
) -> tuple[Evidence, ...]:
    """The first places where one of the short phrases stands but for one doubtful syllable."""
    call = ctx.call
    if ctx.language == "en":
        return ()
    gaps = [
        gap
        for phrase in wanted.phrases
        if call.lexicon.last_tier(phrase) == NEAR_TIER
        for gap in _gaps(phrase)
    ]
    out: list[Evidence] = []
    for i in ctx.turns(ctx.live(by), window) if gaps else ():
        units, where = call.sounds[i]
        text = "".join(units)
        merged = call.turns[i]
        start, end = ctx.span(merged.speaker, window)
        for gap in gaps:
            for match in gap.pattern.finditer(text):
                first, last = where.span(match.start() + gap.at, match.start() + gap.at + 1)
                if call.place(i, first, last).confidence >= call.thresholds.not_said:
                    continue
                if not NEGATIONS.isdisjoint(merged.text[first:last]):
                    continue
                place = call.place(i, *where.span(match.start(), match.end()))
                if not start <= place.start_s <= end:
                    continue
                certainty = TIER_FACTORS[ALMOST_TIER] * place.confidence
                out.append(
                    evidence_made(
                        SAID,
                        place.start_s,
                        place.end_s,
                        merged.speaker,
                        place.turn,
                        place.quote,
                        gap.phrase.text,
                        ALMOST_TIER,
                        certainty,
                    )
                )
                if len(out) == _SHOWN:
                    return tuple(out)
    return tuple(out)
