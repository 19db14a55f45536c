"""`reads_back`: the speaker says a number, digit by digit, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import model_validator

from qc_pipeline.scoring.rules.base import (
    Operator,
    Outcome,
    Party,
    Times,
    Window,
    Words,
    problem,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class ReadsBack(Operator):
    name: ClassVar[str] = "reads_back"

    by: Party
    field: str | None = None
    heard_from: Literal["agent", "customer"] | None = None
    last: Times | None = None
    within: Window | None = None

    @model_validator(mode="after")
    def _one_source(self) -> ReadsBack:
        if (self.field is None) == (self.heard_from is None):
            raise problem(
                "reads_back",
                "'reads_back' takes the number from one place",
                found="none" if self.field is None else "field, heard_from",
                allowed="field heard_from",
            )
        return self

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
