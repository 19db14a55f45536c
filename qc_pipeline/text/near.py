"""A phrase with one or two syllables wrong, missing or extra, beside a piece that was heard.

Of a phrase cut into k + 1 pieces at least one is whole where k syllables differ (the pigeonhole
principle); the automaton finds the pieces, this looks at both sides of one. The furthest match
along a diagonal is never worse than a shorter one (Ukkonen 1985), so only mismatches branch.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from qc_pipeline.text.syllables import SEPARATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A phrase as sets of syllable classes; `negations` marks the places that say "not"."""

    phrase: int
    wanted: tuple[frozenset[str], ...]
    plain: tuple[frozenset[str], ...]
    negations: tuple[bool, ...]
    allowed: int


class Line:
    """The text around a piece: symbols, what they were made from, and which mean "not"."""

    __slots__ = ("chars", "classes_of", "negative", "symbols")

    def __init__(
        self,
        symbols: str,
        chars: str,
        classes_of: Callable[[str], frozenset[str]],
        negative: Collection[str],
    ) -> None:
        self.symbols = symbols
        self.chars = chars
        self.classes_of = classes_of
        self.negative = negative


def widen(
    line: Line, pattern: Pattern, first: int, last: int, start: int, end: int
) -> tuple[int, int, int] | None:
    """(distance, start, end) of the whole phrase around the piece `first:last` at `start:end`."""
    size = len(pattern.wanted)
    right = _walk(line, pattern, last, end, size, 1, pattern.allowed)
    if right is None:
        return None
    left = _walk(line, pattern, first - 1, start - 1, -1, -1, pattern.allowed - right[0])
    if left is None:
        return None
    return left[0] + right[0], left[1] + 1, right[1]


def _walk(
    line: Line, pattern: Pattern, at: int, place: int, stop: int, step: int, allowed: int
) -> tuple[int, int] | None:
    """(errors, where the text ends) of the phrase from `at` to `stop`; None for too many."""
    symbols, wanted, classes_of = line.symbols, pattern.wanted, line.classes_of
    length = len(symbols)
    while at != stop:
        if 0 <= place < length and not wanted[at].isdisjoint(classes_of(symbols[place])):
            at += step
            place += step
            continue
        break
    if at == stop:
        return 0, place
    if allowed == 0:
        return None
    inside = 0 <= place < length and symbols[place] != SEPARATOR
    denied = inside and line.chars[place] in line.negative
    best: tuple[int, int] | None = None
    said_not = pattern.negations[at]
    moves = []
    if inside and not denied:
        if not said_not:
            moves.append((at + step, place + step))
        moves.append((at, place + step))
    # A phrase without its first or last syllable beside a "not" is no near phrase either.
    if not said_not and not (denied and at + step == stop):
        moves.append((at + step, place))
    for next_at, next_place in moves:
        if best is not None and best[0] == 1:
            break
        rest = _walk(
            line, pattern, next_at, next_place, stop, step, (best[0] - 2 if best else allowed - 1)
        )
        if rest is not None:
            best = (rest[0] + 1, rest[1])
    return best


def pieces(pattern: Pattern) -> Sequence[tuple[int, int]]:
    """`allowed` + 1 pieces of nearly the same length."""
    size, count = len(pattern.wanted), pattern.allowed + 1
    cuts = [size * i // count for i in range(count + 1)]
    return list(itertools.pairwise(cuts))
