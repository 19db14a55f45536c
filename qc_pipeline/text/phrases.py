"""The phrase index: where phrases were said in a call, although a recogniser wrote it down.

Tiers (RUBRIC, "Matching words that a recogniser heard"): 1 the normal form itself, 2 the same
syllables without tone, 3 the same after usual confusions, 4 near (one syllable wrong, missing or
extra in a phrase of five or more, two in nine or more). English: tiers 1 and 4, by words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import ahocorasick

from qc_pipeline.text.automaton import SetAutomaton
from qc_pipeline.text.english import NEGATIONS as ENGLISH_NEGATIONS
from qc_pipeline.text.english import words_of
from qc_pipeline.text.near import Line, Pattern, pieces, widen
from qc_pipeline.text.normal import normalise, opened, spoken
from qc_pipeline.text.numerals import DIGIT_WORDS, SPOKEN_DIGITS, UNITS
from qc_pipeline.text.syllables import SYMBOLS, classes, readings
from qc_pipeline.text.turns import (
    POLITE,
    UNKNOWN_WORD,
    TurnText,
    chinese_turns,
    english_turns,
)

Level = Literal["near", "homophone", "exact"]

LAST_TIER: dict[Level, int] = {"exact": 1, "homophone": 3, "near": 4}
NEAR_TIER = 4
ALMOST_TIER = 5
# A difference in one of these turns a sentence round.
NEGATIONS = frozenset("不没别未无非")
# From so many syllables on one or two may differ; in four, one makes the absence doubtful.
ONE_FROM, TWO_FROM, ALMOST_AT = 5, 9, 4
_NUMBER_CHARS = frozenset("0123456789点" + UNITS)
_YOU = frozenset("你您")
_JOINING = frozenset(" -\u2010\u2011\u2013\u3000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A phrase looked for. `level` is the farthest tier that may find it; `polite_you`: 您 is 你."""

    text: str
    level: Level = "near"
    polite_you: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseHit:
    """Phrase number `phrase` in turn number `turn`, original characters `start` to `end`.

    `tier` 1 to 4; 5 for one that is nearly a hit (`Findings.almost`). `distance`: syllables
    (words) that differ, 0 up to tier 3.
    """

    phrase: int
    turn: int
    start: int
    end: int
    tier: int
    distance: int


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
        self._normal = tuple(normalise(p.text, language).text for p in phrases)
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
        self._patterns: list[Pattern] = []
        self._parts: list[tuple[int, int, int]] = []
        self._automaton = self._build_patterns()

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
        return tuple(len(spoken(opened(p.text)).text) for p in self.phrases)

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
        found = self._in_words(text)
        found.extend(self._in_syllables(text))
        return _findings(found)

    def _learn_words(self) -> None:
        known = {w for p in self.phrases for w, _, _ in words_of(p.text)} | ENGLISH_NEGATIONS
        self._vocabulary = {w: chr(0xE000 + i) for i, w in enumerate(sorted(known))}
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

    def _build_patterns(self) -> SetAutomaton:
        sequences: list[tuple[frozenset[str], ...]] = []
        for i in range(len(self.phrases)):
            if self._exact[i]:
                continue
            for pattern in self._variants(i):
                number = len(self._patterns)
                self._patterns.append(pattern)
                for first, last in pieces(pattern):
                    self._parts.append((number, first, last))
                    sequences.append(pattern.wanted[first:last])
        return SetAutomaton(sequences, self._classes)

    def _variants(self, phrase: int) -> Iterable[Pattern]:
        near = self.phrases[phrase].level == "near"
        if self.language == "en":
            words = [w for w, _, _ in words_of(self.phrases[phrase].text)]
            sets = tuple(frozenset((self._vocabulary[w],)) for w in words)
            if len(words) >= ALMOST_AT:
                yield Pattern(
                    phrase=phrase,
                    wanted=sets,
                    plain=sets,
                    negations=tuple(w in ENGLISH_NEGATIONS for w in words),
                    allowed=_allowed(len(words)),
                )
            return
        for text in _spoken_variants(self.phrases[phrase].text):
            plain = tuple(self._readings(phrase, c) for c in text)
            yield Pattern(
                phrase=phrase,
                wanted=tuple(classes(s, self._confusions) for s in plain),
                plain=plain,
                negations=tuple(c in NEGATIONS for c in text),
                allowed=_allowed(len(plain)) if near else 0,
            )

    def _readings(self, phrase: int, char: str) -> frozenset[str]:
        if char in _YOU and self.phrases[phrase].polite_you:
            return frozenset(("ni", "nin"))
        return frozenset(readings(char) or (char,))

    def _classes(self, symbol: str) -> frozenset[str]:
        found = self._class_cache.get(symbol)
        if found is None:
            if self.language == "en":
                found = frozenset() if symbol in ("\n", UNKNOWN_WORD) else frozenset((symbol,))
            else:
                found = classes(SYMBOLS.syllables(symbol), self._confusions)
            self._class_cache[symbol] = found
        return found

    def _in_words(self, text: TurnText) -> list[PhraseHit]:
        out: list[PhraseHit] = []
        if not len(self._words):
            return out
        for last, (length, owners) in self._words.iter(text.normal):
            begin = last + 1 - length
            turn = text.turn_of_normal(begin)
            start, end = text.normal_span(turn, begin, last + 1)
            for phrase in owners:
                if self._is_said(phrase, text, turn, start, end):
                    out.append(
                        PhraseHit(
                            phrase=phrase, turn=turn, start=start, end=end, tier=1, distance=0
                        )
                    )
        return out

    def _is_said(self, phrase: int, text: TurnText, turn: int, start: int, end: int) -> bool:
        """Whether a find in the folded text is one in the text: 您 is 你, a number is whole."""
        normal = self._normal[phrase]
        if self.language == "en":
            return True
        if not self.phrases[phrase].polite_you and not _YOU.isdisjoint(normal):
            return normal in normalise(text.turns[turn][start:end]).text
        return not _is_number(normal) or _is_whole_number(text.turns[turn], start, end)

    def _in_syllables(self, text: TurnText) -> Iterable[PhraseHit]:
        line = Line(text.symbols, text.chars, self._classes, self._negative)
        seen = set()
        for end, parts in self._automaton.find(text.symbols):
            for part in parts:
                number, first, last = self._parts[part]
                pattern = self._patterns[number]
                place = widen(line, pattern, first, last, end - (last - first), end)
                if place is None or (number, place) in seen:
                    continue
                seen.add((number, place))
                distance, begin, stop = place
                turn = text.turn_of_symbol(begin)
                start, end_at = text.symbol_span(turn, begin, stop)
                yield PhraseHit(
                    phrase=pattern.phrase,
                    turn=turn,
                    start=start,
                    end=end_at,
                    tier=self._tier(pattern, text.symbols, begin, distance),
                    distance=distance,
                )

    def _tier(self, pattern: Pattern, symbols: str, begin: int, distance: int) -> int:
        if distance:
            return NEAR_TIER if len(pattern.wanted) >= ONE_FROM else ALMOST_TIER
        if self.language == "en":
            return 1
        same = all(
            not wanted.isdisjoint(SYMBOLS.syllables(symbols[begin + i]))
            for i, wanted in enumerate(pattern.plain)
        )
        return 2 if same else 3


