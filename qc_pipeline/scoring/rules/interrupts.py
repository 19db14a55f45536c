"""`interrupts`: the speaker starts while the other is talking and goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.rules.base import (
    Operator,
    Outcome,
    Party,
    Seconds,
    Times,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class Interrupts(Operator):
    name: ClassVar[str] = "interrupts"

    by: Party
    overlap: Seconds = 1.5
    min_chars: Times = 5
    gave_way: bool = False
    times: Times = 1

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
