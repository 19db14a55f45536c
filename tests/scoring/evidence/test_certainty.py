"""No deduction on a doubtful hearing: certainty travels from words to verdicts."""

from __future__ import annotations

import pytest

from qc_pipeline.call import Transcript
from tests.builders import AGENT, CUSTOMER, card, only, rubric, said, transcript, turn

GREETING = "expect: {said: {by: agent, any: [您好], within: {first_turns: 2}}}"
TABOO = "forbid: {said: {by: agent, any: [说了多少遍了]}}"


def test_a_fault_heard_surely_fails_and_a_doubtful_one_is_held():
    sure = only(TABOO, said(("agent", "说了多少遍了"), confidence=0.6))
    doubtful = only(TABOO, said(("agent", "说了多少遍了"), confidence=0.59))
    assert (sure.verdict, sure.lost, sure.certainty) == ("fail", 100, 0.6)
    assert (doubtful.verdict, doubtful.lost, doubtful.stake) == ("held", 0, 100)
    assert "待人工确认" in doubtful.reason


def test_an_absence_is_as_sure_as_what_was_heard_instead():
    heard = only(GREETING, said(("agent", "喂什么事"), confidence=0.8))
    mumbled = only(GREETING, said(("agent", "喂什么事"), confidence=0.79))
    assert (heard.verdict, heard.certainty) == ("fail", 0.8)
    assert mumbled.verdict == "held"


def test_absence_is_weighted_by_the_time_of_speech():
    call = transcript(
        turn("agent", 0, 3, "喂", confidence=1.0), turn("agent", 5, 6, "说", confidence=0.4)
    )
    # (3 s x 1.0 + 1 s x 0.4) / 4 s
    assert only(GREETING, call).certainty == pytest.approx(0.85)


def test_speech_that_nobody_put_into_words_counts_nothing_in_an_absence():
    call = transcript(turn("agent", 0, 3, "喂"), speech={AGENT: [(0, 3), (6, 8)]}, duration_s=10)
    result = only("expect: {said: {by: agent, any: [您好]}}", call)
    # 3 s heard, 2 s of voice without a word
    assert (result.verdict, result.certainty) == ("held", pytest.approx(0.6))


def test_the_edge_of_a_voice_region_is_no_unheard_speech():
    call = transcript(turn("agent", 0.3, 3, "喂"), speech={AGENT: [(0.1, 3.3)]}, duration_s=10)
    assert only("expect: {said: {by: agent, any: [您好]}}", call).certainty == 1


def test_who_is_there_and_silent_surely_said_nothing():
    result = only(GREETING, transcript(turn("customer", 0, 2, "有人吗"), duration_s=5))
    assert (result.verdict, result.certainty) == ("fail", 1)


def test_words_without_a_confidence_get_the_assumed_one():
    call = said(("agent", "说了多少遍了"), confidence=None)
    assert only(TABOO, call).certainty == pytest.approx(0.7)
    assert only(TABOO, call, terms={"assumed_confidence": 0.5}).verdict == "held"


def test_a_hit_is_as_sure_as_its_own_words():
    call = transcript(turn("agent", 0, 4, "说了多少遍了啊喂", words=[0.9] * 6 + [0.1, 0.1]))
    assert only(TABOO, call).certainty == pytest.approx(0.9)
    # the geometric mean of one word at 0.1 and five at 1
    call = transcript(turn("agent", 0, 4, "说了多少遍了", words=[0.1, 1, 1, 1, 1, 1]))
    assert only(TABOO, call).certainty == pytest.approx(0.1 ** (1 / 6))


def test_the_same_syllables_find_what_is_expected_and_deduct_only_from_four_on():
    # 请烧灯 sounds as 请稍等
    assert only(
        "expect: {said: {by: agent, any: [请稍等]}}", said(("agent", "请烧灯"))
    ).verdict == ("pass")
    short = said(("agent", "沙子"), confidence=0.8)
    assert only("forbid: {said: {by: agent, any: [傻子]}}", short).verdict == "held"
    doubted = said(("agent", "爱半不半"), confidence=0.8)
    long = only("forbid: {said: {by: agent, any: [爱办不办]}}", doubted)
    assert (long.verdict, long.evidence[0].tier) == ("fail", 2)
    assert long.certainty == pytest.approx(0.72)


def test_a_near_hit_never_deducts():
    result = only(TABOO, said(("agent", "说了多少片了"), confidence=0.8))
    assert (result.verdict, result.evidence[0].tier) == ("held", 4)
    assert result.certainty == pytest.approx(0.4)


def test_exact_matching_takes_no_homophone():
    fault = "forbid: {said: {by: agent, any: [爱办不办], match: exact}}"
    assert only(fault, said(("agent", "爱半不半"))).verdict == "pass"


