"""Where a hit may lie, and which hits of a trigger ask for an answer."""
# ruff: noqa: E501 - a criterion stands in one line, as in a rubric

from __future__ import annotations

import time

import pytest

from tests.builders import only, said, transcript, turn

# First words: the customer's at 2, the agent's at 4; the last word ends at 30.
CALL = transcript(
    turn("customer", 2, 3, "有人吗"),
    turn("agent", 4, 6, "请讲"),
    turn("customer", 7, 12, "我要查账单"),
    turn("agent", 13, 17, "请稍等"),
    turn("customer", 18, 20, "好的呀"),
    turn("agent", 26, 30, "再见"),
    duration_s=40,
)


def verdict(window: str, word: str = "请稍等", by: str = "agent") -> str:
    return only(f"expect: {{said: {{by: {by}, any: [{word}], within: {window}}}}}", CALL).verdict


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        # 请稍等 starts at 13; the agent's first word is at 4
        ("{first_seconds: 9}", "pass"),
        ("{first_seconds: 8.9}", "fail"),
        # the last word of the call ends at 30
        ("{last_seconds: 17}", "pass"),
        ("{last_seconds: 16.9}", "fail"),
        ("{first_turns: 2}", "pass"),
        ("{first_turns: 1}", "fail"),
        ("{last_turns: 2}", "pass"),
        ("{last_turns: 1}", "fail"),
        ("{between: [13, 14]}", "pass"),
        ("{between: [13.1, 20]}", "fail"),
        # from 2 to 30 are 28 s: 13 stands at 39.3 %
        ("{percent: [39, 40]}", "pass"),
        ("{percent: [40, 100]}", "fail"),
    ],
)
def test_a_hit_lies_where_it_starts(window, expected):
    assert verdict(window) == expected


def test_first_seconds_run_from_the_agents_first_word_for_the_customer_too():
    assert verdict("{first_seconds: 3}", "我要查账单", by="customer") == "pass"
    assert verdict("{first_seconds: 2.9}", "我要查账单", by="customer") == "fail"


def test_turns_count_merged_turns():
    call = transcript(
        turn("agent", 0, 1, "喂"), turn("agent", 2, 3, "请讲"), turn("agent", 10, 11, "您好")
    )
    expect = "expect: {said: {by: agent, any: [您好], within: {first_turns: %d}}}"
    assert only(expect % 2, call).verdict == "pass"
    assert only(expect % 1, call).verdict == "fail"


def test_a_phrase_may_run_over_the_parts_of_one_turn():
    call = transcript(turn("agent", 0, 1, "请您"), turn("agent", 2, 3, "稍等"))
    result = only("expect: {said: {by: agent, any: [请您稍等]}}", call)
    assert (result.verdict, result.evidence[0].start_s, result.evidence[0].end_s) == ("pass", 0, 3)
    assert result.evidence[0].turn == 0


def test_times_of_a_hit_come_from_its_words():
    call = transcript(turn("agent", 10, 14, "好的再见", words=[1, 1, 1, 1]))
    (evidence,) = only("expect: {said: {by: agent, any: [再见]}}", call).evidence
    assert (evidence.start_s, evidence.end_s, evidence.quote) == (12, 14, "再见")


def test_the_evidence_of_an_absence_is_the_span_and_what_was_said_in_it():
    result = only("expect: {said: {by: agent, any: [您好, 你好], within: {first_turns: 2}}}", CALL)
    (evidence,) = result.evidence
    assert (evidence.kind, evidence.speaker) == ("absent", "agent")
    assert (evidence.start_s, evidence.end_s, evidence.quote) == (0, 17, "请讲 请稍等")
    assert result.reason == "0:00–0:17未发现前2轮内坐席说“您好”“你好”"


def test_unless_in_the_same_turn_cancels_a_hit():
    forbid = "forbid: {said: {by: agent, any: [保证], unless: [不能保证]}}"
    assert only(forbid, said(("agent", "我不能保证"))).verdict == "pass"
    assert only(forbid, said(("agent", "我保证办好"))).verdict == "fail"


def test_overlapping_occurrences_are_one_hit():
    forbid = "points: 100, forbid: {said: {by: agent, any: [请您稍等, 稍等一下, 稍等]}}, deduct: {each: 10}"
    result = only(forbid, said(("agent", "请您稍等一下")))
    assert (result.hits, result.lost) == (1, 10)
    assert result.evidence[0].phrase == "请您稍等"


def test_at_least_wants_different_phrases():
    expect = "expect: {said: {by: agent, at_least: {n: 2, of: [请问, 谢谢, 抱歉]}}}"
    assert only(expect, said(("agent", "请问请问"))).verdict == "fail"
    assert only(expect, said(("agent", "请问好的谢谢"))).verdict == "pass"


