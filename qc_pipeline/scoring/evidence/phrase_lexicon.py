"""All phrases of a rubric, found in one pass over a call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.evidence.nearest_sentence import WordingPool
from qc_pipeline.scoring.evidence.outcome import Level, Wanted, WantedSet
from qc_pipeline.scoring.evidence.terms import Party
from qc_pipeline.text.gapped_wordings import (
    Sounding,
    UnitText,
    Walks,
    WordedPart,
    around,
    key_segment,
    part_size,
    unit_text,
)
from qc_pipeline.text.number_roles import is_hotline
from qc_pipeline.text.phrase_patterns import PatternError, Segments, segments
from qc_pipeline.text.phrases import (
    HIT,
    LAST_TIER,
    NEAR_TIER,
    Phrase,
    PhraseHit,
    PhraseIndex,
    one_of_each,
)
from qc_pipeline.text.short_gaps import ShortGaps
from qc_pipeline.text.syllables import YOU

_EITHER: tuple[Party, ...] = ("any",)


class FoundPhrases:
    """Where the phrases of a lexicon stand in the turns of a call.

    `mask` has the bits of the phrases that may occur. What is found of a pattern is verified when
    it is asked for.
    """

    __slots__ = (
        "_lexicon",
        "_parts",
        "_places",
        "_rows",
        "_said",
        "_said_by",
        "_texts",
        "_walks",
        "mask",
    )

    def __init__(
        self,
        lexicon: Lexicon,
        texts: Sequence[str],
        said_by: Sequence[Speaker] | None,
        rows: Mapping[int, Sequence[PhraseHit]],
        mask: int,
    ) -> None:
        """`rows` are what the index found, by its texts."""
        self._lexicon = lexicon
        self._texts = texts
        self._said_by = said_by
        self._rows = rows
        self._places: dict[int, Sequence[PhraseHit]] = {}
        self._said: dict[int, UnitText] = {}
        self._walks: defaultdict[tuple[int, int], Walks] = defaultdict(dict)
        self._parts: dict[PhraseHit, tuple[WordedPart, ...]] = {}
        self.mask = mask

    def numbers(self) -> Iterator[int]:
        """The phrases that occur, by their numbers in the lexicon."""
        return (number for number in self._lexicon.candidates(self.mask) if self.of(number))

    def of(self, number: int) -> Sequence[PhraseHit]:
        """Every place of a phrase, by its number in the lexicon, in order."""
        known = self._places.get(number)
        if known is None:
            known = self._places[number] = self._found(self._lexicon.owned(number))
        return known

    def _found(self, owned: _Owned) -> Sequence[PhraseHit]:
        rows: list[tuple[_Use, PhraseHit]] = []
        said_by = self._said_by
        for text, use in owned.uses:
            for row in self._rows.get(text, ()):
                if owned.only is None or said_by is None or said_by[row[0]] is owned.only:
                    rows.append((use, row))
        if owned.pattern:
            return self._verified(rows) if rows else ()
        return [
            HIT((turn, start, end, use.owner, tier, distance))
            for use, (turn, start, end, _, tier, distance) in rows
        ]

    def parts(self, place: PhraseHit) -> tuple[WordedPart, ...]:
        """What of a phrase was said at a place, part by part."""
        known = self._parts.get(place)
        if known is not None:
            return known
        phrase = self._lexicon.wanted(place.phrase).text
        return (WordedPart(phrase, place.start, place.end, place.tier),)

    def _verified(self, rows: Sequence[tuple[_Use, PhraseHit]]) -> list[PhraseHit]:
        """Overlapping hits of a pattern as one: best tier, longest, earliest."""
        hits = []
        for use, row in rows:
            worded = self._worded(use, row)
            if worded is None:
                continue
            hit = PhraseHit(
                row.turn,
                worded[0].start,
                worded[-1].end,
                use.owner,
                max([part.tier for part in worded]),
                row.distance,
            )
            if hit not in self._parts:
                self._parts[hit] = worded
                hits.append(hit)
        return one_of_each(hits)

    def _worded(self, use: _Use, row: PhraseHit) -> tuple[WordedPart, ...] | None:
        turn, start, end, text, tier, _ = row
        found = WordedPart(self._lexicon.text(text), start, end, tier)
        if len(use.form.parts) == 1:
            return (found,)
        if tier > NEAR_TIER:
            return None
        said = self._said.get(turn)
        if said is None:
            said = self._said[turn] = unit_text(self._texts[turn], self._lexicon.language)
        # Between two parts there is nothing to be kept: the next one is looked for once a place.
        known = self._walks[id(use), turn] if len(use.form.parts) > 2 else None
        return around(use.form, use.key, found, said, use.sounding, known)


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


class _Use(NamedTuple):
    """What a text of the index stands for: a part of a phrase, said by the `key` segment of a form
    of it; of a pattern or of a phrase that has one wording.
    """

    owner: int
    form: Segments
    key: int
    pattern: bool
    sounding: Sounding


class _Owned(NamedTuple):
    """What a phrase is looked for by: texts of the index with what each stands for."""

    uses: tuple[tuple[int, _Use], ...]
    pattern: bool
    only: Speaker | None


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
        self._uses: list[list[_Use]] = []
        self._index = PhraseIndex.build(
            self._texts(), language, confusions=confusions, exact_only=exact_only
        )
        self._mask_of = [0] * len(self._uses)
        owned: list[list[tuple[int, _Use]]] = [[] for _ in self._owners]
        for text, uses in enumerate(self._uses):
            for use in uses:
                self._mask_of[text] |= self._bit_of[use.owner]
                owned[use.owner].append((text, use))
        # The one party in whose words a phrase is looked for; None for either's.
        self._owned = [
            _Owned(
                tuple(uses), any(use.pattern for _, use in uses), _only(asked_of.get(w, _EITHER))
            )
            for w, uses in zip(self._owners, owned, strict=True)
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
            forms = forms_of(wanted.text)
            pattern = len(forms) > 1 or forms[0].parts != ((wanted.text,),)
            for form in forms:
                key = key_segment(form, self.language)
                gapped = len(form.parts) > 1
                for part in form.parts[key]:
                    polite_you = told_apart and not YOU.isdisjoint(part)
                    number = numbers.setdefault((part, level, polite_you, gapped), len(numbers))
                    if number == len(self._uses):
                        self._uses.append([])
                    self._uses[number].append(_Use(owner, form, key, pattern, sounding))
        return [
            Phrase(text=text, level=level, polite_you=polite, every=gapped)
            for text, level, polite, gapped in numbers
        ]

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
            self._sorted(rows, texts, said_by)
            for rows, texts, said_by in zip(self._index.find_rows(calls), calls, whose, strict=True)
        ]

    def _sorted(
        self, rows: Sequence[PhraseHit], texts: Sequence[str], said_by: Sequence[Speaker] | None
    ) -> FoundPhrases:
        by_text: dict[int, list[PhraseHit]] = {}
        for row in rows:
            known = by_text.get(row[3])
            if known is None:
                by_text[row[3]] = [row]
            else:
                known.append(row)
        mask = 0
        for text in by_text:
            mask |= self._mask_of[text]
        return FoundPhrases(self, texts, said_by, by_text, mask)

    def owned(self, number: int) -> _Owned:
        """What the index looks for in the place of a phrase."""
        return self._owned[number]

    def candidates(self, mask: int) -> Iterator[int]:
        """The numbers of the phrases of a mask."""
        return (number for number, bit in enumerate(self._bit_of) if bit & mask)

    def text(self, number: int) -> str:
        """A text that the index looks for."""
        return self._index.phrases[number].text

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


def forms_of(text: str) -> tuple[Segments, ...]:
    """The forms of a phrase; one that is no good pattern (the check of the rubric says so) is
    looked for as it is written.
    """
    try:
        return segments(text)
    except PatternError:
        return (Segments(((text,),), ()),)
