"""`louder_than_other`: the speaker's level lies above the other party's."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.rules.base import (
    Number,
    Operator,
    Outcome,
    Over,
    Party,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class LouderThanOther(Operator):
    name: ClassVar[str] = "louder_than_other"

    by: Party
    db: Number
    over: Over = "call"

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
