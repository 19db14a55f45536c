"""Every operator of the rubric language, by its name. A new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic_core import SchemaValidator, core_schema

from qc_pipeline.scoring.evidence.terms import problem
from qc_pipeline.scoring.operators.all_of import AllOf
from qc_pipeline.scoring.operators.any_of import AnyOf
from qc_pipeline.scoring.operators.before import Before
from qc_pipeline.scoring.operators.call_field import CallField
from qc_pipeline.scoring.operators.discloses import Discloses
from qc_pipeline.scoring.operators.follows_script import FollowsScript
from qc_pipeline.scoring.operators.hangs_up import HangsUp
from qc_pipeline.scoring.operators.interrupts import Interrupts
from qc_pipeline.scoring.operators.louder_than_other import LouderThanOther
from qc_pipeline.scoring.operators.matches import Matches
from qc_pipeline.scoring.operators.names_time_limit import NamesTimeLimit
from qc_pipeline.scoring.operators.not_ import Negation
from qc_pipeline.scoring.operators.only_held import KEY as ONLY_HELD
from qc_pipeline.scoring.operators.only_held import OnlyHeld
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.operators.pitch_range import PitchRange
from qc_pipeline.scoring.operators.raised_voice import RaisedVoice
from qc_pipeline.scoring.operators.reads_back import ReadsBack
from qc_pipeline.scoring.operators.repeats import Repeats
from qc_pipeline.scoring.operators.response_time import ResponseTime
from qc_pipeline.scoring.operators.said_phrase import Said
from qc_pipeline.scoring.operators.sequence import Sequence
from qc_pipeline.scoring.operators.silence import Silence
from qc_pipeline.scoring.operators.similar import Similar
from qc_pipeline.scoring.operators.speech_rate import SpeechRate
from qc_pipeline.scoring.operators.talk_share import TalkShare
from qc_pipeline.scoring.operators.whenever import Whenever

OPERATORS: Mapping[str, type[Operator]] = {
    operator.name: operator
    for operator in (
        Said,
        Matches,
        FollowsScript,
        Similar,
        Repeats,
        ReadsBack,
        NamesTimeLimit,
        Discloses,
        Silence,
        Interrupts,
        SpeechRate,
        LouderThanOther,
        RaisedVoice,
        PitchRange,
        TalkShare,
        ResponseTime,
        HangsUp,
        CallField,
        AllOf,
        AnyOf,
        Negation,
        Sequence,
        Before,
        Whenever,
    )
}


def keys(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys of a parameter model as they stand in YAML."""
    return tuple(f.alias or name for name, f in model.model_fields.items())


def allowed_keys(name: str) -> tuple[str, ...]:
    """The keys an operator takes: under its name, or, for combinations, beside it."""
    return keys(OPERATORS[name])


@cache
def _alone(operator: type[Operator]) -> SchemaValidator:
    """Reads a mapping with nothing but an operator under its name.

    Made of pydantic's parts: a model of its own for each operator takes a millisecond to build, a
    fifth of what reading a whole rubric takes.
    """
    field = core_schema.typed_dict_field(operator.__pydantic_core_schema__)
    return SchemaValidator(
        core_schema.typed_dict_schema({operator.name: field}, strict=True, extra_behavior="forbid")
    )


def build(value: Any, context: Any = None) -> Operator:
    """The operator that a condition mapping asks for.

    Raises pydantic's `ValidationError` or `PydanticCustomError`; see `operator`.
    """
    if not isinstance(value, Mapping):
        raise problem(
            "condition",
            "a condition is a mapping with one operator, or a $name",
            found=_short(value),
            allowed=" ".join(OPERATORS),
        )
    if ONLY_HELD in value and len(value) > 1:
        return _only_held(value, context)
    names = [key for key in value if key in OPERATORS]
    if len(names) != 1:
        unknown = [str(key) for key in value if key not in OPERATORS]
        if names:
            raise problem(
                "operators",
                "a condition has one operator; put several under 'all' or 'any'",
                found=", ".join(names),
                hint="{all: [{…}, {…}]}",
            )
        raise problem(
            "operator",
            "no such operator" if unknown else "a condition needs an operator",
            found=", ".join(unknown) or "{}",
            allowed=" ".join(OPERATORS),
        )
    operator = OPERATORS[names[0]]
    if operator.whole:
        return operator.model_validate(value, context=context)
    built: Operator = _alone(operator).validate_python(value, context=context)[operator.name]
    return built


def _only_held(value: Mapping[str, Any], context: Any) -> Operator:
    inner = build({key: part for key, part in value.items() if key != ONLY_HELD}, context)
    if value[ONLY_HELD] is not True:
        raise problem(
            "only_held",
            "'only_held' is true, or is left out",
            found=_short(value[ONLY_HELD]),
            allowed="true",
        )
    return OnlyHeld(condition=inner)


def _short(value: Any) -> str:
    if isinstance(value, tuple):
        return "a list" if value else "[]"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
