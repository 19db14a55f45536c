"""The rubric language as a JSON Schema, for editors that complete and explain while one writes.

Made from the models that read rubrics, so that both say the same; the texts that an editor shows
on hover are the models' own descriptions and those of `schema_help`. Its form is what a YAML
language server needs (tried with yaml-language-server 1.25):
- a choice between a value and a mapping is one schema with several types, not `anyOf`: on hover the
  text of the key is shown, not that of a branch, and a mistake is marked where it is;
- a key whose value is described elsewhere says its type and takes it by `allOf`, or else it is put
  in without its colon; `maxProperties` and `default` stand nowhere, since the one stops completion
  and the other fills new mappings with what nobody asked for;
- `defaultSnippets`, `doNotSuggest` and `errorMessage` are for editors; validators pass them over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from qc_pipeline.call_fields import CALL_FIELDS, KnownField
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.evidence.terms import Bounds
from qc_pipeline.scoring.operators.only_held import KEY as ONLY_HELD
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.operators.registry import OPERATORS, keys
from qc_pipeline.scoring.rubric.model import RubricTest, RubricText
from qc_pipeline.scoring.rubric.schema_help import OPERATOR_HELP, SNIPPETS, help_for

SCHEMA_DIALECT = "http://json-schema.org/draft-07/schema#"
Schema = dict[str, Any]

_DAY = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2}$",
    "errorMessage": "A day, such as 2026-11-01.",
}
# Entries of lists, told by their own text; all others by that of the key they stand under.
_ENTRIES = ("Section", "Criterion", "Band", "RubricTest", "TestTurn")
_FIELD = ("string", "number", "boolean")
_A_NAME = {"pattern": r"^\$.+", "errorMessage": "A list, or a $name."}


def rubric_schema() -> Schema:
    """JSON Schema (draft 7) of a rubric file."""
    whole, definitions = _parts(RubricText)
    definitions["condition"] = _condition(definitions)
    definitions |= _own_forms(definitions)
    whole = _tidied(_with_days(whole), definitions)
    for key in ("sections", "bands"):
        whole["properties"][key]["minItems"] = 1
    return _finished(whole, definitions)


def schema_of_tests(criteria: Iterable[str] = (), bands: Iterable[str] = ()) -> Schema:
    """JSON Schema (draft 7) of a file with tests: a list of them, or a list under `tests`.

    With the ids of a rubric's criteria and the labels of its bands the schema knows these alone.
    """
    listed, definitions = _parts(RubricTest)
    definitions["RubricTest"] = listed
    definitions |= _own_forms(definitions)
    ids, labels = list(criteria), list(bands)
    if ids:
        expect = definitions["RubricTest"]["properties"]["expect"]
        expect["properties"] |= dict.fromkeys(ids, _VERDICT)
        expect["additionalProperties"] = False
        expect["errorMessage"] = "The rubric has no such criterion."
    if labels:
        band = definitions["RubricTest"]["properties"]["expect"]["properties"]["band"]
        band["enum"] = [*labels, None]
    several = {"items": {"$ref": "#/$defs/RubricTest"}, "minItems": 1}
    whole: Schema = {
        "description": "Tests of a rubric: a list of them, or a list under `tests`.",
        "type": ["object", "array"],
        **several,
        "required": ["tests"],
        "additionalProperties": False,
        "properties": {"tests": {"type": "array", "description": "A list of tests.", **several}},
    }
    return _finished(whole, definitions)


def _finished(whole: Schema, definitions: Schema) -> Schema:
    named = {k: _tidied(definitions[k], definitions) for k in sorted(definitions)}
    for name, body in named.items():
        if name not in _ENTRIES:
            body.pop("description", None)
    return {"$schema": SCHEMA_DIALECT, **whole, "$defs": named}


def _parts(model: type[BaseModel]) -> tuple[Schema, Schema]:
    """A model's schema and the definitions it refers to."""
    whole = model.model_json_schema()
    definitions: Schema = whole.pop("$defs", {})
    return _helped(model.__name__, whole), {k: _helped(k, v) for k, v in definitions.items()}


