"""Wordings with gaps: the parts around the one that was found.

A wording in several parts is looked for by its longest part, in all turns at once
(`phrases.PhraseIndex`); the others are verified here, around every place where that one stands.
They may be as far away as the gap says, inside the clause.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from qc_pipeline.text.english import NEGATIONS as ENGLISH_NEGATIONS
from qc_pipeline.text.english import stem, words_of
from qc_pipeline.text.normalise import opened, spoken
from qc_pipeline.text.phrase_forms import forms
from qc_pipeline.text.phrase_patterns import Wording
from qc_pipeline.text.syllables import confused, sounds

CLAUSE_END = re.compile(r"[,，。!！?？;；:：、…\n]|\.(?!\d)")
_YOU = frozenset("你您")
UNLIKE = 9


class WordedPart(NamedTuple):
    """A part of a wording where it was said: original characters `start` to `end`, by its tier."""

    text: str
    start: int
    end: int
    tier: int


class UnitText(NamedTuple):
    """A turn as what is compared: syllables' characters or words, where each stands, and whether a
    clause ends before it.
    """

    units: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]
    parted: Sequence[bool]


def unit_text(text: str, language: str) -> UnitText:
    """A turn of one speaker as units."""
    units: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]
    if language == "en":
        words = words_of(text)
        units = [w for w, _, _ in words]
        starts, ends = [a for _, a, _ in words], [b for _, _, b in words]
    else:
        plain = spoken(opened(text))
        units, starts, ends = plain.text, plain.origin, plain.ends
    parted = [
        at > 0 and CLAUSE_END.search(text, ends[at - 1], max(ends[at - 1], starts[at])) is not None
        for at in range(len(starts))
    ]
    return UnitText(units, starts, ends, parted)


def key_part(wording: Wording, language: str) -> int:
    """Which part of a wording is looked for: the longest, the first of those."""
    sizes = [part_size(part, language) for part in wording.parts]
    return sizes.index(max(sizes))


@lru_cache(maxsize=16384)
def part_size(part: str, language: str) -> int:
    """Syllables, in English words, of a part."""
    return len(words_of(part)) if language == "en" else len(forms(part)[1][0])


def around(
    wording: Wording,
    key: int,
    found: WordedPart,
    said: UnitText,
    language: str,
    confusions: tuple[str, ...],
    *,
    polite_you: bool,
    last_tier: int,
) -> tuple[WordedPart, ...] | None:
    """All parts of a wording where its `key` part was `found`; None where one of them is missing.

    Of several places of a part the best tier counts, then the nearest.
    """
    # The units of the part itself: from the first that ends behind its begin.
    first = bisect_right(said.ends, found.start)
    behind = bisect_left(said.starts, found.end)
    compare = _Compare(language, confusions, polite_you, last_tier)
    after = _walk(wording, key, 1, behind, said, compare)
    before = None if after is None else _walk(wording, key, -1, first - 1, said, compare)
    if after is None or before is None:
        return None
    return (*reversed(before), found, *after)


class _Compare(NamedTuple):
    language: str
    confusions: tuple[str, ...]
    polite_you: bool
    last_tier: int

    def tier(self, units: Sequence[str], said: Sequence[str]) -> int | None:
        """By which tier a part was said; None where it was not."""
        worst = 1
        for wanted, heard in zip(units, said, strict=True):
            tier = unit_tier(
                wanted, heard, self.language, self.confusions, polite_you=self.polite_you
            )
            if tier > self.last_tier:
                return None
            worst = max(worst, tier)
        return worst


def unit_tier(
    wanted: str, heard: str, language: str, confusions: tuple[str, ...], *, polite_you: bool
) -> int:
    """By which tier one syllable's character (or word) stands for another; UNLIKE for none."""
    if wanted == heard or (polite_you and wanted in _YOU and heard in _YOU):
        return 1
    if language == "en":
        if ENGLISH_NEGATIONS & {wanted, heard} or not wanted.isalpha():
            return UNLIKE
        return 2 if stem(wanted) == stem(heard) else UNLIKE
    a, b = sounds(wanted).same, sounds(heard).same
    if a & b:
        return 2
    classes = {confused(s, confusions) for s in a}
    return 3 if classes & {confused(s, confusions) for s in b} else UNLIKE


def _walk(
    wording: Wording, key: int, step: int, at: int, said: UnitText, compare: _Compare
) -> list[WordedPart] | None:
    """The parts on one side of the key, from the nearest on; `at` is the unit next to the last."""
    number = key + step
    if not 0 <= number < len(wording.parts):
        return []
    gap = wording.gaps[number - 1 if step > 0 else number]
    text = wording.parts[number]
    best: tuple[int, int, list[WordedPart]] | None = None
    for far in range(gap + 1):
        place = at + step * far
        if not 0 <= place < len(said.units):
            break
        # A unit behind the end of the clause belongs to the next.
        edge = place if step > 0 else place + 1
        if edge < len(said.parted) and said.parted[edge]:
            break
        for units in spoken_units(text, compare.language):
            size = len(units)
            first = place if step > 0 else place - size + 1
            if first < 0 or first + size > len(said.units):
                continue
            tier = compare.tier(units, said.units[first : first + size])
            if tier is None or (best is not None and (tier, far) >= best[:2]):
                continue
            rest = _walk(wording, number, step, place + step * size, said, compare)
            if rest is not None:
                part = WordedPart(text, said.starts[first], said.ends[first + size - 1], tier)
                best = (tier, far, [part, *rest])
    return None if best is None else best[2]


@lru_cache(maxsize=16384)
def spoken_units(part: str, language: str) -> tuple[tuple[str, ...], ...]:
    """The ways in which a part may be read, unit by unit."""
    if language == "en":
        return (tuple(w for w, _, _ in words_of(part)),)
    return tuple(tuple(text) for text in forms(part)[1])
