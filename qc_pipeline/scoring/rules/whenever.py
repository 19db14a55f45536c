"""`whenever` … `then` … `within`: after every hit of the trigger the second holds in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from qc_pipeline.scoring.rules.base import (
    AnswerSpan,
    Condition,
    Operator,
    Outcome,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class Whenever(Operator):
    name: ClassVar[str] = "whenever"
    whole: ClassVar[bool] = True

    trigger: Annotated[Condition, Field(alias="whenever")]
    then: Condition
    within: AnswerSpan

    def parts(self) -> tuple[Operator, ...]:
        return (self.trigger, self.then)

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
