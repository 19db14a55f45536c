"""Bounds learned from first looks."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from qc_pipeline.calibration.bounds import (
    GRID,
    LEAST_FINDINGS,
    FirstLook,
    bound_rows,
    first_look,
    proposals,
)
from qc_pipeline.scoring.decisions import Decision
from qc_pipeline.scoring.evidence.finding import Evidence, EvidenceKind, Verdict
from qc_pipeline.scoring.scorecard import CriterionResult
from tests.weeks import qc, qc_json


def look(certainty: float, *, stood: bool, of: str = "said", held: bool = False) -> FirstLook:
    tier = 1 if of == "said" else None
    return FirstLook(of=of, tier=tier, certainty=certainty, held=held, stood=stood)


def test_table_counts_by_kind_tier_and_band() -> None:
    looks = [
        look(0.95, stood=True),
        look(0.91, stood=False),
        look(0.55, stood=False, held=True),
        look(1.0, stood=True, of="not_said"),
        look(0.4, stood=True, held=True),
    ]
    rows = bound_rows(looks)
    assert [(r.of, r.tier, r.least, r.deducted, r.deducted_stood, r.held, r.held_stood)
            for r in rows] == [
        ("said", 1, 0.9, 2, 1, 0, 0),
        ("said", 1, 0.5, 0, 0, 1, 0),
        ("said", 1, 0.4, 0, 0, 1, 1),
        ("not_said", None, 0.9, 1, 1, 0, 0),
    ]  # fmt: skip
    assert all(0 <= r.low <= r.high <= 1 for r in rows)


def test_bound_is_the_lowest_from_which_on_nine_of_ten_stand() -> None:
    sure = [look(0.8, stood=i % 20 > 0) for i in range(40)]  # 95 %
    doubtful = [look(0.55, stood=i % 2 > 0, held=True) for i in range(40)]
    found = proposals([*sure, *doubtful])["said"]
    assert (found.bound, found.findings, found.stood, found.decided) == (0.6, 40, 38, 80)
    assert proposals(sure)["said"].bound == GRID[0]
    assert proposals(doubtful)["said"].bound is None
    assert proposals(sure[: LEAST_FINDINGS - 1])["said"].bound is None
    assert proposals([])["not_said"].decided == 0


def test_bound_of_a_machine_that_is_as_right_as_it_says_is_near_nine_tenths() -> None:
    draw = random.Random(3)
    bounds = []
    for _ in range(200):
        looks = [look(c, stood=draw.random() < c)
                 for c in (draw.uniform(0.4, 1.0) for _ in range(400))]  # fmt: skip
        bounds.append(proposals(looks)["said"].bound)
    known = [b for b in bounds if b is not None]
    # Of findings at or above b the mean certainty is (1 + b) / 2: nine tenths from 0.8 on.
    # A draw that is unlucky below 1 at every step of the grid has none.
    assert len(known) > 180
    assert 0.75 <= sum(known) / len(known) <= 0.85


@pytest.mark.parametrize(
    ("values", "stood"),
    [
        ({"verdict": "confirm"}, True),
        ({"verdict": "points", "points": 2.0}, True),
        ({"verdict": "points", "points": 0.0}, False),
        ({"verdict": "exempt"}, True),
        ({"verdict": "overturn"}, False),
        ({"verdict": "not_applicable"}, False),
        ({"verdict": "invalid"}, None),
    ],
)
def test_what_stands(values: dict[str, object], stood: bool | None) -> None:
    body = {"criterion": "c", "person": "p", "at": "2026-11-20T00:00:00+08:00"}
    decision = Decision.model_validate(body | values)
    said = Evidence(kind=EvidenceKind.SAID, start_s=1, end_s=2, tier=3)
    result = CriterionResult(
        id="c", title="c", verdict=Verdict.FAIL, points=5, lost=5, stake=0, bonus=0,
        certainty=0.7, hits=1, severity="minor", evidence=(said,), reason="",
    )  # fmt: skip
    found = first_look(result, decision)
    assert (None if found is None else found.stood) is stood
    if found is not None:
        assert (found.of, found.tier, found.certainty) == ("said", 3, 0.7)


def test_bounds_of_a_week_are_shown_and_change_nothing(week: Path) -> None:
    assert qc_json(week, "calibrate", "bounds")["decided"] == 0
    qc(week, "review", "r5", "promise", "--confirm", "--as", "wang")
    qc(week, "review", "r5", "promise", "--overturn", "--because", "rule", "--as", "wang")
    qc(week, "review", "r6", "abuse", "--overturn", "--because", "recogniser", "--as", "wang")
    before = (week / "qc.sqlite").read_bytes()
    body = qc_json(week, "calibrate", "bounds")
    assert body["decided"] == 2  # the second word on a finding is no first look
    assert {(r["of"], r["deducted_stood"] + r["held_stood"]) for r in body["rows"]} == {
        ("not_said", 1), ("said", 0),
    }  # fmt: skip
    assert body["proposals"]["said"]["bound"] is None
    said = qc(week, "calibrate", "bounds").out
    assert "of thirty at least; 1 decided" in said
    assert (week / "qc.sqlite").read_bytes() == before
    assert "is not drawn" in qc(week, "calibrate", "bounds", "-p", "2026-W01", expect=2).err
