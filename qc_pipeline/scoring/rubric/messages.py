"""What pydantic found wrong → problems with line and column, in words for the rubric's writer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from qc_pipeline.errors import Problem, did_you_mean
from qc_pipeline.scoring.operators.call_field import FieldTest
from qc_pipeline.scoring.operators.registry import OPERATORS, allowed_keys
from qc_pipeline.scoring.rubric.allowed_keys import KeySlot, allowed_at, step
from qc_pipeline.scoring.rubric.model import TestTurn
from qc_pipeline.scoring.rubric.yaml_nodes import Node

_WANTED: Mapping[str, str] = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list, such as [a, b]",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "finite_number": "a number",
    "is_instance_of": "a condition or a $name",
}
# pydantic names the members of a union in the path; they are no keys of the file.
_UNION_MEMBERS = frozenset(("str", "int", "float", "bool", "none"))


class ErrorPlace(NamedTuple):
    """Where an error lies: its node, its key (None for an entry), the mapping around it."""

    node: Node
    key: str | None
    around: Node
    slot: KeySlot
    around_slot: KeySlot
    missing: bool


def problems_of(error: ValidationError, node: Node, slot: KeySlot, path: str) -> list[Problem]:
    """Every problem of a validation of `node`, which stands in `slot` of the file `path`."""
    out: dict[tuple[int, int, str], Problem] = {}
    for item in error.errors(include_url=False):
        problem = _problem(item, node, slot, path)
        out.setdefault((problem.line or 0, problem.column or 0, _kind(item["type"])), problem)
    return list(out.values())


def _kind(name: str) -> str:
    """Members of a union all complain of one value: the first speaks for them."""
    return "type" if name in _WANTED else name


def _locate(loc: Sequence[int | str], node: Node, slot: KeySlot) -> ErrorPlace:
    around, around_slot, key = node, slot, None
    for given in loc:
        # Keys that are numbers ("steps") are texts in the file.
        part = str(given) if isinstance(given, int) and node.kind == "map" else given
        if part == "[key]" and key is not None and key in around.keys:
            return ErrorPlace(around.keys[key], None, around, slot, around_slot, missing=False)
        if isinstance(part, int) and node.kind == "seq":
            if part >= len(node.items):
                break
            around, around_slot, key = node, slot, None
            node = node.items[part]
        elif isinstance(part, str) and node.kind == "map":
            said = _words_said(node) if slot.model is TestTurn else None
            if said is not None and part in said.entries:
                around, key, node = said, part, said.entries[part]
                continue
            if part not in node.entries:
                if part in _UNION_MEMBERS or part in ("=", "[key]"):
                    continue
                return ErrorPlace(node, part, node, slot, slot, missing=True)
            around, around_slot, key = node, slot, part
            slot = step(slot, part, node.entries)
            node = node.entries[part]
        else:
            break
    return ErrorPlace(node, key, around, slot, around_slot, missing=False)


def _words_said(turn: Node) -> Node | None:
    """What stands under the speaker of a test's turn, where that is a mapping of its own."""
    said = next(iter(turn.entries.values()), None)
    return said if said is not None and said.kind == "map" else None


def _problem(item: Any, node: Node, slot: KeySlot, path: str) -> Problem:
    kind: str = item["type"]
    context: Mapping[str, Any] = item.get("ctx") or {}
    at = _locate(item["loc"], node, slot)
    place = at.node
    where = f"'{at.key}'" if at.key is not None else "this entry"
    if item["loc"] and item["loc"][-1] == "[key]":
        where = f"the key '{place.raw}'"
    if kind == "extra_forbidden":
        return unknown_key(at.around, at.key or "", at.around_slot, path)
    if kind == "missing":
        return place.problem(path, f"the key '{item['loc'][-1]}' is missing")
    if kind.startswith("qc_"):
        return _own(item["msg"], context, at, path)
    if kind in _WANTED:
        return _wrong_type(kind, where, at, path)
    if kind in ("literal_error", "enum"):
        expected = str(context["expected"]).replace("'", "").replace(" or ", ", ")
        words = [word.lower() if word == "True" else word for word in expected.split(", ")]
        return place.problem(
            path,
            f"{where} takes one of a few words",
            found=place.shown(),
            allowed=" | ".join(words),
            hint=did_you_mean(place.raw, words),
        )
    if kind == "string_pattern_mismatch":
        return place.problem(
            path,
            f"{where} is no id",
            found=place.shown(),
            allowed="small letters a to z, digits, and '-' between them",
        )
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        bound = next(iter(context.values()), "")
        words_of = {"greater_than": "more than", "greater_than_equal": "at least"}
        words_of |= {"less_than": "less than", "less_than_equal": "at most"}
        return place.problem(
            path,
            f"{where} is out of range",
            found=place.shown(),
            allowed=f"{words_of[kind]} {bound:g}" if isinstance(bound, int | float) else None,
        )
    if kind in ("too_short", "too_long", "string_too_short"):
        if place.kind == "scalar":
            return place.problem(path, f"{where} is empty", allowed="a text")
        wanted = context.get("min_length", context.get("max_length"))
        return place.problem(
            path,
            f"{where} has {'too few' if kind == 'too_short' else 'too many'} entries",
            found=str(context.get("actual_length", len(place.items))),
            allowed=str(wanted),
        )
    message = str(item["msg"]).removeprefix("Value error, ")
    return place.problem(path, f"{where}: {message}", found=place.shown())


def _own(message: str, context: Mapping[str, Any], at: ErrorPlace, path: str) -> Problem:
    hint = context.get("hint")
    found, allowed = context.get("found"), context.get("allowed")
    place = at.node
    if allowed and found and hint is None and " " not in found:
        hint = did_you_mean(str(found), str(allowed).split())
    if place.kind == "map" and found and found in place.keys:
        place = place.keys[found]
    return place.problem(path, message, found=found, allowed=allowed, hint=hint)


def _wrong_type(kind: str, where: str, at: ErrorPlace, path: str) -> Problem:
    wanted, hint, place = _WANTED[kind], None, at.node
    if at.slot.model is FieldTest:
        wanted = "a value, or a mapping such as {above: 60}"
    if place.kind == "scalar" and kind == "string_type" and place.value is not None:
        hint = f'quote it: "{place.raw}"'
    elif place.kind == "scalar" and kind == "tuple_type" and place.raw:
        hint = f"write [{place.raw}]"
    elif place.kind == "scalar" and place.quoted and kind in ("int_type", "float_type"):
        hint = "without the quotes"
    return place.problem(path, f"{where} takes {wanted}", found=place.shown(), hint=hint)


def unknown_key(around: Node, key: str, slot: KeySlot, path: str) -> Problem:
    """A key that does not belong there, with the ones that do."""
    allowed = allowed_at(slot, tuple(around.entries))
    hint = did_you_mean(key, (k for k in allowed if k not in around.entries))
    operator = next((k for k in around.entries if k in OPERATORS), None)
    if slot.condition and operator is not None and not OPERATORS[operator].whole:
        if key in allowed_keys(operator):
            hint = f"'{key}' belongs inside '{operator}'"
        elif key in OPERATORS:
            hint = "several conditions stand under 'all' or 'any'"
    place = around.keys.get(key, around)
    return place.problem(path, f"unknown key '{key}'", allowed=" ".join(allowed) or None, hint=hint)
