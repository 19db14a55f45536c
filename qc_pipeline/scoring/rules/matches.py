"""`matches`: a regular expression (RE2 syntax) is found in a turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.rules.base import (
    Operator,
    Outcome,
    Party,
    Pattern,
    Window,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class Matches(Operator):
    name: ClassVar[str] = "matches"

    by: Party
    regex: Pattern
    not_regex: Pattern | None = None
    within: Window | None = None

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
