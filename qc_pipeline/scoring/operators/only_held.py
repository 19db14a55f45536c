"""`only_held: true` beside a condition: what fails by it is held for a person, never deducted."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from qc_pipeline.scoring.evidence.outcome import Outcome
from qc_pipeline.scoring.evidence.terms import Words
from qc_pipeline.scoring.operators.operator import Condition, Operator

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context

KEY = "only_held"


class OnlyHeld(Operator):
    """Not an operator that a rubric names: it stands around the condition that has the key."""

    name: ClassVar[str] = KEY
    whole: ClassVar[bool] = True

    condition: Condition
    only_held: Literal[True] = True

    def parts(self) -> tuple[Operator, ...]:
        return (self.condition,)

    def describe(self) -> Words:
        return self.condition.describe()

    def evaluate(self, ctx: Context) -> Outcome:
        return unsure(ctx.outcome(self.condition))


def unsure(outcome: Outcome) -> Outcome:
    """The same outcome, which may no longer cost anybody points."""
    triggers = outcome.triggers
    return outcome._replace(
        sure=False,
        hits=tuple([h._replace(sure=False) for h in outcome.hits]),
        triggers=None if triggers is None else tuple([h._replace(sure=False) for h in triggers]),
    )
