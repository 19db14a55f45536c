"""`not` a condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from qc_pipeline.scoring.rules.base import (
    Condition,
    Operator,
    Outcome,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class Negation(Operator):
    name: ClassVar[str] = "not"
    whole: ClassVar[bool] = True

    condition: Annotated[Condition, Field(alias="not")]

    def parts(self) -> tuple[Operator, ...]:
        return (self.condition,)

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
