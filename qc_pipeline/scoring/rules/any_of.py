"""`any` of conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from qc_pipeline.scoring.rules.base import (
    SOME,
    Condition,
    Operator,
    Outcome,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class AnyOf(Operator):
    name: ClassVar[str] = "any"
    whole: ClassVar[bool] = True

    conditions: Annotated[
        tuple[Condition, ...], SOME[0], Field(alias="any", json_schema_extra={"minItems": 1})
    ]

    def parts(self) -> tuple[Operator, ...]:
        return self.conditions

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
