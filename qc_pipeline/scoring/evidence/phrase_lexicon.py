"""All phrases of a rubric, found in one pass over a call."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.evidence.found_phrases import FoundPhrases, Owned, Use
from qc_pipeline.scoring.evidence.nearest_sentence import WordingPool
from qc_pipeline.scoring.evidence.outcome import Level, Wanted, WantedSet
from qc_pipeline.scoring.evidence.terms import Party
from qc_pipeline.text.gapped_wordings import (
    Sounding,
    WordedPart,
    key_segment,
    part_size,
)
from qc_pipeline.text.number_roles import is_hotline
from qc_pipeline.text.phrase_patterns import PatternError, Segments, segments
from qc_pipeline.text.phrases import (
    LAST_TIER,
    NEAR_TIER,
    Phrase,
    PhraseHit,
    PhraseIndex,
    SearchedTurns,
)
from qc_pipeline.text.short_gaps import ShortGaps
from qc_pipeline.text.syllables import YOU

_EITHER: tuple[Party, ...] = ("any",)


class AsksPhrases(Protocol):
    """A condition, as far as a lexicon has to know it."""

    def phrases(self) -> Iterator[Wanted]: ...


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
        asked_of: Mapping[Wanted, Collection[Party]] = MappingProxyType({}),
    ) -> None:
        """`doubted` are the phrases whose absence a doubtful syllable can make doubtful, if it is
        one of `doubted_of` who should have said them. `grave` are those of red lines and major
        items: they are looked for in every tier, whatever level they have. `asked_of` says of a
        phrase in whose words it is looked for, where it is not everybody's.
        """
        self.language = language
        self.confusions = tuple(sorted(confusions))
        self._doubted = frozenset(doubted)
        self.doubted_of = frozenset([s for s in Speaker if {"any", s.value} & {*doubted_of}])
        self._wanted = tuple(dict.fromkeys(wanted))
        self._exact_only = frozenset(exact_only)
        # 您 is 你 only where that is good for the agent, so such phrases are looked for both ways.
        polite = tuple(w for w in self._wanted if language == "zh" and not YOU.isdisjoint(w.text))
        self._bits = {w: 1 << i for i, w in enumerate(self._wanted)}
        self._lists: dict[int, _List] = {}
        self._pools: dict[int, WordingPool] = {}
        self._short_of: dict[int, Sequence[int]] = {}
        # An id is something's own only as long as it lives.
        self._alive: list[object] = []
        self._owners = (*self._wanted, *polite)
        self._numbers = {w: i for i, w in enumerate(self._wanted)}
        self._polite = self._numbers | {w: i + len(self._wanted) for i, w in enumerate(polite)}
        self._bit_of = tuple(self._bits[w] for w in self._owners)
        self._grave = frozenset(grave)
        self._uses: list[list[Use]] = []
        # The one party in whose words a phrase is looked for; None for either's.
        self._only = [_only(asked_of.get(w, _EITHER)) for w in self._owners]
        self._index = PhraseIndex.build(
            self._texts(), language, confusions=confusions, exact_only=exact_only
        )
        self._mask_of = [0] * len(self._uses)
        owned: list[list[tuple[int, Use]]] = [[] for _ in self._owners]
        for text, uses in enumerate(self._uses):
            for use in uses:
                self._mask_of[text] |= self._bit_of[use.owner]
                owned[use.owner].append((text, use))
        self._owned = [
            Owned(uses, pattern=_is_pattern(w, forms_of(w.text)), only=only)
            for w, uses, only in zip(self._owners, owned, self._only, strict=True)
        ]

    def _texts(self) -> list[Phrase]:
        """The texts that the index looks for; `_uses` says what each stands for."""
        numbers: dict[tuple[str, Level, bool, bool], int] = {}
        soundings: dict[tuple[int, bool], Sounding] = {}
        for owner, wanted in enumerate(self._owners):
            level: Level = "near" if wanted in self._grave else wanted.level
            if wanted.text in self._exact_only:
                level = "exact"
            told_apart = owner >= len(self._wanted)
            # Parts beside the key are compared by sound at most: nothing is near around it.
            last = min(LAST_TIER[level], LAST_TIER["homophone"])
            sounding = soundings.setdefault(
                (last, told_apart),
                Sounding(self.language, self.confusions, last, polite_you=told_apart),
            )
            for form in forms_of(wanted.text):
                key = key_segment(form, self.language)
                gapped = len(form.parts) > 1
                for part in form.parts[key]:
                    polite_you = told_apart and not YOU.isdisjoint(part)
                    number = numbers.setdefault((part, level, polite_you, gapped), len(numbers))
                    if number == len(self._uses):
                        self._uses.append([])
                    self._uses[number].append(Use(owner, part, form, key, sounding))
        return [
            Phrase(text=text, level=level, polite_you=polite, every=gapped, by=self._by(uses))
            for (text, level, polite, gapped), uses in zip(numbers, self._uses, strict=True)
        ]

    def _by(self, uses: Iterable[Use]) -> Speaker | None:
        """The one party in whose words a text of the index is looked for; None for either's."""
        parties = {self._only[use.owner] for use in uses}
        return parties.pop() if len(parties) == 1 else None

    @cached_property
    def short(self) -> ShortPhrases | None:
        """The doubted phrases that any tier may find and that are short, by the lexicon's numbers.

        None where there are none, and in English.
        """
        if self.language == "en":
            return None
        short = [
            (part, number)
            for number, wanted in enumerate(self._wanted)
            if wanted in self._doubted and self.last_tier(wanted) == NEAR_TIER
            for form in forms_of(wanted.text)
            if len(form.parts) == 1
            for part in form.parts[0]
        ]
        if not short:
            return None
        return ShortPhrases(
            ShortGaps([text for text, _ in short]),
            np.array([len(text) for text, _ in short], dtype=np.intp),
            np.array([number for _, number in short], dtype=np.intp),
        )

    def pool(self, wanted: WantedSet) -> WordingPool:
        """The wordings of a list, to be compared with sentences."""
        known = self._pools.get(id(wanted))
        if known is None:
            known = self._pools[id(wanted)] = WordingPool(wanted, self.language)
            self._alive.append(wanted)
        return known

    @cached_property
    def hotlines(self) -> frozenset[str]:
        """The phrases that are service numbers."""
        return frozenset(w.text for w in self._wanted if is_hotline(w.text))

    def short_numbers(self, condition: AsksPhrases) -> Sequence[int]:
        """The numbers of the phrases of a condition that have a wording of one or two syllables."""
        known = self._short_of.get(id(condition))
        if known is None:
            known = self._short_of[id(condition)] = tuple(
                self._numbers[phrase]
                for phrase in dict.fromkeys(condition.phrases())
                if any(
                    sum(min(part_size(p, self.language) for p in parts) for parts in form.parts) < 3
                    for form in forms_of(phrase.text)
                )
            )
            self._alive.append(condition)
        return known

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

    def find_in_many(
        self, calls: Sequence[Sequence[str]], speakers: Sequence[Sequence[Speaker]] | None = None
    ) -> list[FoundPhrases]:
        """As `find`, for each of many calls in one pass. With the `speakers` of their turns what
        stands in the words of a party that a phrase is not asked of is left out.
        """
        whose = [None] * len(calls) if speakers is None else speakers
        return [
            self._sorted(searched, said_by)
            for searched, said_by in zip(self._index.search(calls, speakers), whose, strict=True)
        ]

    def _sorted(self, searched: SearchedTurns, said_by: Sequence[Speaker] | None) -> FoundPhrases:
        by_text: dict[int, list[PhraseHit]] = {}
        for row in searched.rows:
            known = by_text.get(row[3])
            if known is None:
                by_text[row[3]] = [row]
            else:
                known.append(row)
        mask = 0
        for text in by_text:
            mask |= self._mask_of[text]
        return FoundPhrases(self, searched, said_by, by_text, mask)

    def owned(self, number: int) -> Owned:
        """What the index looks for in the place of a phrase."""
        return self._owned[number]

    def candidates(self, mask: int) -> Iterator[int]:
        """The numbers of the phrases of a mask."""
        return (number for number, bit in enumerate(self._bit_of) if bit & mask)

    def size(self, parts: Iterable[WordedPart]) -> int:
        """How long a wording is: the syllables (in English words) of its parts together."""
        return sum(part_size(part.text, self.language) for part in parts)

    def places(self, wanted: WantedSet, found: FoundPhrases, *, favour: bool) -> list[PhraseHit]:
        """Where the phrases of a list stand, phrase by phrase; `favour` takes 您 and 你 for one."""
        known = self._lists.get(id(wanted)) or self._list(wanted)
        if not known.mask & found.mask:
            return []
        out: list[PhraseHit] = []
        bits, mask = self._bit_of, found.mask
        for number in known.polite if favour else known.plain:
            if bits[number] & mask:
                out += found.of(number)
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
        self._alive.append(wanted)
        return known


def _only(parties: Collection[Party]) -> Speaker | None:
    named = set(parties)
    return Speaker(named.pop()) if len(named) == 1 and "any" not in named else None


def _is_pattern(wanted: Wanted, forms: Sequence[Segments]) -> bool:
    return len(forms) > 1 or forms[0].parts != ((wanted.text,),)


def forms_of(text: str) -> tuple[Segments, ...]:
    """The forms of a phrase; one that is no good pattern (the check of the rubric says so) is
    looked for as it is written.
    """
    try:
        return segments(text)
    except PatternError:
        return (Segments(((text,),), ()),)
