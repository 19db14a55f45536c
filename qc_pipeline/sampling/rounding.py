"""Unbiased controlled rounding of a table of targets.

Every cell x becomes ⌊x⌋ or ⌈x⌉ with mean x, and so does every total of a row, of an agent and of
a stratum. Fractional numbers are pushed around cycles until none is left, each push one of two
with chances that leave every mean as it was (Cox 1987; Gandhi, Khuller, Parthasarathy and
Srinivasan 2006). Numbers are whole multiples of 2⁻⁴⁰, so that nothing is lost on the way.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

BITS = 40
ONE = 1 << BITS
NEAR = 1 << 12


@dataclass(frozen=True, slots=True)
class Push:
    """One step of a rounding: edges and whether each goes the way of the push. A `closed` one is a
    single edge whose last bits were dropped; no chance had a part in it.

    Edges are numbered: cells, then rows, agents and strata.
    """

    edges: tuple[tuple[int, bool], ...]
    closed: bool = False


def controlled_rounding(
    x: Array,
    row: Array,
    column: Array,
    parent: Array,
    *,
    seed: str,
    pushes: list[Push] | None = None,
) -> Array:
    """Whole numbers (int64) for the cells' targets `x` (float64 ≥ 0).

    `row[c]` and `column[c]` are a cell's row and agent, `parent[r]` a row's stratum. The chances
    come from sha256 of the seed and the number of the push. `pushes` is filled with every step.
    """
    import numpy as np

    units = np.rint(x * ONE).astype(np.int64)
    units = _snap(units)
    graph = _Graph(pushes)
    rows, columns, parents = len(parent), int(column.max(initial=-1)) + 1, int(parent.max()) + 1
    row_node = range(rows)
    column_node = range(rows, rows + columns)
    parent_node = range(rows + columns, rows + columns + parents)
    top = rows + columns + parents
    fraction = units & (ONE - 1)
    places = np.flatnonzero(fraction)
    for c in places.tolist():
        graph.add(c, row_node[int(row[c])], column_node[int(column[c])], int(fraction[c]))
    # Totals that are not whole are edges too: they may go up or down like a cell. One that is
    # whole but for the last bits stays whole; its cells carry the difference.
    own = len(units)
    for r, total in enumerate(_totals(units, row, rows)):
        graph.add(own + r, parent_node[int(parent[r])], row_node[r], _fraction(total))
    own += rows
    for a, total in enumerate(_totals(units, column, columns)):
        graph.add(own + a, column_node[a], top, _fraction(total))
    own += columns
    for p, total in enumerate(_totals(units, parent[row], parents)):
        graph.add(own + p, top, parent_node[p], _fraction(total))
    up = graph.settle(seed)
    whole = units >> BITS
    for c in up:
        if c < len(units):
            whole[c] += 1
    return whole


def _snap(units: Array) -> Array:
    import numpy as np

    near = np.rint(units / ONE).astype(np.int64) << BITS
    snapped: Array = np.where(np.abs(units - near) <= NEAR, near, units)
    return snapped


def _totals(units: Array, group: Array, groups: int) -> list[int]:
    """Exact sums: whole and fractional parts apart, so that nothing is rounded."""
    import numpy as np

    sums = np.zeros(groups, dtype=np.int64)
    np.add.at(sums, group, units & (ONE - 1))
    return [int(s) for s in sums]


def _fraction(units: int) -> int:
    part = units & (ONE - 1)
    return 0 if part <= NEAR or part >= ONE - NEAR else part


class _Graph:
    """Fractional edges between nodes; an edge from `tail` to `head` adds to what flows through."""

    def __init__(self, pushes: list[Push] | None) -> None:
        self.pushes = pushes
        self.tail: dict[int, int] = {}
        self.head: dict[int, int] = {}
        self.part: dict[int, int] = {}
        self.at: dict[int, dict[int, None]] = {}

    def add(self, edge: int, tail: int, head: int, part: int) -> None:
        if part == 0:
            return
        self.tail[edge] = tail
        self.head[edge] = head
        self.part[edge] = part
        self.at.setdefault(tail, {})[edge] = None
        self.at.setdefault(head, {})[edge] = None

    def settle(self, seed: str) -> list[int]:
        """Round every edge; the edges that went up."""
        up: list[int] = []
        chance = _Chance(seed)
        for start in list(self.at):
            path: list[tuple[int, int]] = []
            seen: dict[int, int] = {start: 0}
            node = start
            while self.at[node]:
                entered = path[-1][0] if path else -1
                for edge in self.at[node]:
                    if edge != entered:
                        break
                else:
                    # A node with one fractional edge: only the last bits of a total can do this.
                    if not path:
                        edge = next(iter(self.at[node]))
                        self._drop(edge, up)
                        continue
                    edge, before = path.pop()
                    del seen[node]
                    self._drop(edge, up)
                    node = before
                    continue
                path.append((edge, node))
                tail = self.tail[edge]
                node = self.head[edge] if tail == node else tail
                if node in seen:
                    cycle = path[seen[node] :]
                    self._push(cycle, chance, up)
                    # Keep the walk up to the first edge that is settled.
                    keep = seen[node]
                    for edge, _ in cycle:
                        if edge not in self.part:
                            break
                        keep += 1
                    node = path[keep][1] if keep < len(path) else node
                    for _, left in path[keep + 1 :]:
                        seen.pop(left, None)
                    del path[keep:]
                else:
                    seen[node] = len(path)
        return up

    def _push(self, cycle: list[tuple[int, int]], chance: _Chance, up: list[int]) -> None:
        """Move the edges of a cycle along or against it until one is whole."""
        part, tail = self.part, self.tail
        if self.pushes is not None:
            self.pushes.append(Push(tuple((edge, tail[edge] == node) for edge, node in cycle)))
        more = less = ONE
        for edge, node in cycle:
            down = part[edge]
            up_to_whole = ONE - down
            if tail[edge] != node:
                down, up_to_whole = up_to_whole, down
            # Not min(): this is most of what a draw does.
            if up_to_whole < more:
                more = up_to_whole
            if down < less:
                less = down
        step = more if chance.below(less, more + less) else -less
        for edge, node in cycle:
            value = part[edge] + (step if tail[edge] == node else -step)
            part[edge] = value
            if value <= NEAR or value >= ONE - NEAR:
                self._close(edge, value * 2 >= ONE, up)

    def _drop(self, edge: int, up: list[int]) -> None:
        """Round an edge whose last bits are all that is left."""
        if self.pushes is not None:
            self.pushes.append(Push(((edge, True),), closed=True))
        self._close(edge, self.part[edge] * 2 >= ONE, up)

    def _close(self, edge: int, goes_up: bool, up: list[int]) -> None:
        if goes_up:
            up.append(edge)
        del self.part[edge]
        del self.at[self.tail[edge]][edge]
        del self.at[self.head[edge]][edge]


class _Chance:
    """Chances from sha256(seed, step): the same on every machine and in every version."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.step = 0

    def below(self, numerator: int, denominator: int) -> bool:
        """True with probability numerator / denominator."""
        digest = hashlib.sha256(f"{self.seed}\nrounding\n{self.step}".encode()).digest()
        self.step += 1
        return int.from_bytes(digest[:16], "big") * denominator < numerator << 128
