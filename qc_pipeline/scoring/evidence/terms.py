"""Parameters of operators as a rubric writes them: frozen, strict, checked with one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from qc_pipeline.text.phrase_patterns import options_of

Party = Literal["agent", "customer", "any"]


class Words(NamedTuple):
    """One sentence in both languages of the product."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh


PARTY_WORDS: Mapping[str, Words] = {
    "agent": Words("坐席", "the agent"),
    "customer": Words("客户", "the customer"),
    "any": Words("任一方", "either party"),
}


class Params(BaseModel):
    """A frozen, strict mapping of a rubric; unknown keys are errors."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        validate_by_alias=True,
        validate_by_name=True,
        arbitrary_types_allowed=True,
        hide_input_in_errors=False,
    )


def problem(kind: str, message: str, **context: Any) -> PydanticCustomError:
    """An error for the person who wrote the rubric; `message` is a full sentence."""
    escaped = message.replace("{", "{{").replace("}", "}}")
    return PydanticCustomError(f"qc_{kind}", escaped, context or None)


def _some(value: Any) -> Any:
    if not value:
        raise problem("empty", "the list is empty", hint="give at least one entry")
    return value


def _two(value: Any) -> Any:
    if len(value) < 2:
        raise problem("short", "a sequence needs two conditions", found=str(len(value)))
    return value


# As validators after the entries': pydantic's own length check repeats every error of an entry.
SOME = (AfterValidator(_some), Field(json_schema_extra={"minItems": 1}))
TWO = (AfterValidator(_two), Field(json_schema_extra={"minItems": 2}))


def _phrase(text: str) -> str:
    if not text.strip():
        raise problem("empty_phrase", "a phrase is empty", found=repr(text))
    return text


Phrase = Annotated[str, AfterValidator(_phrase)]
Phrases = Annotated[tuple[Phrase, ...], SOME[0], SOME[1]]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Share100 = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Times = Annotated[int, Field(ge=1)]
Over = Literal["call", "turn"]


@lru_cache(maxsize=4096)
def compiled(pattern: str, *, lines: bool = False) -> Any:
    """The compiled RE2 expression: linear in the text, whatever the pattern.

    With `lines` no match goes over the end of a line.
    """
    import re2

    options = re2.Options()
    options.log_errors = False
    options.never_nl = lines
    return re2.compile(pattern, options)


def _pattern(text: str) -> str:
    import re2

    try:
        compiled(text)
    except re2.error as error:
        raise problem(
            "regex",
            f"the regular expression does not compile: {_regex_reason(error)}",
            found=text,
            hint="RE2 syntax: no look-around and no back references",
        ) from error
    return text


def _regex_reason(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)


def _line(value: Any) -> Any:
    if isinstance(value, str):
        return options_of(value)
    return value


Pattern = Annotated[str, AfterValidator(_pattern)]
Line = Annotated[tuple[Phrase, ...], SOME[0], BeforeValidator(_line, json_schema_input_type=str)]


class Window(Params):
    """`within`: where in the call a hit may start; exactly one of the six."""

    first_seconds: Seconds | None = None
    last_seconds: Seconds | None = None
    first_turns: Times | None = None
    last_turns: Times | None = None
    between: tuple[Seconds, Seconds] | None = None
    percent: tuple[Share100, Share100] | None = None

    @model_validator(mode="after")
    def _one(self) -> Window:
        given = [k for k in type(self).model_fields if getattr(self, k) is not None]
        allowed = " ".join(type(self).model_fields)
        if len(given) != 1:
            raise problem(
                "window",
                "'within' takes exactly one window",
                found=", ".join(given) or "none",
                allowed=allowed,
            )
        for span in (self.between, self.percent):
            if span is not None and span[0] >= span[1]:
                raise problem(
                    "window", f"'{given[0]}' must rise", found=f"[{span[0]:g}, {span[1]:g}]"
                )
        return self

    @property
    def opening(self) -> bool:
        """Whether the window is the beginning of the call."""
        return (
            self.first_seconds is not None
            or self.first_turns is not None
            or (self.between is not None and self.between[0] == 0)
            or (self.percent is not None and self.percent[0] == 0)
        )

    def describe(self) -> Words:
        if self.first_seconds is not None:
            return Words(
                f"开头{self.first_seconds:g}秒内", f"in the first {self.first_seconds:g} s"
            )
        if self.last_seconds is not None:
            return Words(f"最后{self.last_seconds:g}秒内", f"in the last {self.last_seconds:g} s")
        if self.first_turns is not None:
            return Words(f"前{self.first_turns}轮内", f"in the first {self.first_turns} turns")
        if self.last_turns is not None:
            return Words(f"最后{self.last_turns}轮内", f"in the last {self.last_turns} turns")
        if self.between is not None:
            a, b = self.between
            return Words(f"第{a:g}至{b:g}秒", f"between {a:g} and {b:g} s")
        a, b = self.percent or (0.0, 100.0)
        return Words(f"通话{a:g}%至{b:g}%处", f"between {a:g} and {b:g} % of the call")


class TurnSpan(Params):
    """`within: {turns: 6}`: turns of the speaker."""

    turns: Times


class SecondSpan(Params):
    """`within: {seconds: 60}`."""

    seconds: Seconds


class AnswerSpan(Params):
    """`within` of a `whenever`: turns of the party that `then` names, or seconds."""

    turns: Times | None = None
    seconds: Seconds | None = None

    @model_validator(mode="after")
    def _one(self) -> AnswerSpan:
        if (self.turns is None) == (self.seconds is None):
            raise problem(
                "window",
                "'within' takes 'turns' or 'seconds'",
                found="neither" if self.turns is None else "both",
                allowed="turns seconds",
            )
        return self

    def describe(self) -> Words:
        if self.turns is not None:
            return Words(f"随后{self.turns}轮内", f"within the next {self.turns} turns")
        return Words(f"随后{self.seconds:g}秒内", f"within the next {self.seconds:g} s")


class Bounds(Params):
    """`above` and/or `below`: at least one."""

    above: Number | None = None
    below: Number | None = None

    @model_validator(mode="after")
    def _some_bound(self) -> Any:
        if self.above is None and self.below is None:
            raise problem(
                "bounds", "needs 'above', 'below' or both", found="neither", allowed="above below"
            )
        if self.above is not None and self.below is not None and self.above >= self.below:
            raise problem(
                "bounds",
                "no number is above the one and below the other",
                found=f"above {self.above:g}, below {self.below:g}",
            )
        return self

    def holds(self, value: float) -> bool:
        return (self.above is None or value > self.above) and (
            self.below is None or value < self.below
        )

    def bound_words(self) -> Words:
        zh, en = [], []
        if self.above is not None:
            zh.append(f"高于{self.above:g}")
            en.append(f"above {self.above:g}")
        if self.below is not None:
            zh.append(f"低于{self.below:g}")
            en.append(f"below {self.below:g}")
        return Words("且".join(zh), " and ".join(en))