def _helped(place: str, schema: Schema) -> Schema:
    """With a text for every key that has none."""
    for key, value in schema.get("properties", {}).items():
        text = help_for(place, key)
        if text is not None:
            value.setdefault("description", text)
    return schema


def _only(of: Iterable[str], wanted: str) -> Schema:
    """Exactly one of some keys; every other one beside it is marked."""
    names = list(of)
    beside = {k: {"properties": dict.fromkeys((o for o in names if o != k), False),
                  "errorMessage": wanted} for k in names}  # fmt: skip
    return {"minProperties": 1, "dependencies": beside}


def _required(wanted: str, *names: str) -> list[Schema]:
    return [{"required": [name], "errorMessage": wanted} for name in names]


def _condition(definitions: Schema) -> Schema:
    """A mapping with one operator, or a $name; what goes with an operator stands beside it."""
    names: Schema = {}
    alone: Schema = {}
    several = "A condition has one operator; put several under 'all' or 'any'."
    for name, operator in OPERATORS.items():
        own = operator.model_json_schema()
        for key, value in own.pop("$defs", {}).items():
            definitions.setdefault(key, _helped(key, value))
        body = _operator(name, operator, _helped(name, own), definitions)
        beside = {k: body["properties"][k] for k in keys(operator)[1:]} if operator.whole else {}
        names[name] = body["properties"][name] if operator.whole else body
        names[name]["description"] = OPERATOR_HELP[name]
        others = [o for o in (*OPERATORS, "then", "within") if o != name and o not in beside]
        alone[name] = {
            "properties": {**dict.fromkeys(others, False), **beside},
            "errorMessage": several,
        }
        required = [k for k in body.get("required", ()) if k != name] if operator.whole else []
        if required:
            alone[name] = {"allOf": [alone[name], {"required": required}]}
    for key in ("then", "within"):
        names[key] = {"doNotSuggest": True}
    names[ONLY_HELD] = {"const": True, "description": help_for("condition", ONLY_HELD)}
    alone["then"] = {"required": ["whenever"]}
    alone[ONLY_HELD] = {"minProperties": 2}
    alone["within"] = {
        "anyOf": _required("Put 'within' inside the operator.", "whenever", "sequence")
    }
    return {
        "type": ["object", "string"],
        "pattern": r"^\$.+",
        "patternErrorMessage": "A condition is a mapping with one operator, or a $name.",
        "minProperties": 1,
        "properties": names,
        "additionalProperties": False,
        "dependencies": alone,
    }


def _operator(name: str, operator: type[Operator], own: Schema, definitions: Schema) -> Schema:
    """What stands under an operator's name, or, of combinations, with it in one mapping."""
    if name == "call":
        own["properties"]["call"] |= {"minProperties": 1, "properties": _call_fields()}
    if operator.whole:
        return own
    body = {k: v for k, v in own.items() if k not in ("title", "description")}
    body |= _OF_OPERATORS.get(name, {})
    if issubclass(operator, Bounds):
        body["anyOf"] = _required("Needs 'above', 'below' or both.", "above", "below")
    definitions[f"of-{name}"] = body
    snippet = {"label": f"{name}: …", "description": OPERATOR_HELP[name], "body": SNIPPETS[name]}
    return {
        "type": "object",
        "allOf": [{"$ref": f"#/$defs/of-{name}"}],
        "defaultSnippets": [snippet],
    }


def _call_fields() -> Schema:
    """The fields of a call list that the product knows; other columns are taken as well."""
    fields: Schema = {}
    for known in CALL_FIELDS:
        fields[known.name] = {"$ref": "#/$defs/FieldTest", **_about(known)}
        if known.kind == "choice":
            fields[known.name] |= {"if": {"type": "string"}, "then": {"enum": [*known.choices]}}
    return fields


