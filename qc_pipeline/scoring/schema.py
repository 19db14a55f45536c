"""The rubric language as a JSON Schema, for editors that complete and explain while one writes.

Made from the models that read rubrics, so that both say the same; the texts that an editor shows
on hover are the models' own descriptions and, for operators, `OPERATOR_HELP` and `KEY_HELP` below.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from qc_pipeline.scoring.rubric import Effective, RubricText
from qc_pipeline.scoring.rules.base import Bounds, Operator
from qc_pipeline.scoring.rules.registry import OPERATORS

SCHEMA_DIALECT = "http://json-schema.org/draft-07/schema#"
_NAME = {"type": "string", "pattern": r"^\$.+", "description": "A $name."}
_DAY = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}

OPERATOR_HELP: Mapping[str, str] = {
    "said": "Holds when the speaker uttered the phrases: one of `any`, `all`, `at_least`.",
    "matches": "Holds when a regular expression (RE2) is found in a turn.",
    "follows_script": "Holds when the lines of a script were said.",
    "similar": "Holds when a clause is worded nearly like one of the sentences.",
    "repeats": "Holds when the speaker says nearly the same again.",
    "reads_back": "Holds when the speaker says a number, digit by digit, in order.",
    "names_time_limit": "Holds when a number with a unit, a date, a weekday or part of a day was "
    "promised; 尽快, 稍后 and the like are none.",
    "discloses": "Holds when a number with valid check digits is spoken out.",
    "silence": "Holds when nobody speaks between turns.",
    "interrupts": "Holds when the speaker starts while the other is talking and goes on.",
    "speech_rate": "Characters (zh) or words (en) a minute of speaking time.",
    "louder_than_other": "Holds when the speaker is louder than the other party by `db`.",
    "raised_voice": "Holds when the speaker is louder than their own median by `db`.",
    "pitch_range": "Semitones between the 10th and the 90th percentile of the voice.",
    "talk_share": "The speaker's share of all speaking time, 0 to 1.",
    "response_time": "Seconds before the speaker answers.",
    "hangs_up": "Holds when the speaker ended the call; needs the call field `hangup_by`.",
    "call": "Fields of the call list: a value, or a test such as {above: 60}.",
    "all": "Holds when every condition of the list holds.",
    "any": "Holds when one condition of the list holds.",
    "not": "Holds when the condition does not.",
    "sequence": "Holds when each condition has a hit that starts after the former's.",
    "before": "Holds when `then` has a hit before the first hit of `first`.",
    "whenever": "After every hit of the trigger, `then` holds `within` the time; no trigger: "
    "not applicable.",
}

KEY_HELP: Mapping[str, str] = {
    "by": "Who: agent, customer, or any.",
    "any": "One of these phrases is enough.",
    "all": "All of these phrases.",
    "at_least": "How many, or which share.",
    "n": "How many different ones.",
    "of": "Out of these phrases.",
    "within": "Where in the call, or how soon.",
    "match": "How loosely: near (default for zh), homophone, exact.",
    "unless": "Phrases in the same turn that cancel the hit.",
    "unless_said": "Phrases in the last turn of either before it that cancel it.",
    "times": "How often at least.",
    "regex": "RE2 syntax: no look-around, no back references.",
    "not_regex": "A turn that also matches this does not count.",
    "script": "A script: $name, or lines with '|' between wordings.",
    "in_order": "Whether the order of the lines counts.",
    "similarity": "How alike, 0 to 1.",
    "min_chars": "Shorter ones do not count.",
    "to": "Sentences to compare with.",
    "field": "The call field that holds the number.",
    "heard_from": "The digits this party has just said.",
    "last": "So many last digits are enough.",
    "at_most": "The longest limit that counts, such as '3 working days'.",
    "what": "Which numbers: id_card, bank_card, phone.",
    "longer_than": "Seconds.",
    "after": "Who spoke last before it.",
    "overlap": "Seconds of talking over each other.",
    "gave_way": "Whether the other must have stopped.",
    "above": "More than this.",
    "below": "Less than this.",
    "over": "The whole call, or each turn.",
    "db": "Decibels.",
    "first": "The first answer only; in `before`: what comes second.",
    "then": "What must hold.",
    "sooner_than": "Seconds after the other's last word.",
    "first_seconds": "Seconds from the agent's first word.",
    "last_seconds": "Seconds before the last word.",
    "first_turns": "The first turns of that speaker.",
    "last_turns": "The last turns of that speaker.",
    "between": "Seconds from and to: [30, 90].",
    "percent": "Per cent of the call from and to: [0, 20].",
    "turns": "So many turns.",
    "seconds": "So many seconds.",
    "in": "One of these values.",
    "missing": "Whether the field is missing.",
}


def rubric_schema() -> dict[str, Any]:
    """JSON Schema (draft 7) of a rubric file."""
    schema = RubricText.model_json_schema()
    definitions: dict[str, Any] = schema.pop("$defs", {})
    branches: list[dict[str, Any]] = [{**_NAME, "description": "A named condition."}]
    for name, operator in OPERATORS.items():
        body = _operator(name, operator, definitions)
        definitions[f"operator-{name}"] = body
        branches.append({"$ref": f"#/$defs/operator-{name}"})
    definitions["condition"] = {
        "description": "A mapping with one operator, or a $name.",
        "anyOf": branches,
    }
    definitions["TestTurn"] = _TURN
    definitions["Deduct"] = _deduct(definitions["Deduct"])
    definitions["ReviewBelow"] = {
        "anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, definitions["ReviewBelow"]]
    }
    definitions["FieldTest"] = _field_test(definitions["FieldTest"])
    definitions["Criterion"] |= _WHOLE_CRITERION
    for name in ("Window", "AnswerSpan"):
        definitions[name] |= _ONE_KEY
    named = {k: definitions[k] for k in sorted(definitions)}
    whole: dict[str, Any] = _tidied({"$schema": SCHEMA_DIALECT, **schema, "$defs": named})
    for key in ("effective_from", "announced"):
        whole["properties"][key] |= _DAY
        whole["properties"][key].pop("anyOf", None)
    days = whole["$defs"][Effective.__name__]["properties"]
    for key in ("from", "until"):
        days[key] |= _DAY
        days[key].pop("anyOf", None)
    return whole


def _operator(name: str, operator: type[Operator], definitions: dict[str, Any]) -> dict[str, Any]:
    """The condition mapping of one operator; its own parts move to the shared definitions."""
    own = operator.model_json_schema()
    for key, value in own.pop("$defs", {}).items():
        if key != "condition":
            definitions.setdefault(key, value)
    own.pop("title", None)
    for key, value in own["properties"].items():
        value.pop("title", None)
        if key in KEY_HELP:
            value.setdefault("description", KEY_HELP[key])
    own["description"] = OPERATOR_HELP[name]
    if operator.whole:
        own["properties"][name]["description"] = OPERATOR_HELP[name]
        if name == "call":
            own["properties"][name]["minProperties"] = 1
        return own
    own |= _OF_OPERATORS.get(name, {})
    if issubclass(operator, Bounds):
        own["anyOf"] = _required("above", "below")
    return {
        "type": "object",
        "description": OPERATOR_HELP[name],
        "properties": {name: own},
        "required": [name],
        "additionalProperties": False,
    }


def _required(*keys: str) -> list[dict[str, Any]]:
    return [{"required": [key]} for key in keys]


# What the types of single keys cannot say: which of them go together.
_ONE_KEY = {"minProperties": 1, "maxProperties": 1}
_OF_OPERATORS = {
    "said": {"oneOf": _required("any", "all", "at_least")},
    "reads_back": {"oneOf": _required("field", "heard_from")},
}
_FATAL = {"properties": {"severity": {"const": "fatal"}}, "required": ["severity"]}
_WHOLE_CRITERION = {
    "oneOf": _required("expect", "forbid", "manual"),
    "if": _FATAL,
    "then": {"not": {"anyOf": _required("points", "bonus")}},
    "else": {"oneOf": _required("points", "bonus"), "not": {"required": ["scope"]}},
    "dependencies": {"bonus": {"not": {"anyOf": _required("deduct", "severity", "manual")}}},
}
_TURN = {
    "type": "object",
    "description": "Who said what: text, [start, end, text], or {at, text, confidence}.",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
    "properties": {
        speaker: {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "minItems": 3, "maxItems": 3},
                {
                    "type": "object",
                    "required": ["text"],
                    "additionalProperties": False,
                    "properties": {
                        "text": {"type": "string"},
                        "at": {"type": "array", "items": {"type": "number"}, "minItems": 2,
                               "maxItems": 2},
                        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
                    },
                },
            ]
        }
        for speaker in ("agent", "customer")
    },
}  # fmt: skip


def _deduct(body: dict[str, Any]) -> dict[str, Any]:
    counted = copy.deepcopy(body)
    counted["properties"].pop("=", None)
    number = {"type": "number", "exclusiveMinimum": 0, "description": "A fixed number of points."}
    counted |= _ONE_KEY
    return {"anyOf": [number, counted], "description": body.get("description", "")}


def _field_test(body: dict[str, Any]) -> dict[str, Any]:
    tests = copy.deepcopy(body)
    tests["properties"].pop("=", None)
    for key, value in tests["properties"].items():
        value.setdefault("description", KEY_HELP.get(key, ""))
    tests["minProperties"] = 1
    return {"anyOf": [{"type": ["string", "number", "boolean"]}, tests]}


def _tidied(value: Any) -> Any:
    """Without defaults of our own kind and titles; lists of texts may be a $name as a whole."""
    if isinstance(value, list):
        return [_tidied(v) for v in value]
    if not isinstance(value, dict):
        return value
    if value.get("x-qc") == "condition":
        rest = {k: v for k, v in value.items() if k == "description"}
        return {"allOf": [{"$ref": "#/$defs/condition"}], **rest}
    out = {
        k: _tidied(v)
        for k, v in value.items()
        if not (k == "title" and isinstance(v, str))
        and not (k == "default" and (v is None or isinstance(v, dict | list)))
    }
    options = [o for o in out.get("anyOf", ()) if o != {"type": "null"}]
    if "anyOf" in out and len(options) < len(out["anyOf"]) and options:
        del out["anyOf"]
        out = {**options[0], **out} if len(options) == 1 else {**out, "anyOf": options}
    texts = out.get("type") == "array" and _texts(out.get("items"))
    if texts:
        kept = {k: out.pop(k) for k in ("description",) if k in out}
        return {**kept, "anyOf": [_NAME, out]}
    return out


def _texts(items: Any) -> bool:
    """Whether the entries of a list are phrases, or the lines of a script."""
    if not isinstance(items, dict):
        return False
    if "enum" in items or "const" in items:
        return False
    return items.get("type") == "string"
