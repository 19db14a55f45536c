"""The card on the screen: what a person sees first, in both languages, at the terminal's width."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qc_pipeline.call import Speaker, Transcript, Unheard, UnheardReason
from qc_pipeline.cli.card_text import UNHEARD_SHOWN, card_lines
from qc_pipeline.cli.wrap import columns, fitted, packed
from qc_pipeline.scoring.rubric.model import Rubric, RubricTest
from qc_pipeline.scoring.rubric.parse import parse_rubric
from qc_pipeline.scoring.rubric_tests import run_tests
from tests.builders import AGENT, CUSTOMER, transcript, turn

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
    turns: [{agent: 喂滚蛋}, {agent: {text: 沙子, confidence: 0.8}}]
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


def lines(
    text: str, test: int, width: int | None = None, heard: Transcript | None = None
) -> list[str]:
    rubric: Rubric = parse_rubric(text, "r.yaml")
    chosen: RubricTest = rubric.tests[test]
    (outcome,) = run_tests(rubric, [chosen])
    shown = card_lines(
        outcome.card,
        language=rubric.language,
        recording=None,
        rubric=rubric,
        heard=heard,
        width=width,
    )
    return list(shown)


def test_red_line_first_then_what_costs_most_with_what_to_say_and_why_then_what_costs_nothing() -> (
    None
):
    found = lines(ZH, 0)
    assert found[:3] == [
        "bad  总分 0.00/10 不合格  未定稿  card 1",
        "红线：辱骂客户",
        "有红线，整通记 0 分。",
    ]
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
    # greeting 4 and promise 2 of these, order 2 and shift 1.
    assert "由机器评的 9 分判定了 6 分；人工评定 1 项，已评 0 项。" in found


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


def with_gaps(**gaps: list[tuple[float, float, UnheardReason]]) -> Transcript:
    """The agent speaks from 0 to 40 s, the customer from 50 to 70 s."""
    made = transcript(
        turn(AGENT, 0.0, 40.0, "您好"),
        turn(CUSTOMER, 50.0, 70.0, "好"),
        speech={AGENT: [(0.0, 40.0)], CUSTOMER: [(50.0, 70.0)]},
    )
    return replace(
        made,
        unheard={
            s: tuple(Unheard(start_s=a, end_s=b, reason=r) for a, b, r in gaps.get(str(s), ()))
            for s in Speaker
        },
    )


def test_how_much_was_heard_stands_on_the_card_with_the_places_where_nothing_was() -> None:
    """2.8 and 0.3 of the agent's 40 s: 92.25 % heard, which is told as 92."""
    heard = with_gaps(
        agent=[(12.3, 15.1, UnheardReason.NO_WORDS), (30.0, 30.3, UnheardReason.LOOP)],
        customer=[(62.0, 62.01, UnheardReason.NOT_READ)],
    )
    at = lines(ZH, 1, heard=heard)
    first = at.index("坐席听清 92%，客户 99%。没听清 3 处，共 3.1 秒。")
    assert at[first + 1 : first + 4] == [
        "  0:12.3–0:15.1 坐席（没听清：有人说话，没有听出文字，2.8 秒）",
        "  0:30.0–0:30.3 坐席（没听清：识别器重复循环，已删去，0.3 秒）",
        "  1:02.0–1:02.0 客户（没听清：录音这一段没有读到，0.0 秒）",
    ]
    at = lines(EN, 1, heard=heard)
    first = at.index(
        "Heard of the agent's speech 92%, of the customer's 99%. "
        "3 stretches not heard, 3.1 s together."
    )
    assert at[first + 1] == (
        "  0:12.3–0:15.1 Agent (not heard: somebody speaks, no words were understood, 2.8 s)"
    )


def test_a_call_heard_whole_says_so_and_one_of_which_it_is_not_known_too() -> None:
    heard = with_gaps()
    assert "坐席听清 100%，客户 100%。" in lines(ZH, 1, heard=heard)
    unknown = replace(heard, unheard=None)
    assert "听清多少未知：文字没有与录音核对过。" in lines(ZH, 1, heard=unknown)
    dumb = replace(heard, speech={AGENT: ((0.0, 40.0),), CUSTOMER: ()})
    assert "坐席听清 100%，客户 –。" in lines(ZH, 1, heard=dumb)
    assert not any("听清" in line for line in lines(ZH, 1))


def test_many_places_are_counted_and_the_first_of_them_shown() -> None:
    gaps = [
        (n * 1.7, n * 1.7 + 0.5, UnheardReason.NO_WORDS)  # 1.2 s from one to the next
        for n in range(UNHEARD_SHOWN + 3)
    ]
    found = lines(ZH, 1, heard=with_gaps(agent=gaps))
    assert sum("没听清：" in line for line in found) == UNHEARD_SHOWN
    assert "  … +3" in found
