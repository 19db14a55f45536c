"""What the symbols of a text may stand for in the phrases of an index, as small numbers.

Characters that may stand at the same places of the same phrases are one class, so that what a text
holds is an array of small numbers, and whether it may stand at a place of a phrase one look-up in
a table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qc_pipeline.text.syllables import SEPARATOR, Sounds
from qc_pipeline.text.turn_codes import Codes, CodeTable

BETWEEN_TURNS = 1
_FIRST_CLASSES = 1024
# A text of every character that Unicode has may not fill the memory: what is met after so many
# classes is taken for a character that no phrase has.
_MOST_CLASSES = 4096


class SoundClasses:
    """The classes of symbols, by the different sounds (`sounds`) of the places of all phrases.

    Places are rows of two tables: `like`, the same after usual confusions or better, and `same`,
    the same syllable; one row more, that of `anything`, accepts every class. `inside[class]`: no
    separator; `denies[class]`: says "not".
    """

    def __init__(
        self,
        sounds: Sequence[Sounds],
        names_of: Callable[[str], frozenset[str]],
        every_of: Callable[[str], frozenset[str]],
        confusions: tuple[str, ...],
        negative: Collection[str],
    ) -> None:
        self._names_of = names_of
        self._every_of = every_of
        self._negative = negative
        self._by_name: defaultdict[str, list[int]] = defaultdict(list)
        self._by_syllable: defaultdict[str, list[int]] = defaultdict(list)
        for number, place in enumerate(sounds):
            for name in sorted(place.classes(confusions)):
                self._by_name[name].append(number)
            for syllable in sorted(place.same):
                self._by_syllable[syllable].append(number)
        self.anything = len(sounds)
        self._numbers: dict[tuple[frozenset[int], frozenset[int], bool, bool], int] = {}
        self.size = _FIRST_CLASSES
        self._like: NDArray[np.bool_] = np.zeros((len(sounds) + 1, self.size), dtype=bool)
        self._same: NDArray[np.bool_] = np.zeros((len(sounds) + 1, self.size), dtype=bool)
        self._like[self.anything] = self._same[self.anything] = True
        self.inside: NDArray[np.bool_] = np.zeros(self.size, dtype=bool)
        self.denies: NDArray[np.bool_] = np.zeros(self.size, dtype=bool)
        nothing: frozenset[int] = frozenset()
        # Class 0 is no class; the separator is the first, what no phrase has the second.
        self._number(nothing, nothing, inside=False, denies=False)
        self._unwanted = self._number(nothing, nothing, inside=True, denies=False)
        self._table = CodeTable(self._class_of, np.uint16)

    def like(self, rows: NDArray[Any], heard: NDArray[Any]) -> NDArray[np.bool_]:
        """Whether each class may stand at each place."""
        answer: NDArray[np.bool_] = self._like.ravel().take(rows * self.size + heard)
        return answer

    def same(self, rows: NDArray[Any], heard: NDArray[Any]) -> NDArray[np.bool_]:
        """Whether each class has a syllable of each place."""
        answer: NDArray[np.bool_] = self._same.ravel().take(rows * self.size + heard)
        return answer

    def accepting(self, heard: int) -> NDArray[np.bool_]:
        """By place: whether a class may stand there."""
        return self._like[:, heard]

    def of(self, codes: Codes) -> NDArray[Any]:
        """The class of every symbol."""
        return self._table.of(codes).astype(np.intp)

    def _class_of(self, char: str) -> int:
        if char == SEPARATOR:
            return BETWEEN_TURNS
        like = self._rows(self._by_name, self._names_of(char))
        same = self._rows(self._by_syllable, self._every_of(char)) & like
        return self._number(like, same, inside=True, denies=char in self._negative)

    @staticmethod
    def _rows(by: defaultdict[str, list[int]], names: Iterable[str]) -> frozenset[int]:
        return frozenset([row for name in names if name in by for row in by[name]])

    def _number(
        self, like: frozenset[int], same: frozenset[int], *, inside: bool, denies: bool
    ) -> int:
        key = (like, same, inside, denies)
        number = self._numbers.get(key)
        if number is None:
            number = len(self._numbers) + 1
            if number >= _MOST_CLASSES:
                return self._unwanted
            self._numbers[key] = number
            if number >= self.size:
                self._grow()
            self._like[sorted(like), number] = True
            self._same[sorted(same), number] = True
            self.inside[number] = inside
            self.denies[number] = denies
        return number

    def _grow(self) -> None:
        more = self.size
        self.size += more
        self._like = np.pad(self._like, ((0, 0), (0, more)))
        self._same = np.pad(self._same, ((0, 0), (0, more)))
        self._like[self.anything] = self._same[self.anything] = True
        self.inside = np.pad(self.inside, (0, more))
        self.denies = np.pad(self.denies, (0, more))
