"""`names_time_limit`: a time limit was promised."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.rules.base import (
    Operator,
    Outcome,
    Party,
    Window,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class NamesTimeLimit(Operator):
    name: ClassVar[str] = "names_time_limit"

    by: Party
    at_most: str | None = None
    within: Window | None = None

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
