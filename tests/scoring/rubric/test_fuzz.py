"""Whatever a person writes in a rubric gets messages, never a traceback; and reading is quick."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qc_pipeline.errors import InputError
from qc_pipeline.scoring.compile import compile_rubric
from qc_pipeline.scoring.rubric.parse import parse_rubric, read_rubric_text, read_test_text
from qc_pipeline.scoring.rubric_tests import run_tests
from tests.scoring.rubric.test_parse import MINI

FOLDER = Path(__file__).parents[3] / "rubrics"
SHIPPED = [f.read_text(encoding="utf-8") for f in sorted(FOLDER.glob("*.yaml"))]
PIECES = [
    "", " ", "\n", "\t", ":", ": ", "- ", "[", "]", "{", "}", ",", "'", '"', "#", "|", ">", "&a ",
    "*a ", "!!str ", "$", "$greeting", "$nope", "yes", "010", "12315", "2026.10", "1e999", "-1",
    "0", "999999999999999999999", "null", "~", "true", ".nan", "9" * 400, "agent", "any: ", "all: ",
    "not: ", "said: ", "call: ", "whenever: ", "within: {turns: 0}", "expect: ", "deduct: {}",
    "points: -3", "points: 1.5", "bonus: 2", "fatal", "id: total", "((", "(?P<", "\\", "\x07",
    "\u2028", "\ufeff", "\U0001f600", "---\n", "...\n", "<<: ", "? ", "=: 1", "{=: 1}", "占位",
]  # fmt: skip


@st.composite
def edited(draw: st.DrawFn, texts: list[str]) -> str:
    """A rubric after some random edits: pieces put in, stretches cut out or moved, lines gone."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(text)))
        kind = draw(st.integers(0, 4))
        if kind == 0:
            text = text[:at] + draw(st.sampled_from(PIECES)) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + draw(st.integers(1, 60)) :]
        elif kind == 2:
            lines = text.splitlines(keepends=True)
            line = draw(st.integers(0, max(0, len(lines) - 1)))
            repeat = draw(st.integers(0, 2))
            text = "".join(lines[:line] + lines[line : line + 1] * repeat + lines[line + 1 :])
        elif kind == 3:
            end = min(len(text), at + draw(st.integers(1, 12)))
            text = text[:at] + draw(st.sampled_from(PIECES)) + text[end:]
        else:
            text = text[:at] + draw(st.text(max_size=6)) + text[at:]
    return text


def _survives(text: str) -> None:
    try:
        rubric = parse_rubric(text, "r.yaml")
    except InputError as error:
        assert error.problems
        assert all(p.message for p in error.problems)
    else:
        run_tests(compile_rubric(rubric), rubric.tests[:3])


TESTED = MINI + (
    "scripts: {close: [再见|拜拜]}\nconditions: {long: {call: {duration_s: {above: 60}}}}\n"
    "tests:\n  - name: a\n    call: {contact: first}\n    turns:\n      - agent: [1, 2, 您好]\n"
    "      - customer: {text: 喂, confidence: 0.5}\n    measures: {agent: {level_db: -20}}\n"
    "    expect: {greeting: pass, total: 10, band: 合格}\n"
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(edited(SHIPPED))
def test_random_edits_of_the_shipped_rubrics_get_messages(text: str) -> None:
    _survives(text)


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(edited([TESTED]))
def test_random_edits_of_a_small_rubric_get_messages(text: str) -> None:
    _survives(text)


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text_gets_messages(text: str) -> None:
    _survives(text)
    with pytest.raises(InputError):
        parse_rubric(text, "r.yaml")


@settings(max_examples=150, deadline=None)
@given(edited(["tests:\n  - name: a\n    turns: [{agent: 您好}]\n    expect: {greeting: pass}\n"]))
def test_random_edits_of_a_file_of_tests_get_messages(text: str) -> None:
    rubric = parse_rubric(MINI, "r.yaml")
    try:
        read_test_text(text, "t.yaml", rubric)
    except InputError as error:
        assert error.problems


def test_a_rubric_of_forty_criteria_and_500_phrases_is_read_in_50_ms() -> None:
    phrases = "".join(
        f"  p{k}: [{', '.join(f'短语{k}甲{i}' for i in range(25))}]\n" for k in range(20)
    )
    criteria = "".join(
        f"      - id: c{k}\n        title: 首次来电开头规范用语\n        why: 规范的问候。\n"
        "        points: 1\n        applies: {call: {contact: first, duration_s: {above: 60}}}\n"
        f"        expect:\n          whenever: {{said: {{by: customer, any: $p{k % 20}}}}}\n"
        "          then: {said: {by: agent, any: [帮您升级, 转接主管, 专员会在]}}\n"
        "          within: {seconds: 120}\n"
        for k in range(40)
    )
    head = MINI.split("sections:")[0].replace("points: 10", "points: 40")
    text = (
        f"{head}phrases:\n{phrases}sections:\n  - id: a\n    title: 一\n    points: 40\n"
        f"    criteria:\n{criteria}"
    )
    assert read_rubric_text(text, "r.yaml").problems == ()
    best_s = min(_timed_s(text) for _ in range(9))
    assert best_s < 0.05


def _timed_s(text: str) -> float:
    start = time.process_time()
    read_rubric_text(text, "r.yaml")
    return time.process_time() - start
