"""The shipped rubrics have no mistakes, do what their own tests say, and leave nothing out."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from qc_pipeline.scoring.rubric.files import check_rubric, read_rubric, read_tests
from qc_pipeline.scoring.rubric.model import Criterion, Rubric
from qc_pipeline.scoring.rubric_tests import run_tests

FOLDER = Path(__file__).parents[2] / "rubrics"
FILES = sorted(FOLDER.glob("*.yaml"))

# The thirty ids and points of the centre's checklist (35 + 40 + 25).
INBOUND_ZH = {
    "greeting": 3, "ask-name": 2, "address-name": 2, "courtesy": 3, "hold-notice": 4,
    "hold-return": 2, "dead-air": 3, "interrupt": 3, "taboo": 6, "anything-else": 2, "closing": 2,
    "tone": 3, "abuse": None, "confirm-need": 4, "verify-identity": 5, "record-match": 5,
    "read-back": 3, "answer-correct": 8, "first-asked": 6, "tell-once": 3, "time-limit": 3,
    "no-overpromise": 3, "privacy": None, "empathy": 4, "complaint-record": 5,
    "supervisor-request": 5, "authority-threat": 4, "escalate-who-when": 4, "unknown-escalate": 3,
    "block-complaint": None,
}  # fmt: skip


def test_there_are_shipped_rubrics() -> None:
    assert "inbound-zh.yaml" in [f.name for f in FILES]


@pytest.fixture(params=FILES, ids=lambda f: f.stem)
def file(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


def test_it_reads_without_error_or_warning(file: Path) -> None:
    assert [str(p) for p in check_rubric(file).problems] == []


def test_its_own_tests_come_out_as_expected(file: Path) -> None:
    rubric = read_rubric(file)
    outcomes = run_tests(rubric, read_tests(file, rubric))
    assert outcomes
    differing = {o.name: o.differences for o in outcomes if not o.as_expected}
    assert differing == {}


def test_it_has_at_least_25_criteria_each_with_its_why(file: Path) -> None:
    criteria = list(read_rubric(file).criteria())
    assert len(criteria) >= 25
    assert [c.id for c in criteria if not c.why] == []


def _verdicts_wanted(criterion: Criterion) -> set[str]:
    # What only a person can judge is never passed or failed by the machine; what the machine may
    # only hold never fails by it.
    if criterion.manual:
        return {"unscorable", "not_applicable"}
    return {"pass", "held" if criterion.only_held else "fail", "not_applicable"}


def test_each_criterion_has_a_passing_a_failing_and_a_not_applicable_test(file: Path) -> None:
    rubric = read_rubric(file)
    expected: dict[str, set[str | float | None]] = defaultdict(set)
    for test in read_tests(file, rubric):
        for key, verdict in test.expect.items():
            expected[key].add(verdict)
    lacking = {
        c.id: sorted(_verdicts_wanted(c) - {str(v) for v in expected[c.id]})
        for c in rubric.criteria()
        if _verdicts_wanted(c) - expected[c.id]
    }
    assert lacking == {}


def test_inbound_zh_has_the_thirty_criteria_of_the_checklist() -> None:
    rubric: Rubric = read_rubric(FOLDER / "inbound-zh.yaml")
    scored = [c for c in rubric.criteria() if c.status == "scored"]
    assert {c.id: c.points for c in scored} == INBOUND_ZH
    assert [s.points for s in rubric.sections] == [35, 40, 25]
    assert {c.id for c in rubric.criteria() if c.severity == "fatal"} == {
        "abuse", "privacy", "block-complaint",
    }  # fmt: skip
