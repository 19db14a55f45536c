"""Who spoke when; every figure worked out by hand from the placed turns."""

from __future__ import annotations

import pytest

from qc_pipeline.scoring.evidence import pace, timing
from tests.builders import AGENT, CUSTOMER, transcript, turn


def merged(*turns):
    return timing.merge_turns(turns)


def test_turns_of_one_party_up_to_a_second_and_a_half_apart_are_one():
    one = merged(turn("agent", 0, 2, "请您"), turn("agent", 3.5, 4, "稍等"))
    assert [(t.start_s, t.end_s, t.text, t.parts, t.offsets) for t in one] == [
        (0, 4, "请您 稍等", (0, 1), (0, 3))
    ]


def test_a_longer_pause_makes_two_turns():
    assert len(merged(turn("agent", 0, 2, "请您"), turn("agent", 3.6, 4, "稍等"))) == 2


def test_something_of_the_other_between_makes_two_turns():
    turns = merged(
        turn("agent", 0, 2, "请您"), turn("customer", 2.2, 2.5, "嗯"), turn("agent", 3, 4, "稍等")
    )
    assert [t.text for t in turns] == ["请您", "嗯", "稍等"]


def test_what_the_other_says_inside_the_first_turn_does_not_part_it_from_the_next():
    turns = merged(
        turn("agent", 0, 5, "请您"), turn("customer", 3, 3.5, "嗯"), turn("agent", 5.5, 8, "稍等")
    )
    assert [t.text for t in turns] == ["请您 稍等", "嗯"]


def test_turns_out_of_order_and_ending_before_they_start_are_put_right():
    turns = merged(turn("customer", 9, 8, "后"), turn("agent", 1, 2, "先"))
    assert [(t.text, t.start_s, t.end_s) for t in turns] == [("先", 1, 2), ("后", 9, 9)]


def test_silence_stands_only_between_turns_and_knows_who_spoke_last():
    call = transcript(
        turn("agent", 5, 8, "请稍等"),
        turn("agent", 20, 22, "让您久等了"),
        turn("customer", 22.5, 24, "好的"),
        turn("agent", 34, 35, "再见"),
        duration_s=60,
    )
    assert [(s.start_s, s.end_s, s.after, s.before) for s in timing.silences(call)] == [
        (8, 20, AGENT, AGENT),
        (22, 22.5, AGENT, CUSTOMER),
        (24, 34, CUSTOMER, AGENT),
    ]


def test_a_voice_without_words_is_no_silence():
    call = transcript(
        turn("agent", 0, 2, "您好"),
        turn("agent", 20, 21, "喂"),
        speech={AGENT: [(0, 2), (20, 21)], CUSTOMER: [(8, 12)]},
    )
    assert [(s.start_s, s.end_s, s.after) for s in timing.silences(call)] == [
        (2, 8, AGENT),
        (12, 20, CUSTOMER),
    ]


def test_starting_while_the_other_talks_on_is_an_interruption_of_that_long():
    turns = merged(
        turn("customer", 0, 10, "我上个月的账单一直不对你们"),
        turn("agent", 7, 12, "这个您要找别的部门"),
    )
    (one,) = timing.interruptions(turns, "zh")
    assert (one.speaker, one.start_s, one.end_s, one.gave_way) == (AGENT, 7, 10, True)
    assert one.overlap_s == 3
    assert one.chars == 9


def test_who_talks_to_the_end_did_not_give_way():
    turns = merged(
        turn("customer", 0, 10, "我上个月的账单"), turn("agent", 3, 6, "这个您要找别的部门")
    )
    (one,) = timing.interruptions(turns, "zh")
    assert (one.overlap_s, one.gave_way) == (3, False)


def test_feedback_words_are_left_out_of_what_was_said_into_the_others_talk():
    assert timing.chars_without_feedback("嗯,好的", "zh") == 0
    assert timing.chars_without_feedback("嗯,我给您查一下", "zh") == 6
    assert timing.chars_without_feedback("uh-huh, right", "en") == 0


def test_going_on_with_ones_own_sentence_after_being_cut_in_on_is_no_interruption():
    turns = merged(
        turn("agent", 0, 3, "您这个费用"),
        turn("customer", 2.5, 7, "你先听我说完"),
        turn("agent", 4, 8, "是上个月的套餐"),
    )
    assert [i.speaker for i in timing.interruptions(turns, "zh")] == [CUSTOMER]


def test_an_answer_waits_from_the_end_of_the_other():
    turns = merged(
        turn("agent", 0, 2, "请问有什么可以帮您"),
        turn("customer", 3.5, 6, "查话费"),
        turn("agent", 6.2, 8, "好的"),
    )
    assert [(a.speaker, round(a.wait_s, 2)) for a in timing.answers(turns)] == [
        (CUSTOMER, 1.5),
        (AGENT, 0.2),
    ]


def test_a_word_inside_the_others_turn_is_no_answer():
    turns = merged(turn("customer", 0, 10, "我说一下"), turn("agent", 4, 4.5, "嗯"))
    assert timing.answers(turns) == ()


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("您好,很高兴为您服务。", "zh", 9),
        ("办5G套餐", "zh", 5),
        ("12315", "zh", 5),
        ("I'd like to know, please", "en", 5),
        ("", "zh", 0),
    ],
)
def test_a_rate_counts_characters_in_chinese_and_words_in_english(text, language, count):
    assert timing.units(text, language) == count


def test_speech_rate_is_units_over_the_minutes_of_the_speakers_turns():
    call = transcript(
        turn("agent", 0, 3, "您好请问有什么可以"),
        turn("customer", 3, 9, "喂"),
        turn("agent", 9, 12, "帮您"),
    )
    # 9 + 2 characters in 3 + 3 seconds
    assert pace.speech_rate(call, AGENT) == pytest.approx(110)
    assert pace.speech_rate(transcript(), AGENT) is None


def test_talk_share_is_of_both_parties_speaking_time():
    call = transcript(turn("agent", 0, 3), turn("customer", 3, 12), turn("agent", 10, 13))
    # 6 s of the agent, 9 s of the customer; both count while both talk
    assert timing.talk_share(call, AGENT) == pytest.approx(0.4)
    assert timing.talk_share(transcript(), AGENT) is None


@pytest.mark.parametrize(
    ("text", "language", "feedback"),
    [
        ("嗯,对对,好的。", "zh", True),
        ("嗯,我要投诉", "zh", False),
        ("Mm-hmm, okay", "en", True),
        ("okay but no", "en", False),
        ("", "zh", True),
    ],
)
def test_feedback_only(text, language, feedback):
    assert timing.is_feedback(text, language) is feedback


def test_spans_subtract_and_unite():
    assert timing.union([(3, 4), (0, 2), (1, 2.5)]) == [(0, 2.5), (3, 4)]
    assert timing.subtract([(0, 10)], [(1, 2), (5, 12)]) == [(0, 1), (2, 5)]
