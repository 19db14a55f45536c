"""A phrase with one or two syllables wrong, missing or extra, beside a piece that was heard.

Of a phrase cut into k + 1 pieces at least one is whole where k syllables differ (the pigeonhole
principle); the automaton finds the pieces, this looks at both sides of one. The furthest match
along a diagonal is never worse than a shorter one (Ukkonen 1985), so only mismatches branch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qc_pipeline.text.syllables import SEPARATOR


class Accepts(dict[str, bool]):
    """Symbol of a text → whether it may stand at one place of a phrase; filled when asked."""

    __slots__ = ("classes_of", "wanted")

    def __init__(self, wanted: frozenset[str], classes_of: Callable[[str], frozenset[str]]) -> None:
        super().__init__()
        self.wanted = wanted
        self.classes_of = classes_of

    def __missing__(self, symbol: str) -> bool:
        answer = not self.wanted.isdisjoint(self.classes_of(symbol))
        self[symbol] = answer
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A phrase by its places: the symbols each accepts (tiers 2 and 3), its syllables (tier 2),
    which of them say "not", and how many may differ. `owners` are the phrases that sound so.
    """

    owners: tuple[int, ...]
    accepts: tuple[Accepts, ...]
    plain: tuple[frozenset[str], ...]
    negations: tuple[bool, ...]
    allowed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The text: symbols, what they were made from, and which of the latter mean "not".

    Both texts end in some separators, which Python's negative indices also find before the first.
    """

    symbols: str
    chars: str
    negative: Collection[str]


def other_piece(
    heard: Heard, pattern: Pattern, first: int, last: int, start: int, end: int
) -> tuple[int, int, int] | None:
    """As `widen`, for patterns in two pieces: one syllable may differ in the other piece."""
    if first == 0:
        right = _one_may_differ(heard, pattern, last, end, len(pattern.accepts), 1)
        return None if right is None else (right[0], start, right[1])
    left = _one_may_differ(heard, pattern, first - 1, start - 1, -1, -1)
    return None if left is None else (left[0], left[1] + 1, end)


def _one_may_differ(
    heard: Heard, pattern: Pattern, at: int, place: int, stop: int, step: int
) -> tuple[int, int] | None:
    """What `_walk` gives for one error; most of what is looked at ends here."""
    symbols, accepts = heard.symbols, pattern.accepts
    while at != stop and accepts[at][symbols[place]]:
        at += step
        place += step
    if at == stop:
        return 0, place
    for next_at, next_place in _moves(heard, pattern, at, place, stop, step):
        while next_at != stop and accepts[next_at][symbols[next_place]]:
            next_at += step
            next_place += step
        if next_at == stop:
            return 1, next_place
    return None


def widen(
    heard: Heard, pattern: Pattern, first: int, last: int, start: int, end: int
) -> tuple[int, int, int] | None:
    """(distance, start, end) of the whole phrase around the piece `first:last` at `start:end`."""
    size = len(pattern.accepts)
    right = _walk(heard, pattern, last, end, size, 1, pattern.allowed)
    if right is None:
        return None
    left = _walk(heard, pattern, first - 1, start - 1, -1, -1, pattern.allowed - right[0])
    if left is None:
        return None
    return left[0] + right[0], left[1] + 1, right[1]


def _walk(
    heard: Heard, pattern: Pattern, at: int, place: int, stop: int, step: int, allowed: int
) -> tuple[int, int] | None:
    """(errors, where the text ends) of the phrase from `at` to `stop`; None for too many."""
    symbols, accepts = heard.symbols, pattern.accepts
    while at != stop and accepts[at][symbols[place]]:
        at += step
        place += step
    if at == stop:
        return 0, place
    if allowed <= 0:
        return None
    best: tuple[int, int] | None = None
    for next_at, next_place in _moves(heard, pattern, at, place, stop, step):
        most = allowed - 1 if best is None else best[0] - 2
        if most < 0:
            break
        rest = _walk(heard, pattern, next_at, next_place, stop, step, most)
        if rest is not None:
            best = (rest[0] + 1, rest[1])
    return best


def _moves(
    heard: Heard, pattern: Pattern, at: int, place: int, stop: int, step: int
) -> Sequence[tuple[int, int]]:
    """What may differ here: an extra, a wrong, a missing syllable; never one that says "not"."""
    inside = heard.symbols[place] != SEPARATOR
    denies = inside and heard.chars[place] in heard.negative
    says_not = pattern.negations[at]
    moves = []
    if inside and not denies:
        moves.append((at, place + step))
        if not says_not:
            moves.append((at + step, place + step))
    # A phrase without its first or last syllable, where a "not" stands instead, is none.
    if not says_not and not (denies and at + step == stop):
        moves.append((at + step, place))
    return moves


def pieces(size: int, allowed: int) -> list[tuple[int, int]]:
    """`allowed` + 1 pieces of nearly the same length."""
    count = allowed + 1
    cuts = [size * i // count for i in range(count + 1)]
    return list(pairwise(cuts))
