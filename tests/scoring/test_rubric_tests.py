"""The made calls of a rubric's tests: their times, and what differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.rubric.files import read_rubric, read_tests
from qc_pipeline.scoring.rubric.parse import parse_rubric
from qc_pipeline.scoring.rubric_tests import made_transcript, run_tests
from tests.scoring.rubric.test_parse import MINI


def rubric_with(tests: str, language: str = "zh"):  # type: ignore[no-untyped-def]
    return parse_rubric(MINI.replace("language: zh", f"language: {language}") + tests, "r.yaml")


def made(tests: str, language: str = "zh"):  # type: ignore[no-untyped-def]
    rubric = rubric_with(tests, language)
    return made_transcript(rubric.tests[0], language)


def test_untimed_turns_last_a_quarter_second_a_character_with_pauses() -> None:
    transcript = made(
        "tests:\n  - name: a\n    turns:\n      - agent: 您好，很高兴为您服务。\n"
        "      - customer: 喂\n    expect: {greeting: pass}\n"
    )
    first, second = transcript.turns
    # nine characters without punctuation: 2.25 s after a pause of 0.4 s; then at least 0.8 s
    assert (first.start_s, first.end_s) == (0.4, 2.65)
    assert (second.start_s, second.end_s) == (3.05, 3.85)
    assert second.speaker is Speaker.CUSTOMER
    assert transcript.duration_s == 3.85
    assert [w.text for w in first.words] == list("您好很高兴为您服务")
    assert (first.words[1].start_s, first.words[1].end_s) == (0.65, 0.9)
    assert {w.confidence for w in first.words} == {1.0}


def test_english_turns_last_by_words() -> None:
    tests = (
        "tests:\n  - name: a\n    turns:\n      - agent: Good morning, how may I help you?\n"
        "    expect: {greeting: fail}\n"
    )
    rubric = parse_rubric(
        MINI.replace("language: zh", "language: en").replace("[您好]", "[hello]") + tests, "r.yaml"
    )
    (turn,) = made_transcript(rubric.tests[0], "en").turns
    assert (turn.start_s, turn.end_s) == (0.4, 3.2)  # seven words of 0.4 s


def test_times_and_confidence_may_be_given() -> None:
    transcript = made(
        "tests:\n  - name: a\n    turns:\n      - agent: [3.2, 5.0, 请稍等]\n"
        "      - agent: {at: [6, 7.5], text: 您好, confidence: 0.4}\n      - agent: 好\n"
        "    expect: {greeting: pass}\n"
    )
    assert [(t.start_s, t.end_s) for t in transcript.turns] == [(3.2, 5.0), (6, 7.5), (7.9, 8.7)]
    assert [t.confidence for t in transcript.turns] == [1.0, 0.4, 1.0]


@pytest.mark.parametrize(
    ("expect", "differs"),
    [
        ("{greeting: pass, total: 10, band: 合格}", []),
        ("{greeting: fail, total: 0, band: 不合格}", ["greeting", "total", "band"]),
    ],
)
def test_what_differs_is_named(expect: str, differs: list[str]) -> None:
    rubric = rubric_with(
        f"tests:\n  - name: a\n    turns:\n      - agent: 您好\n    expect: {expect}\n"
    )
    (outcome,) = run_tests(rubric)
    assert [d.criterion for d in outcome.differences] == differs
    assert outcome.as_expected is (differs == [])


def test_a_deduction_that_a_person_would_confirm_counts() -> None:
    text = MINI.replace(
        "points: 10\n        expect", "points: 10\n        severity: major\n        expect"
    )
    rubric = parse_rubric(
        text
        + "tests:\n  - name: a\n    turns: [{agent: 喂}]\n    expect: {greeting: fail, total: 0}\n",
        "r.yaml",
    )
    assert run_tests(rubric)[0].as_expected


def test_tests_of_a_rubric_with_a_longer_name_are_not_those_of_the_shorter(tmp_path: Path) -> None:
    one = "- {name: one, turns: [{agent: 您好}], expect: {greeting: pass}}\n"
    (tmp_path / "tests").mkdir()
    for name in ("mini", "mini-2", "mini-night"):
        (tmp_path / "tests" / f"{name}.yaml").write_text(one, encoding="utf-8")
    short, long = tmp_path / "mini.yaml", tmp_path / "mini-night.yaml"
    short.write_text(MINI, encoding="utf-8")
    assert len(read_tests(short, read_rubric(short))) == 3
    # Now there is a rubric that the third file is for.
    long.write_text(MINI.replace("rubric: mini", "rubric: mini-night"), encoding="utf-8")
    assert len(read_tests(short, read_rubric(short))) == 2
    assert len(read_tests(long, read_rubric(long))) == 1
