"""Phrases with one or two syllables wrong, missing or extra, beside a piece that was heard.

The furthest match along a diagonal is never worse than a shorter one (Ukkonen 1985), so only
mismatches branch. Never where the difference is a "not", in the phrase or in the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qc_pipeline.text.sound_classes import BETWEEN_TURNS, SoundClasses

Numbers = NDArray[Any]
# (shape, begin, stop, distance)
Found = tuple[Numbers, Numbers, Numbers, Numbers]


class NearRules(NamedTuple):
    """What may stand where: `rows[shape, k]` is the row of `classes.accepts` of place k (of places
    behind the last: accepts anything), `says_not[shape, k]` whether it says "not".
    """

    classes: SoundClasses
    rows: Numbers
    says_not: NDArray[np.bool_]
    sizes: Numbers


def one_differs(
    rules: NearRules,
    heard: Numbers,
    shapes: Numbers,
    first: Numbers,
    last: Numbers,
    places: Numbers,
    right: bool,
) -> Found:
    """Shapes in two pieces, of which the one from `first` to `last` stands at `places`.

    One syllable may differ in the other, which lies behind it (`right`) or before it. Shapes
    without a difference are found by the first piece alone.
    """
    step = 1 if right else -1
    which = _worth_it(rules, heard, shapes, first, last, places, step)
    shapes, first, last, places = shapes[which], first[which], last[which], places[which]
    if not len(shapes):
        return shapes, places, places, places
    like = rules.classes.like
    sizes = rules.sizes[shapes]
    # The rest of the shape from place `at` on in the direction of `step`, the text from `begin`.
    at, begin = (last, places + last - first) if right else (first - 1, places - 1)
    rest = sizes - last if right else first
    # A line a place of the rest: what is asked of all places of a shape is asked line by line.
    lines = np.arange(int(rest.max()))[:, None]
    place = np.where(rest > lines, at + step * lines, rules.rows.shape[1] - 1)
    rows = rules.rows[shapes, place]
    text = begin + step * lines
    same = like(rows, heard[text])
    whole = same.all(axis=0)
    # Only those with a mismatch go on; `m` is where the first of them is.
    which = np.flatnonzero(~whole)
    rows, text, same = rows[:, which], text[:, which], same[:, which]
    m = np.argmin(same, axis=0)
    behind = lines > m
    met = heard[begin[which] + step * m]
    denies = rules.classes.denies[met]
    speaks = rules.classes.inside[met] & ~denies
    says_not = rules.says_not[shapes[which], at[which] + step * m]
    # An extra syllable: the rest of the shape, the mismatch included, is one further on.
    extra = speaks & (like(rows, heard[text + step]) | (lines < m)).all(axis=0)
    wrong = speaks & ~says_not & (same | ~behind).all(axis=0)
    lost = (
        ~says_not
        & ~(denies & (m + 1 == rest[which]))
        & (like(rows, heard[text - step]) | ~behind).all(axis=0)
    )
    near = extra | wrong | lost
    longer = np.where(extra, 1, np.where(wrong, 0, -1))[near]
    # The first piece of a shape finds it whole.
    exact = np.flatnonzero(whole) if right else which[:0]
    chosen = np.concatenate((exact, which[near]))
    distance = np.repeat((0, 1), (len(exact), len(longer)))
    size = sizes[chosen] + np.concatenate((0 * exact, longer))
    if right:
        begins = places[chosen]
        stops = begins + size
    else:
        stops = places[chosen] + (last - first)[chosen]
        begins = stops - size
    return shapes[chosen], begins, stops, distance


def _worth_it(
    rules: NearRules,
    heard: Numbers,
    shapes: Numbers,
    first: Numbers,
    last: Numbers,
    places: Numbers,
    step: int,
) -> Numbers:
    """Those of which one of the two syllables next to the piece is one of the two wanted there.

    Many shapes share a piece; few of them survive this.
    """
    like = rules.classes.like
    right = step > 0
    at, begin = (last, places + last - first) if right else (first - 1, places - 1)
    next_row = rules.rows[shapes, at]
    next_heard = heard[begin]
    good = like(next_row, next_heard)
    others = np.flatnonzero(~good)
    # Behind the last place (before the first: the very end of the row) anything may stand.
    second_row = rules.rows[shapes[others], at[others] + step]
    second_heard = heard[begin[others] + step]
    good[others] = (
        like(next_row[others], second_heard)
        | like(second_row, second_heard)
        | like(second_row, next_heard[others])
    )
    return np.flatnonzero(good)


def enough_alike(
    rules: NearRules, heard: Numbers, shapes: Numbers, first: Numbers, places: Numbers, most: int
) -> Numbers:
    """Those of which all but `most` syllables of the shape stand somewhere near their places.

    Where so many syllables are wrong, lost or inserted, the others have moved by no more places.
    """
    sizes = rules.sizes[shapes]
    missing = np.zeros(len(shapes), dtype=np.intp)
    for k in range(int(sizes.max(initial=0))):
        rows = rules.rows[shapes, np.minimum(k, sizes)]
        text = places + k - first
        near = rules.classes.like(rows, heard[text])
        for moved in range(1, most + 1):
            near |= rules.classes.like(rows, heard[text - moved])
            near |= rules.classes.like(rows, heard[text + moved])
        missing += ~near
    return np.flatnonzero(missing <= most)


def some_differ(
    rules: NearRules,
    heard: Numbers,
    allowed: Numbers,
    shapes: Numbers,
    first: Numbers,
    last: Numbers,
    places: Numbers,
) -> Found:
    """As `one_differs`, for shapes in more pieces: one by one, on both sides of the piece."""
    out = []
    if len(shapes):
        walk = _Walk(rules, heard)
        for shape, a, b, place in zip(
            shapes.tolist(), first.tolist(), last.tolist(), places.tolist(), strict=True
        ):
            found = walk.widen(shape, int(allowed[shape]), a, b, place, place + b - a)
            if found is not None and (found[0] or a == 0):
                out.append((shape, found[1], found[2], found[0]))
    columns = np.array(out, dtype=np.intp).reshape(-1, 4).T
    return columns[0], columns[1], columns[2], columns[3]


class _Walk:
    """One shape at one place of the text."""

    def __init__(self, rules: NearRules, heard: Numbers) -> None:
        self._rules = rules
        self._heard = heard

    def widen(
        self, shape: int, allowed: int, first: int, last: int, start: int, end: int
    ) -> tuple[int, int, int] | None:
        """(distance, begin, stop) of the whole shape around its piece at `start:end`."""
        size = int(self._rules.sizes[shape])
        right = self._walk(shape, last, end, size, 1, allowed)
        if right is None:
            return None
        left = self._walk(shape, first - 1, start - 1, -1, -1, allowed - right[0])
        if left is None:
            return None
        return left[0] + right[0], left[1] + 1, right[1]

    def _walk(
        self, shape: int, at: int, place: int, stop: int, step: int, allowed: int
    ) -> tuple[int, int] | None:
        """(errors, where the text ends) of the shape from `at` to `stop`; None for too many."""
        rows, heard, like = self._rules.rows, self._heard, self._rules.classes.like
        while at != stop and like(rows[shape, at], heard[place]):
            at += step
            place += step
        if at == stop:
            return 0, place
        if allowed <= 0:
            return None
        best: tuple[int, int] | None = None
        for next_at, next_place in self._moves(shape, at, place, stop, step):
            most = allowed - 1 if best is None else best[0] - 2
            if most < 0:
                break
            rest = self._walk(shape, next_at, next_place, stop, step, most)
            if rest is not None:
                best = (rest[0] + 1, rest[1])
        return best

    def _moves(
        self, shape: int, at: int, place: int, stop: int, step: int
    ) -> Sequence[tuple[int, int]]:
        """What may differ here: an extra, a wrong, a missing syllable; never a "not"."""
        heard = self._heard[place]
        denies = bool(self._rules.classes.denies[heard])
        says_not = bool(self._rules.says_not[shape, at])
        moves = []
        if heard != BETWEEN_TURNS and not denies:
            moves.append((at, place + step))
            if not says_not:
                moves.append((at + step, place + step))
        # A phrase without its first or last syllable, where a "not" stands instead, is none.
        if not says_not and not (denies and at + step == stop):
            moves.append((at + step, place))
        return moves
