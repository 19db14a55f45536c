"""A likeness is earned by doubt: what the recogniser was sure of is what was said."""

from __future__ import annotations

import pytest

from qc_pipeline.call import Transcript
from tests.builders import only, rubric, said, transcript, turn

AGAINST = "forbid: {{said: {{by: agent, any: [{0}]}}}}"
FOR = "expect: {{said: {{by: agent, any: [{0}]}}}}"
TAKEN_FOR = [
    ("没有接到", "没有查到"),
    ("不能确定", "不太确定"),
    ("技术", "起诉"),
    ("方式呢", "烦死了"),
    ("电视，一", "电视台"),
    ("给您带来", "领导给您"),
    ("经跟你", "经理跟您"),
    ("尽快给您", "经理给您"),
]


def heard(text: str, **doubted: float) -> Transcript:
    """One turn of the agent, sure but for the characters named, whose confidence is given."""
    words = [doubted.get(char, 1.0) for char in text]
    return transcript(turn("agent", 0, 0.25 * len(text), text, words=words))


@pytest.mark.parametrize(("text", "phrase"), TAKEN_FOR)
def test_what_was_heard_surely_is_no_other_phrase(text: str, phrase: str) -> None:
    assert only(AGAINST.format(phrase), heard(text)).verdict == "pass"
    assert only(FOR.format(phrase), heard(text)).verdict == "fail"


@pytest.mark.parametrize(("text", "phrase"), TAKEN_FOR)
def test_nor_in_a_red_line_or_a_major_item(text: str, phrase: str) -> None:
    major = f"{AGAINST.format(phrase)}, severity: major"
    assert only(major, heard(text)).verdict == "pass"


@pytest.mark.parametrize(
    ("text", "doubted", "against", "speaks_for"),
    [
        # The same syllables (tier 2): against the agent one doubtful word of those that differ,
        # and four syllables; for the agent as it is.
        ("爱半不半", {}, "pass", "pass"),
        ("爱半不半", {"半": 0.84}, "fail", "pass"),
        ("爱半不半", {"半": 0.85}, "pass", "pass"),
        # Usual confusions (tier 3, 爱 is ai, 办 is ban; 帮 bang): each that differs is doubtful;
        # for the agent one in four need not be.
        ("爱帮不办", {}, "pass", "pass"),
        ("爱帮不办", {"帮": 0.8}, "fail", "pass"),
        # More are not the phrase; but the sentence is so like it that a person is asked.
        ("爱帮不帮", {}, "pass", "held"),
        ("爱帮不帮", {"帮": 0.8}, "fail", "pass"),
    ],
)
def test_tiers_two_and_three(
    text: str, doubted: dict[str, float], against: str, speaks_for: str
) -> None:
    phrase = "爱办不办"
    assert only(AGAINST.format(phrase), heard(text, **doubted)).verdict == against
    assert only(FOR.format(phrase), heard(text, **doubted)).verdict == speaks_for


@pytest.mark.parametrize(
    ("text", "doubted", "against", "speaks_for"),
    [
        # 说了多少遍了: one syllable wrong, missing or too many, doubtful or not. Heard surely it is
        # not the phrase, and before its absence costs anything a person is asked about it.
        ("说了多少片了", {}, "pass", "held"),
        ("说了多少片了", {"片": 0.84}, "held", "pass"),
        ("说了多少了", {}, "pass", "held"),
        ("说了多少了", {"少": 0.5}, "held", "pass"),
        ("说了多少嗯遍了", {}, "pass", "held"),
        ("说了多少嗯遍了", {"嗯": 0.5}, "held", "pass"),
        # Doubt elsewhere is none about what differs.
        ("说了多少片了", {"说": 0.2}, "pass", "fail"),
    ],
)
def test_near_needs_doubt_where_it_differs(
    text: str, doubted: dict[str, float], against: str, speaks_for: str
) -> None:
    phrase = "说了多少遍了"
    assert only(AGAINST.format(phrase), heard(text, **doubted)).verdict == against
    if "说" not in doubted:
        assert only(FOR.format(phrase), heard(text, **doubted)).verdict == speaks_for


def test_without_confidences_sound_alone_holds_and_near_finds_nothing() -> None:
    alike = said(("agent", "爱半不半"), confidence=None)
    near = said(("agent", "说了多少片了"), confidence=None)
    assert only(AGAINST.format("爱办不办"), alike).verdict == "held"
    assert only(FOR.format("爱办不办"), alike).verdict == "pass"
    assert only(AGAINST.format("说了多少遍了"), near).verdict == "pass"