def test_one_wrong_syllable_of_four_makes_the_absence_held():
    # Sure enough (0.8) to say that it was not said, but the word that differs was doubted.
    call = said(("agent", "我帮您声誉"), confidence=0.8)
    result = only("expect: {said: {by: agent, any: [帮您升级]}}", call)
    assert result.verdict == "held"
    assert "近似" in result.reason
    assert {e.kind for e in result.evidence} == {"absent", "said"}


def test_another_word_of_four_syllables_is_no_escalation():
    call = said(("agent", "我来登记一下"))
    assert only("expect: {said: {by: agent, any: [帮您升级]}}", call).verdict == "fail"


def test_polite_and_plain_you_are_one_only_for_what_is_expected():
    said_plainly = said(("agent", "你好"))
    assert only("expect: {said: {by: agent, any: [您好]}}", said_plainly).verdict == "pass"
    politely = said(("agent", "您看着办"))
    assert only("forbid: {said: {by: agent, any: [你看着办], match: exact}}", politely).verdict == (
        "pass"
    )
    assert only(
        "expect: {not: {said: {by: agent, any: [你看着办], match: exact}}}", politely
    ).verdict == "pass"  # fmt: skip


def test_a_doubtful_trigger_holds_the_miss():
    criterion = (
        "expect: {whenever: {said: {by: customer, any: [我要投诉]}}, "
        "then: {said: {by: agent, any: [抱歉]}}, within: {turns: 2}}"
    )
    call = transcript(
        turn("customer", 0, 2, "我要投诉", confidence=0.5), turn("agent", 3, 5, "什么事")
    )
    result = only(criterion, call)
    assert (result.verdict, result.certainty) == ("held", 0.5)


def test_a_doubtful_applies_holds_the_failure_and_passes_the_pass():
    applies = "applies: {said: {by: customer, any: [投诉]}}"
    call = transcript(turn("customer", 0, 2, "投宿", confidence=0.8), turn("agent", 3, 5, "什么事"))
    assert only(f"expect: {{said: {{by: agent, any: [抱歉]}}}}, {applies}", call).verdict == "held"
    assert (
        only(f"expect: {{said: {{by: agent, any: [什么事]}}}}, {applies}", call).verdict == "pass"
    )


@pytest.mark.parametrize(
    ("section", "applies", "fault", "expected"),
    [
        # As sure as the least sure of what must be so: the section's and the criterion's
        # `applies`, and the fault itself.
        (None, 0.7, 0.9, 0.7),
        (None, 0.9, 0.7, 0.7),
        (0.65, 0.8, 0.9, 0.65),
        (0.8, 0.65, 0.9, 0.65),
        (0.65, None, 0.9, 0.65),
    ],
)
def test_a_failure_is_only_as_certain_as_what_makes_its_criterion_apply(
    section: float | None, applies: float | None, fault: float, expected: float
) -> None:
    def where(phrase: str, confidence: float | None) -> str:
        return f"applies: {{said: {{by: customer, any: [{phrase}]}}}}" if confidence else ""

    form = rubric(
        "points: 60, expect: {said: {by: agent, any: [请问]}}",
        sections=f"""
  - id: t
    title: 二
    points: 40
    {where("会员", section)}
    criteria:
      - id: rude
        title: 禁语
        points: 40
        {where("投诉", applies)}
        forbid: {{said: {{by: agent, any: [说了多少遍了]}}}}
""",
    )
    scored = card(
        form,
        transcript(
            turn("agent", 0, 1, "请问"),
            turn("customer", 2, 4, "我是会员", confidence=section or 1.0),
            turn("customer", 5, 7, "我要投诉", confidence=applies or 1.0),
            turn("agent", 8, 10, "说了多少遍了", confidence=fault),
        ),
    )
    (found,) = (c for c in scored.criteria() if c.id == "rude")
    assert (found.verdict, found.lost) == ("fail", 40)
    assert found.certainty == pytest.approx(expected)


def test_only_sure_hits_count_for_each_and_the_others_stay_for_review():
    call = transcript(
        turn("agent", 0, 2, "说了多少遍了"),
        turn("customer", 3, 4, "啊"),
        turn("agent", 5, 7, "说了多少遍了", confidence=0.3),
        turn("customer", 8, 9, "啊"),
        turn("agent", 10, 12, "说了多少遍了"),
    )
    scored = card(rubric(f"points: 100, {TABOO}, deduct: {{each: 20}}, confirm: machine"), call)
    result = scored.criteria()[0]
    assert (result.verdict, result.lost, result.hits, result.stake) == ("fail", 40, 2, 20)
    assert len(result.evidence) == 3
    assert scored.provisional


def test_with_each_and_no_sure_hit_the_finding_is_held():
    call = said(("agent", "说了多少遍了"), confidence=0.3)
    result = only(f"points: 100, {TABOO}, deduct: {{each: 20}}", call)
    assert (result.verdict, result.lost, result.stake) == ("held", 0, 20)


