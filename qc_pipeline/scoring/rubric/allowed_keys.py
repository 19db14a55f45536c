"""Which keys are allowed where in a rubric, read off the models themselves."""

from __future__ import annotations

import functools
import types
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from qc_pipeline.scoring.operators.only_held import KEY as ONLY_HELD
from qc_pipeline.scoring.operators.operator import parse_condition
from qc_pipeline.scoring.operators.registry import OPERATORS, keys


class KeySlot(NamedTuple):
    """What may stand in one place: a condition, one of a model's keys, or entries by free names."""

    condition: bool = False
    model: type[BaseModel] | None = None
    free: KeySlot | None = None


# Keys that our own forms of a number, a value or a turn bring with them.
_INNER = frozenset(("=", "speaker"))
PLAIN = KeySlot()
CONDITION = KeySlot(condition=True)


@functools.cache
def slots(model: type[BaseModel]) -> Mapping[str, KeySlot]:
    """The keys of a model as they stand in YAML, and what each takes."""
    return {f.alias or name: _of_field(f) for name, f in model.model_fields.items()}


def _of_field(field: FieldInfo) -> KeySlot:
    if any(_is_condition(m) for m in field.metadata):
        return CONDITION
    return _of_annotation(field.annotation)


def _is_condition(metadata: Any) -> bool:
    return isinstance(metadata, BeforeValidator) and metadata.func is parse_condition


def _of_annotation(annotation: Any) -> KeySlot:
    origin, args = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return KeySlot(model=annotation)
    if hasattr(annotation, "__metadata__"):
        if any(_is_condition(m) for m in annotation.__metadata__):
            return CONDITION
        return _of_annotation(annotation.__origin__)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return KeySlot(free=_of_annotation(args[1]))
    if origin is types.UnionType or args:
        found = [s for s in map(_of_annotation, args) if s != PLAIN]
        return found[0] if found else PLAIN
    return PLAIN


def step(slot: KeySlot, part: str | int, present: Iterable[str] = ()) -> KeySlot:
    """What may stand at `part` inside a place; `present` are the keys that stand there."""
    if isinstance(part, int):
        return slot
    if slot.free is not None:
        return slot.free
    if slot.model is not None:
        return slots(slot.model).get(part, PLAIN)
    if slot.condition:
        operator = OPERATORS.get(part)
        if operator is not None:
            return slots(operator)[part] if operator.whole else KeySlot(model=operator)
        beside = (OPERATORS[k] for k in present if k in OPERATORS)
        return next((slots(o)[part] for o in beside if o.whole and part in slots(o)), PLAIN)
    return PLAIN


def allowed_at(slot: KeySlot, present: Sequence[str]) -> tuple[str, ...]:
    """The keys a mapping in this place takes; `present` are the ones that stand there."""
    if slot.model is not None:
        return tuple(k for k in keys(slot.model) if k not in _INNER)
    if slot.condition:
        operator = next((OPERATORS[k] for k in present if k in OPERATORS), None)
        if operator is None:
            return tuple(OPERATORS)
        own = keys(operator) if operator.whole else (operator.name,)
        return (*own, ONLY_HELD)
    return ()
