"""Phrases by their sound: tiers 2 to 4, over the syllables (words) of many turns at once.

Of a phrase cut into k + 1 pieces at least one is whole where k syllables differ (the pigeonhole
principle). Two syllables that follow each other name the pieces that may begin with them; what is
left of the rest is compared place by place, all of them together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qc_pipeline.text.grouped import Grouped
from qc_pipeline.text.near_match import NearRules, enough_alike, one_differs, some_differ
from qc_pipeline.text.sound_classes import BETWEEN_TURNS, SoundClasses
from qc_pipeline.text.syllables import Sounds
from qc_pipeline.text.turn_codes import ANYBODY, Codes

NEAR_TIER = 4
ALMOST_TIER = 5
# From so many syllables on one or two may differ; in four, one makes the absence doubtful.
ONE_FROM, TWO_FROM, ALMOST_AT = 5, 9, 4

Numbers = NDArray[Any]


class Shape(NamedTuple):
    """How a phrase sounds; equal ones are looked for once. `allowed` syllables may differ."""

    sounds: tuple[Sounds, ...]
    negations: tuple[bool, ...]
    allowed: int


class SoundFinds(NamedTuple):
    """Finds as columns: symbols `begins` to `stops`, phrase, tier, syllables that differ."""

    begins: Numbers
    stops: Numbers
    phrases: Numbers
    tiers: Numbers
    distances: Numbers


class SoundIndex:
    """Finds phrases by their sounds. `owners` are the phrases (by number) of every shape, and
    `voices` says of each in whose words it is looked for (`turn_codes.ANYBODY`: in everybody's).
    """

    def __init__(
        self,
        owners: Mapping[Shape, Sequence[int]],
        voices: Numbers,
        names_of: Callable[[str], frozenset[str]],
        every_of: Callable[[str], frozenset[str]],
        confusions: tuple[str, ...],
        negative: Collection[str],
        *,
        words: bool,
    ) -> None:
        self._words = words
        shapes = [s for s in owners if s.sounds]
        rows = {s: i for i, s in enumerate(dict.fromkeys(x for s in shapes for x in s.sounds))}
        self._classes = SoundClasses(tuple(rows), names_of, every_of, confusions, negative)
        self._longest = max([len(s.sounds) for s in shapes], default=0)
        # Places of every shape, filled up with the one that accepts anything.
        self._rows = np.full((len(shapes), self._longest + 1), self._classes.anything)
        self._says_not = np.zeros((len(shapes), self._longest + 1), dtype=bool)
        for number, shape in enumerate(shapes):
            self._rows[number, : len(shape.sounds)] = [rows[s] for s in shape.sounds]
            self._says_not[number, : len(shape.sounds)] = shape.negations
        self._sizes = np.array([len(s.sounds) for s in shapes], dtype=np.intp)
        self._allowed = np.array([s.allowed for s in shapes], dtype=np.intp)
        self._owners = Grouped([owners[s] for s in shapes])
        parts = [
            (number, first, last)
            for number, shape in enumerate(shapes)
            for first, last in pieces(len(shape.sounds), shape.allowed)
        ]
        columns = np.array(parts, dtype=np.intp).reshape(-1, 3).T
        # Whole columns of their own: what is drawn from them lies together in memory.
        self._shape_of, self._first, self._last = map(np.ascontiguousarray, columns)
        first_rows = self._rows[self._shape_of, self._first]
        second = np.minimum(self._first + 1, self._longest)
        second_rows = np.where(
            self._last - self._first == 1,
            self._classes.anything,
            self._rows[self._shape_of, second],
        )
        asked = np.array([_voice({int(voices[i]) for i in owners[s]}) for s in shapes], dtype=int)
        self._begins = _Begins(self._classes, first_rows, second_rows, asked[self._shape_of])

    def find(self, symbols: Codes, voices: Numbers | None) -> SoundFinds:
        """Every occurrence of every shape, those that the text itself has included. With the
        `voices` of all symbols those of shapes that are asked of another may be left out.
        """
        pad = self._longest + 4
        heard = np.full(len(symbols) + 2 * pad, BETWEEN_TURNS, dtype=np.intp)
        heard[pad : pad + len(symbols)] = self._classes.of(symbols)
        said_by = np.full(len(heard), ANYBODY, dtype=np.intp)
        if voices is not None:
            said_by[pad : pad + len(symbols)] = voices
        shapes, begins, stops, distances = self._occurrences(heard, said_by)
        # Words that are the same are of tier 1 and of one stem of tier 2; syllables of 2 and 3.
        tiers = np.full(len(shapes), 1 if self._words else 2, dtype=np.intp)
        tiers[~self._same(heard, shapes, begins)] += 1
        tiers[distances > 0] = NEAR_TIER
        tiers[(distances > 0) & (self._sizes[shapes] < ONE_FROM)] = ALMOST_TIER
        which, phrases = self._owners.of(shapes)
        return SoundFinds(
            begins=begins[which] - pad,
            stops=stops[which] - pad,
            phrases=phrases,
            tiers=tiers[which],
            distances=distances[which],
        )

    def _occurrences(
        self, heard: Numbers, said_by: Numbers
    ) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """(shape, begin, stop, distance) of all."""
        places, parts = self._whole_pieces(heard, said_by)
        shapes, first, last = self._shape_of[parts], self._first[parts], self._last[parts]
        size = last - first
        allowed = self._allowed[shapes]
        whole = allowed == 0
        out = [(shapes[whole], places[whole], places[whole] + size[whole], size[whole] * 0)]
        rules = NearRules(self._classes, self._rows, self._says_not, self._sizes)
        one = allowed == 1
        for right in (True, False):
            these = one & ((first == 0) == right)
            out.append(
                one_differs(
                    rules, heard, shapes[these], first[these], last[these], places[these], right
                )
            )
        more = np.flatnonzero(allowed > 1)
        more = more[enough_alike(rules, heard, shapes[more], first[more], places[more], 2)]
        out.append(
            some_differ(
                rules, heard, self._allowed, shapes[more], first[more], last[more], places[more]
            )
        )
        columns = [np.concatenate(column) for column in zip(*out, strict=True)]
        return columns[0], columns[1], columns[2], columns[3]

    def _whole_pieces(self, heard: Numbers, said_by: Numbers) -> tuple[Numbers, Numbers]:
        """(place, piece) wherever one stands whole."""
        places, parts = self._begins.find(heard, said_by)
        sizes = self._last - self._first
        out = []
        k = 2
        while len(places):
            longer = sizes[parts] > k
            out.append((places[~longer], parts[~longer]))
            places, parts = places[longer], parts[longer]
            rows = self._rows[self._shape_of[parts], self._first[parts] + k]
            good = self._classes.like(rows, heard[places + k])
            places, parts = places[good], parts[good]
            k += 1
        if not out:
            return places, parts
        columns = [np.concatenate(column) for column in zip(*out, strict=True)]
        return columns[0], columns[1]

    def _same(self, heard: Numbers, shapes: Numbers, begins: Numbers) -> NDArray[np.bool_]:
        """Whether the syllables are those of the shape, without any confusion."""
        same = np.ones(len(shapes), dtype=bool)
        for k in range(int(self._sizes[shapes].max(initial=0))):
            same &= self._classes.same(self._rows[shapes, k], heard[begins + k])
        return same


class _Kept(dict[int, NDArray[np.bool_]]):
    """Answers by number, worked out when first asked for."""

    def __init__(self, work_out: Callable[[int], NDArray[np.bool_]]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, number: int) -> NDArray[np.bool_]:
        answer = self[number] = self._work_out(number)
        return answer


class _Begins:
    """Which pieces may begin with two classes, worked out when the two are first met together.

    `voices` says of each piece in whose words it is looked for.
    """

    def __init__(
        self, classes: SoundClasses, first: Numbers, second: Numbers, voices: Numbers
    ) -> None:
        self._classes = classes
        self._first, self._second, self._voices = first, second, voices
        # One more than there are: of whom nothing alone is asked.
        self._count = int(voices.max(initial=ANYBODY)) + 2
        self._clear()

    def _clear(self) -> None:
        self._size = self._classes.size
        # By both classes: a number of `_lists`, the first of which is empty; -1 for not met yet.
        self._known: NDArray[np.int32] = np.full((self._size, self._size), -1, dtype=np.int32)
        self._lists: dict[tuple[int, ...], int] = {(): 0}
        # By class: the pieces whose first (second) syllable it may be.
        self._ones = _Kept(lambda heard: self._classes.accepting(heard)[self._first])
        self._twos = _Kept(lambda heard: self._classes.accepting(heard)[self._second])
        # Of every list a group for each voice, behind those of the empty one.
        self._groups = Grouped([()] * self._count)

    def _meet(self, pairs: Numbers) -> None:
        """Work out the lists of pairs of classes that are met for the first time."""
        new: list[Numbers] = []
        for a, b in zip(*[c.tolist() for c in divmod(pairs, self._size)], strict=True):
            pieces = np.flatnonzero(self._ones[a] & self._twos[b])
            number = self._lists.setdefault(tuple(pieces.tolist()), len(self._lists))
            self._known[a, b] = number
            if number * self._count == len(self._groups) + len(new):
                asked = self._voices[pieces]
                new += [
                    pieces[(asked == voice) | (asked == ANYBODY)] if voice != ANYBODY else pieces
                    for voice in range(self._count)
                ]
        self._groups.add(new)

    def find(self, heard: Numbers, said_by: Numbers) -> tuple[Numbers, Numbers]:
        """(place, piece) wherever one may begin; `said_by` has the voice of every place."""
        if self._classes.size > self._size:
            self._clear()
        one, two = heard[:-1], heard[1:]
        lists = self._known[one, two]
        unmet = lists < 0
        if unmet.any():
            self._meet(np.unique(one[unmet] * self._size + two[unmet]))
            lists = self._known[one, two]
        places = np.flatnonzero(lists)
        voices = np.minimum(said_by[places], self._count - 1)
        which, parts = self._groups.of(lists[places] * self._count + voices)
        return places[which], parts


def _voice(voices: Collection[int]) -> int:
    """The one voice of several phrases that sound alike; ANYBODY where there are several."""
    return next(iter(voices)) if len(voices) == 1 else ANYBODY


def pieces(size: int, allowed: int) -> list[tuple[int, int]]:
    """`allowed` + 1 pieces of nearly the same length."""
    count = allowed + 1
    cuts = [size * i // count for i in range(count + 1)]
    return list(pairwise(cuts))


def may_differ(size: int) -> int:
    """How many syllables (words) of a phrase may differ: in four, one makes nothing but doubt."""
    if size >= TWO_FROM:
        return 2
    return 1 if size >= ALMOST_AT else 0
