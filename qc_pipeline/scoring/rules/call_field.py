"""`call`: a field of the call list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, model_validator

from qc_pipeline.call import FieldValue
from qc_pipeline.scoring.rules.base import (
    SOME,
    Number,
    Operator,
    Outcome,
    Params,
    Pattern,
    Words,
    problem,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


def _test(value: Any) -> Any:
    return {"=": value} if isinstance(value, (str, int, float, bool)) else value


class FieldTest(Params):
    """What a field is compared with: a value alone, or a mapping."""

    equals: FieldValue | None = Field(default=None, alias="=")
    one_of: Annotated[tuple[FieldValue, ...], SOME[0], SOME[1]] | None = Field(
        default=None, alias="in"
    )
    above: Number | None = None
    below: Number | None = None
    matches: Pattern | None = None
    missing: bool | None = None

    @model_validator(mode="after")
    def _some_test(self) -> FieldTest:
        if not self.model_fields_set:
            raise problem(
                "call", "a field needs a value or a test", allowed="in above below matches missing"
            )
        return self


Test = Annotated[FieldTest, BeforeValidator(_test)]


class CallField(Operator):
    name: ClassVar[str] = "call"
    whole: ClassVar[bool] = True

    fields: Annotated[
        Mapping[str, Annotated[FieldTest, BeforeValidator(_test)]],
        SOME[0],
        Field(alias="call"),
    ]

    def describe(self) -> Words:
        return Words("", "")

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError
