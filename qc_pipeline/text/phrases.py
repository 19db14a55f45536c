"""The phrase index: where phrases were said in a call, although a recogniser wrote it down.

Tiers (RUBRIC, "Matching words that a recogniser heard"): 1 the normal form itself, 2 the same
syllables without tone, 3 the same after usual confusions, 4 near (one syllable wrong, missing or
extra in a phrase of five or more, two in nine or more). English: by words, tier 2 of one stem.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import Any, Literal, NamedTuple

import ahocorasick
import numpy as np
from numpy.typing import NDArray

from qc_pipeline.text.english import NEGATIONS as ENGLISH_NEGATIONS
from qc_pipeline.text.english import stem, words_of
from qc_pipeline.text.gapped_wordings import UnitText, unit_text
from qc_pipeline.text.grouped import Grouped
from qc_pipeline.text.hanzi import NEGATIONS
from qc_pipeline.text.normalise import normalise
from qc_pipeline.text.phonetic_index import (
    ALMOST_TIER,
    NEAR_TIER,
    Shape,
    SoundIndex,
    may_differ,
)
from qc_pipeline.text.phrase_forms import (
    forms,
    is_exact,
    is_number,
    is_quantity,
    is_whole_number,
    never_matches,
)
from qc_pipeline.text.phrase_hits import (
    HIT,
    PhraseHit,
    merged,
    one_of_each,
    without_doubles,
)
from qc_pipeline.text.syllables import POLITE_YOU, YOU, Sounds, sounds
from qc_pipeline.text.turn_codes import (
    ANYBODY,
    POLITE,
    UNKNOWN_WORD,
    TurnText,
    chinese_turns,
    codes_of,
    english_turns,
)

Level = Literal["near", "homophone", "exact"]

LAST_TIER: dict[Level, int] = {"exact": 1, "homophone": 3, "near": 4}
# English words as symbols: those of the phrases, then others of their stems as they are met.
_NUMERALS = codes_of("0123456789零一幺二两三四五六七八九十百千万亿点")
_FIRST_WORD, _LAST_WORD = 0xF0000, 0x10F000


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A phrase looked for; `level`: the farthest tier that may find it; `polite_you`: 您 is 你;
    `every`: of places that overlap all are wanted, not the best; `by`: the only speaker in whose
    words it is looked for (None: in everybody's).
    """

    text: str
    level: Level = "near"
    polite_you: bool = False
    every: bool = False
    by: str | None = None


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
        self._vocabulary: dict[str, str] = {}
        exact = {normalise(text, language).text for text in exact_only}
        self._normal = tuple(
            normalise(p.text, language).text if language == "en" else forms(p.text)[0]
            for p in phrases
        )
        self._exact = tuple(
            p.level == "exact" or n in exact or is_exact(n, language)
            for p, n in zip(phrases, self._normal, strict=True)
        )
        self._every = np.array([*[p.every for p in phrases], False], dtype=bool)
        self._quantities = np.array(
            [language != "en" and is_quantity(n) for n in self._normal], dtype=bool
        )
        speakers = sorted({p.by for p in phrases if p.by is not None})
        self._voices = {by: number for number, by in enumerate(speakers, start=ANYBODY + 1)}
        self._asked = np.array(
            [ANYBODY if p.by is None else self._voices[p.by] for p in phrases], dtype=np.intp
        )
        self._negative: Collection[str] = NEGATIONS
        if language == "en":
            self._learn_words()
        self._words = self._build_words()
        self._numbers, self._yous = self._build_doubts()
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
        return tuple(len(forms(p.text)[1][0]) for p in self.phrases)

    def last_tier(self, phrase: int) -> int:
        """The farthest tier that may find a phrase."""
        return 1 if self._exact[phrase] else LAST_TIER[self.phrases[phrase].level]

    def find(self, turns: Sequence[str]) -> tuple[PhraseHit, ...]:
        """Every occurrence of every phrase, overlapping ones of different phrases included."""
        return self.find_all(turns).hits

    def find_all(self, turns: Sequence[str]) -> Findings:
        """As `find`, with what was nearly found beside it, in the same pass."""
        (hits,) = self.find_rows([turns])
        return Findings(
            hits=tuple([h for h in hits if h.tier <= NEAR_TIER]),
            almost=tuple([h for h in hits if h.tier > NEAR_TIER]),
        )

    def find_rows(self, calls: Sequence[Sequence[str]]) -> list[list[PhraseHit]]:
        """What `find_all` finds in the turns of each of many calls, sorted, hits and almost hits
        mixed: all of them in one pass.
        """
        return [searched.rows for searched in self.search(calls)]

    def search(
        self, calls: Sequence[Sequence[str]], said_by: Sequence[Sequence[str]] | None = None
    ) -> list[SearchedTurns]:
        """As `find_rows`, with the turns as they were searched. With the speakers of the turns
        (`said_by`) phrases that are asked of another are left out.
        """
        turns = [turn for call in calls for turn in call]
        if self.language == "en":
            text = english_turns(turns, self._symbol_of)
        else:
            text = chinese_turns(turns)
        said = self._in_words(text)
        voices = None if said_by is None else self._voices_of(said_by)
        heard = self._sounds_of_all.find(
            text.symbols, None if voices is None else text.by_symbol(voices)
        )
        # What the text itself has need not be found by its sound.
        shared = said.begins if text.alike else np.where(said.begins < text.shared, said.begins, -1)
        count = len(self.phrases) + 1
        new = heard.distances > 0
        alike = np.flatnonzero(~new)
        new[alike] = ~np.isin(
            heard.begins[alike] * count + heard.phrases[alike], shared * count + said.phrases
        )
        new &= ~self._in_a_number(text.symbols, heard.begins, heard.phrases)
        begins, stops, phrases, tiers, distances = [column[new] for column in heard]
        none = np.zeros(len(said.phrases), dtype=np.intp)
        found = [
            np.concatenate(columns)
            for columns in zip(
                (*said.places, said.phrases, none + 1, none),
                (*text.spans(begins, stops, normal=False), phrases, tiers, distances),
                strict=True,
            )
        ]
        if voices is not None:
            asked = self._asked[found[3]]
            good = (asked == ANYBODY) | (asked == voices[found[0]])
            found = [column[good] for column in found]
        found = without_doubles(found, count, self._every)
        first = np.cumsum([0, *[len(call) for call in calls]])
        cuts = np.searchsorted(found[0], first).tolist()
        found[0] = found[0] - first[np.searchsorted(first, found[0], side="right") - 1]
        rows = list(map(HIT, zip(*[column.tolist() for column in found], strict=True)))
        return [
            SearchedTurns(rows[a:b], text, number, self.language)
            for (a, b), number in zip(pairwise(cuts), first.tolist(), strict=False)
        ]

    def _voices_of(self, said_by: Sequence[Sequence[str]]) -> NDArray[np.intp]:
        """By turn of all calls: the voice of its speaker, one more than all of whom nothing alone
        is asked.
        """
        others = ANYBODY + len(self._voices) + 1
        voices = [self._voices.get(who, others) for call in said_by for who in call]
        return np.array(voices, dtype=np.intp)

    def _in_a_number(
        self, codes: NDArray[Any], begins: NDArray[Any], phrases: NDArray[Any]
    ) -> NDArray[np.bool_]:
        """Of places in a text: where a phrase of a number would begin inside a longer one."""
        inside: NDArray[np.bool_] = self._quantities[phrases] & (begins > 0)
        inside[inside] = np.isin(codes[begins[inside] - 1], _NUMERALS)
        return inside

    def _learn_words(self) -> None:
        known = {w for p in self.phrases for w, _, _ in words_of(p.text)} | ENGLISH_NEGATIONS
        self._vocabulary = {w: chr(_FIRST_WORD + i) for i, w in enumerate(sorted(known))}
        self._stems = {stem(w) for w in known - ENGLISH_NEGATIONS}
        # A "not" is no form of any word, nor is a word one of it.
        self._stem_of = {
            c: f"~={stem(w)}" for w, c in self._vocabulary.items() if w not in ENGLISH_NEGATIONS
        }
        self._negative = frozenset(self._vocabulary[w] for w in ENGLISH_NEGATIONS)

    def _symbol_of(self, word: str) -> str:
        """The symbol of a word of the text; words of which no phrase has the stem share one."""
        symbol = self._vocabulary.get(word)
        if symbol is None:
            number = _FIRST_WORD + len(self._vocabulary)
            if number > _LAST_WORD or stem(word) not in self._stems:
                return UNKNOWN_WORD
            symbol = self._vocabulary[word] = chr(number)
            self._stem_of[symbol] = f"~={stem(word)}"
        return symbol

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
        for number, key in enumerate(keys):
            automaton.add_word(key, number)
        automaton.make_automaton()
        self._key_lengths = np.array([len(key) for key in keys], dtype=np.intp)
        self._key_owners = Grouped(list(keys.values()))
        return automaton

    def _build_doubts(self) -> tuple[NDArray[np.bool_], list[NDArray[Any]]]:
        """Phrases whose finds are looked at once more: numbers, and those that tell 您 from 你.

        Of the latter by phrase: the places, counted from 0, and the code points that stand there,
        for the first 您 or 你 of each, the second, …; place -1 where there are no more.
        """
        count = len(self.phrases)
        numbers = np.zeros(count, dtype=bool)
        yous: list[NDArray[Any]] = []
        if self.language == "en":
            return numbers, yous
        for i, (phrase, normal) in enumerate(zip(self.phrases, self._normal, strict=True)):
            if is_number(normal):
                numbers[i] = True
            elif not phrase.polite_you:
                for k, at in enumerate([at for at, c in enumerate(normal) if c in YOU]):
                    if k == len(yous):
                        yous.append(np.full((2, count), -1, dtype=np.int64))
                    yous[k][:, i] = at, ord(normal[at])
        return numbers, yous

    def _build_sounds(self) -> SoundIndex:
        owners: defaultdict[Shape, list[int]] = defaultdict(list)
        for i in range(len(self.phrases)):
            if not self._exact[i]:
                for shape in self._shapes(i):
                    owners[shape].append(i)
        return SoundIndex(
            owners,
            self._asked,
            self._names,
            self._syllables,
            self._confusions,
            self._negative,
            words=self.language == "en",
        )

    def _shapes(self, phrase: int) -> Iterable[Shape]:
        """The ways a phrase may be spoken."""
        near = self.phrases[phrase].level == "near"
        if self.language == "en":
            words = [w for w, _, _ in words_of(self.phrases[phrase].text)]
            if words:
                yield Shape(
                    sounds=tuple(self._word(w) for w in words),
                    negations=tuple(w in ENGLISH_NEGATIONS for w in words),
                    allowed=may_differ(len(words)) if near else 0,
                )
            return
        for text in forms(self.phrases[phrase].text)[1]:
            yield Shape(
                sounds=tuple(self._sounds(phrase, c) for c in text),
                negations=tuple(c in NEGATIONS for c in text),
                allowed=may_differ(len(text)) if near else 0,
            )

    def _sounds(self, phrase: int, char: str) -> Sounds:
        if char in YOU and self.phrases[phrase].polite_you:
            return POLITE_YOU
        return sounds(char)

    def _names(self, char: str) -> frozenset[str]:
        """What a character (in English the symbol of a word) shares with those it matches."""
        if self.language != "en":
            return sounds(char).classes(self._confusions)
        named = self._stem_of.get(char)
        return frozenset((char,)) if named is None else frozenset((char, named))

    def _syllables(self, char: str) -> frozenset[str]:
        return frozenset((char,)) if self.language == "en" else sounds(char).same

    def _word(self, word: str) -> Sounds:
        """A word sounds like itself; forms of its stem are like it, but for a "not"."""
        own = frozenset((self._vocabulary[word],))
        return Sounds(
            own, frozenset() if word in ENGLISH_NEGATIONS else frozenset((f"={stem(word)}",))
        )

    def _in_words(self, text: TurnText) -> _Said:
        """Finds of tier 1."""
        found = self._words.iter(text.normal) if len(self._words) else ()
        pairs = np.fromiter(chain.from_iterable(found), dtype=np.intp)
        last, keys = pairs[::2], pairs[1::2]
        which, phrases = self._key_owners.of(keys)
        stops = last[which] + 1
        begins = stops - self._key_lengths[keys[which]]
        good = np.ones(len(phrases), dtype=bool)
        for places, codes in self._yous:
            at = places[phrases]
            there = text.normal_codes[np.maximum(begins + at, 0)]
            good &= (at < 0) | (there == codes[phrases])
        good &= ~self._in_a_number(text.normal_codes, begins, phrases)
        begins, stops, phrases = begins[good], stops[good], phrases[good]
        places = text.spans(begins, stops, normal=True)
        numbers = np.flatnonzero(self._numbers[phrases]).tolist()
        if numbers:
            good = np.ones(len(phrases), dtype=bool)
            for i, turn, start, end in zip(
                numbers, *[p[numbers].tolist() for p in places], strict=True
            ):
                good[i] = is_whole_number(text.turns[turn], start, end)
            begins, phrases = begins[good], phrases[good]
            places = (places[0][good], places[1][good], places[2][good])
        return _Said(begins=begins, phrases=phrases, places=places)


