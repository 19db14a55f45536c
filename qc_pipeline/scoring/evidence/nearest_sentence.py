"""Before an absence costs anything: the sentence of the speaker that is most like what was wanted.

Nobody lists every wording. What is worded nearly like one of a list may be one of them: a person is
asked, and nothing is deducted before (docs/trust.md, "A wording is more than its letters").
Likeness is the cosine of syllable (word) 1- and 2-grams, as of the operator `similar`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from qc_pipeline.scoring.evidence.clauses import spoken_clauses
from qc_pipeline.scoring.evidence.outcome import WantedSet
from qc_pipeline.scoring.evidence.timing import MergedTurn
from qc_pipeline.text.english import NEGATIONS as ENGLISH_NEGATIONS
from qc_pipeline.text.english import words_of
from qc_pipeline.text.hanzi import NEGATIONS
from qc_pipeline.text.phrase_patterns import PatternError, wordings
from qc_pipeline.text.similar import alike_codes, sound, sound_cosine
from qc_pipeline.text.turn_codes import CodeTable, codes_of

NEAREST = 0.6
"""Likeness from which a sentence may be the wanted one. On 80 labelled service chats no sentence of
a true fault reached it by the shipped lists (0.56 at most), while what the lists of before had
missed lay between 0.49 and 0.73."""
LEAST_UNITS = 4
_WAYS = 8
"""So many wordings of a pattern are compared: they differ by single words."""


class Nearest(NamedTuple):
    """Characters `start` to `end` of a merged turn, how like the `wording` they are."""

    turn: int
    start: int
    end: int
    likeness: float
    wording: str


class FoldedTurns:
    """The merged turns of a call, each a line of `codes`, one for characters that sound alike: made
    in one go, since list after list is looked for in them. `starts` is where the lines begin.
    """

    def __init__(self, turns: Sequence[MergedTurn]) -> None:
        # Neither sign stands in a wording, and each would end a line.
        lines = [t.text.replace("\n", " ").replace("\0", " ") for t in turns]
        self.codes = alike_codes(codes_of("\n".join(lines)))
        self.starts = np.cumsum([0, *[len(line) + 1 for line in lines]])[:-1]


class WordingPool:
    """The wordings of a list, by the pairs of syllables (words) that stand in them."""

    def __init__(self, wanted: WantedSet, language: str) -> None:
        self.language = language
        self._by_pair: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        self._wordings: list[tuple[str, tuple[str, ...]]] = []
        for phrase in wanted.phrases:
            for text in _some_ways(phrase.text):
                units = sound(text.replace("…", " "), language)
                if len(units) >= LEAST_UNITS:
                    number = len(self._wordings)
                    self._wordings.append((text, units))
                    for pair in pairwise(units):
                        self._by_pair[pair].add(number)
        if language != "en":
            self._number_pairs()

    def _number_pairs(self) -> None:
        """Number the symbols of the wordings from 2 on, and tell which two of them are a pair."""
        symbols = sorted({unit for pair in self._by_pair for unit in pair})
        numbers = {symbol: number for number, symbol in enumerate(symbols, start=2)}
        self._table = CodeTable(lambda char: numbers.get(char, 1), np.uint16)
        self._pairs = np.zeros((len(numbers) + 2,) * 2, dtype=bool)
        for one, two in self._by_pair:
            self._pairs[numbers[one], numbers[two]] = True

    def may_be_in(self, turns: FoldedTurns) -> Collection[int]:
        """The Chinese turns in which two pairs of syllables of wordings stand: a cheap look before
        one is taken apart.
        """
        if self.language == "en":
            return range(len(turns.starts)) if self._wordings else ()
        symbols = self._table.of(turns.codes)
        found = np.zeros(len(symbols) + 1, dtype=np.intp)
        found[1:-1] = self._pairs[symbols[:-1], symbols[1:]]
        counts = np.add.reduceat(found, turns.starts) if len(turns.starts) else found[:0]
        return frozenset(np.flatnonzero(counts > 1).tolist())

    def _denies(self, text: str) -> bool:
        if self.language == "en":
            return any(word in ENGLISH_NEGATIONS for word, _, _ in words_of(text))
        return not NEGATIONS.isdisjoint(text)

    def best(self, units: tuple[str, ...], clause: str) -> tuple[float, str]:
        """The wording most like a clause: (likeness, wording); 0 for none. A "not" that only one
        of them has turns the sentence round.
        """
        if len(units) < LEAST_UNITS:
            return 0.0, ""
        shared: defaultdict[int, int] = defaultdict(int)
        for pair in pairwise(units):
            for number in self._by_pair.get(pair, ()):
                shared[number] += 1
        best = (0.0, "")
        for number, count in sorted(shared.items()):
            text, wanted = self._wordings[number]
            if count >= 2 and self._denies(text) is self._denies(clause):
                likeness = sound_cosine(wanted, units)
                if likeness > best[0]:
                    best = (likeness, text)
        return best


def nearest(
    pool: WordingPool, turns: Sequence[MergedTurn], numbers: Iterable[int], folded: FoldedTurns
) -> Nearest | None:
    """The sentence in some (`numbers`) of the merged turns of a call that is most like one of a
    list; None where none is like enough. The first of equals.
    """
    found: Nearest | None = None
    likely = pool.may_be_in(folded)
    for number in numbers:
        if number not in likely:
            continue
        turn = turns[number]
        for clause in spoken_clauses(number, turn, pool.language):
            likeness, text = pool.best(clause.units, clause.text)
            if likeness >= NEAREST and (found is None or likeness > found.likeness):
                found = Nearest(number, clause.start, clause.end, likeness, text)
    return found


def _some_ways(text: str) -> list[str]:
    try:
        ways = [way.text for way in wordings(text)]
    except PatternError:
        return [text]
    step = max(1, len(ways) // _WAYS)
    return ways[::step][:_WAYS]
