"""Phrases by their sound: tiers 2 to 4 in one pass over the syllables of a call."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from qc_pipeline.text.automaton import SetAutomaton
from qc_pipeline.text.near import Accepts, Heard, Pattern, other_piece, pieces, widen
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

    def __init__(self, step: int) -> None:
        super().__init__()
        self.parts: list[_Part] = []
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
    """All phrases with one piece of `size` syllables, by where the rest of each lies."""

    __slots__ = ("after", "before", "others", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self.after: _Beside | None = None
        self.before: _Beside | None = None
        # Phrases that are the piece itself, and those in more than two pieces.
        self.others: list[_Part] = []

    def add(self, part: _Part) -> None:
        if part.pattern.allowed != 1:
            self.others.append(part)
        elif part.first == 0:
            if self.after is None:
                self.after = _Beside(1)
            self.after.parts.append(part)
        else:
            if self.before is None:
                self.before = _Beside(-1)
            self.before.parts.append(part)


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
                groups.setdefault(piece, _Group(last - first)).add(_Part(pattern, first, last))
        self._groups = tuple(groups.values())
        self._automaton = SetAutomaton(tuple(groups), classes_of)

    def find(self, text: TurnText, said: Collection[tuple[int, int]]) -> list[PhraseHit]:
        """Every occurrence but those found in tier 1: `said` are (place, phrase) of them.

        In turns with rewritten numbers some are found again; they overlap and are dropped later.
        """
        search = _Search(text, said, self._words, [])
        symbols = text.symbols
        heard = Heard(symbols=symbols, chars=text.chars, negative=self._negative)
        groups = self._groups
        for end, numbers in self._automaton.find(symbols):
            next_one, next_two = symbols[end], symbols[end + 1]
            for number in numbers:
                group = groups[number]
                start = end - group.size
                beside = group.after
                if beside is not None:
                    one, two = beside[next_one], beside[next_two]
                    if one or two:
                        _around(search, heard, one, two, start, end)
                beside = group.before
                if beside is not None:
                    one, two = beside[symbols[start - 1]], beside[symbols[start - 2]]
                    if one or two:
                        _around(search, heard, one, two, start, end)
                for pattern, first, last in group.others:
                    if pattern.allowed == 0:
                        search.add(pattern, 0, start, end)
                        continue
                    place = widen(heard, pattern, first, last, start, end)
                    # The first piece of a phrase finds it whole.
                    if place is not None and (place[0] or first == 0):
                        search.add(pattern, *place)
        return search.out


def _around(
    search: _Search,
    heard: Heard,
    one: tuple[_Part, ...],
    two: tuple[_Part, ...],
    start: int,
    end: int,
) -> None:
    """Phrases in two pieces of which one stands at `start:end`."""
    for part in (*one, *(p for p in two if p not in one)) if two else one:
        pattern, first, last = part
        place = other_piece(heard, pattern, first, last, start, end)
        # The first piece of a phrase finds it whole.
        if place is not None and (place[0] or first == 0):
            search.add(pattern, *place)


class _Search:
    """What one pass has found so far."""

    __slots__ = ("out", "said", "text", "words")

    def __init__(
        self,
        text: TurnText,
        said: Collection[tuple[int, int]],
        words: bool,
        out: list[PhraseHit],
    ) -> None:
        self.text = text
        self.said = said
        self.words = words
        self.out = out

    def add(self, pattern: Pattern, distance: int, begin: int, stop: int) -> None:
        owners = pattern.owners
        if distance == 0:
            owners = tuple([p for p in owners if (begin, p) not in self.said])
            if not owners:
                return
        tier = self._tier(pattern, begin, distance)
        turn, start, end = self.text.symbol_span(begin, stop)
        self.out.extend([PhraseHit(turn, start, end, p, tier, distance) for p in owners])

    def _tier(self, pattern: Pattern, begin: int, distance: int) -> int:
        if distance:
            return NEAR_TIER if len(pattern.accepts) >= ONE_FROM else ALMOST_TIER
        if self.words:
            return 1
        symbols = self.text.symbols
        for i, wanted in enumerate(pattern.plain, begin):
            if wanted.isdisjoint(SYMBOLS.sounds(symbols[i]).every):
                return 3
        return 2


def may_differ(size: int) -> int:
    """How many syllables (words) of a phrase may differ: in four, one makes nothing but doubt."""
    if size >= TWO_FROM:
        return 2
    return 1 if size >= ALMOST_AT else 0