def test_a_sentence_ends_what_is_alike_and_what_speaks_against_the_agent() -> None:
    # 您好 with a pause inside a greeting is said; a fault over two sentences is none.
    assert only(FOR.format("您好请讲"), heard("您好。请讲")).verdict == "pass"
    assert only(FOR.format("您好请讲"), heard("您好。请将", 将=0.5)).verdict == "fail"
    assert only(AGAINST.format("随便你吧"), heard("都随便。你吧")).verdict == "pass"
    assert only(AGAINST.format("随便你吧"), heard("都随便你吧")).verdict == "fail"


@pytest.mark.parametrize(
    ("pause_s", "against", "speaks_for"),
    [(0.2, "fail", "pass"), (0.4, "pass", "pass"), (1.4, "pass", "pass")],
)
def test_a_pause_parts_what_speaks_against_the_agent(
    pause_s: float, against: str, speaks_for: str
) -> None:
    first = turn("agent", 0, 0.5, "随便", words=[1, 1])
    second = turn("agent", 0.5 + pause_s, 1.0 + pause_s, "你吧", words=[1, 1])
    call = transcript(first, second)
    assert only(AGAINST.format("随便你吧"), call).verdict == against
    assert only(FOR.format("随便你吧"), call).verdict == speaks_for


def test_a_red_line_that_was_hardly_heard_is_held_whatever_its_match() -> None:
    fatal = "forbid: {said: {by: agent, any: [神经病, 傻子], match: exact}}, severity: major"
    minor = "forbid: {said: {by: agent, any: [神经病, 傻子], match: exact}}"
    hardly = heard("神经并", 并=0.59)
    assert only(fatal, hardly).verdict == "held"
    assert only(minor, hardly).verdict == "pass"
    assert only(fatal, heard("神经并", 并=0.6)).verdict == "pass"
    # Two syllables are too short to be more than worth hearing.
    assert only(fatal, heard("沙子", 沙=0.3)).verdict == "pass"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("我要打12345投诉", "fail"),
        ("再不处理我就打12345了", "fail"),
        ("我打12315去", "fail"),
        ("我的户号是12345", "pass"),
        ("我上个月用了12345块钱的货", "pass"),
        ("我是从12345那边转过来的", "pass"),
        ("我打的就是12345", "pass"),
        ("你回拨我的电话12345就行", "pass"),
        ("订单尾数12345", "pass"),
        ("号码是6212345", "pass"),
        ("号码是62，12345，88", "pass"),
    ],
)
def test_a_hotline_is_a_threat_only_where_it_is_dialled_to_complain(
    words: str, expected: str
) -> None:
    rule = 'forbid: {said: {by: customer, any: ["12345", "12315"]}}'
    assert only(rule, said(("customer", words))).verdict == expected


def test_the_line_that_was_called_is_no_threat() -> None:
    rule = 'forbid: {said: {by: customer, any: ["12345"]}}'
    call = said(("agent", "您好，12345政务热线"), ("customer", "我要打12345投诉"))
    assert only(rule, call).verdict == "pass"
    call = said(("agent", "您可以打12345问问"), ("customer", "我要打12345投诉"))
    assert only(rule, call).verdict == "fail"


def test_a_syllable_missing_at_an_end_is_doubted_by_what_stands_outside() -> None:
    # 请 of 请稍等一下 may be in the doubtful 那 before it, not in a sure one.
    doubted, sure = heard("好那稍等一下", 那=0.5), heard("好那稍等一下", 好=0.5)
    assert only(FOR.format("请稍等一下"), doubted).verdict == "pass"
    assert only(FOR.format("请稍等一下"), sure).verdict == "held"
    behind = heard("请稍等一那好", 那=0.5)
    assert only(FOR.format("请稍等一下"), behind).verdict == "pass"


def test_nor_does_a_pause_before_it_make_it_doubtful() -> None:
    first = turn("agent", 0, 0.5, "好那", words=[1, 0.5])
    second = turn("agent", 0.9, 1.9, "稍等一下", words=[1, 1, 1, 1])
    assert only(FOR.format("请稍等一下"), transcript(first, second)).verdict == "held"


def test_a_nasal_for_a_polite_you_is_the_same_syllable_where_you_is_one_word() -> None:
    assert only(FOR.format("您好请讲"), heard("泥好请讲")).verdict == "pass"
    assert only(AGAINST.format("您好请讲"), heard("泥好请讲", 泥=0.5)).verdict == "pass"


def test_what_stands_in_one_word_with_a_phrase_is_no_difference_to_it() -> None:
    rule = "expect: {said: {by: agent, any: [not helped with that]}}"
    call = transcript(turn("agent", 0, 2, "I wasn't helping with that", words=None), language="en")
    assert only(rubric(rule, language="en"), call).verdict == "pass"
