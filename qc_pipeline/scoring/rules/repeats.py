"""`repeats`: the speaker says nearly the same again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from qc_pipeline.scoring.rules.base import (
    Operator,
    Outcome,
    Party,
    Phrases,
    Share,
    Times,
    TurnSpan,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class Repeats(Operator):
    name: ClassVar[str] = "repeats"

    by: Party
    times: Annotated[int, Field(ge=2)] = 2
    within: TurnSpan = TurnSpan(turns=6)
    similarity: Share = 0.85
    min_chars: Times = 4
    unless: Phrases | None = None

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
