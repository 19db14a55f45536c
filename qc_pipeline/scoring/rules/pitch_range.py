"""`pitch_range`: semitones between the 10th and 90th percentile of the speaker's pitch."""

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


class PitchRange(Bounds, Operator):
    name: ClassVar[str] = "pitch_range"

    by: Party

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
