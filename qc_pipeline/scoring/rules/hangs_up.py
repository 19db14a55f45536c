"""`hangs_up`: the speaker ended the call."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.rules.base import (
    Operator,
    Outcome,
    Party,
    Seconds,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class HangsUp(Operator):
    name: ClassVar[str] = "hangs_up"

    by: Party
    sooner_than: Seconds | None = None

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
