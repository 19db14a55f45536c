"""A phrase beside what was heard for it: which syllables (in English words) differ, and how."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from qc_pipeline.text.gapped_wordings import spoken_units, unit_text, unit_tier

Kind = Literal["same", "class", "near"]
"""same: another character of the same syllable (a form of the same word); class: a syllable that
is usually confused with it; near: another syllable, one too many or one too few."""
_KINDS: dict[int, Kind] = {2: "same", 3: "class"}


class Difference(NamedTuple):
    """Where what was heard differs from the phrase: characters `start` to `end` of what was heard;
    of a syllable that is missing those beside it.
    """

    kind: Kind
    start: int
    end: int


@lru_cache(maxsize=65536)
def differences(
    phrase: str, heard: str, language: str, confusions: tuple[str, ...], *, polite_you: bool
) -> tuple[Difference, ...]:
    """What differs between a phrase (a part of one) and the words that were found for it.

    Of the ways in which a phrase may be read (24: 二十四, 二四) the one that differs least.
    """
    said = unit_text(heard, language)
    best: tuple[int, tuple[Difference, ...]] | None = None
    for wanted in spoken_units(phrase, language):
        tiers = [
            [unit_tier(w, h, language, confusions, polite_you=polite_you) for h in said.units]
            for w in wanted
        ]
        steps = _alignment(tiers, len(said.units))
        found = []
        for i, j in steps:
            if i is not None and j is not None:
                kind = _KINDS.get(tiers[i][j], "near")
                if tiers[i][j] > 1:
                    found.append(Difference(kind, said.starts[j], said.ends[j]))
            elif j is not None:
                found.append(Difference("near", said.starts[j], said.ends[j]))
            else:
                # Between which units of the text the missing one would stand.
                behind = (b for a, b in steps if a is not None and a > (i or 0) and b is not None)
                at = next(behind, len(said.units))
                first, last = max(at - 1, 0), min(at, len(said.units) - 1)
                if last >= 0:
                    found.append(Difference("near", said.starts[first], said.ends[last]))
        worse = sum(d.kind == "near" for d in found) * 100 + len(found)
        if best is None or worse < best[0]:
            best = (worse, tuple(found))
    return () if best is None else best[1]


def _alignment(tiers: Sequence[Sequence[int]], columns: int) -> list[tuple[int | None, int | None]]:
    """Pairs (unit of the phrase, unit heard) with the fewest that are not alike, in order; None
    for one that has no partner. Wagner and Fischer 1974.
    """
    rows = len(tiers)
    cost = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows + 1):
        for j in range(columns + 1):
            if i == 0 or j == 0:
                cost[i][j] = float(i + j)
                continue
            tier = tiers[i - 1][j - 1]
            # Among equals the one with fewer confusions.
            pair = (1.0 if tier > 3 else (tier - 1) * 0.01) + cost[i - 1][j - 1]
            cost[i][j] = min(pair, cost[i - 1][j] + 1, cost[i][j - 1] + 1)
    out: list[tuple[int | None, int | None]] = []
    i, j = rows, columns
    while i or j:
        if i and j:
            tier = tiers[i - 1][j - 1]
            pair = (1.0 if tier > 3 else (tier - 1) * 0.01) + cost[i - 1][j - 1]
            if cost[i][j] == pair:
                i, j = i - 1, j - 1
                out.append((i, j))
                continue
        if i and cost[i][j] == cost[i - 1][j] + 1:
            i -= 1
            out.append((i, None))
        else:
            j -= 1
            out.append((None, j))
    return out[::-1]
