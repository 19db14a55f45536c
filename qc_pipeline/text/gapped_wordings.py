"""Wordings with gaps: the parts around the one that was found.

A wording in several parts is looked for by its longest part, in all turns at once
(`phrases.PhraseIndex`); the others are verified here, around every place where that one stands.
They may be as far away as the gap says, inside the clause.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from qc_pipeline.text.english import NEGATIONS as ENGLISH_NEGATIONS
from qc_pipeline.text.english import stem, words_of
from qc_pipeline.text.normalise import opened, spoken
from qc_pipeline.text.phrase_forms import forms
from qc_pipeline.text.phrase_patterns import Segments
from qc_pipeline.text.syllables import POLITE_YOU, YOU, confused, sounds

CLAUSE_END = re.compile(r"[,，。!！?？;；:：、…\n]|\.(?!\d)")
UNLIKE = 9


class WordedPart(NamedTuple):
    """A part of a wording where it was said: original characters `start` to `end`, by its tier."""

    text: str
    start: int
    end: int
    tier: int


# As `WordedPart._make`, without the cost of a call of ours.
WORDED: Callable[[Iterable[str | int]], WordedPart] = partial(tuple.__new__, WordedPart)


class UnitText(NamedTuple):
    """A turn (`text`) as what is compared: syllables' characters or words, and where they stand."""

    text: str
    units: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]

    def parted(self, unit: int) -> bool:
        """Whether a clause ends before a unit, behind the one before it."""
        if not 0 < unit < len(self.units):
            return False
        end, start = self.ends[unit - 1], self.starts[unit]
        # Most units follow each other with nothing between.
        return start > end and CLAUSE_END.search(self.text, end, start) is not None


def unit_text(text: str, language: str) -> UnitText:
    """A turn of one speaker as units."""
    if language == "en":
        words = words_of(text)
        starts, ends = [a for _, a, _ in words], [b for _, _, b in words]
        return UnitText(text, [w for w, _, _ in words], starts, ends)
    plain = spoken(opened(text))
    return UnitText(text, plain.text, plain.origin, plain.ends)


def key_segment(form: Segments, language: str) -> int:
    """Which segment of a form is looked for: the one whose shortest part is longest, and of those
    the one with the fewest parts.
    """

    def worth(number: int) -> tuple[int, int, int]:
        sizes = [part_size(part, language) for part in form.parts[number]]
        return min(sizes), -len(sizes), -number

    return max(range(len(form.parts)), key=worth)


@lru_cache(maxsize=16384)
def part_size(part: str, language: str) -> int:
    """Syllables, in English words, of a part."""
    return len(words_of(part)) if language == "en" else len(forms(part)[1][0])


class Sounding:
    """How texts are compared: in a language, with confusions, 您 as 你 or not, up to a tier."""

    __slots__ = (
        "_names",
        "_segments",
        "_tiers",
        "confusions",
        "language",
        "last_tier",
        "polite_you",
    )

    def __init__(
        self, language: str, confusions: tuple[str, ...], last_tier: int, *, polite_you: bool
    ) -> None:
        self.language = language
        self.confusions = confusions
        self.last_tier = last_tier
        self.polite_you = polite_you
        self._segments: dict[tuple[str, ...], _Segment] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._tiers: dict[tuple[str, str], int] = {}

    def tier(self, units: Sequence[str], said: Sequence[str]) -> int | None:
        """By which tier a part was said; None where it was not. A part of one syllable is exact, as
        a phrase of one is: too much sounds like it (上午百分之百 is no 无…百分).
        """
        worst = 1
        last = 1 if len(units) == 1 and self.language != "en" else self.last_tier
        for wanted, heard in zip(units, said, strict=True):
            if wanted == heard:
                continue
            tier = self._tiers.get((wanted, heard))
            if tier is None:
                tier = self._tiers[wanted, heard] = unit_tier(
                    wanted, heard, self.language, self.confusions, polite_you=self.polite_you
                )
            if tier > last:
                return None
            if tier > worst:
                worst = tier
        return worst

    def names(self, unit: str) -> frozenset[str]:
        """What two units share that stand for one another by some tier."""
        known = self._names.get(unit)
        if known is None:
            known = self._names[unit] = self._named(unit)
        return known

    def _named(self, unit: str) -> frozenset[str]:
        if self.language == "en":
            return _word_names(unit)
        if self.polite_you and unit in YOU:
            return YOU | POLITE_YOU.classes(self.confusions)
        return sounds(unit).classes(self.confusions)

    def segment(self, parts: tuple[str, ...]) -> _Segment:
        """The parts of a segment, ready to be found."""
        known = self._segments.get(parts)
        if known is None:
            ways = [
                _Way(p, units, self.names(units[0]), self.names(units[-1]))
                for p in parts
                for units in spoken_units(p, self.language)
                if units
            ]
            known = self._segments[parts] = _Segment(
                tuple(ways),
                frozenset().union(*[way.first for way in ways]),
                frozenset().union(*[way.last for way in ways]),
            )
        return known


