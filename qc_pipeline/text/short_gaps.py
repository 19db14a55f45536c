"""Phrases of two or three syllables that stand in a text but for one of them.

Of each phrase every syllable in turn may be anything; what is left of it is one syllable, two that
follow each other, or two with one between. So all phrases are looked for in many turns at once,
by tables of one and of two syllables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qc_pipeline.text.grouped import Grouped
from qc_pipeline.text.hanzi import NEGATIONS
from qc_pipeline.text.similar import alike
from qc_pipeline.text.turn_codes import Codes, CodeTable, codes_of

SHORTEST, LONGEST = 2, 3
Numbers = NDArray[Any]


class Gaps(NamedTuple):
    """Places as columns: where a phrase begins in the text, where in it the gap is, which it is."""

    begins: Numbers
    gaps: Numbers
    phrases: Numbers


class _Kind(NamedTuple):
    """Phrases by what is left of them: `second` places behind the first syllable, 0 for none."""

    second: int
    groups: Grouped
    # By symbol, or by two of them: the number of a group, the first of which is empty.
    table: Numbers


class ShortGaps:
    """Finds short phrases with a gap. `phrases` are numbered as given; longer ones are left out."""

    def __init__(self, phrases: Sequence[str]) -> None:
        self._owners: list[tuple[int, int, int]] = []
        left: defaultdict[int, defaultdict[tuple[int, ...], list[int]]] = defaultdict(
            lambda: defaultdict(list)
        )
        symbols: dict[int, int] = {}
        for number, phrase in enumerate(phrases):
            heard = [symbols.setdefault(code, len(symbols) + 1) for code in _codes(phrase)]
            for gap in range(len(heard)):
                if phrase[gap] in NEGATIONS:
                    continue
                kept = [at for at in range(len(heard)) if at != gap]
                second = kept[1] - kept[0] if len(kept) > 1 else 0
                left[second][tuple([heard[at] for at in kept])].append(len(self._owners))
                self._owners.append((number, gap, kept[0]))
        self._table = CodeTable(lambda char: symbols.get(ord(char), 0) + 1, np.uint32)
        self._size = len(symbols) + 2
        self._kinds = [self._kind(second, keys) for second, keys in sorted(left.items())]
        self._columns = np.array(self._owners, dtype=np.intp).reshape(-1, 3).T

    def _kind(self, second: int, keys: defaultdict[tuple[int, ...], list[int]]) -> _Kind:
        table = np.zeros((self._size,) * (2 if second else 1), dtype=np.int32)
        for group, key in enumerate(keys, start=1):
            table[tuple([symbol + 1 for symbol in key])] = group
        return _Kind(second, Grouped([(), *keys.values()]), table)

    def find(self, codes: Codes) -> Gaps:
        """Every place in a text of `alike` symbols; those that reach over a line are not sorted
        out.
        """
        heard = self._table.of(codes)
        begins, owners = [], []
        for second, groups, table in self._kinds:
            if second:
                found = table[heard[:-second], heard[second:]] if len(heard) > second else heard[:0]
            else:
                found = table[heard]
            places = np.flatnonzero(found)
            which, own = groups.of(found[places])
            begins.append(places[which] - self._columns[2][own])
            owners.append(own)
        if not owners:
            none = np.zeros(0, dtype=np.intp)
            return Gaps(none, none, none)
        own = np.concatenate(owners)
        return Gaps(np.concatenate(begins), self._columns[1][own], self._columns[0][own])


def _codes(phrase: str) -> list[int]:
    heard = alike(phrase)
    if not SHORTEST <= len(heard) <= LONGEST:
        return []
    codes: list[int] = codes_of(heard).tolist()
    return codes
