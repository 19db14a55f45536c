"""`speech_rate`: characters (zh) or words (en) a minute of speaking time."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.rules.base import (
    Bounds,
    Operator,
    Outcome,
    Over,
    Party,
    Times,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class SpeechRate(Bounds, Operator):
    name: ClassVar[str] = "speech_rate"

    by: Party
    over: Over = "call"
    min_chars: Times = 10

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
