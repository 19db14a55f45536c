"""`silence`: nobody speaks, between turns."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.rules.base import (
    Operator,
    Outcome,
    Party,
    Phrases,
    Seconds,
    Times,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class Silence(Operator):
    name: ClassVar[str] = "silence"

    longer_than: Seconds
    after: Party = "any"
    times: Times = 1
    unless_said: Phrases | None = None

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
