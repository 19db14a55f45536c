"""Lists of numbers under a number, looked up for many at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]


class Grouped:
    """`groups[i]` are the numbers under i."""

    __slots__ = ("_counts", "_flat", "_starts")

    def __init__(self, groups: Collection[Collection[int]]) -> None:
        self._counts = np.array([len(group) for group in groups], dtype=np.intp)
        self._starts = np.cumsum(self._counts) - self._counts
        self._flat = np.array([n for group in groups for n in group], dtype=np.intp)

    def add(self, groups: Sequence[Numbers]) -> None:
        """More groups, numbered on from the last."""
        counts = np.array([len(group) for group in groups], dtype=np.intp)
        starts = len(self._flat) + np.cumsum(counts) - counts
        self._counts = np.concatenate((self._counts, counts))
        self._starts = np.concatenate((self._starts, starts))
        self._flat = np.concatenate((self._flat, *groups))

    def __len__(self) -> int:
        return len(self._counts)

    def of(self, wanted: Numbers) -> tuple[Numbers, Numbers]:
        """Every number under every entry of `wanted`, with which entry it stands under."""
        counts = self._counts[wanted]
        which = np.repeat(np.arange(len(wanted)), counts)
        before = np.cumsum(counts) - counts
        return which, self._flat[(self._starts[wanted] - before)[which] + np.arange(len(which))]
