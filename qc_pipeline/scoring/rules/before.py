"""`before`: `then` has a hit before the first hit of `first`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.rules.base import (
    Condition,
    Operator,
    Outcome,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class Before(Operator):
    name: ClassVar[str] = "before"

    first: Condition
    then: Condition

    def parts(self) -> tuple[Operator, ...]:
        return (self.first, self.then)

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
