"""Many keys asked for in few questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

MOST_AT_ONCE = 500
"""Values in one question; SQLite takes 32,766, and a database's plan grows with them."""


def in_parts(values: Iterable[str]) -> Iterator[list[str]]:
    """The different values in order, as many at a time as one question asks for."""
    wanted = sorted(set(values))
    for start in range(0, len(wanted), MOST_AT_ONCE):
        yield wanted[start : start + MOST_AT_ONCE]
