"""The clauses of a call as they sound, for operators that compare wordings."""

from __future__ import annotations

from dataclasses import dataclass, replace

from qc_pipeline.scoring.evidence.timing import MergedTurn
from qc_pipeline.text.similar import clauses, sound, sound_cosine, sound_with_origin

# A clause more than so many times as long as what is looked for holds more than that.
LONGER = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenClause:
    """Characters `start` to `end` of merged turn `turn`; `units` are its syllables or words."""

    turn: int
    start: int
    end: int
    text: str
    units: tuple[str, ...]


def spoken_clauses(number: int, turn: MergedTurn, language: str) -> tuple[SpokenClause, ...]:
    """The clauses of a merged turn; where one part of it ends, a clause ends."""
    out = []
    for at, until in zip(turn.offsets, (*turn.offsets[1:], len(turn.text) + 1), strict=True):
        for clause in clauses(turn.text[at : until - 1]):
            out.append(
                SpokenClause(
                    turn=number,
                    start=at + clause.start,
                    end=at + clause.end,
                    text=clause.text,
                    units=sound(clause.text, language),
                )
            )
    return tuple(out)


def nearest_part(
    wanted: tuple[str, ...], clause: SpokenClause, language: str
) -> tuple[float, SpokenClause]:
    """How like `wanted` a clause is worded, and the part of it that is most so.

    The clause as a whole; where it is much longer (a recogniser that writes no commas gives one
    clause a turn), also its parts as long as `wanted`.
    """
    best, place = sound_cosine(wanted, clause.units), (0, len(clause.units))
    size = len(wanted)
    if len(clause.units) > LONGER * size:
        last = len(clause.units) - size
        for start in sorted({*range(0, last, max(1, size // 4)), last}):
            likeness = sound_cosine(wanted, clause.units[start : start + size])
            if likeness > best:
                best, place = likeness, (start, start + size)
    if place == (0, len(clause.units)):
        return best, clause
    units, where = sound_with_origin(clause.text, language)
    first, end = where.span(*place)
    part = replace(
        clause,
        start=clause.start + first,
        end=clause.start + end,
        text=clause.text[first:end],
        units=units[place[0] : place[1]],
    )
    return best, part
