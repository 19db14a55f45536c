"""Many calls made ready in one go: what is looked for in all of them is looked for at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.evidence.gapped_places import (
    NO_GAPPED_PLACES,
    GappedPlaces,
    gapped_by_call,
)
from qc_pipeline.scoring.evidence.phrase_lexicon import Lexicon
from qc_pipeline.scoring.evidence.prepared_call import PreparedCall
from qc_pipeline.scoring.evidence.regex_text import PrintedCalls, PrintedTurns
from qc_pipeline.text.hanzi import NEGATIONS
from qc_pipeline.text.similar import alike_codes
from qc_pipeline.text.turn_codes import codes_of

_NOT = np.array([ord(c) for c in sorted(NEGATIONS)], dtype=np.uint32)
# A confidence is compared once more where it is used; here it may be off by a rounding.
_ROUNDING = 1e-9


def prepare(calls: Sequence[PreparedCall], lexicon: Lexicon) -> None:
    """Look for the phrases of one rubric in many calls, all prepared for the same lexicon."""
    texts = [[t.text for t in call.turns] for call in calls]
    first = list(accumulate(map(len, texts), initial=0))
    flat = [text for one in texts for text in one]
    printed = PrintedCalls(flat, first[:-1], lexicon.language)
    gapped = _gapped(calls, flat, first, lexicon)
    found = lexicon.find_in_many(texts, [[t.speaker for t in call.turns] for call in calls])
    for number, call in enumerate(calls):
        call.found = found[number]
        call.gapped = gapped[number]
        call.printed = PrintedTurns(printed, number, first[number])


def _gapped(
    calls: Sequence[PreparedCall], texts: Sequence[str], first: Sequence[int], lexicon: Lexicon
) -> Sequence[GappedPlaces]:
    """By call: the places of short phrases but for one syllable that may have been misheard."""
    if lexicon.short is None or not texts:
        return [NO_GAPPED_PLACES] * len(calls)
    lines = [text.replace("\n", " ") for text in texts]
    joined = codes_of("\n".join(lines))
    lengths = np.array([len(line) for line in lines], dtype=np.intp)
    starts = np.cumsum(lengths + 1) - lengths - 1
    begins, gaps, phrases = lexicon.short.found.find(alike_codes(joined))
    at = begins + gaps
    good = np.flatnonzero(_doubtful(calls, lines, lengths, lexicon.doubted_of)[at])
    begins, gaps, phrases, at = begins[good], gaps[good], phrases[good], at[good]
    turns = np.searchsorted(starts, begins, side="right") - 1
    within = begins - starts[turns]
    sizes = lexicon.short.sizes[phrases]
    fits = (within + sizes <= lengths[turns]) & ~np.isin(joined[at], _NOT)
    numbers = lexicon.short.numbers[phrases]
    columns = [c[fits] for c in (numbers, turns, within, gaps, sizes)]
    return gapped_by_call(*columns, first=np.asarray(first))


def _doubtful(
    calls: Sequence[PreparedCall],
    lines: Sequence[str],
    lengths: NDArray[np.intp],
    parties: frozenset[Speaker],
) -> NDArray[np.bool_]:
    """By character of all lines, each with its end: whether one of the parties said it, and the
    recogniser doubted it. The end of a line is none.
    """
    given: list[float | None] = []
    asked: list[bool] = []
    numbers = iter(lines)
    for call in calls:
        for i, (turn, line) in enumerate(zip(call.turns, numbers, strict=False)):
            asked.append(turn.speaker in parties)
            if asked[-1]:
                # Where words are no characters, every one may be: each is looked at once more.
                given += call.confidences(i) or [0.0] * len(line)
                given.append(1.0)
    confidence = np.array(given, dtype=float)
    # Where no confidence is given, nothing says that the word was doubted.
    confidence[np.isnan(confidence)] = 1.0
    theirs = np.repeat(np.array(asked, dtype=bool), lengths + 1)
    doubtful: NDArray[np.bool_] = np.zeros(len(theirs), dtype=bool)
    doubtful[theirs] = confidence < max(c.doubtful_below for c in calls) + _ROUNDING
    doubtful[np.cumsum(lengths + 1) - 1] = False
    return doubtful
