"""Two spellings of the same words become one text, and the way back is kept."""

import pytest

from qc_pipeline.text.normalise import normalise, regex_form, regex_form_in_digits


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("請問這裡有什麼可以幫您", "请问这里有什么可以帮您"),
        ("您好,请 稍等。", "您好请稍等"),
        ("二十四小时", "24小时"),
        ("２４小时", "二十四小时"),
        ("一百二十块", "120块"),
        ("三千零五", "3005"),
        ("三百五", "350"),
        ("2万3", "23000"),
        ("幺三八", "138"),
        ("一二三一五", "12315"),
        ("〇一零", "010"),
        ("两个工作日", "二个工作日"),
        ("壹佰元", "100元"),
        ("百分之五", "5%"),
        ("百分之百", "100%"),
        ("三点五", "3.5"),
        ("等著", "等着"),
        ("妳好", "你好"),
    ],
)
def test_spellings_of_the_same_words_are_one(one: str, other: str) -> None:
    assert normalise(one).text == normalise(other).text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("您好", "你好"),
        ("升级", "登记"),
        ("二十四", "四十二"),
        ("12315", "12345"),
        ("收拾", "收十"),
    ],
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert normalise(one).text != normalise(other).text


@pytest.mark.parametrize("text", ["百忙之中", "千万别", "百分之", "亿"])
def test_a_unit_without_a_number_stays_a_word(text: str) -> None:
    assert normalise(text).text == text


def test_every_digit_of_a_rewritten_number_points_at_the_whole_number() -> None:
    form = normalise("在二十四小时内")
    assert form.text == "在24小时内"
    assert form.span(1, 3) == (1, 4)
    assert form.span(1, 2) == (1, 4)
    assert form.span(3, 5) == (4, 6)


def test_dropped_punctuation_is_skipped_on_the_way_back() -> None:
    form = normalise("请,稍 等!")
    assert form.text == "请稍等"
    assert (form.origin, form.ends) == ((0, 2, 4), (1, 3, 5))


def test_a_character_that_becomes_two_points_back_at_one() -> None:
    form = normalise("㎏好")
    assert form.text == "kg好"
    assert form.origin == (0, 0, 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I'm sorry", "i am SORRY"),
        ("I can’t do that", "I cannot do that"),
        ("it's done", "it is done"),
        ("twenty-four hours", "24 hours"),
        ("one hundred and five", "105"),
        ("two thousand three hundred", "2300"),
        ("one two three one five", "12315"),
        ("two and three", "2 and 3"),
        ("We'll call", "we will call"),
        ("You won't wait", "you will not wait"),
    ],
)
def test_english_contractions_and_number_words_are_opened(one: str, other: str) -> None:
    def as_words(text: str) -> str:
        return normalise(text, "en").text

    assert as_words(one) == as_words(other)


def test_full_width_signs_are_spoken_too() -> None:
    assert normalise("5\uff05和3\uff0e5").text == normalise("5%和3.5").text == "百分之5和3点5"


def test_an_english_possessive_is_no_contraction() -> None:
    assert normalise("the customer's order", "en").text == "the customer order"


def test_english_words_point_back_at_their_place() -> None:
    form = normalise("Well, I'm in!", "en")
    assert form.text == "well i am in"
    at = form.text.index("am")
    assert form.span(at, at + 2) == (6, 9)


def test_a_regular_expression_sees_punctuation_and_digits() -> None:
    form = regex_form("二十四小时内,給您答復。ＯＫ?")
    assert form.text == "24小时内,给您答复。ok?"
    at = form.text.index("小")
    assert form.span(at, at + 2) == (3, 5)


def test_a_regular_expression_sees_english_as_it_is_written() -> None:
    assert regex_form("I’m HERE, ok", "en").text == "i'm here, ok"


def test_english_numbers_of_several_words_are_digits_with_their_place() -> None:
    text = "It's four one five, just one moment"
    form = regex_form_in_digits(text)
    assert form is not None
    assert form.text == "it's 415, just one moment"
    start, end = form.span(5, 8)
    assert text[start:end] == "four one five"
    assert regex_form_in_digits("one moment please, ten") is None
