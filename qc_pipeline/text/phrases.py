"""The phrase index: where phrases were said in a call, although a recogniser wrote it down.

Tiers (RUBRIC, "Matching words that a recogniser heard"): 1 the normal form itself, 2 the same
syllables without tone, 3 the same after usual confusions, 4 near (one syllable wrong, missing or
extra in a phrase of five or more, two in nine or more). English: tiers 1 and 4, by words.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any, Literal

import ahocorasick

from qc_pipeline.text.characters import COMPACT
from qc_pipeline.text.english import NEGATIONS as ENGLISH_NEGATIONS
from qc_pipeline.text.english import words_of
from qc_pipeline.text.normal import normalise, opened, spoken, with_numbers
from qc_pipeline.text.numerals import SPOKEN_DIGITS, UNITS
from qc_pipeline.text.sound_index import (
    ALMOST_AT,
    ALMOST_TIER,
    NEAR_TIER,
    PhraseHit,
    Shape,
    SoundIndex,
    may_differ,
)
from qc_pipeline.text.syllables import SEPARATOR, SYMBOLS, Sounds, sounds
from qc_pipeline.text.turns import (
    POLITE,
    UNKNOWN_WORD,
    TurnText,
    chinese_turns,
    english_turns,
)

Level = Literal["near", "homophone", "exact"]

LAST_TIER: dict[Level, int] = {"exact": 1, "homophone": 3, "near": 4}
# A difference in one of these turns a sentence round.
NEGATIONS = frozenset("不没别未无非")
_NUMBER_CHARS = frozenset("0123456789点" + UNITS)
_YOU = frozenset("你您")
_POLITE_YOU = Sounds(frozenset(("ni", "nin")), frozenset(("ni", "nin")))
_JOINING = frozenset(" -\u2010\u2011\u2013\u3000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A phrase looked for; `level`: the farthest tier that may find it; `polite_you`: 您 is 你."""

    text: str
    level: Level = "near"
    polite_you: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Hits, and finds that are none but make an absence doubtful; by turn, start, end, phrase."""

    hits: tuple[PhraseHit, ...]
    almost: tuple[PhraseHit, ...]


class PhraseIndex:
    """All phrases of a rubric, found in one pass over the turns of a call."""

    def __init__(
        self,
        phrases: tuple[Phrase, ...],
        language: str,
        confusions: tuple[str, ...],
        exact_only: Collection[str],
    ) -> None:
        self.phrases = phrases
        self.language = language
        self._confusions = confusions
        self._class_cache: dict[str, frozenset[str]] = {}
        self._vocabulary: dict[str, str] = {}
        exact = {normalise(text, language).text for text in exact_only}
        self._normal = tuple(
            normalise(p.text, language).text if language == "en" else _forms(p.text)[0]
            for p in phrases
        )
        self._exact = tuple(
            p.level == "exact"
            or n in exact
            or (language == "en" and p.level == "homophone")
            or _is_exact(n, language)
            for p, n in zip(phrases, self._normal, strict=True)
        )
        self._negative: Collection[str] = NEGATIONS
        if language == "en":
            self._learn_words()
        self._words = self._build_words()
        # Phrases whose finds are looked at once more: numbers (None), and those that tell 您 from
        # 你, with the ones they have.
        self._strict: dict[int, list[str] | None] = {}
        if language != "en":
            for i, (phrase, normal) in enumerate(zip(phrases, self._normal, strict=True)):
                if _is_number(normal):
                    self._strict[i] = None
                elif not phrase.polite_you and not _YOU.isdisjoint(normal):
                    self._strict[i] = [c for c in normal if c in _YOU]
        self._sounds_of_all = self._build_sounds()

    @classmethod
    def build(
        cls,
        phrases: Sequence[Phrase],
        language: str = "zh",
        confusions: Sequence[str] = (),
        exact_only: Collection[str] = (),
    ) -> PhraseIndex:
        """An index of `phrases`; `exact_only` are texts that only tier 1 may find."""
        return cls(tuple(phrases), language, tuple(sorted(confusions)), exact_only)

    @cached_property
    def units(self) -> tuple[int, ...]:
        """Syllables (zh) or words (en) of every phrase; 0 for one that nothing can match."""
        if self.language == "en":
            return tuple(len(words_of(p.text)) for p in self.phrases)
        return tuple(len(_forms(p.text)[1][0]) for p in self.phrases)

    def last_tier(self, phrase: int) -> int:
        """The farthest tier that may find a phrase."""
        return 1 if self._exact[phrase] else LAST_TIER[self.phrases[phrase].level]

    def find(self, turns: Sequence[str]) -> tuple[PhraseHit, ...]:
        """Every occurrence of every phrase, overlapping ones of different phrases included."""
        return self.find_all(turns).hits

    def find_all(self, turns: Sequence[str]) -> Findings:
        """As `find`, with what was nearly found beside it, in the same pass."""
        if self.language == "en":
            text = english_turns(turns, self._vocabulary)
        else:
            text = chinese_turns(turns)
        said, places = self._in_words(text)
        return _findings(said, self._sounds_of_all.find(text, places))

    def _learn_words(self) -> None:
        known = {w for p in self.phrases for w, _, _ in words_of(p.text)} | ENGLISH_NEGATIONS
        self._vocabulary = {w: chr(0xF0000 + i) for i, w in enumerate(sorted(known))}
        self._negative = frozenset(self._vocabulary[w] for w in ENGLISH_NEGATIONS)

    def _key(self, phrase: int) -> str:
        if self.language == "en":
            words = words_of(self.phrases[phrase].text)
            return "".join(self._vocabulary[w] for w, _, _ in words)
        return self._normal[phrase].translate(POLITE)

    def _build_words(self) -> Any:
        keys: defaultdict[str, list[int]] = defaultdict(list)
        for i in range(len(self.phrases)):
            key = self._key(i)
            if key:
                keys[key].append(i)
        automaton = ahocorasick.Automaton()
        for key, owners in keys.items():
            automaton.add_word(key, (len(key), tuple(owners)))
        automaton.make_automaton()
        return automaton

    def _build_sounds(self) -> SoundIndex:
        owners: defaultdict[Shape, list[int]] = defaultdict(list)
        for i in range(len(self.phrases)):
            if not self._exact[i]:
                for shape in self._shapes(i):
                    owners[shape].append(i)
        return SoundIndex(
            owners, self._classes, self._confusions, self._negative, words=self.language == "en"
        )

    def _shapes(self, phrase: int) -> Iterable[Shape]:
        """The ways a phrase may be spoken."""
        near = self.phrases[phrase].level == "near"
        if self.language == "en":
            words = [w for w, _, _ in words_of(self.phrases[phrase].text)]
            # Found whole by its words already, so only what may differ is looked for.
            if near and len(words) >= ALMOST_AT:
                yield Shape(
                    sounds=tuple(_exactly(self._vocabulary[w]) for w in words),
                    negations=tuple(w in ENGLISH_NEGATIONS for w in words),
                    allowed=may_differ(len(words)),
                )
            return
        for text in _forms(self.phrases[phrase].text)[1]:
            yield Shape(
                sounds=tuple(self._sounds(phrase, c) for c in text),
                negations=tuple(c in NEGATIONS for c in text),
                allowed=may_differ(len(text)) if near else 0,
            )

    def _sounds(self, phrase: int, char: str) -> Sounds:
        if char in _YOU and self.phrases[phrase].polite_you:
            return _POLITE_YOU
        return sounds(char)

    def _classes(self, symbol: str) -> frozenset[str]:
        found = self._class_cache.get(symbol)
        if found is None:
            if self.language == "en":
                own = symbol not in (SEPARATOR, UNKNOWN_WORD)
                found = _exactly(symbol).every if own else frozenset()
            else:
                found = SYMBOLS.sounds(symbol).classes(self._confusions)
            self._class_cache[symbol] = found
        return found

    def _in_words(self, text: TurnText) -> tuple[list[PhraseHit], set[tuple[int, int]]]:
        """Finds of tier 1, and (place in `text.symbols`, phrase) of those."""
        out: list[PhraseHit] = []
        places: set[tuple[int, int]] = set()
        if not len(self._words):
            return out, places
        strict = self._strict
        for last, (length, owners) in self._words.iter(text.normal):
            begin = last + 1 - length
            turn, start, end = text.normal_span(begin, last + 1)
            at = text.symbol_at(turn, begin)
            for phrase in owners:
                if phrase in strict and not self._is_said(phrase, text.turns[turn], start, end):
                    continue
                out.append(PhraseHit(turn, start, end, phrase, 1, 0))
                places.add((at, phrase))
        return out, places

    def _is_said(self, phrase: int, text: str, start: int, end: int) -> bool:
        """Whether a find in the folded text is one in the text: 您 is not 你, a number is whole."""
        said_to = self._strict[phrase]
        if said_to is None:
            return _is_whole_number(text, start, end)
        heard = text[start:end].translate(COMPACT)
        return [c for c in heard if c in _YOU] == said_to


def _exactly(symbol: str) -> Sounds:
    """A word: it sounds like itself, and takes part in no confusion."""
    return Sounds(frozenset((symbol,)), frozenset())


def _findings(said: Iterable[PhraseHit], heard: Iterable[PhraseHit]) -> Findings:
    """Overlapping finds of one phrase as one: best tier, longest, earliest."""
    places: dict[tuple[int, int], list[PhraseHit]] = {}
    for hit in chain(said, heard):
        places.setdefault((hit[0], hit[3]), []).append(hit)
    hits: list[PhraseHit] = []
    almost: list[PhraseHit] = []
    for group in places.values():
        kept = group
        if len(group) > 1:
            group.sort(key=lambda h: (h.tier, h.distance, h.start - h.end, h.start))
            kept = _without_overlap(group)
        for hit in kept:
            (hits if hit.tier <= NEAR_TIER else almost).append(hit)
    hits.sort()
    almost.sort()
    return Findings(hits=tuple(hits), almost=tuple(almost))


def _without_overlap(hits: Iterable[PhraseHit]) -> list[PhraseHit]:
    """Of the hits of one turn those that overlap none before them in the order given."""
    kept: list[PhraseHit] = []
    places: list[tuple[int, int]] = []
    for hit in hits:
        at = bisect_left(places, (hit.start, hit.end))
        if at and places[at - 1][1] > hit.start:
            continue
        if at < len(places) and places[at][0] < hit.end:
            continue
        places.insert(at, (hit.start, hit.end))
        kept.append(hit)
    return kept


def merged(hits: Iterable[PhraseHit]) -> tuple[PhraseHit, ...]:
    """Overlapping occurrences of any phrases as one hit: best tier, longest, earliest."""
    by_turn: dict[int, list[PhraseHit]] = {}
    for hit in sorted(hits, key=lambda h: (h.tier, h.start - h.end, h.start, h.phrase)):
        by_turn.setdefault(hit.turn, []).append(hit)
    return tuple(sorted(h for group in by_turn.values() for h in _without_overlap(group)))


def never_matches(text: str, language: str = "zh") -> bool:
    """Whether nothing is left of a phrase after normalisation."""
    return not normalise(text, language).text


def _is_number(normal: str) -> bool:
    return _NUMBER_CHARS.issuperset(normal)


def _is_exact(normal: str, language: str) -> bool:
    if language == "en":
        return " " not in normal
    return len(normal) == 1 or _is_number(normal)


def _is_whole_number(text: str, start: int, end: int) -> bool:
    """Whether no other digit belongs to the number at `start:end`."""

    def joins(step: int, at: int) -> bool:
        while 0 <= at < len(text) and text[at] in _JOINING:
            at += step
        if not 0 <= at < len(text):
            return False
        form = normalise(text[at]).text
        return bool(form) and form in "0123456789"

    return not joins(-1, start - 1) and not joins(1, end)


@lru_cache(maxsize=16384)
def _forms(text: str) -> tuple[str, tuple[str, ...]]:
    """The normal form of a phrase, and how it may be spoken.

    Digits are read as an amount and one by one (24: 二十四, 二四).
    """
    plain = opened(text)
    one_by_one = "".join(SPOKEN_DIGITS[int(c)] if c in "0123456789" else c for c in plain.text)
    said = tuple(dict.fromkeys((spoken(plain).text, one_by_one)))
    return with_numbers(plain).text, said


__all__ = [
    "ALMOST_TIER",
    "LAST_TIER",
    "NEAR_TIER",
    "Findings",
    "Level",
    "Phrase",
    "PhraseHit",
    "PhraseIndex",
    "merged",
    "never_matches",
]
