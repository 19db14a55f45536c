"""Characters as syllables, and which of them are taken for one another."""

import pytest

from qc_pipeline.text.polyphones import READINGS_IN_USE
from qc_pipeline.text.syllables import (
    SYMBOLS,
    confused,
    readings,
    sounds,
    syllable_string,
    syllables_of,
)


@pytest.mark.parametrize(
    ("char", "expected"),
    [
        ("行", {"xing", "hang"}),
        ("长", {"chang", "zhang"}),
        ("重", {"zhong", "chong"}),
        ("乐", {"le", "yue"}),
        ("绿", {"lv", "lu"}),
        ("幺", {"yao", "yi"}),
        ("女", {"nv"}),
        ("略", {"lue"}),
    ],
)
def test_every_reading_of_a_character_is_known(char: str, expected: set[str]) -> None:
    assert expected <= set(readings(char))


def test_a_letter_has_no_reading_and_sounds_like_itself() -> None:
    assert readings("a") == ()
    assert sounds("a").same == {"a"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("zhang", "zang"), ("chi", "ci"), ("sheng", "sen"), ("niu", "liu"), ("jing", "jin"),
        ("deng", "den"), ("tang", "tan"), ("nin", "ling"), ("shuang", "suan"), ("liang", "nian"),
    ],
)  # fmt: skip
def test_usual_confusions_are_one_class(one: str, other: str) -> None:
    assert confused(one) == confused(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sheng", "deng"),
        ("fan", "huan"),
        ("ban", "pan"),
        ("ji", "qi"),
        ("en", "an"),
        ("dong", "don"),
    ],
)
def test_other_syllables_stay_apart(one: str, other: str) -> None:
    assert confused(one) != confused(other)


@pytest.mark.parametrize(
    ("one", "other"), [("fei", "hui"), ("fan", "huan"), ("fu", "hu"), ("feng", "hong")]
)
def test_f_and_h_are_one_only_where_the_rubric_says_so(one: str, other: str) -> None:
    assert confused(one) != confused(other)
    assert confused(one, ("f-h",)) == confused(other, ("f-h",))


def test_f_h_leaves_other_classes_as_they_are() -> None:
    assert confused("zhang", ("f-h",)) == confused("zang")


def test_characters_that_sound_the_same_have_one_symbol() -> None:
    assert syllable_string("请烧灯") == syllable_string("请稍等")
    assert "在".translate(SYMBOLS) == "再".translate(SYMBOLS)
    assert len(syllable_string("abc你好")) == 5


def test_syllables_of_a_text_are_its_first_readings() -> None:
    assert syllables_of("请稍等a") == ("qing", "shao", "deng", "a")


def test_listed_readings_stand_in_the_table() -> None:
    assert len(READINGS_IN_USE) > 150
    missing = {c: r for c, rs in READINGS_IN_USE.items() for r in rs if r not in readings(c)}
    assert missing == {}


@pytest.mark.parametrize(
    ("char", "rare"), [("接", "cha"), ("能", "tai"), ("信", "shen"), ("台", "yi")]
)
def test_a_reading_that_nobody_uses_makes_no_likeness(char: str, rare: str) -> None:
    assert rare in readings(char)
    assert rare not in sounds(char).same


def test_a_rare_reading_is_not_confused_with_another() -> None:
    # 信 was once also "shen", which is confused with "sheng".
    assert "~" + confused("sheng") not in sounds("信").classes()
