"""Regular expressions told in words, and the sentences of `explain` that hold them."""

from __future__ import annotations

import pytest

from qc_pipeline.scoring.operators.script_wordings import example, wordings
from qc_pipeline.scoring.rubric.explain import explain
from qc_pipeline.scoring.rubric.parse import parse_rubric
from tests.scoring.rubric.test_parse import MINI


@pytest.mark.parametrize(
    ("regex", "listed", "one"),
    [
        ("我是.{0,3}(先生|女士)", ("我是…先生", "我是…女士"), "我是…先生"),
        ("不.?管", ("不…管",), "不…管"),
        ("请(您)?稍等$", ("请稍等", "请您稍等"), "请稍等"),
        ("(?:您|你)好|[早晚]安", ("您好", "你好", "早安", "晚安"), "您好"),
        ("好{2}的", ("好好的",), "好好的"),
        (r"3\.5 ?元", ("3.5元", "3.5 元"), "3.5元"),
        # Too many to list: one stands for them. Digits differ, so that it looks like a number.
        ("1[,， ]*[3-9]([,， ]*[0-9]){9}", (), "13123456789"),
        (r"\d{4}号", (), "0123号"),
        ("(一|二|三)(四|五|六)", (), "一四"),
        ("再见+", (), "再见"),
        # Nothing that can be said: everything, nothing, or more than this reads.
        (".*", (), None),
        ("", (), None),
        ("[^好]的", (), None),
        (r"\bhi\b", (), None),
        ("(?i)hi", (), None),
        ("(?P<x>好)", (), None),
        ("好" * 400, (), None),
    ],
)
def test_wordings_of_an_expression(regex: str, listed: tuple[str, ...], one: str | None) -> None:
    assert wordings(regex) == listed
    assert example(regex) == one


@pytest.mark.parametrize(
    ("matches", "asked", "pattern"),
    [
        (
            "{by: customer, regex: '我是.{0,3}(先生|女士)', not_regex: '不是', "
            "within: {first_turns: 2}}",
            "没有（前2轮内客户说“我是…先生”“我是…女士”（同一轮没有“不是”））",
            "前2轮内客户说“我是…先生”“我是…女士”（同一轮没有“不是”）：/我是.{0,3}(先生|女士)/",
        ),
        (
            "{by: agent, regex: '[0-9]{11}'}",
            "没有（坐席说“01234567890”这样的话）",
            "坐席说“01234567890”这样的话：/[0-9]{11}/",
        ),
        ("{by: agent, regex: '[^a]b'}", "没有（坐席说出符合/[^a]b/的话）", None),
    ],
)
def test_the_explanation_tells_expressions_in_words_and_shows_them_apart(
    matches: str, asked: str, pattern: str | None
) -> None:
    text = MINI.replace(
        "expect: {said: {by: agent, any: [您好]}}", f"expect: {{not: {{matches: {matches}}}}}"
    )
    (criterion,) = explain(parse_rubric(text, "r.yaml")).sections[0].criteria
    assert (criterion.lines[0].label, criterion.lines[0].text) == ("要求", asked)
    assert criterion.patterns == ((pattern,) if pattern else ())
