"""A phrase beside what was heard for it: which syllables (in English words) differ, and how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Literal, NamedTuple

from qc_pipeline.text.gapped_wordings import UnitText, spoken_units, unit_text, unit_tier

Kind = Literal["same", "class", "near"]
"""same: another character of the same syllable (a form of the same word); class: a syllable that
is usually confused with it; near: another syllable, one too many or one too few."""
_KINDS: dict[int, Kind] = {2: "same", 3: "class"}


class Difference(NamedTuple):
    """Where what was heard differs from the phrase: characters `start` to `end` of what was heard;
    of a syllable that is missing those beside it. `outside`: of one that is missing at an end
    besides what stands before (-1) or behind (1) what was found.
    """

    kind: Kind
    start: int
    end: int
    outside: int = 0


@lru_cache(maxsize=65536)
def differences(
    phrase: str, heard: str, language: str, confusions: tuple[str, ...], *, polite_you: bool
) -> tuple[Difference, ...]:
    """What differs between a phrase (a part of one) and the words that were found for it.

    Of the ways in which a phrase may be read (24: 二十四, 二四) the one that differs least.
    """
    whole = unit_text(heard, language)
    best: tuple[int, tuple[Difference, ...]] | None = None
    for said in _as_far_as_meant(whole):
        for wanted in spoken_units(phrase, language):
            found = _differing(wanted, said, language, confusions, polite_you=polite_you)
            worse = sum(d.kind == "near" for d in found) * 100 + len(found)
            if best is None or worse < best[0]:
                best = (worse, found)
    return () if best is None else best[1]


def _as_far_as_meant(whole: UnitText) -> Iterator[UnitText]:
    """The units heard, and those without what stands in one word with the first or last of them: a
    phrase found in a part of a word (not in can't, 四小时 in 24小时) is quoted with all of it.
    """
    places = list(zip(whole.starts, whole.ends, strict=True))
    count = len(places)
    firsts = [at for at in range(count) if places[at] == places[0]]
    lasts = [at + 1 for at in range(count) if places[at] == places[-1]]
    for first, last in product(firsts or [0], lasts[::-1] or [count]):
        if first < last or not count:
            yield UnitText(
                whole.text,
                whole.units[first:last],
                whole.starts[first:last],
                whole.ends[first:last],
            )


def _differing(
    wanted: Sequence[str],
    said: UnitText,
    language: str,
    confusions: tuple[str, ...],
    *,
    polite_you: bool,
) -> tuple[Difference, ...]:
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
            outside = -1 if at == 0 else int(at == len(said.units))
            if last >= 0:
                found.append(Difference("near", said.starts[first], said.ends[last], outside))
    return tuple(found)


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
