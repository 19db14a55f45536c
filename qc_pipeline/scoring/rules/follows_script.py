"""`follows_script`: the lines of a script were said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from qc_pipeline.scoring.rules.base import (
    SOME,
    Line,
    Operator,
    Outcome,
    Party,
    Share,
    Window,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class FollowsScript(Operator):
    name: ClassVar[str] = "follows_script"

    by: Party
    script: Annotated[tuple[Line, ...], SOME[0], SOME[1]]
    at_least: Share = 1.0
    in_order: bool = True
    similarity: Share = 0.75
    within: Window | None = None

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
