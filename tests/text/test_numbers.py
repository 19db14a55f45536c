"""Numbers that are read out digit by digit, and those that prove themselves."""

import pytest

from qc_pipeline.text.numbers import (
    digit_runs,
    digits_only,
    find_disclosed,
    find_number,
    is_bank_card,
    is_id_card,
    is_mobile,
    luhn,
)


def runs(*texts: str, language: str = "zh") -> list[str]:
    return [run.text for run in digit_runs(texts, language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("幺三八零零一三八零零零", ["13800138000"]),
        ("138 0013 8000", ["13800138000"]),
        ("１３８-００１３-８０００", ["13800138000"]),
        ("一三八,嗯,零零一三,对,八零零零", ["13800138000"]),
        ("号码是壹三八", ["38"]),  # a formal figure alone is a word
        ("尾号三个八", ["888"]),
        ("两个一起", []),
        ("尾号一三个八", ["1888"]),
        ("一三八两个零", ["13800"]),
        ("共二十四块", []),  # an amount
        ("三百五十元,单号一二三", ["123"]),
        ("3万5,单号一二三", ["123"]),
        ("三个工作日", ["3"]),
        ("没有", []),
    ],
)
def test_digits_that_follow_each_other_are_one_run(text: str, expected: list[str]) -> None:
    assert runs(text) == expected


def test_other_words_end_a_run() -> None:
    assert runs("一二三是订单四五六") == ["123", "456"]


def test_a_run_goes_on_in_the_next_turn_of_the_speaker() -> None:
    found = digit_runs(["电话是幺三八", "零零幺三", "嗯八零零零吧"])
    assert [r.text for r in found] == ["13800138000"]
    assert [(d.turn, d.start) for d in found[0].digits][2:4] == [(0, 5), (1, 0)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my number is one three eight double oh one", ["138001"]),
        ("it's 138 0013, yes, 8000", ["13800138000"]),
        ("triple five two", ["5552"]),
        ("order four five six for seven", ["456", "7"]),
        # Pieces as people say them.
        ("double five oh one", ["5501"]),
        ("fifty five twelve", ["5512"]),
        ("twelve thirty four", ["1234"]),
        ("four fifteen", ["415"]),
        ("nineteen eighty", ["1980"]),
        ("one hundred", ["100"]),
        ("eight hundred five", ["805"]),
        ("eight hundred five five five", ["800555"]),
        ("one eight hundred", ["1800"]),
        ("fifty-five", ["55"]),
        ("four one five. Uh-huh. 555", ["415555"]),
        ("five five five dash oh one two three", ["5550123"]),
        ("one two three oh", ["1230"]),
        # Oh is a digit only among digits.
        ("oh i see two", ["2"]),
        ("oh okay", []),
        ("i have two questions for you", ["2"]),
        ("one for you two", ["1", "2"]),
    ],
)
def test_english_digits_are_read_one_by_one(text: str, expected: list[str]) -> None:
    assert runs(text, language="en") == expected


def test_each_english_digit_stands_where_its_word_does() -> None:
    text = "it is four fifteen oh two"
    (run,) = digit_runs(text, "en")
    assert [(d.value, text[d.start : d.end]) for d in run.digits] == [
        ("4", "four"), ("1", "fifteen"), ("5", "fifteen"), ("0", "oh"), ("2", "two"),
    ]  # fmt: skip


def test_a_number_is_read_back_over_several_turns() -> None:
    place = find_number("138-0013-8000", ["您的号码幺三八", "零零一三", "八零零零对吗"])
    assert place is not None
    assert (place.first_turn, place.start, place.last_turn, place.end) == (0, 4, 2, 4)


def test_last_digits_are_enough_where_asked_for() -> None:
    assert find_number("13800138000", ["尾号八零零零"]) is None
    assert find_number("13800138000", ["尾号八零零零"], last=4) is not None
    assert find_number("13800138000", ["尾号八零零一"], last=4) is None


def test_digits_in_another_order_are_no_read_back() -> None:
    assert find_number("13800138000", ["一三八零零三一八零零零"]) is None


def test_a_field_without_digits_is_never_read_back() -> None:
    assert find_number("未知", ["一二三"]) is None
    assert digits_only("(010) 6655-幺二") == "010665512"


# GB 11643-1999, appendix: 11010519491231002X is the standard's own example.
def test_the_standards_own_identity_number_is_valid() -> None:
    assert is_id_card("11010519491231002X")
    assert is_id_card("440524188001010014")


@pytest.mark.parametrize(
    "digits",
    [
        "110105194912310021",  # wrong check character
        "11010519491331002X",  # no thirteenth month
        "99010519491231002X",  # no such province
        "1101051949123100",
        "",
        "11010519491231002Ⅹ",
    ],
)
def test_other_numbers_are_no_identity_card(digits: str) -> None:
    assert not is_id_card(digits)


def test_luhn_by_the_example_of_its_patent() -> None:
    # The worked example known from ISO/IEC 7812-1: 7992739871 with check digit 3.
    assert [d for d in "0123456789" if luhn("7992739871" + d)] == ["3"]


def test_bank_cards_have_16_to_19_digits_of_a_bank_and_a_check_digit() -> None:
    assert is_bank_card("4111111111111111")  # the test number every gateway documents
    assert not is_bank_card("4111111111111112")
    assert not is_bank_card("0000000000000000")
    assert not is_bank_card("79927398713")


def test_mobile_numbers_of_the_mainland() -> None:
    assert is_mobile("13800138000")
    assert is_mobile("8613800138000")
    assert not is_mobile("12800138000")
    assert not is_mobile("1380013800")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("身份证号幺幺零幺零五一九四九幺二三幺零零二X", "id_card"),
        ("身份证 110105 19491231 002X 对吧", "id_card"),
        ("卡号四一一一,一一一一,一一一一,一一一一", "bank_card"),
        ("电话138 0013 8000", "phone"),
    ],
)
def test_a_number_with_valid_check_digits_is_disclosed(text: str, kind: str) -> None:
    (found,) = find_disclosed(text)
    assert found.kind == kind


def test_only_what_is_asked_for_is_disclosed() -> None:
    assert find_disclosed("电话13800138000", ("id_card", "bank_card")) == ()
    assert find_disclosed("身份证110105194912310021", ("id_card",)) == ()


def test_an_identity_card_is_no_bank_card_even_where_luhn_holds() -> None:
    # Any valid identity number that passes Luhn too; found by trying serial numbers.
    for serial in range(1000):
        body = f"31010519900101{serial:03d}"
        number = next(body + c for c in "0123456789X" if is_id_card(body + c))
        if number.isdigit() and luhn(number):
            break
    assert luhn(number)
    assert [f.kind for f in find_disclosed(number)] == ["id_card"]


def test_a_number_spoken_over_two_turns_is_disclosed_with_both_places() -> None:
    (found,) = find_disclosed(["卡号四一一一一一一一", "一一一一一一一一"], ("bank_card",))
    assert (found.first_turn, found.start, found.last_turn, found.end) == (0, 2, 1, 8)


@pytest.mark.parametrize("text", ["我等了两个小时", "订单号二零二四一二三一零零一", "一一一一"])
def test_harmless_numbers_disclose_nothing(text: str) -> None:
    assert find_disclosed(text) == ()
