"""Conditions that no call can meet: a criterion with such an `applies` never judges anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf

from qc_pipeline.call import FieldValue
from qc_pipeline.scoring.evidence.terms import compiled
from qc_pipeline.scoring.operators.all_of import AllOf
from qc_pipeline.scoring.operators.any_of import AnyOf
from qc_pipeline.scoring.operators.call_field import CallField, FieldTest
from qc_pipeline.scoring.operators.not_ import Negation
from qc_pipeline.scoring.operators.operator import Operator


def contradiction(conditions: Iterable[Operator]) -> str | None:
    """Why the conditions can never hold together, or None where nothing is seen against it.

    Sees what follows from the conditions alone: a condition and its `not`, and tests of one call
    field that no value passes.
    """
    parts = tuple(p for c in conditions for p in _flat(c))
    for part in parts:
        if isinstance(part, AnyOf):
            # Alternatives are tried one list at a time: two lists at once would be all pairs.
            others = [p for p in parts if not isinstance(p, AnyOf)]
            reasons = [contradiction([*others, option]) for option in part.conditions]
            if all(reasons):
                return reasons[0]
    denied = [p.condition for p in parts if isinstance(p, Negation)]
    for wanted in parts:
        if any(wanted == no for no in denied):
            return f"'{wanted.name}' is asked for and denied"
    return _fields(parts, denied)


def _flat(condition: Operator) -> Iterator[Operator]:
    if isinstance(condition, AllOf):
        for part in condition.conditions:
            yield from _flat(part)
    else:
        yield condition


def _fields(parts: Iterable[Operator], denied: Iterable[Operator]) -> str | None:
    tests: dict[str, list[FieldTest]] = {}
    for part in parts:
        if isinstance(part, CallField):
            for field, test in part.fields.items():
                tests.setdefault(field, []).append(test)
    refused: dict[str, list[FieldTest]] = {}
    for part in denied:
        # Of several fields under one `not`, any may be the one that differs.
        if isinstance(part, CallField) and len(part.fields) == 1:
            for field, test in part.fields.items():
                refused.setdefault(field, []).append(test)
    for field in tests:
        reason = _field(tests[field], refused.get(field, []))
        if reason:
            return f"no value of the call field '{field}' fits: {reason}"
    return None


def _field(tests: list[FieldTest], refused: list[FieldTest]) -> str | None:
    named = [t for t in tests if _allowed(t) is not None]
    low = max((t.above for t in tests if t.above is not None), default=-inf)
    high = min((t.below for t in tests if t.below is not None), default=inf)
    if low >= high:
        return f"above {low:g} and below {high:g}"
    needs_value = named or low > -inf or high < inf or any(t.matches is not None for t in tests)
    absent = any(t.missing is True for t in tests)
    if absent and (needs_value or any(t.missing is False for t in tests)):
        return "it is to be missing and to have a value"
    if not named:
        return None
    values = set(_allowed(named[0]) or ())
    for test in named[1:]:
        values &= _allowed(test) or set()
    for test in refused:
        if test.above is None and test.below is None and test.matches is None:
            values -= _allowed(test) or set()
    written = [v for t in named for v in _written(t)]
    for test in tests:
        if test.matches is not None:
            found = compiled(test.matches).search
            values -= {_comparable(v) for v in written if not found(str(v))}
    values = {v for v in values if not isinstance(v, float) or low < v < high}
    if values:
        return None
    shown = ", ".join(" or ".join(map(str, _written(t))) for t in named)
    shown += "".join(f", to match /{t.matches}/" for t in tests if t.matches is not None)
    return f"it is to be {shown}" + ("" if low == -inf and high == inf else " within the bounds")


def _allowed(test: FieldTest) -> set[float | str] | None:
    values = _written(test)
    return {_comparable(v) for v in values} if values else None


def _written(test: FieldTest) -> tuple[FieldValue, ...]:
    if test.equals is not None:
        return (test.equals,)
    return test.one_of or ()


def _comparable(value: FieldValue) -> float | str:
    """Values are compared as numbers where both are, else as text."""
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return float(value)
    except ValueError:
        return str(value)
