"""Short phrases that may have been said where the recogniser was not sure of a word.

A phrase of two or three syllables with one of them wrong is found by no tier: too much sounds like
it. But where the one word that differs was hardly heard, the absence of the phrase is doubtful and
must not cost points (RUBRIC, "The benefit of the doubt").
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from qc_pipeline.scoring.rules.base import Party, Wanted, WantedSet, Window
from qc_pipeline.scoring.rules.speech import SURE_SYLLABLES
from qc_pipeline.scoring.scorecard import SAID, Evidence, evidence_made
from qc_pipeline.text.certainty import TIER_FACTORS
from qc_pipeline.text.phrases import NEGATIONS
from qc_pipeline.text.similar import alike
from qc_pipeline.text.sound_index import ALMOST_TIER, NEAR_TIER

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context

_SHOWN = 2


class _Gap(NamedTuple):
    """A phrase with any syllable at place `at`: `anchor`, which begins at place `begins`, must
    stand there, and behind the gap `rest`.
    """

    phrase: Wanted
    at: int
    anchor: str
    begins: int
    rest: str


@lru_cache(maxsize=4096)
def _gaps(phrase: Wanted) -> tuple[_Gap, ...]:
    heard = alike(phrase.text)
    if not 2 <= len(heard) < SURE_SYLLABLES:
        return ()
    out = []
    for at, char in enumerate(phrase.text):
        if char in NEGATIONS:
            continue
        before, behind = heard[:at], heard[at + 1 :]
        if before:
            out.append(_Gap(phrase, at, before, 0, behind))
        else:
            out.append(_Gap(phrase, at, behind, at + 1, ""))
    return tuple(out)


def _places(gap: _Gap, text: str) -> Iterator[int]:
    """Where the phrase begins in a text, whatever stands in its gap."""
    found = text.find(gap.anchor)
    while found >= 0:
        begin = found - gap.begins
        if begin >= 0 and text.startswith(gap.rest, begin + gap.at + 1):
            yield begin
        found = text.find(gap.anchor, found + 1)


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
    if not gaps:
        return ()
    text, starts = call.alike
    searched = frozenset(ctx.turns(ctx.live(by), window))
    found: set[tuple[int, int, Wanted]] = set()
    for gap in gaps:
        for begin in _places(gap, text):
            turn = bisect_right(starts, begin) - 1
            first = begin - starts[turn]
            said = call.turns[turn].text
            if (
                turn in searched
                and first + len(gap.phrase.text) <= len(said)
                and said[first + gap.at] not in NEGATIONS
                and call.place(turn, first + gap.at, first + gap.at + 1).confidence
                < call.thresholds.not_said
            ):
                found.add((turn, first, gap.phrase))
    out: list[Evidence] = []
    for turn, first, phrase in sorted(found):
        place = call.place(turn, first, first + len(phrase.text))
        speaker = call.turns[turn].speaker
        start, end = ctx.span(speaker, window)
        if len(out) < _SHOWN and start <= place.start_s <= end:
            certainty = TIER_FACTORS[ALMOST_TIER] * place.confidence
            out.append(
                evidence_made(
                    SAID,
                    place.start_s,
                    place.end_s,
                    speaker,
                    place.turn,
                    place.quote,
                    phrase.text,
                    ALMOST_TIER,
                    certainty,
                )
            )
    return tuple(out)