class SearchedTurns:
    """The turns of a call as they were searched, and what was found in them (`rows`)."""

    __slots__ = ("_first", "_language", "_text", "_units", "rows")

    def __init__(self, rows: list[PhraseHit], text: TurnText, first: int, language: str) -> None:
        """`first` is the number of the call's first turn in `text`."""
        self.rows = rows
        self._text = text
        self._first = first
        self._language = language
        self._units: dict[int, UnitText] = {}

    def units(self, turn: int) -> UnitText:
        """A turn as `unit_text`, for which what was made ready to be searched is used again."""
        known = self._units.get(turn)
        if known is None:
            number = self._first + turn
            text = self._text.turns[number]
            if self._language == "en":
                known = unit_text(text, "en")
            else:
                known = UnitText(text, *self._text.line(number))
            self._units[turn] = known
        return known


class _Said(NamedTuple):
    """Finds in the text itself: where each begins in `TurnText.normal`, and its turn and span."""

    begins: NDArray[Any]
    phrases: NDArray[Any]
    places: tuple[NDArray[Any], NDArray[Any], NDArray[Any]]


__all__ = [
    "ALMOST_TIER",
    "HIT",
    "LAST_TIER",
    "NEAR_TIER",
    "Findings",
    "Level",
    "Phrase",
    "PhraseHit",
    "PhraseIndex",
    "SearchedTurns",
    "merged",
    "never_matches",
    "one_of_each",
]