def test_a_greeting_not_found_in_a_recording_cut_into_speech_is_held():
    call = transcript(turn("agent", 0, 3, "帮您查一下"), speech={AGENT: [(0, 3)]}, duration_s=10)
    result = only(GREETING, call)
    assert result.verdict == "held"
    assert "录音从话中开始" in result.reason
    late = transcript(turn("agent", 0.5, 3, "帮您查一下"), speech={AGENT: [(0.5, 3)]})
    assert only(GREETING, late).verdict == "fail"


def test_the_cut_beginning_excuses_nothing_later_in_the_call():
    call = transcript(turn("agent", 0, 3, "帮您查一下"), speech={AGENT: [(0, 3)]}, duration_s=10)
    closing = "expect: {said: {by: agent, any: [再见], within: {last_turns: 2}}}"
    assert only(closing, call).verdict == "fail"


def test_thresholds_of_the_rubric_decide():
    strict = rubric(TABOO, head="review_below: 0.95")
    assert card(strict, said(("agent", "说了多少遍了"), confidence=0.9)).criteria()[0].verdict == (
        "held"
    )


def test_a_call_in_another_language_is_unscorable_by_words_and_has_no_total():
    call = said(("agent", "hello"), language="en")
    scored = card(rubric(GREETING), call)
    assert scored.criteria()[0].verdict == "unscorable"
    assert "en" in scored.criteria()[0].reason
    assert scored.total is None


def test_a_dead_customer_channel_leaves_the_agent_scorable():
    call = said(("agent", "您好"), channels={CUSTOMER: "dead"})
    assert only(GREETING, call).verdict == "pass"
    either = "forbid: {said: {by: any, any: [神经病]}}"
    assert only(either, call).verdict == "unscorable"
    assert only(either, said(("agent", "神经病"), channels={CUSTOMER: "dead"})).verdict == "fail"


def test_before_does_not_take_a_mishearing_for_the_first():
    criterion = (
        "expect: {before: {first: {said: {by: agent, any: [余额]}}, "
        "then: {said: {by: agent, any: [核实身份]}}}}"
    )
    # 鱼鹅 sounds as 余额, and was doubted; the sure one stands after the check
    call = said(
        ("agent", "鱼鹅"),
        ("customer", "啊"),
        ("agent", "先核实身份"),
        ("agent", "余额五元"),
        confidence=0.8,
    )
    assert only(criterion, call).verdict == "held"
    assert only(criterion, call).lost == 0


def spoken(text: str, *confidences: float) -> Transcript:
    """A long, certain turn and one of `text` with the confidences of its characters."""
    return transcript(
        turn("agent", 0, 20, "这边先看看那天的包裹到哪里去了"),
        turn("agent", 25, 27, text, words=[*confidences]),
    )


WAITED = "expect: {said: {by: agent, any: [久等了]}}"


@pytest.mark.parametrize(
    ("text", "confidences", "verdict"),
    [
        # 久片了 for 久等了: the one word that differs was hardly heard.
        ("久片了", (1, 0.84, 1), "held"),
        ("久片了", (1, 0.85, 1), "fail"),
        # It is the word that differs that must be doubtful, not one of the others.
        ("久片了", (0.7, 0.9, 1), "fail"),
        # Two of three differ.
        ("快片了", (0.7, 0.7, 1), "fail"),
        ("就等了", (0.7, 0.7, 0.7), "pass"),
        # What the recogniser was sure of is never held as doubtful.
        ("久片了", (1, 1, 1), "fail"),
    ],
)
def test_an_absence_is_doubtful_where_one_doubtful_syllable_makes_the_difference(
    text: str, confidences: tuple[float, ...], verdict: str
) -> None:
    assert only(WAITED, spoken(text, *confidences)).verdict == verdict


def test_what_was_nearly_heard_is_shown_with_the_absence() -> None:
    result = only(WAITED, spoken("久片了", 1, 0.5, 1))
    near = [e for e in result.evidence if e.kind == "said"]
    assert [(e.quote, e.phrase, e.tier) for e in near] == [("久片了", "久等了", 5)]
    assert "久片了" in result.reason


def test_a_doubtful_not_is_no_small_difference() -> None:
    wanted = "expect: {{said: {{by: agent, any: [{}]}}}}"
    assert only(wanted.format("不客气"), spoken("别客气", 0.7, 1, 1)).verdict == "fail"
    assert only(wanted.format("好客气"), spoken("没客气", 0.7, 1, 1)).verdict == "fail"


def test_against_the_agent_a_doubtful_syllable_finds_nothing() -> None:
    forbidden = "forbid: {said: {by: agent, any: [神经病]}}"
    assert only(forbidden, spoken("神经片", 1, 1, 0.5)).verdict == "pass"
