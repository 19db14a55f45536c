"""`call`: a field of the call list."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, model_validator

from qc_pipeline.call import FieldValue
from qc_pipeline.call_fields import BY_NAME
from qc_pipeline.scoring.evidence.outcome import Outcome, State, unknown
from qc_pipeline.scoring.evidence.terms import (
    SOME,
    Number,
    Params,
    Pattern,
    Words,
    compiled,
    problem,
)
from qc_pipeline.scoring.operators.measure_bounds import measure
from qc_pipeline.scoring.operators.operator import Operator

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


_KEPT = 256


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

    def describe(self, name: str) -> Words:
        """The test of field `name` as a person reads it."""
        known = BY_NAME.get(name)
        unit = Words("秒", " s") if known and known.unit == "s" else Words("", "")
        zh, en = [], []
        if self.equals is not None:
            zh.append(f"为{_named(name, self.equals)}")
            en.append(f"is {_shown(self.equals)}")
        if self.one_of is not None:
            zh.append("为" + "、".join(_named(name, v) for v in self.one_of) + "之一")
            en.append("is one of " + ", ".join(_shown(v) for v in self.one_of))
        if self.above is not None:
            zh.append(f"超过{self.above:g}{unit.zh}")
            en.append(f"is above {self.above:g}{unit.en}")
        if self.below is not None:
            zh.append(f"不到{self.below:g}{unit.zh}")
            en.append(f"is below {self.below:g}{unit.en}")
        if self.matches is not None:
            zh.append(f"符合“{self.matches}”")
            en.append(f"matches “{self.matches}”")
        if self.missing is not None:
            zh.append("为空" if self.missing else "不为空")
            en.append("is empty" if self.missing else "is not empty")
        return Words(f"“{_label(name)}”" + "且".join(zh), f"{name} " + " and ".join(en))

    def holds(self, value: FieldValue | None) -> bool | None:
        """Whether a field passes; None where that cannot be said of its value."""
        if self.missing is not None and (value is None) is not self.missing:
            return False
        if value is None:
            return True if self.missing else None
        if self.equals is not None and not _same(value, self.equals):
            return False
        if self.one_of is not None and not any(_same(value, one) for one in self.one_of):
            return False
        if self.matches is not None and not compiled(self.matches).search(str(value)):
            return False
        if self.above is None and self.below is None:
            return True
        number = _number(value)
        if number is None:
            return None
        return (self.above is None or number > self.above) and (
            self.below is None or number < self.below
        )


def _number(value: FieldValue) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _shown(value: FieldValue | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    return "∅" if value is None else str(value)


def _label(name: str) -> str:
    """What a Chinese call list calls the field."""
    known = BY_NAME.get(name)
    return known.label_zh if known else name


def _quoted(name: str, value: FieldValue | None, language: str) -> str:
    if language.startswith("en"):
        return f"{name} = {_shown(value)}"
    return f"{_label(name)}：{'空' if value is None else _named(name, value)}"


def _named(name: str, value: FieldValue) -> str:
    """A value in Chinese: the word that a call list may hold for it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    known = BY_NAME.get(name)
    words = known.words if known else {}
    return next((zh for zh, kept in words.items() if kept == value), _shown(value))


def _same(value: FieldValue, wanted: FieldValue) -> bool:
    a, b = _number(value), _number(wanted)
    if a is not None and b is not None:
        return a == b
    if isinstance(value, bool) or isinstance(wanted, bool):
        return _shown(value).lower() == _shown(wanted).lower()
    return str(value) == str(wanted)


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
        tests = [test.describe(name) for name, test in self.fields.items()]
        return Words("、".join(t.zh for t in tests), ", ".join(t.en for t in tests))

    @cached_property
    def _untold(self) -> dict[tuple[tuple[type, FieldValue | None], ...], Outcome]:
        """Outcomes by the fields' values, where no card shows them: calls share most of those."""
        return {}

    def evaluate(self, ctx: Context) -> Outcome:
        if ctx.shown:
            return self._evaluate(ctx)
        field = ctx.call.field
        values = tuple([(type(value := field(name)), value) for name in self.fields])
        outcome = self._untold.get(values)
        if outcome is None:
            outcome = self._evaluate(ctx)
            if len(self._untold) < _KEPT:
                self._untold[values] = outcome
        return outcome

    def _evaluate(self, ctx: Context) -> Outcome:
        missing = []
        failed = []
        for name, test in self.fields.items():
            value = ctx.call.field(name)
            verdict = test.holds(value)
            if verdict is None:
                missing.append((name, value))
            elif not verdict:
                failed.append(name)
        if missing and not failed:
            names = ", ".join(name for name, _ in missing)
            labels = "".join(f"“{_label(name)}”" for name, _ in missing)
            if all(value is None for _, value in missing):
                return unknown(f"话单没有{labels}", f"the call list has no {names}")
            return unknown(f"话单的{labels}不是数字", f"{names} in the call list is no number")
        state = State.NOT if failed else State.HOLDS
        if not ctx.shown:
            return Outcome(state=state)
        shown = failed or list(self.fields)
        between = ", " if ctx.language.startswith("en") else "，"
        quote = between.join([_quoted(name, ctx.call.field(name), ctx.language) for name in shown])
        return Outcome(
            state=state,
            measured=(measure(ctx, 0.0, ctx.end_s, quote),),
        )
