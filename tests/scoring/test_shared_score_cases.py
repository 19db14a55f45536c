"""Small calls that were judged wrongly once: the shipped rubric holds nothing against them now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qc_pipeline.asr.formats.own import read as read_own
from qc_pipeline.scoring.rubric.files import read_rubric
from tests.builders import card
from tests.shared_data import shared_case

RUBRICS = Path(__file__).parents[2] / "rubrics"


@pytest.mark.parametrize(
    "name", ["score-t2-account-12345", "score-t6-amount", "score-t8-caller-is-12345"]
)
def test_a_number_that_is_no_threat(name: str) -> None:
    folder = shared_case(name)
    heard = read_own(json.loads((folder / "t.json").read_text("utf-8")), "t.json", None, "T")
    row = json.loads((folder / "c.json").read_text("utf-8"))
    found = {c.id: c for c in card(read_rubric(RUBRICS / "inbound-zh.yaml"), heard, row).criteria()}
    assert found["authority-threat"].verdict == "not_applicable"


def test_full_width_digits_are_read_back() -> None:
    folder = shared_case("score-t1b-fullwidth")
    heard = read_own(json.loads((folder / "t.json").read_text("utf-8")), "t.json", None, "T")
    row = json.loads((folder / "c.json").read_text("utf-8"))
    found = {c.id: c for c in card(read_rubric(RUBRICS / "inbound-zh.yaml"), heard, row).criteria()}
    assert found["read-back"].verdict == "pass"