class _Way(NamedTuple):
    """A way of saying a part, and what its first and last units are named."""

    text: str
    units: tuple[str, ...]
    first: frozenset[str]
    last: frozenset[str]


class _Segment(NamedTuple):
    """Ways of saying the parts of a segment, and what their first and last units are named."""

    ways: tuple[_Way, ...]
    first: frozenset[str]
    last: frozenset[str]


@lru_cache(maxsize=16384)
def _word_names(word: str) -> frozenset[str]:
    if word in ENGLISH_NEGATIONS or not word.isalpha():
        return frozenset((word,))
    return frozenset((word, f"={stem(word)}"))


Walks = dict[tuple[int, int, int], list[WordedPart] | None]
"""By segment, direction and unit: the parts from there on (None: one is missing)."""


def around(
    form: Segments,
    key: int,
    found: WordedPart,
    said: UnitText,
    sounding: Sounding,
    known: Walks | None,
) -> tuple[WordedPart, ...] | None:
    """All parts of a wording where one of the `key` segment was `found`; None where another is
    missing. Of several places of a part the best tier counts, then the nearest.

    `known` keeps what was worked out in this turn for this form, so that a turn of nothing but its
    words costs no more for each of them (None: nothing is kept).
    """
    # The units of the part itself: from the first that ends behind its begin.
    first = bisect_right(said.ends, found.start)
    behind = bisect_left(said.starts, found.end)
    after = _walk(form, key, 1, behind, said, sounding, known)
    before = None if after is None else _walk(form, key, -1, first - 1, said, sounding, known)
    if after is None or before is None:
        return None
    return (*reversed(before), found, *after)


def unit_tier(
    wanted: str, heard: str, language: str, confusions: tuple[str, ...], *, polite_you: bool
) -> int:
    """By which tier one syllable's character (or word) stands for another; UNLIKE for none."""
    if wanted == heard or (polite_you and wanted in YOU and heard in YOU):
        return 1
    if language == "en":
        if ENGLISH_NEGATIONS & {wanted, heard} or not wanted.isalpha():
            return UNLIKE
        return 2 if stem(wanted) == stem(heard) else UNLIKE
    a = (POLITE_YOU if polite_you and wanted in YOU else sounds(wanted)).same
    b = sounds(heard).same
    if a & b:
        return 2
    classes = {confused(s, confusions) for s in a}
    return 3 if classes & {confused(s, confusions) for s in b} else UNLIKE


def _walk(
    form: Segments,
    key: int,
    step: int,
    at: int,
    said: UnitText,
    sounding: Sounding,
    known: Walks | None,
) -> list[WordedPart] | None:
    """The parts on one side of the key, from the nearest on; `at` is the unit next to the last."""
    number = key + step
    if not 0 <= number < len(form.parts):
        return []
    where = (number, step, at)
    if known is not None and where in known:
        return known[where]
    gap = form.gaps[number - 1 if step > 0 else number]
    segment = sounding.segment(form.parts[number])
    edge_names = segment.first if step > 0 else segment.last
    units = said.units
    best: tuple[int, int, int] | None = None
    found: list[WordedPart] | None = None
    for far in range(gap + 1):
        place = at + step * far
        if not 0 <= place < len(units):
            break
        # A unit behind the end of the clause belongs to the next.
        edge = place if step > 0 else place + 1
        if said.parted(edge):
            break
        names = sounding.names(units[place])
        if edge_names.isdisjoint(names):
            continue
        for text, wanted, first_names, last_names in segment.ways:
            # A cheap look at the unit that stands next to the key before all are compared.
            if names.isdisjoint(first_names if step > 0 else last_names):
                continue
            size = len(wanted)
            first = place if step > 0 else place - size + 1
            if first < 0 or first + size > len(units):
                continue
            tier = sounding.tier(wanted, units[first : first + size])
            if tier is None or (best is not None and (tier, far, -size) >= best):
                continue
            rest = _walk(form, number, step, place + step * size, said, sounding, known)
            if rest is not None:
                part = WordedPart(text, said.starts[first], said.ends[first + size - 1], tier)
                best, found = (tier, far, -size), [part, *rest]
    if known is not None:
        known[where] = found
    return found


@lru_cache(maxsize=16384)
def spoken_units(part: str, language: str) -> tuple[tuple[str, ...], ...]:
    """The ways in which a part may be read, unit by unit."""
    if language == "en":
        return (tuple(w for w, _, _ in words_of(part)),)
    return tuple(tuple(text) for text in forms(part)[1])
