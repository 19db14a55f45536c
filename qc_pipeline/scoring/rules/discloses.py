"""`discloses`: a number with valid check digits is spoken out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from qc_pipeline.scoring.rules.base import (
    SOME,
    Operator,
    Outcome,
    Party,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context

Kind = Literal["id_card", "bank_card", "phone"]


class Discloses(Operator):
    name: ClassVar[str] = "discloses"

    by: Party
    what: Annotated[tuple[Kind, ...], SOME[0], SOME[1]]

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
