"""Many calls made ready in one go: what is looked for in all of them is looked for at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.evidence.phrase_lexicon import Lexicon
from qc_pipeline.scoring.evidence.prepared_call import PreparedCall
from qc_pipeline.scoring.evidence.regex_text import PrintedCalls, PrintedTurns
from qc_pipeline.text.hanzi import NEGATIONS
from qc_pipeline.text.similar import alike_codes
from qc_pipeline.text.turn_codes import codes_of

_NOT = np.array([ord(c) for c in sorted(NEGATIONS)], dtype=np.uint32)
# A confidence is compared once more where it is used; here it may be off by a rounding.
_ROUNDING = 1e-9

Gapped = Mapping[int, Sequence[tuple[int, int, int, int]]]


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
) -> Sequence[Gapped]:
    """By call: the places of short phrases but for one syllable that may have been misheard."""
    out: list[dict[int, list[tuple[int, int, int, int]]]] = [{} for _ in calls]
    if lexicon.short is None or not texts:
        return out
    lines = [text.replace("\n", " ") for text in texts]
    joined = codes_of("\n".join(lines))
    starts = np.array([0, *accumulate([len(line) + 1 for line in lines])][:-1], dtype=np.intp)
    begins, gaps, phrases = lexicon.short.found.find(alike_codes(joined))
    at = begins + gaps
    good = np.flatnonzero(_doubtful(calls, lines, lexicon.doubted_of)[at])
    begins, gaps, phrases, at = begins[good], gaps[good], phrases[good], at[good]
    turns = np.searchsorted(starts, begins, side="right") - 1
    within = begins - starts[turns]
    lengths = np.array([len(line) for line in lines], dtype=np.intp)
    sizes = lexicon.short.sizes[phrases]
    fits = (within + sizes <= lengths[turns]) & ~np.isin(joined[at], _NOT)
    numbers = lexicon.short.numbers[phrases]
    columns = [c[fits].tolist() for c in (turns, within, gaps, sizes, numbers)]
    for turn, begin, gap, size, phrase in zip(*columns, strict=True):
        number = bisect_right(first, turn) - 1
        out[number].setdefault(phrase, []).append((turn - first[number], begin, gap, size))
    return out


def _doubtful(
    calls: Sequence[PreparedCall], lines: Sequence[str], parties: frozenset[Speaker]
) -> NDArray[np.bool_]:
    """By character of all lines, each with its end: whether one of the parties said it, and the
    recogniser doubted it. The end of a line is none.
    """
    out: list[float | None] = []
    ends = []
    numbers = iter(lines)
    for call in calls:
        for i, (turn, line) in enumerate(zip(call.turns, numbers, strict=False)):
            if turn.speaker in parties:
                # Where words are no characters, every one may be: each is looked at once more.
                out += call.confidences(i) or [0.0] * len(line)
            else:
                out += [1.0] * len(line)
            ends.append(len(out))
            out.append(1.0)
    known = np.array(out, dtype=float)
    # Where no confidence is given, nothing says that the word was doubted.
    known[np.isnan(known)] = 1.0
    doubtful: NDArray[np.bool_] = known < max(c.doubtful_below for c in calls) + _ROUNDING
    doubtful[ends] = False
    return doubtful
