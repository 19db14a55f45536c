"""Short phrases that may have been said where the recogniser was not sure of a word.

A phrase of two or three syllables with one of them wrong is found by no tier: too much sounds like
it. But where the one word that differs was hardly heard, the absence of the phrase is doubtful and
must not cost points (RUBRIC, "The benefit of the doubt").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qc_pipeline.scoring.evidence.finding import SAID, Evidence
from qc_pipeline.scoring.evidence.outcome import WantedSet
from qc_pipeline.scoring.evidence.terms import Party, Window
from qc_pipeline.text.certainty import TIER_FACTORS
from qc_pipeline.text.phonetic_index import ALMOST_TIER

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context

_SHOWN = 2


def doubtful(
    ctx: Context, by: Party, wanted: WantedSet, window: Window | None
) -> tuple[Evidence, ...]:
    """The first places where one of the short phrases stands but for one doubtful syllable."""
    call = ctx.call
    searched = frozenset(ctx.turns(ctx.live(by), window))
    found = {
        (turn, first, size, call.lexicon.wanted(number))
        for number in call.lexicon.numbers(wanted)
        for turn, first, gap, size in call.gapped.of(number)
        if turn in searched and call.doubted(turn, first + gap, first + gap + 1)
    }
    out: list[Evidence] = []
    for turn, first, size, phrase in sorted(found):
        if len(out) == _SHOWN:
            break
        place = call.place(turn, first, first + size)
        speaker = call.turns[turn].speaker
        start, end = ctx.span(speaker, window)
        if start <= place.start_s <= end:
            certainty = TIER_FACTORS[ALMOST_TIER] * place.confidence
            out.append(
                Evidence(
                    kind=SAID,
                    start_s=place.start_s,
                    end_s=place.end_s,
                    speaker=speaker,
                    turn=place.turn,
                    quote=place.quote,
                    phrase=phrase.text,
                    tier=ALMOST_TIER,
                    certainty=certainty,
                )
            )
    return tuple(out)
