"""`all` of conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from qc_pipeline.scoring.rules import logic
from qc_pipeline.scoring.rules.base import (
    SOME,
    Condition,
    Operator,
    Outcome,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class AllOf(Operator):
    name: ClassVar[str] = "all"
    whole: ClassVar[bool] = True

    conditions: Annotated[
        tuple[Condition, ...], SOME[0], Field(alias="all", json_schema_extra={"minItems": 1})
    ]

    def parts(self) -> tuple[Operator, ...]:
        return self.conditions

    def describe(self) -> Words:
        each = [part.describe() for part in self.conditions]
        return Words(";".join(w.zh for w in each), " and ".join(w.en for w in each))

    def evaluate(self, ctx: Context) -> Outcome:
        return logic.every([part.evaluate(ctx) for part in self.conditions])
