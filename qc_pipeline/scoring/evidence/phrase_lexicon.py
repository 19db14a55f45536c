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
from qc_pipeline.scoring.evidence.outcome import Level, Wanted, WantedSet
from qc_pipeline.scoring.evidence.terms import Party
from qc_pipeline.text.gapped_wordings import (
    UnitText,
    WordedPart,
    around,
    key_part,
    part_size,
    unit_text,
)
from qc_pipeline.text.number_roles import is_hotline
from qc_pipeline.text.phrase_patterns import PatternError, Wording, wordings
from qc_pipeline.text.phrases import (
    LAST_TIER,
    NEAR_TIER,
    Phrase,
    PhraseHit,
    PhraseIndex,
    one_of_each,
)
from qc_pipeline.text.short_gaps import ShortGaps

_YOU = frozenset("你您")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPhrases:
    """Every place of every phrase that occurs, by its number in the lexicon, in order.

    `mask` has the bits of the phrases that occur. `parts` says, of phrases that are patterns, which
    wording stands at a place: its parts, with where and how each was said.
    """

    places: Mapping[int, Sequence[PhraseHit]]
    parts: Mapping[PhraseHit, tuple[WordedPart, ...]]
    mask: int


class _List(NamedTuple):
    """A list of phrases: a bit for each, so that what none of is found is told at one look, and
    their numbers in order, where 您 and 你 are told apart and where they are one.
    """

    mask: int
    plain: Sequence[int]
    polite: Sequence[int]


class ShortPhrases(NamedTuple):
    """The short phrases of a lexicon, to be found with a gap; `sizes` counts their characters,
    `numbers` are the lexicon's.
    """

    found: ShortGaps
    sizes: NDArray[np.intp]
    numbers: NDArray[np.intp]


