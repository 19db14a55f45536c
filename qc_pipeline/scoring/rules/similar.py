"""`similar`: a clause is worded nearly like one of the sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.rules.base import (
    Operator,
    Outcome,
    Party,
    Phrases,
    Share,
    Window,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class Similar(Operator):
    name: ClassVar[str] = "similar"

    by: Party
    to: Phrases
    at_least: Share = 0.7
    within: Window | None = None

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
