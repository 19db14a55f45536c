"""附四: what the report says of plan, seed and hashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from qc_pipeline.report.blocks import Facts
from qc_pipeline.report.inputs import ReportInputs
from qc_pipeline.report.view import build_view
from qc_pipeline.sampling.plan import Inspector, SamplingPlan
from tests.report.inputs import Shape, week

HASH = "ecc85be8f13800138000c620021220212345e" + "a" * 27
SEED = "a13800138000bcde"


@pytest.fixture(scope="module")
def inputs() -> ReportInputs:
    return week(Shape(calls=12))


def facts(inputs: ReportInputs, **sample: Any) -> Mapping[str, str]:
    view = build_view(replace(inputs, sample=replace(inputs.sample, **sample)))
    (block,) = [b for s in view.sections for b in s.blocks if isinstance(b, Facts) and b.pairs]
    return dict(block.pairs)


def test_hashes_are_whole_and_of_seeds_the_one_that_was_made(inputs: ReportInputs) -> None:
    told = facts(
        inputs, plan_sha256=HASH, frame_sha256=HASH[::-1], seed=SEED, seed_origin="derived"
    )
    assert {HASH, HASH[::-1], SEED} <= set(told.values())
    chosen = facts(inputs, seed=SEED, seed_origin="given")
    assert SEED not in chosen.values()
    assert "a138****8000bcde" in chosen.values()


@pytest.mark.parametrize(
    ("language", "plan", "told"),
    [
        ("zh", {"budget_calls": 8}, "8 通"),
        ("zh", {"budget_calls": 8, "inspectors": 1}, "8 通"),
        ("zh", {"budget_calls": 8, "inspectors": 2}, "2 名质检员每人 8 通，共 16 通"),
        (
            "zh",
            {"budget_minutes": 90.5, "inspectors": 3},
            "3 名质检员每人听音 90.5 分钟，共 271.5 分钟",
        ),
        ("zh", {"budget_minutes": 90.0}, "听音 90 分钟"),
        (
            "en",
            {"budget_calls": 8, "inspectors": 2},
            "8 calls for each of 2 inspectors, 16 in all",
        ),
        (
            "en",
            {"budget_minutes": 90.0, "inspectors": 2},
            "90 minutes of listening for each of 2 inspectors, 180 in all",
        ),
        # Hours of the machine are nobody's.
        ("zh", {"machine_hours": 8.0, "inspectors": 2}, "机器 8 小时所能转写的"),
    ],
)
def test_budget_is_that_of_each_inspector_and_of_all(
    inputs: ReportInputs, language: str, plan: dict[str, Any], told: str
) -> None:
    people = tuple(Inspector(id=f"I{n}") for n in range(plan.pop("inspectors", 0)))
    body = SamplingPlan(inspectors=people, **plan).as_json()
    here = replace(inputs, options=replace(inputs.options, language=language))
    assert told in facts(here, plan=body).values()
