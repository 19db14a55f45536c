"""The clauses of a call as they sound, for operators that compare wordings."""

from __future__ import annotations

from dataclasses import dataclass

from qc_pipeline.scoring.timing import MergedTurn
from qc_pipeline.text.similar import clauses, sound


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
