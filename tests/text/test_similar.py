"""How alike two wordings sound."""

import pytest

from qc_pipeline.text.similar import (
    best_part,
    clauses,
    cosine,
    part_similarity,
    similarity,
    sound,
)


def test_the_same_sounds_are_alike_whatever_the_characters() -> None:
    assert similarity("请稍等一下", "请烧灯一夏") == 1.0
    assert similarity("您好", "你好!") == 1.0


def test_similarity_is_one_minus_edits_over_the_longer() -> None:
    # One of five syllables differs.
    assert similarity("感谢您来电", "感谢我来电") == pytest.approx(0.8)
    # Two of six are missing.
    assert similarity("还有其他问题", "其他问题") == pytest.approx(4 / 6)
    assert similarity("", "") == 1.0
    assert similarity("好", "") == 0.0


def test_full_width_signs_end_a_clause() -> None:
    said = "您好\uff0c请问\uff01有什么\uff1b可以\uff1f帮您\uff1a好"
    assert [c.text for c in clauses(said)] == ["您好", "请问", "有什么", "可以", "帮您", "好"]


def test_a_line_is_found_inside_a_longer_turn() -> None:
    text = "那请问还有其它可以帮到您的吗"
    value, start, end = part_similarity("还有其他可以帮您", text)
    assert text[start:end] == "还有其它可以帮到您"
    assert value == pytest.approx(7 / 8)  # one syllable more than the eight asked for


def test_nothing_in_common_is_zero() -> None:
    assert part_similarity("再见", "没有问题了") == (0.0, 0, 0)
    assert part_similarity("", "好") == (0.0, 0, 0)
    assert part_similarity("好的", "") == (0.0, 0, 0)


def test_best_part_by_hand() -> None:
    assert best_part("abc", "xxabcxx") == (0, 2, 5)
    assert best_part("abc", "xxacxx") == (1, 2, 4)
    assert best_part("abc", "xxabbcxx") == (1, 2, 6)
    assert best_part("abc", "ab") == (1, 0, 2)


def test_cosine_of_syllable_grams_by_hand() -> None:
    # 你 好 你好 against 你 好 吗 你好 好吗: 3 / sqrt(3 * 5)
    assert cosine("你好", "你好吗") == pytest.approx(3 / 15**0.5)
    assert cosine("你好", "拟号") == pytest.approx(1.0)
    assert cosine("你好", "再见") == 0.0
    assert cosine("", "你好") == 0.0


def test_order_of_words_counts_in_the_cosine() -> None:
    assert cosine("我打你", "你打我") < 1.0


def test_english_is_compared_by_words() -> None:
    assert similarity("I'm happy to help", "I am happy to help", "en") == 1.0
    assert cosine("thank you", "thank me", "en") == pytest.approx(1 / 3)  # one gram of three each


def test_numbers_are_compared_as_they_are_spoken() -> None:
    assert sound("24小时") == sound("二十四小时")


def test_clauses_end_at_signs_but_not_inside_a_number() -> None:
    text = "您好,一共3.5元。是吗?好 的"
    assert [c.text for c in clauses(text)] == ["您好", "一共3.5元", "是吗", "好 的"]
    assert all(text[c.start : c.end] == c.text for c in clauses(text))
    assert clauses("。。!") == ()
    assert [c.text for c in clauses("没有标点的一句话")] == ["没有标点的一句话"]
