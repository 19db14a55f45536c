"""The line beside a total: hand-worked, and whatever the card, what it says comes to the total."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc_pipeline.report.words.total_line import total_line
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.scoring.compile import compile_rubric
from qc_pipeline.scoring.decisions import Decision
from qc_pipeline.scoring.followed_total import follow
from qc_pipeline.scoring.rubric.parse import parse_rubric
from qc_pipeline.scoring.score import score
from qc_pipeline.scoring.scorecard import Scorecard, scorecard_from_json
from tests.builders import said

HEAD = """
rubric: r
version: "1"
title: t
language: zh
points: 100
pass_mark: 85
bands: [{from: 85, label: 合格}, {from: 0, label: 不合格}]
min_scorable: 0
"""
SECTIONS = """
sections:
  - id: a
    title: 服务礼仪
    points: 40
    criteria:
      - {id: a1, title: 问候, points: 13, manual: true}
      - {id: a2, title: 用语, points: 30, manual: true}
      - {id: a3, title: 称呼, points: 7, manual: true}
      - {id: red, title: 争辩, severity: fatal, scope: section, manual: true}
  - id: b
    title: 服务流程
    points: 60
    criteria:
      - {id: b1, title: 解答, points: 33.5, manual: true}
      - {id: b2, title: 记录, points: 26.5, expect: {call: {ticket_error: 无}}}
      - {id: zero, title: 辱骂, severity: fatal, manual: true}
      - {id: warm, title: 热情, bonus: 5, expect: {said: {by: agent, any: [祝您顺利]}}}
      - {id: tried, title: 试行项, points: 9, status: trial, manual: true}
