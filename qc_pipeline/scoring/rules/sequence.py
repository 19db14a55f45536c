"""`sequence`: each condition has a hit that starts after the former's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from qc_pipeline.scoring.rules.base import (
    TWO,
    Condition,
    Operator,
    Outcome,
    SecondSpan,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class Sequence(Operator):
    name: ClassVar[str] = "sequence"
    whole: ClassVar[bool] = True

    conditions: Annotated[
        tuple[Condition, ...], TWO[0], Field(alias="sequence", json_schema_extra={"minItems": 2})
    ]
    within: SecondSpan | None = None

    def parts(self) -> tuple[Operator, ...]:
        return self.conditions

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