def test_all_wants_every_phrase():
    expect = "expect: {said: {by: agent, all: [请问, 谢谢]}}"
    assert only(expect, said(("agent", "请问"))).verdict == "fail"
    assert only(expect, said(("agent", "请问"), ("agent", "谢谢"))).verdict == "pass"


def answered(window: str, *turns, then: str = "{said: {by: agent, any: [抱歉]}}") -> str:
    criterion = (
        f"expect: {{whenever: {{said: {{by: customer, any: [投诉你们]}}}}, then: {then}, "
        f"within: {window}}}"
    )
    return only(criterion, transcript(*turns)).verdict


def test_seconds_run_from_the_end_of_the_trigger():
    trigger = turn("customer", 0, 2, "投诉你们")
    assert answered("{seconds: 10}", trigger, turn("agent", 12, 13, "抱歉")) == "pass"
    assert answered("{seconds: 10}", trigger, turn("agent", 12.1, 13, "抱歉")) == "fail"


def test_turns_are_those_of_the_party_that_then_names_without_feedback():
    trigger = turn("customer", 0, 2, "投诉你们")
    late = [
        turn("agent", 3, 4, "嗯"),
        turn("customer", 5, 6, "太慢"),
        turn("agent", 7, 8, "我看看"),
        turn("customer", 9, 10, "快点"),
        turn("agent", 11, 12, "非常抱歉"),
    ]
    assert answered("{turns: 2}", trigger, *late) == "pass"
    assert answered("{turns: 1}", trigger, *late) == "fail"


def test_the_rest_of_the_triggers_own_turn_counts():
    criterion = (
        "expect: {whenever: {said: {by: agent, any: [给您回电]}}, "
        "then: {names_time_limit: {by: agent}}, within: {turns: 2}}"
    )
    assert only(criterion, said(("agent", "给您回电,24小时内"))).verdict == "pass"
    assert only(criterion, said(("agent", "24小时内的事,我给您回电"))).verdict == "fail"


def test_triggers_under_thirty_seconds_apart_are_one():
    deduct = (
        "points: 100, expect: {whenever: {said: {by: customer, any: [投诉你们]}}, "
        "then: {said: {by: agent, any: [抱歉]}}, within: {seconds: 5}}, deduct: {each: 10}"
    )

    def lost(second_s: float) -> float:
        return only(
            deduct,
            transcript(
                turn("customer", 0, 2, "投诉你们"),
                turn("agent", 3, 4, "什么"),
                turn("customer", second_s, second_s + 2, "投诉你们"),
                duration_s=60,
            ),
        ).lost

    assert lost(31.9) == 10
    assert lost(32) == 20


def test_an_answer_between_two_hits_of_one_trigger_is_an_answer():
    turns = [
        turn("customer", 0, 2, "投诉你们"),
        turn("agent", 3, 4, "抱歉"),
        turn("customer", 5, 7, "投诉你们"),
    ]
    assert answered("{turns: 1}", *turns) == "pass"


def test_one_answer_may_serve_several_triggers():
    turns = [
        turn("customer", 0, 2, "投诉你们"),
        turn("agent", 3, 4, "什么"),
        turn("customer", 40, 42, "投诉你们"),
        turn("agent", 43, 44, "抱歉"),
    ]
    assert answered("{seconds: 60}", *turns) == "pass"


def test_insisting_asks_for_an_answer_after_the_second_time():
    criterion = (
        "expect: {whenever: {said: {by: customer, any: [找你们领导], times: 2}}, "
        "then: {said: {by: agent, any: [帮您升级]}}, within: {seconds: 60}}"
    )
    early = transcript(
        turn("customer", 0, 2, "找你们领导"),
        turn("agent", 3, 5, "帮您升级"),
        turn("customer", 50, 52, "找你们领导"),
        duration_s=200,
    )
    assert only(criterion, early).verdict == "fail"
    once = transcript(turn("customer", 0, 2, "找你们领导"))
    assert only(criterion, once).verdict == "not_applicable"


def test_silence_is_excused_by_words_of_either_just_before():
    hold = [
        turn("customer", 0, 2, "查一下"),
        turn("agent", 3, 5, "请稍等"),
        turn("agent", 30, 31, "好了"),
    ]
    forbid = "forbid: {silence: {longer_than: 15, after: agent, unless_said: [请稍等]}}"
    assert only(forbid, transcript(*hold)).verdict == "pass"
    asked = [
        turn("customer", 0, 2, "你等等"),
        turn("agent", 3, 5, "行啊"),
        turn("agent", 30, 31, "好了"),
    ]
    forbid = "forbid: {silence: {longer_than: 15, unless_said: [你等等]}}"
    assert only(forbid, transcript(*asked)).verdict == "pass"
    forbid = "forbid: {silence: {longer_than: 15, unless_said: [请稍等]}}"
    assert only(forbid, transcript(*asked)).verdict == "fail"


