"""What a card was judged under stands on it, and a draft's cards follow it."""

from __future__ import annotations

from pathlib import Path

from tests.weeks import PERIOD, qc_json

USUAL = {
    "assumed_confidence": 0.7,
    "doubtful_below": 0.85,
    "least_confidence": 0.6,
    "least_heard": 0.85,
    "own_numbers": [],
    "published": False,
}


def set_key(folder: Path, table: str, line: str) -> None:
    """A key put first into a table of qc.toml, which is made where there is none."""
    path = folder / "qc.toml"
    text = path.read_text(encoding="utf-8")
    head = f"[{table}]\n"
    text = text.replace(head, f"{head}{line}\n") if head in text else f"{text}\n{head}{line}\n"
    path.write_text(text, encoding="utf-8")


def test_a_changed_setting_that_scoring_reads_makes_the_cards_of_a_draft_anew(week: Path) -> None:
    before = qc_json(week, "show", "r1")
    assert before["inputs"]["terms"] == USUAL
    assert qc_json(week, "score", "-p", PERIOD)["scored"] == 0
    set_key(week, "calls", 'own_numbers = ["400-800-1234"]')
    set_key(week, "asr", "doubtful_below = 0.8")
    assert qc_json(week, "score", "-p", PERIOD)["scored"] == 6
    after = qc_json(week, "show", "r1")
    new = {**USUAL, "doubtful_below": 0.8, "own_numbers": ["4008001234"]}
    assert after["inputs"]["terms"] == new
    assert after == {**before, "inputs": {**before["inputs"], "terms": new}}
    assert qc_json(week, "score", "-p", PERIOD)["scored"] == 0


def test_a_setting_that_scoring_does_not_read_changes_no_card(week: Path) -> None:
    set_key(week, "report", 'contact = "质检组"')
    assert qc_json(week, "score", "-p", PERIOD)["scored"] == 0
