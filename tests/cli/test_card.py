"""The card on the screen: what a person sees first, in both languages, at the terminal's width."""

from __future__ import annotations

import pytest

from qc_pipeline.cli.card_text import card_lines
from qc_pipeline.cli.wrap import columns, fitted, packed
from qc_pipeline.scoring.rubric.model import Rubric, RubricTest
from qc_pipeline.scoring.rubric.parse import parse_rubric
from qc_pipeline.scoring.rubric_tests import run_tests

ZH = """
rubric: card
version: "1"
title: 样
language: zh
points: 10
pass_mark: 6
bands: [{from: 6, label: 合格}, {from: 0, label: 不合格}]
sections:
  - id: s
    title: 服务
    points: 10
    criteria:
      - id: greeting
        title: 开头问候
        why: 第一句话就是问候。
        say: 您好，请讲。
        points: 4
        expect: {said: {by: agent, any: [您好]}}
      - {id: tried, title: 试着看, points: 1, status: trial,
         expect: {said: {by: agent, any: [再见]}}, why: 不出现}
      - {id: promise, title: 不得骂人, points: 2,
         forbid: {said: {by: agent, any: [傻子]}}}
      - {id: order, title: 工单无差错, points: 2, forbid: {call: {ticket_error: 有}}}
      - {id: shift, title: 班次, points: 1, forbid: {call: {ticket_error: 班}}}
      - {id: tone, title: 语气, points: 1, manual: true}
      - {id: repeat, title: 二次来电, points: 1, applies: {call: {contact: repeat}}, manual: true}
      - {id: abuse, title: 辱骂客户, severity: fatal,
         forbid: {said: {by: agent, any: [滚蛋], match: exact}}}
tests:
  - name: bad
    call: {contact: first}
    turns: [{agent: 喂滚蛋}, {agent: 沙子}]
    expect: {total: 0}
  - name: good
    call: {contact: first, ticket_error: 无}
    turns: [{agent: 您好再见}]
    expect: {total: 10}
"""
EN = ZH.replace("language: zh", "language: en")
SAID = {"您好": "hello ", "滚蛋": " get lost", "再见": "goodbye", "傻子": "fool", "沙子": "sand"}
for old, new in SAID.items():
    EN = EN.replace(old, new)


def lines(text: str, test: int, width: int | None = None) -> list[str]:
    rubric: Rubric = parse_rubric(text, "r.yaml")
    chosen: RubricTest = rubric.tests[test]
    (outcome,) = run_tests(rubric, [chosen])
    shown = card_lines(
        outcome.card, language=rubric.language, recording=None, rubric=rubric, width=width
    )
    return list(shown)


def test_red_line_first_then_what_costs_most_with_what_to_say_and_why_then_what_costs_nothing() -> (
    None
):
    found = lines(ZH, 0)
    assert found[:2] == ["bad  总分 0.00/10 不合格  未定稿  card 1", "红线：辱骂客户"]
    assert [line for line in found if line.startswith("  ") and not line.startswith("   ")] == [
        "  红线  辱骂客户 (abuse)  [须人工确认]",
        "  -4  开头问候 (greeting)",
        "  试行  试着看 (tried)  [试行，不扣分]",
        "  如确认扣 2  不得骂人 (promise)",
        "  工单无差错、班次",
    ]
    at = found.index("  -4  开头问候 (greeting)")
    assert found[at + 2].startswith("      0:00.0–0:02.4 ")
    assert "坐席应说未说；这段听到的是“喂滚蛋" in found[at + 2]
    assert found[at + 3 : at + 5] == [
        "      应当说：您好，请讲。",
        "      为什么：第一句话就是问候。",
    ]
    assert not any("不出现" in line for line in found)
    assert "      无法判断：话单没有“工单差错”" in found
    assert found[-2:] == ["待人工评判 1：语气", "不涉及 1：二次来电"]


def test_a_call_without_a_fault_says_so() -> None:
    found = lines(ZH, 1)
    assert found[:2] == ["good  总分 10.00/10 合格  未定稿  card 1", "没有扣分"]


def test_the_card_in_english() -> None:
    found = lines(EN, 0)
    assert found[:2] == [
        "bad  total 0.00/10 不合格 (fail)  provisional  card 1",
        "red line: 辱骂客户",
    ]
    assert "      Say: hello ，请讲。" in found
    assert "  on trial  试着看 (tried)  [on trial, costs nothing]" in found


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("text", [ZH, EN], ids=["zh", "en"])
def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(text: str, width: int) -> None:
    whole, broken = lines(text, 0), lines(text, 0, width)
    assert max(map(columns, broken)) <= width
    assert "".join("".join(broken).split()) == "".join("".join(whole).split())


def test_lines_break_between_chinese_characters_and_at_spaces_only() -> None:
    text = "客户说了三遍，hello就挂断了"
    assert list(fitted("x" * 50, None)) == ["x" * 50]
    found = list(fitted(text * 3, 40))
    # 27 columns once, 37 up to 三; 遍 would be the 39th, but then the comma would begin a line.
    assert found[0] == "客户说了三遍，hello就挂断了客户说了三"
    assert not any(line.lstrip().startswith("，") for line in found)
    assert list(packed(["甲：1", "乙：2", "丙：3"], 16)) == ["  甲：1 · 乙：2", "  丙：3"]
