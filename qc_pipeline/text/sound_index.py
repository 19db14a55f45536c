"""Phrases by their sound: tiers 2 to 4 in one pass over the syllables of a call."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from qc_pipeline.text.automaton import SetAutomaton
from qc_pipeline.text.near import Accepts, Heard, Pattern, pieces, possible, widen
from qc_pipeline.text.syllables import SYMBOLS, Sounds
from qc_pipeline.text.turns import TurnText

NEAR_TIER = 4
ALMOST_TIER = 5
# From so many syllables on one or two may differ; in four, one makes the absence doubtful.
ONE_FROM, TWO_FROM, ALMOST_AT = 5, 9, 4


class PhraseHit(NamedTuple):
    """Phrase number `phrase` in turn number `turn`, original characters `start` to `end`.

    `tier` 1 to 4; 5 for one that is nearly a hit (`Findings.almost`). `distance`: syllables
    (words) that differ, 0 up to tier 3.
    """

    turn: int
    start: int
    end: int
    phrase: int
    tier: int
    distance: int


class Shape(NamedTuple):
    """How a phrase sounds; equal ones are looked for once. `allowed` syllables may differ."""

    sounds: tuple[Sounds, ...]
    negations: tuple[bool, ...]
    allowed: int


class _Part(NamedTuple):
    """A piece of a pattern: its places `first` to `last`."""

    pattern: Pattern
    first: int
    last: int


class _Beside(dict[str, tuple[_Part, ...]]):
    """Symbol next to a piece → the phrases with that piece that it lets live.

    Where one syllable may differ, one of the two symbols next to a piece must be one of the two
    that the phrase has there; many phrases share a piece, few of them survive this.
    """

    __slots__ = ("parts", "step")

    def __init__(self, parts: Sequence[_Part], step: int) -> None:
        super().__init__()
        self.parts = parts
        self.step = step

    def __missing__(self, symbol: str) -> tuple[_Part, ...]:
        out = []
        for part in self.parts:
            accepts = part.pattern.accepts
            at = part.last if self.step > 0 else part.first - 1
            if accepts[at][symbol] or accepts[at + self.step][symbol]:
                out.append(part)
        found = self[symbol] = tuple(out)
        return found


class _Group:
    """All phrases with one piece, by where the rest of each lies."""

    __slots__ = ("after", "before", "parts_after", "parts_before", "several", "whole")

    def __init__(self) -> None:
        self.whole: list[_Part] = []
        self.several: list[_Part] = []
        self.parts_after: list[_Part] = []
        self.parts_before: list[_Part] = []
        self.after = _Beside(self.parts_after, 1)
        self.before = _Beside(self.parts_before, -1)

    def add(self, part: _Part) -> None:
        if part.pattern.allowed == 0:
            self.whole.append(part)
        elif part.pattern.allowed > 1:
            self.several.append(part)
        elif part.first == 0:
            self.parts_after.append(part)
        else:
            self.parts_before.append(part)


class SoundIndex:
    """Finds phrases by their sounds. `owners` are the phrases (by number) of every shape."""

    def __init__(
        self,
        owners: Mapping[Shape, Sequence[int]],
        classes_of: Callable[[str], frozenset[str]],
        confusions: tuple[str, ...],
        negative: Collection[str],
        *,
        words: bool,
    ) -> None:
        self._negative = negative
        self._words = words
        accepts: dict[Sounds, Accepts] = {}
        groups: dict[tuple[frozenset[str], ...], _Group] = {}
        for shape, phrases in owners.items():
            for place in shape.sounds:
                if place not in accepts:
                    accepts[place] = Accepts(place.classes(confusions), classes_of)
            pattern = Pattern(
                owners=tuple(phrases),
                accepts=tuple(accepts[place] for place in shape.sounds),
                plain=tuple(place.every for place in shape.sounds),
                negations=shape.negations,
                allowed=shape.allowed,
            )
            for first, last in pieces(len(shape.sounds), shape.allowed):
                piece = tuple(place.wanted for place in pattern.accepts[first:last])
                groups.setdefault(piece, _Group()).add(_Part(pattern, first, last))
        self._groups = tuple(groups.values())
        self._automaton = SetAutomaton(tuple(groups), classes_of)

    def find(self, text: TurnText, said: Collection[PhraseHit]) -> list[PhraseHit]:
        """Every occurrence; those that `said` has in tier 1 are left out where that is cheap."""
        out: list[PhraseHit] = []
        symbols = text.symbols
        heard = Heard(symbols=symbols, chars=text.chars, negative=self._negative)
        groups = self._groups
        for end, numbers in self._automaton.find(symbols):
            for number in numbers:
                group = groups[number]
                for part in group.whole:
                    start = end - part.last + part.first
                    self._add(out, text, said, part.pattern, (0, start, end))
                if group.parts_after:
                    self._add_after(out, text, said, heard, group, end)
                if group.parts_before:
                    self._add_before(out, text, said, heard, group, end)
                for part in group.several:
                    start = end - part.last + part.first
                    place = widen(heard, part.pattern, part.first, part.last, start, end)
                    # The first piece of a phrase finds it whole already.
                    if place is not None and (place[0] or part.first == 0):
                        self._add(out, text, said, part.pattern, place)
        return out

    def _add_after(
        self,
        out: list[PhraseHit],
        text: TurnText,
        said: Collection[PhraseHit],
        heard: Heard,
        group: _Group,
        end: int,
    ) -> None:
        symbols = text.symbols
        one, two = group.after[symbols[end]], group.after[symbols[end + 1]]
        for part in (*one, *(p for p in two if p not in one)) if two else one:
            pattern, first, last = part
            start = end - last
            if possible(pattern, symbols, first, last, start, end):
                place = widen(heard, pattern, first, last, start, end)
                if place is not None:
                    self._add(out, text, said, pattern, place)

    def _add_before(
        self,
        out: list[PhraseHit],
        text: TurnText,
        said: Collection[PhraseHit],
        heard: Heard,
        group: _Group,
        end: int,
    ) -> None:
        symbols = text.symbols
        size = group.parts_before[0].last - group.parts_before[0].first
        start = end - size
        one, two = group.before[symbols[start - 1]], group.before[symbols[start - 2]]
        for part in (*one, *(p for p in two if p not in one)) if two else one:
            pattern, first, last = part
            if possible(pattern, symbols, first, last, start, end):
                place = widen(heard, pattern, first, last, start, end)
                # The first piece finds the phrase whole.
                if place is not None and place[0]:
                    self._add(out, text, said, pattern, place)

    def _add(
        self,
        out: list[PhraseHit],
        text: TurnText,
        said: Collection[PhraseHit],
        pattern: Pattern,
        place: tuple[int, int, int],
    ) -> None:
        distance, begin, stop = place
        turn, start, end = text.symbol_span(begin, stop)
        tier = 0
        for phrase in pattern.owners:
            if distance == 0 and PhraseHit(turn, start, end, phrase, 1, 0) in said:
                continue
            tier = tier or self._tier(pattern, text.symbols, begin, distance)
            out.append(PhraseHit(turn, start, end, phrase, tier, distance))

    def _tier(self, pattern: Pattern, symbols: str, begin: int, distance: int) -> int:
        if distance:
            return NEAR_TIER if len(pattern.accepts) >= ONE_FROM else ALMOST_TIER
        if self._words:
            return 1
        for i, wanted in enumerate(pattern.plain, begin):
            if wanted.isdisjoint(SYMBOLS.sounds(symbols[i]).every):
                return 3
        return 2


def may_differ(size: int) -> int:
    """How many syllables (words) of a phrase may differ: in four, one makes nothing but doubt."""
    if size >= TWO_FROM:
        return 2
    return 1 if size >= ALMOST_AT else 0
