"""`response_time`: the wait before the speaker answers, in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.rules.base import (
    Bounds,
    Operator,
    Outcome,
    Party,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class ResponseTime(Bounds, Operator):
    name: ClassVar[str] = "response_time"

    by: Party
    first: bool = False

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