class _Use(NamedTuple):
    """What a text of the index stands for: a wording of a phrase, or the `key` part of one."""

    owner: int
    wording: Wording
    key: int
    pattern: bool
    last_tier: int
    polite_you: bool


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
        grave: Collection[Wanted] = (),
    ) -> None:
        """`doubted` are the phrases whose absence a doubtful syllable can make doubtful, if it is
        one of `doubted_of` who should have said them. `grave` are those of red lines and major
        items: they are looked for in every tier, whatever level they have.
        """
        self.language = language
        self.confusions = tuple(sorted(confusions))
        self._doubted = frozenset(doubted)
        self.doubted_of = frozenset([s for s in Speaker if {"any", s.value} & {*doubted_of}])
        self._wanted = tuple(dict.fromkeys(wanted))
        self._exact_only = frozenset(exact_only)
        # 您 is 你 only where that is good for the agent, so such phrases are looked for both ways.
        polite = tuple(w for w in self._wanted if language == "zh" and not _YOU.isdisjoint(w.text))
        self._bits = {w: 1 << i for i, w in enumerate(self._wanted)}
        self._lists: dict[int, _List] = {}
        self._alive: list[WantedSet] = []
        self._owners = (*self._wanted, *polite)
        self._numbers = {w: i for i, w in enumerate(self._wanted)}
        self._polite = self._numbers | {w: i + len(self._wanted) for i, w in enumerate(polite)}
        self._bit_of = tuple(self._bits[w] for w in self._owners)
        self._grave = frozenset(grave)
        self._uses: list[list[_Use]] = []
        self._index = PhraseIndex.build(
            self._texts(), language, confusions=confusions, exact_only=exact_only
        )
        # By text of the index: the one phrase that it is, -1 where there is more to it.
        self._alone = [
            uses[0].owner if len(uses) == 1 and not uses[0].pattern else -1 for uses in self._uses
        ]

    def _texts(self) -> list[Phrase]:
        """The texts that the index looks for; `_uses` says what each stands for."""
        numbers: dict[tuple[str, Level, bool], int] = {}
        for owner, wanted in enumerate(self._owners):
            level: Level = "near" if wanted in self._grave else wanted.level
            if wanted.text in self._exact_only:
                level = "exact"
            told_apart = owner >= len(self._wanted)
            ways = opened(wanted.text)
            for wording in ways:
                key = key_part(wording, self.language)
                part = wording.parts[key]
                polite_you = told_apart and not _YOU.isdisjoint(part)
                number = numbers.setdefault((part, level, polite_you), len(numbers))
                if number == len(self._uses):
                    self._uses.append([])
                # Parts beside the key are compared by sound at most: nothing is near around it.
                last = min(LAST_TIER[level], LAST_TIER["homophone"])
                pattern = len(ways) > 1 or len(wording.parts) > 1
                self._uses[number].append(_Use(owner, wording, key, pattern, last, told_apart))
        return [
            Phrase(text=text, level=level, polite_you=polite) for text, level, polite in numbers
        ]

    @cached_property
    def short(self) -> ShortPhrases | None:
        """The doubted phrases that any tier may find and that are short, by the lexicon's numbers.

        None where there are none, and in English.
        """
        if self.language == "en":
            return None
        short = [
            (wording.parts[0], number)
            for number, wanted in enumerate(self._wanted)
            if wanted in self._doubted and self.last_tier(wanted) == NEAR_TIER
            for wording in opened(wanted.text)
            if len(wording.parts) == 1
        ]
        if not short:
            return None
        return ShortPhrases(
            ShortGaps([text for text, _ in short]),
            np.array([len(text) for text, _ in short], dtype=np.intp),
            np.array([number for _, number in short], dtype=np.intp),
        )

    @cached_property
    def hotlines(self) -> frozenset[str]:
        """The phrases that are service numbers."""
        return frozenset(w.text for w in self._wanted if is_hotline(w.text))

    def number(self, phrase: Wanted) -> int:
        """The number of a phrase of the rubric."""
        return self._numbers[phrase]

    def numbers(self, wanted: WantedSet) -> Sequence[int]:
        """The numbers of the phrases of a list, in order."""
        return (self._lists.get(id(wanted)) or self._list(wanted)).plain

    def wanted(self, number: int) -> Wanted:
        """The phrase of a `PhraseHit`."""
        return self._owners[number]

    @cached_property
    def _last_tiers(self) -> Mapping[Wanted, int]:
        """By phrase: the farthest tier that its own level allows."""
        exact = {
            use.owner: self._index.last_tier(number) == 1
            for number, uses in enumerate(self._uses)
            for use in uses
        }
        return {w: 1 if exact[i] else LAST_TIER[w.level] for i, w in enumerate(self._wanted)}

    def last_tier(self, phrase: Wanted) -> int:
        """The farthest tier that may find a phrase of the rubric."""
        return self._last_tiers[phrase]

    def find(self, texts: Sequence[str]) -> FoundPhrases:
        """Every place of every phrase that occurs, hits and what was nearly one."""
        return self.find_in_many([texts])[0]

    def find_in_many(self, calls: Sequence[Sequence[str]]) -> list[FoundPhrases]:
        """As `find`, for each of many calls in one pass."""
        return [
            self._sorted(rows, texts)
            for rows, texts in zip(self._index.find_rows(calls), calls, strict=True)
        ]

    def _sorted(self, rows: Sequence[PhraseHit], texts: Sequence[str]) -> FoundPhrases:
        places: defaultdict[int, list[PhraseHit]] = defaultdict(list)
        parts: dict[PhraseHit, tuple[WordedPart, ...]] = {}
        said: dict[int, UnitText] = {}
        several: set[int] = set()
        alone = self._alone
        for row in rows:
            owner = alone[row[3]]
            if owner >= 0:
                places[owner].append(row if owner == row[3] else row._replace(phrase=owner))
                continue
            for use in self._uses[row[3]]:
                hit, worded = self._hit(use, row, said, texts)
                if hit is None:
                    continue
                if use.pattern:
                    several.add(use.owner)
                    if hit in parts:
                        continue
                    parts[hit] = worded
                places[use.owner].append(hit)
        for number in several:
            places[number] = one_of_each(places[number])
        mask = 0
        bits = self._bit_of
        for number in places:
            mask |= bits[number]
        return FoundPhrases(places=places, parts=parts, mask=mask)

    def _hit(
        self, use: _Use, row: PhraseHit, said: dict[int, UnitText], texts: Sequence[str]
    ) -> tuple[PhraseHit | None, tuple[WordedPart, ...]]:
        found = WordedPart(use.wording.parts[use.key], row.start, row.end, row.tier)
        if len(use.wording.parts) == 1:
            return row._replace(phrase=use.owner), (found,)
        if row.tier > NEAR_TIER:
            return None, ()
        if row.turn not in said:
            said[row.turn] = unit_text(texts[row.turn], self.language)
        worded = around(
            use.wording,
            use.key,
            found,
            said[row.turn],
            self.language,
            self.confusions,
            polite_you=use.polite_you,
            last_tier=use.last_tier,
        )
        if worded is None:
            return None, ()
        whole = PhraseHit(
            row.turn,
            worded[0].start,
            worded[-1].end,
            use.owner,
            max(part.tier for part in worded),
            row.distance,
        )
        return whole, worded

    def parts(self, place: PhraseHit, found: FoundPhrases) -> tuple[WordedPart, ...]:
        """What of a phrase was said at a place, part by part."""
        known = found.parts.get(place)
        if known is not None:
            return known
        return (WordedPart(self._owners[place.phrase].text, place.start, place.end, place.tier),)

    def size(self, parts: Iterable[WordedPart]) -> int:
        """How long a wording is: the syllables (in English words) of its parts together."""
        return sum(part_size(part.text, self.language) for part in parts)

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


def opened(text: str) -> tuple[Wording, ...]:
    """The wordings of a phrase; one that is no good pattern (the check of the rubric says so) is
    looked for as it is written.
    """
    try:
        return wordings(text)
    except PatternError:
        return (Wording((text,), ()),)
