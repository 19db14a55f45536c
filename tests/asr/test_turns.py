"""Words from windows become turns of the recording."""

from __future__ import annotations

import pytest

from qc_pipeline.asr.turns import geometric_mean, join_words, outside_speech, place, turns_of
from qc_pipeline.asr.whisper import DecodedWindow, HeardWord
from qc_pipeline.asr.windows import AudioWindow, Stretch
from qc_pipeline.call import Speaker

REGIONS = ((1.0, 2.0), (2.3, 3.0), (10.0, 11.0))
WINDOW = AudioWindow(
    stretches=(
        Stretch(start_s=0.8, end_s=3.2, at_s=0.0),
        Stretch(start_s=9.8, end_s=11.2, at_s=2.65),
    ),
    regions=REGIONS,
)


def heard(*words: tuple[str, float, float, float]) -> DecodedWindow:
    return DecodedWindow(
        words=tuple(HeardWord(text=t, start_s=a, end_s=b, probability=p) for t, a, b, p in words),
        log_probability=-0.2,
        compression_ratio=1.0,
        no_speech=0.0,
    )


def test_words_find_their_regions_and_turns_split_at_long_pauses() -> None:
    # In the window: 您好 at 0.4–0.8, 请 at 1.6–1.9, 再见 at 2.9–3.5.
    words = heard(("您好", 0.4, 0.8, 0.9), ("請", 1.6, 1.9, 0.4), ("再见。", 2.9, 3.5, 0.5))
    placed = place(WINDOW, words, 0, "zh")
    assert [p.region for p in placed] == [0, 0, 1, 2, 2]
    first, second = turns_of(Speaker.AGENT, REGIONS, placed, "zh")
    # 0.3 s between the first two regions is a breath, 7 s is a new turn.
    assert (first.text, first.start_s, first.end_s) == ("您好请", 1.0, 3.0)
    assert (second.text, second.start_s, second.end_s) == ("再见。", 10.0, 11.0)
    assert [w.text for w in second.words] == ["再", "见。"]
    assert first.words[0].start_s == pytest.approx(1.2)
    assert first.words[1].start_s == pytest.approx(1.4)
    # The geometric mean of 0.9, 0.9 and 0.4 is 0.324 ** (1/3).
    assert first.confidence == pytest.approx(0.324 ** (1 / 3))
    assert second.confidence == pytest.approx(0.5)


def test_a_token_that_takes_in_the_pause_before_it_is_of_the_turn_after_it() -> None:
    """好的 from 2.25 to 2.95: its first half lies in the turn before, in the window's seconds."""
    placed = place(WINDOW, heard(("对", 1.9, 2.2, 0.9), ("好的", 2.25, 2.95, 0.9)), 0, "zh")
    assert [(p.word.text, p.region) for p in placed] == [("对", 1), ("好", 2), ("的", 2)]
    # A single character as well: in the seam by its middle, nearer to the turn before.
    placed = place(WINDOW, heard(("对", 1.9, 2.2, 0.9), ("我", 2.2, 2.8, 0.9)), 0, "zh")
    assert [(p.word.text, p.region) for p in placed] == [("对", 1), ("我", 2)]


def test_words_are_made_simplified_by_phrases_across_tokens() -> None:
    words = heard(("我", 0.3, 0.4, 0.9), ("瞭", 0.4, 0.5, 0.9), ("解", 0.5, 0.6, 0.9))
    assert [p.word.text for p in place(WINDOW, words, 0, "zh")] == ["我", "了", "解"]
    words = heard(("回", 0.3, 0.4, 0.9), ("覆", 0.4, 0.5, 0.9), ("帶著", 0.5, 0.7, 0.9))
    assert [p.word.text for p in place(WINDOW, words, 0, "zh")] == ["回", "复", "带", "着"]


def test_a_word_in_a_pause_goes_to_the_nearest_region_and_inside_it() -> None:
    (word,) = place(WINDOW, heard(("好", 1.22, 1.32, 0.9)), 0, "zh")
    assert word.region == 0
    assert word.word.end_s <= 2.0


def test_words_keep_their_order_even_if_their_times_do_not() -> None:
    placed = place(WINDOW, heard(("再", 3.0, 3.2, 0.9), ("见", 0.5, 0.7, 0.9)), 0, "zh")
    assert [p.region for p in placed] == [2, 2]


def test_regions_without_words_in_between_split_a_turn() -> None:
    regions = ((1.0, 2.0), (2.3, 2.6), (2.9, 4.0))
    window = AudioWindow(
        stretches=(Stretch(start_s=0.8, end_s=4.2, at_s=0.0),),
        regions=regions,
    )
    placed = place(window, heard(("您好", 0.3, 0.8, 0.9), ("再见", 2.4, 2.9, 0.9)), 0, "zh")
    assert [t.text for t in turns_of(Speaker.AGENT, regions, placed, "zh")] == ["您好", "再见"]


def test_english_words_keep_their_spaces() -> None:
    words = heard((" Thank", 0.3, 0.6, 0.9), (" you.", 0.6, 0.9, 0.9))
    (turn,) = turns_of(Speaker.AGENT, REGIONS, place(WINDOW, words, 0, "en"), "en")
    assert turn.text == "Thank you."
    assert [w.text for w in turn.words] == ["Thank", "you."]


def test_letters_in_chinese_stay_words() -> None:
    words = heard(("用", 0.3, 0.4, 0.9), (" WiFi", 0.4, 0.7, 0.9), (" APP", 0.7, 0.9, 0.9))
    (turn,) = turns_of(Speaker.AGENT, REGIONS, place(WINDOW, words, 0, "zh"), "zh")
    assert turn.text == "用WiFi APP"


def test_text_in_the_filling_silence_is_outside_speech() -> None:
    assert outside_speech(WINDOW, heard(("好", 8.0, 8.5, 0.9), ("的", 9.0, 9.5, 0.9)))
    assert not outside_speech(WINDOW, heard(("好", 0.5, 0.7, 0.9), ("的", 9.0, 9.5, 0.9)))


def test_a_broken_character_is_left_out() -> None:
    assert place(WINDOW, heard(("\ufffd", 0.5, 0.7, 0.9)), 0, "zh") == ()


def test_joining_and_averaging() -> None:
    assert join_words(["a", "b"], "en") == "a b"
    assert join_words(["好", "OK", "的"], "zh") == "好OK的"
    assert geometric_mean([]) is None
    assert geometric_mean([0.25, 1.0]) == pytest.approx(0.5)
    assert geometric_mean([0.0]) == pytest.approx(0.001)
