"""All phrases of a rubric, found in one pass over a call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.evidence.outcome import Wanted, WantedSet
from qc_pipeline.scoring.evidence.terms import Party
from qc_pipeline.text.phrases import NEAR_TIER, Phrase, PhraseHit, PhraseIndex
from qc_pipeline.text.short_gaps import ShortGaps

_YOU = frozenset("你您")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPhrases:
    """Every place of every phrase that occurs, by its number in the lexicon, in order.

    `mask` has the bits of the phrases that occur.
    """

    places: Mapping[int, Sequence[PhraseHit]]
    mask: int


class _List(NamedTuple):
    """A list of phrases: a bit for each, so that what none of is found is told at one look, and
    their numbers in order, where 您 and 你 are told apart and where they are one.
    """

    mask: int
    plain: Sequence[int]
    polite: Sequence[int]


class ShortPhrases(NamedTuple):
    """The short phrases of a lexicon, to be found with a gap; `sizes` counts their characters."""

    found: ShortGaps
    sizes: NDArray[np.intp]


class Lexicon:
    """The phrases of a rubric, ready to be found. Built once for many calls."""

    def __init__(
        self,
        wanted: Iterable[Wanted],
        *,
        language: str,
        confusions: Sequence[str] = (),
        exact_only: Sequence[str] = (),
        doubted: Collection[Wanted] = (),
        doubted_of: Collection[Party] = (),
    ) -> None:
        """`doubted` are the phrases whose absence a doubtful syllable can make doubtful, if it is
        one of `doubted_of` who should have said them.
        """
        self.language = language
        self._doubted = frozenset(doubted)
        self.doubted_of = frozenset([s for s in Speaker if {"any", s.value} & {*doubted_of}])
        self._wanted = tuple(dict.fromkeys(wanted))
        # 您 is 你 only where that is good for the agent, so such phrases are looked for both ways.
        polite = tuple(w for w in self._wanted if language == "zh" and not _YOU.isdisjoint(w.text))
        self._bits = {w: 1 << i for i, w in enumerate(self._wanted)}
        self._lists: dict[int, _List] = {}
        self._alive: list[WantedSet] = []
        self._owners = (*self._wanted, *polite)
        self._numbers = {w: i for i, w in enumerate(self._wanted)}
        self._polite = self._numbers | {w: i + len(self._wanted) for i, w in enumerate(polite)}
        self._bit_of = tuple(self._bits[w] for w in self._owners)
        self._index = PhraseIndex.build(
            [
                *(Phrase(text=w.text, level=w.level) for w in self._wanted),
                *(Phrase(text=w.text, level=w.level, polite_you=True) for w in polite),
            ],
            language,
            confusions=confusions,
            exact_only=exact_only,
        )

    @cached_property
    def short(self) -> ShortPhrases | None:
        """The doubted phrases that any tier may find and that are short, by the lexicon's numbers.

        None where there are none, and in English.
        """
        if self.language == "en":
            return None
        texts = [
            w.text if w in self._doubted and self.last_tier(w) == NEAR_TIER else ""
            for w in self._wanted
        ]
        if not any(texts):
            return None
        return ShortPhrases(ShortGaps(texts), np.array([len(t) for t in texts], dtype=np.intp))

    def number(self, phrase: Wanted) -> int:
        """The number of a phrase of the rubric."""
        return self._numbers[phrase]

    def numbers(self, wanted: WantedSet) -> Sequence[int]:
        """The numbers of the phrases of a list, in order."""
        return (self._lists.get(id(wanted)) or self._list(wanted)).plain

    def wanted(self, number: int) -> Wanted:
        """The phrase of a `PhraseHit`."""
        return self._owners[number]

    def last_tier(self, phrase: Wanted) -> int:
        """The farthest tier that may find a phrase of the rubric."""
        return self._index.last_tier(self._numbers[phrase])

    def units(self, number: int) -> int:
        """How long the phrase of a `PhraseHit` is: syllables, in English words."""
        return self._index.units[number]

    def find(self, texts: Sequence[str]) -> FoundPhrases:
        """Every place of every phrase that occurs, hits and what was nearly one."""
        return self.find_in_many([texts])[0]

    def find_in_many(self, calls: Sequence[Sequence[str]]) -> list[FoundPhrases]:
        """As `find`, for each of many calls in one pass."""
        return [self._sorted(rows) for rows in self._index.find_rows(calls)]

    def _sorted(self, rows: Sequence[PhraseHit]) -> FoundPhrases:
        places: defaultdict[int, list[PhraseHit]] = defaultdict(list)
        for row in rows:
            places[row[3]].append(row)
        mask = 0
        bits = self._bit_of
        for number in places:
            mask |= bits[number]
        return FoundPhrases(places=places, mask=mask)

    def places(self, wanted: WantedSet, found: FoundPhrases, *, favour: bool) -> list[PhraseHit]:
        """Where the phrases of a list stand, phrase by phrase; `favour` takes 您 and 你 for one."""
        known = self._lists.get(id(wanted)) or self._list(wanted)
        if not known.mask & found.mask:
            return []
        places = found.places
        out: list[PhraseHit] = []
        for number in known.polite if favour else known.plain:
            if number in places:
                out += places[number]
        return out

    def _list(self, wanted: WantedSet) -> _List:
        mask = 0
        for phrase in wanted.phrases:
            mask |= self._bits.get(phrase, 0)
        known = self._lists[id(wanted)] = _List(
            mask,
            [self._numbers[p] for p in wanted.phrases if p in self._numbers],
            [self._polite[p] for p in wanted.phrases if p in self._polite],
        )
        # An id is a list's own only as long as the list lives.
        self._alive.append(wanted)
        return known
