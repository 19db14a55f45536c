"""How two rubrics count differently: what turns verdicts into points, total, band and pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qc_pipeline.scoring.rubric.model import Criterion, Deduct, Rubric

Value = Any
"""A number, a word, a list or a mapping, as JSON has it; None where a rubric does not have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArithmeticDifference:
    """One rule of counting in two rubrics. `what` names it by the keys of the file: pass_mark,
    section.ID.points, criterion.ID.deduct; `title` is that of the section or criterion.
    """

    what: str
    before: Value
    after: Value
    title: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"what": self.what, "before": self.before, "after": self.after}


def arithmetic_differences(before: Rubric, after: Rubric) -> tuple[ArithmeticDifference, ...]:
    """Every rule of counting that differs: first those of the whole, then of sections and criteria
    in the order of the later rubric, those that it dropped at the end.
    """
    return tuple(_differences(before, after))


def _differences(before: Rubric, after: Rubric) -> Iterator[ArithmeticDifference]:
    yield from _each("", "", _of_whole(before), _of_whole(after))
    sections = {s.id: s for s in before.sections}, {s.id: s for s in after.sections}
    for name in _in_order(*sections):
        old, new = (found.get(name) for found in sections)
        shown = new or old
        yield from _each(
            f"section.{name}.",
            "" if shown is None else shown.title,
            {} if old is None else {"points": old.points},
            {} if new is None else {"points": new.points},
        )
    criteria = {c.id: c for c in before.criteria()}, {c.id: c for c in after.criteria()}
    for name in _in_order(*criteria):
        was, now = (found.get(name) for found in criteria)
        seen = now or was
        yield from _each(
            f"criterion.{name}.",
            "" if seen is None else seen.title,
            {} if was is None else _of_criterion(was),
            {} if now is None else _of_criterion(now),
        )


def _in_order(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    return [*after, *(k for k in before if k not in after)]


def _each(
    prefix: str, title: str, before: Mapping[str, Value], after: Mapping[str, Value]
) -> Iterator[ArithmeticDifference]:
    for key in _in_order(before, after):
        if before.get(key) != after.get(key):
            yield ArithmeticDifference(
                what=f"{prefix}{key}", before=before.get(key), after=after.get(key), title=title
            )


def _of_whole(rubric: Rubric) -> dict[str, Value]:
    floor = rubric.scorable_from
    return {
        "points": rubric.points,
        "pass_mark": rubric.pass_mark,
        "bands": [{"from": b.from_, "label": b.label} for b in rubric.bands],
        "not_applicable": rubric.not_applicable,
        "min_scorable": rubric.min_scorable,
        "scorable_from": None
        if floor is None
        else {k: v for k, v in (("talk_s", floor.talk_s), ("turns", floor.turns)) if v is not None},
    }


def _of_criterion(criterion: Criterion) -> dict[str, Value]:
    return {
        "points": criterion.points,
        "bonus": criterion.bonus,
        "deduct": _deduct(criterion.deduct),
        "fatal_scope": criterion.fatal_scope,
        "status": criterion.status,
        "same_fact": criterion.same_fact,
    }


def _deduct(deduct: Deduct | None) -> Value:
    """As the file has it."""
    if deduct is None:
        return None
    if deduct.fixed is not None:
        return deduct.fixed
    if deduct.steps is not None:
        return {"steps": {str(hits): points for hits, points in deduct.steps.items()}}
    if deduct.each is not None:
        return {"each": deduct.each}
    return {"each_missing": deduct.each_missing}