def _findings(found: Iterable[PhraseHit]) -> Findings:
    """Overlapping finds of one phrase as one: best tier, longest, earliest."""
    ranked = sorted(found, key=lambda h: (h.tier, h.distance, h.start - h.end, h.start))
    kept: dict[tuple[int, int], list[PhraseHit]] = {}
    for hit in ranked:
        others = kept.setdefault((hit.phrase, hit.turn), [])
        if all(hit.end <= o.start or o.end <= hit.start for o in others):
            others.append(hit)
    flat = sorted(
        (h for hits in kept.values() for h in hits),
        key=lambda h: (h.turn, h.start, h.end, h.phrase),
    )
    return Findings(
        hits=tuple(h for h in flat if h.tier <= NEAR_TIER),
        almost=tuple(h for h in flat if h.tier > NEAR_TIER),
    )


def merged(hits: Iterable[PhraseHit]) -> tuple[PhraseHit, ...]:
    """Overlapping occurrences of any phrases as one hit: best tier, longest, earliest."""
    kept: dict[int, list[PhraseHit]] = {}
    for hit in sorted(hits, key=lambda h: (h.tier, h.start - h.end, h.turn, h.start, h.phrase)):
        others = kept.setdefault(hit.turn, [])
        if all(hit.end <= o.start or o.end <= hit.start for o in others):
            others.append(hit)
    return tuple(
        sorted((h for o in kept.values() for h in o), key=lambda h: (h.turn, h.start, h.phrase))
    )


def never_matches(text: str, language: str = "zh") -> bool:
    """Whether nothing is left of a phrase after normalisation."""
    return not normalise(text, language).text


def _allowed(size: int) -> int:
    if size >= TWO_FROM:
        return 2
    return 1 if size >= ALMOST_AT else 0


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


def _spoken_variants(text: str) -> tuple[str, ...]:
    """A phrase with its digits read as an amount and one by one (24: 二十四, 二四)."""
    plain = opened(text)
    one_by_one = "".join(SPOKEN_DIGITS[int(c)] if c in "0123456789" else c for c in plain.text)
    return tuple(dict.fromkeys((spoken(plain).text, one_by_one)))


__all__ = [
    "ALMOST_TIER",
    "DIGIT_WORDS",
    "LAST_TIER",
    "Findings",
    "Level",
    "Phrase",
    "PhraseHit",
    "PhraseIndex",
    "merged",
    "never_matches",
]
