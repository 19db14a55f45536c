"""`raised_voice`: a turn's level lies above the speaker's own median."""

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


class RaisedVoice(Operator):
    name: ClassVar[str] = "raised_voice"

    by: Party
    db: Number
    over: Over = "turn"

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