def _call_values() -> Schema:
    """As `_call_fields`, of a call that is given field by field."""
    return {
        f.name: _about(f)
        | ({"type": "string", "enum": [*f.choices]} if f.kind == "choice" else {"type": [*_FIELD]})
        for f in CALL_FIELDS
    }


def _about(known: KnownField) -> Schema:
    unit = " in seconds" if known.unit == "s" else ""
    about: Schema = {"description": f"{known.label_zh}{unit}: {known.allowed}."}
    if known.kind == "boolean":
        about["examples"] = [True, False]
    return about


# What the types of single keys cannot say: which of them go together.
_OF_OPERATORS: Mapping[str, Schema] = {
    "said": {
        **_only(("any", "all", "at_least"), "One of any, all, at_least."),
        "anyOf": _required("Needs one of any, all, at_least.", "any", "all", "at_least"),
    },
    "reads_back": {
        **_only(("field", "heard_from"), "One of field, heard_from."),
        "anyOf": _required("Needs one of field, heard_from.", "field", "heard_from"),
    },
}
_FATAL = {"properties": {"severity": {"const": "fatal"}}, "required": ["severity"]}
_JUDGED = ("expect", "forbid", "manual")
_WHOLE_CRITERION: Schema = {
    "anyOf": _required("Needs one of expect, forbid, manual.", *_JUDGED),
    "if": _FATAL,
    "then": {
        "properties": {"points": False, "bonus": False},
        "errorMessage": "A fatal criterion has no points: it zeroes the score.",
    },
    "else": {
        "anyOf": _required("Needs points, or bonus.", "points", "bonus"),
        "properties": {"scope": False},
        "errorMessage": "Only a fatal criterion has a scope.",
    },
    "dependencies": {
        **_only(_JUDGED, "One of expect, forbid, manual.")["dependencies"],
        "bonus": {
            "properties": dict.fromkeys(("points", "deduct", "severity", "manual"), False),
            "errorMessage": "Not with bonus.",
        },
    },
}
_WORDS_SAID: Schema = {
    "type": ["string", "array", "object"],
    "items": [{"type": "number"}, {"type": "number"}, {"type": "string"}],
    "minItems": 3,
    "maxItems": 3,
    "required": ["text"],
    "additionalProperties": False,
    "properties": {
        "text": {"type": "string", "description": "What was said."},
        "at": {
            "type": "array",
            "description": "Start and end in seconds: [3.2, 5.0].",
            "items": {"type": "number"},
            "minItems": 2,
            "maxItems": 2,
        },
        "confidence": {
            "type": "number",
            "description": "How sure the recogniser was, 0 to 1. Without it: 1.",
            "minimum": 0,
            "maximum": 1,
        },
    },
}
_SPEAKERS = ("agent", "customer")
_TURN: Schema = {
    "type": "object",
    "description": "One speaker and what was said.",
    "additionalProperties": False,
    "properties": {
        who: {
            "$ref": "#/$defs/TestWords",
            "description": "What was said: a text; [start, end, text] in seconds; or {text, at, "
            "confidence}.",
        }
        for who in _SPEAKERS
    },
    **_only(_SPEAKERS, "A turn has one speaker."),
}
_VERDICT: Schema = {"type": "string", "enum": [str(v) for v in Verdict]}


