"""`talk_share`: the speaker's share of all speaking time, 0 to 1."""

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


class TalkShare(Bounds, Operator):
    name: ClassVar[str] = "talk_share"

    by: Party

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