"""
FORMS = {
    kind: compile_rubric(parse_rubric(f"{HEAD}not_applicable: {kind}{SECTIONS}", "r.yaml"))
    for kind in ("award", "redistribute")
}
WARM, COLD = said(("agent", "祝您顺利")), said(("agent", "再见"))
ZH, EN = Translator("zh"), Translator("en")
FINE = {"a1": 0, "a2": 0, "a3": 0, "b1": 0, "red": "overturn", "zero": "overturn"}


def card(
    decided: dict[str, Any], kind: str = "award", *, ticket: str | None = "无", warm: bool = False
) -> Scorecard:
    """Points lost by criterion, or a verdict; what is not named waits for a person."""
    decisions = [
        Decision(
            criterion=name,
            verdict="points" if isinstance(what, int | float) else what,
            points=what if isinstance(what, int | float) else None,
            reason="" if what == "confirm" else "听过",
            person="wang",
            at="2026-11-16T09:00:00+08:00",
        )
        for name, what in decided.items()
    ]
    call = {} if ticket is None else {"ticket_error": ticket}
    return score(FORMS[kind], WARM if warm else COLD, call, None, decisions)


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (card(FINE), ""),
        (card(FINE | {"a1": 4}), "扣 4 分：100−4＝96.00。"),
        # Unjudged 33.5 of 100: (66.5 - 4) / 66.5 = 93.985
        (
            card({k: v for k, v in FINE.items() if k != "b1"} | {"a1": 4}),
            "扣 4 分，计入 66.5 分：(66.5−4)÷66.5×100＝93.98；"
            "未计入 33.5 分：解答（33.5 分，待人工评判）。",
        ),
        # No ticket: 73.5 count, none lost.
        (
            card(FINE, ticket=None),
            "扣 0 分，计入 73.5 分：(73.5−0)÷73.5×100＝100.00；"
            "未计入 26.5 分：记录（26.5 分，无法评判）。",
        ),
        # Under redistribute what does not apply leaves the sum: 66.5 count, 26.5 of them lost.
        (
            card(FINE | {"b1": "not_applicable"}, "redistribute", ticket="错"),
            "扣 26.5 分，计入 66.5 分：(66.5−26.5)÷66.5×100＝60.15；"
            "未计入 33.5 分：解答（33.5 分，不涉及）。",
        ),
        # 13 + 30 + 7 deducted, the section has 40.
        (
            card(FINE | {"a1": 13, "a2": 30, "a3": 7}),
            "扣 40 分：100−40＝60.00；“服务礼仪”共扣 50 分，只有 40 分可扣。",
        ),
        (
            card(FINE | {"red": "confirm", "b1": 10}),
            "扣 50 分：100−50＝50.00；“服务礼仪”有红线，40 分全扣。",
        ),
        (card(FINE | {"zero": "confirm", "b1": 10}), "有红线，整通记 0 分。"),
        (card(FINE | {"b1": 10}, warm=True), "扣 10 分：100−10＋5（加分）＝95.00。"),
        (
            card(FINE | {"b1": 2}, warm=True),
            "扣 2 分：100−2＋5（加分）＝100.00（不超过满分）。",
        ),
    ],
)
def test_the_line_says_what_was_lost_of_what_and_what_that_comes_to(
    made: Scorecard, line: str
) -> None:
    assert total_line(made, ZH) == line


def test_in_english() -> None:
    made = card({k: v for k, v in FINE.items() if k != "b1"} | {"a1": 4})
    assert total_line(made, EN) == (
        "−4 of 66.5: (66.5 − 4) / 66.5 × 100 = 93.98; "
        "33.5 points left out: 解答 (33.5, for a person)."
    )


def test_a_card_without_a_total_has_none() -> None:
    assert total_line(card({"a1": "invalid"} | {None: "invalid"}), ZH) == ""  # type: ignore[dict-item]


def test_a_card_of_a_former_engine_is_followed_by_its_sections() -> None:
    made = card(FINE | {"red": "confirm", "b1": 10})
    body = made.as_json()
    for key in (*(k for k in body if k.startswith("points_")), "manual_items"):
        del body[key]
    for section in body["sections"]:
        for criterion in section["criteria"]:
            criterion.pop("zeroes", None)
    old = scorecard_from_json(body)
    assert old.basis is None
    assert total_line(old, ZH) == total_line(made, ZH)


_LOSS = st.one_of(
    st.none(),
    st.sampled_from(["not_applicable", "overturn"]),
    st.decimals(0, 40, places=1).map(float),
)
_CARDS = st.builds(
    lambda lost, red, kind, ticket, warm: card(
        {k: v for k, v in lost.items() if v is not None} | red, kind, ticket=ticket, warm=warm
    ),
    st.fixed_dictionaries({name: _LOSS for name in ("a1", "a2", "a3", "b1")}),
    st.fixed_dictionaries({}, optional={n: st.just("confirm") for n in ("red", "zero")}),
    st.sampled_from(["award", "redistribute"]),
    st.sampled_from(["无", "错", None]),
    st.booleans(),
)


def _half_up(value: Fraction) -> Fraction:
    return Fraction((value * 200 + 1) // 2, 100)


@given(_CARDS)
def test_what_stands_there_comes_to_the_total(made: Scorecard) -> None:
    line = total_line(made, ZH)
    if made.total is None:
        assert line == ""
        return
    steps = follow(made)
    assert steps is not None and steps.total == made.total
    if line == "":
        assert made.total == 100
        return
    if line == "有红线，整通记 0 分。":
        assert made.total == 0
        return
    formula = re.match(r"扣 [\d.]+ 分[^：]*：(.+?)＝([\d.]+)(（不超过满分）)?[；。]", line)
    assert formula is not None, line
    steps_text, total, capped = formula.groups()
    text = steps_text.replace("（加分）", "").replace("−", "-").replace("＋", "+")
    text = text.replace("÷", "/").replace("×", "*")
    assert re.fullmatch(r"[\d.()+*/-]+", text), text
    worked = eval(re.sub(r"[\d.]+", lambda m: f"Fraction('{m[0]}')", text), {"Fraction": Fraction})  # noqa: S307
    assert (worked > 100) is (capped is not None)
    assert _half_up(min(worked, Fraction(100))) == Fraction(total) == Fraction(str(made.total))
    counted = Fraction(str(sum(s.points for s in made.sections)))
    assert ("未计入" in line) is (counted < 100)