def _own_forms(definitions: Schema) -> Schema:
    """Definitions that are read in more than one form, which the models alone do not say."""
    out: Schema = {"TestTurn": _TURN, "TestWords": _WORDS_SAID}
    if "RubricTest" in definitions:
        test = out["RubricTest"] = definitions["RubricTest"]
        test["properties"]["call"]["properties"] = _call_values()
        test["properties"]["expect"] |= {
            "minProperties": 1,
            "additionalProperties": _VERDICT,
            "properties": {
                "total": {"type": ["number", "null"], "description": "null: no total."},
                "band": {"type": ["string", "null"], "description": "A label of `bands`."},
            },
        }
    number = {"type": ["object", "number"]}
    for name, more in (
        ("Deduct", {**number, "exclusiveMinimum": 0}),
        ("ReviewBelow", {**number, "minimum": 0, "maximum": 1}),
        ("FieldTest", {"type": [*_FIELD, "object"], "minProperties": 1}),
    ):
        if name in definitions:
            body = out[name] = definitions[name] | more
            body["properties"].pop("=", None)
    if "ScorableFrom" in definitions:
        least = _required("Needs talk_s, turns or both.", "talk_s", "turns")
        out["ScorableFrom"] = definitions["ScorableFrom"] | {"anyOf": least}
    if "Deduct" in out:
        ways = out["Deduct"]["properties"]
        out["Deduct"] |= _only(ways, "One way of counting: each, steps, or each_missing.")
    if "Criterion" in definitions:
        out["Criterion"] = definitions["Criterion"] | _WHOLE_CRITERION
        out["Effective"] = _with_days(definitions["Effective"])
    for name in ("Window", "AnswerSpan"):
        if name in definitions:
            names = definitions[name]["properties"]
            text = f"One of {', '.join(names)}."
            out[name] = definitions[name] | _only(names, text)
    return out


def _with_days(schema: Schema) -> Schema:
    for key in ("effective_from", "announced", "from", "until"):
        value = schema["properties"].get(key)
        if value is not None:
            value |= _DAY
            value.pop("anyOf", None)
    return schema


def _tidied(value: Any, definitions: Schema) -> Any:
    """In the form that editors need (see above), without titles of classes."""
    if isinstance(value, list):
        return [_tidied(v, definitions) for v in value]
    if not isinstance(value, dict):
        return value
    if value.get("x-qc") == "condition":
        value = {**{k: v for k, v in value.items() if k != "x-qc"}, "$ref": "#/$defs/condition"}
    out = {
        k: v if k in ("defaultSnippets", "examples") else _tidied(v, definitions)
        for k, v in value.items()
        if k not in ("default", "prefixItems") and not (k == "title" and isinstance(v, str))
    }
    if "prefixItems" in value:
        out["items"] = _tidied(value["prefixItems"], definitions)
    _without_null(out)
    default = value.get("default")
    if isinstance(default, str | int | float) and "description" in out:
        out["description"] += f" Without it: {_shown(default)}."
    if "$ref" in out and len(out) > 1:
        name = out.pop("$ref")
        kind = definitions[name.removeprefix("#/$defs/")]["type"]
        out = {"type": kind, **out, "allOf": [{"$ref": name}]}
    if out.get("type") == "array" and _texts(out.get("items")):
        out |= {"type": ["array", "string"], **_A_NAME}
    return out


def _shown(default: str | float) -> str:
    if isinstance(default, bool):
        return "true" if default else "false"
    return default if isinstance(default, str) else f"{default:g}"


def _without_null(schema: Schema) -> None:
    """A key may be left out; it is not written as null."""
    options = [o for o in schema.get("anyOf", ()) if o != {"type": "null"}]
    if "anyOf" in schema and len(options) < len(schema["anyOf"]):
        del schema["anyOf"]
        if len(options) == 1:
            schema |= {**options[0], **schema}
        else:
            schema["anyOf"] = options
    kinds = [o["type"] for o in schema.get("anyOf", ()) if set(o) == {"type"}]
    if kinds and len(kinds) == len(schema["anyOf"]):
        del schema["anyOf"]
        schema["type"] = [k for k in kinds if k != "integer" or "number" not in kinds]


def _texts(items: Any) -> bool:
    """Whether the entries of a list are phrases, or the lines of a script."""
    if not isinstance(items, dict) or "enum" in items or "const" in items:
        return False
    return items.get("type") == "string"
