"""`all` of conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from qc_pipeline.scoring.evidence.outcome import NOT, Outcome
from qc_pipeline.scoring.evidence.terms import SOME, Words
from qc_pipeline.scoring.operators import combine
from qc_pipeline.scoring.operators.operator import Condition, Operator

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


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
        return Words("；".join(w.zh for w in each), " and ".join(w.en for w in each))

    def evaluate(self, ctx: Context) -> Outcome:
        if not ctx.shown:
            # No card shows why: a field of the call list that decides it spares the rest.
            for part in self.conditions:
                if part.name == "call":
                    outcome = ctx.outcome(part)
                    if outcome.state is NOT:
                        return outcome
        return combine.every([ctx.outcome(part) for part in self.conditions])
