"""`not` a condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from qc_pipeline.scoring.evidence.outcome import Outcome
from qc_pipeline.scoring.evidence.terms import Words
from qc_pipeline.scoring.operators import combine
from qc_pipeline.scoring.operators.operator import Condition, Operator

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


class Negation(Operator):
    name: ClassVar[str] = "not"
    whole: ClassVar[bool] = True

    condition: Annotated[Condition, Field(alias="not")]

    def parts(self) -> tuple[Operator, ...]:
        return (self.condition,)

    def describe(self) -> Words:
        inner = self.condition.describe()
        return Words(f"没有（{inner.zh}）", f"not ({inner.en})")

    def evaluate(self, ctx: Context) -> Outcome:
        return combine.opposite(ctx.favouring(not ctx.favour).outcome(self.condition))