def test_steps_take_the_highest_step_not_above_the_hits():
    forbid = "points: 100, forbid: {silence: {longer_than: 5}}, deduct: {steps: {2: 10, 4: 30}}"

    def lost(silences: int) -> tuple[str, float]:
        turns = [turn("agent", 10 * i, 10 * i + 2, "喂") for i in range(silences + 1)]
        result = only(forbid, transcript(*turns))
        return result.verdict, result.lost

    assert [lost(n) for n in range(6)] == [
        ("pass", 0), ("pass", 0), ("fail", 10), ("fail", 10), ("fail", 30), ("fail", 30),
    ]  # fmt: skip


def test_a_script_counts_its_longest_run_in_order():
    closing = "[还有其他可以帮您, 感谢您的来电, 再见]"
    backwards = said(
        ("agent", "再见"), ("customer", "等等"), ("agent", "感谢您的来电"), ("customer", "喂"),
        ("agent", "还有其他可以帮您的吗"),
    )  # fmt: skip

    def result(more: str) -> str:
        criterion = f"expect: {{follows_script: {{by: agent, script: {closing}{more}}}}}"
        return only(criterion, backwards).verdict

    assert result("") == "fail"
    assert result(", at_least: 0.3") == "pass"
    assert result(", at_least: 0.4") == "fail"
    assert result(", in_order: false") == "pass"


def test_numbers_are_read_back_over_turns_while_only_feedback_stands_between():
    expect = "expect: {reads_back: {by: agent, field: callback_number}}"
    field = {"callback_number": "138-0013-8000"}
    call = said(
        ("agent", "一三八"), ("customer", "嗯"), ("agent", "零零幺三"), ("customer", "对"),
        ("agent", "八零零零对吧"),
    )  # fmt: skip
    assert only(expect, call, field).verdict == "pass"
    cut = said(("agent", "一三八"), ("customer", "我要投诉你们"), ("agent", "零零幺三八零零零"))
    assert only(expect, cut, field).verdict == "fail"
    last = "expect: {reads_back: {by: agent, field: callback_number, last: 4}}"
    assert only(last, cut, field).verdict == "pass"


def test_a_promise_longer_than_asked_is_no_time_limit():
    expect = "expect: {names_time_limit: {by: agent, at_most: 24 hours}}"
    assert only(expect, said(("agent", "两小时内回复您"))).verdict == "pass"
    late = only(expect, said(("agent", "三个工作日内回复您")))
    assert late.verdict == "fail"
    assert any("三个工作日" in e.quote for e in late.evidence)


def test_a_similar_wording_is_found_inside_a_turn_without_punctuation():
    expect = "expect: {similar: {by: agent, to: [非常抱歉给您带来不便]}}"
    call = said(("agent", "好的那个我先看一下系统非常抱歉给您带来的不便然后我给您登记一下好吗"))
    result = only(expect, call)
    assert result.verdict == "pass"
    assert "抱歉给您带来" in result.evidence[0].quote
    assert len(result.evidence[0].quote) < 15


@pytest.mark.parametrize(
    ("regex", "verdict"),
    [
        ("^我们", "pass"),
        (r"\\A我们", "pass"),
        ("回复$", "pass"),
        ("^回复", "fail"),
        ("请讲.*我们", "fail"),
        ("二十四小时", "pass"),
        ("24小时", "pass"),
        ("[一二三]十四", "fail"),
        ("會在", "pass"),
        ("您好,", "pass"),
    ],
)
def test_an_expression_is_found_in_one_turn_in_one_form(regex, verdict):
    call = said(("agent", "您好，请讲"), ("customer", "啊"), ("agent", "我们会在二十四小时内回复"))
    criterion = f'expect: {{matches: {{by: agent, regex: "{regex}"}}}}'
    assert only(criterion, call).verdict == verdict


def test_a_hostile_expression_hangs_nothing():
    call = said(("agent", "a" * 5000), ("customer", "啊"))
    started = time.perf_counter()
    only('expect: {matches: {by: agent, regex: "(a+)+$b|(a|aa)+c"}}', call)
    assert time.perf_counter() - started < 5


def test_the_reason_of_an_answered_trigger_tells_both():
    criterion = (
        "expect: {whenever: {said: {by: customer, any: [投诉你们]}}, "
        "then: {said: {by: agent, any: [抱歉]}}, within: {turns: 2}}"
    )
    call = said(("customer", "投诉你们"), ("agent", "非常抱歉"))
    assert only(criterion, call).reason == "0:00 客户说“投诉你们”，之后“抱歉”"
