"""What a criterion finds its faults by, as a name: the same where the same calls come to the same.

What is only told (title, why, points, what it costs) is no part of it. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel

from qc_pipeline.call import content_sha256
from qc_pipeline.scoring.rubric.model import Criterion, Rubric, Section

JUDGED_BY = ("language", "review_below", "exact_only", "confusions", "scorable_from")
"""What every criterion of a rubric is judged by; where one of them changed, all are others."""

_FOUND_BY = ("applies", "expect", "forbid", "only_held", "severity")
_HEX = 16


def identity_of(rubric: Rubric, section: Section, criterion: Criterion) -> str:
    """`rubric/criterion@hash`, the hash (16 hex digits) over its conditions and all that they are
    judged by, lists written out. Values that are as they are without being written are left out.
    """
    body = {
        "rubric": {key: _form(getattr(rubric, key)) for key in JUDGED_BY},
        "section": _form(section.applies),
        "criterion": {key: _form(getattr(criterion, key)) for key in _FOUND_BY},
    }
    return f"{rubric.rubric}/{criterion.id}@{content_sha256(body)[:_HEX]}"


def identities_of(rubric: Rubric) -> Mapping[str, str]:
    """The identity of every criterion of a rubric, by its id."""
    return {c.id: identity_of(rubric, s, c) for s in rubric.sections for c in s.criteria}


def _form(value: Any) -> Any:
    """A value of a rubric as JSON."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        said = {k: getattr(value, k) for k in fields}
        written = {k: _form(v) for k, v in said.items() if v != fields[k].get_default()}
        return {"is": type(value).__name__, **written}
    if isinstance(value, Mapping):
        return [[_form(k), _form(v)] for k, v in value.items()]
    if isinstance(value, frozenset | set):
        return sorted(map(_form, value), key=repr)
    if isinstance(value, tuple | list):
        return [_form(v) for v in value]
    return value.isoformat() if isinstance(value, date) else value
