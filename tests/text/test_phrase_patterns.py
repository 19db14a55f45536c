"""Patterns in phrases: alternatives, gaps, what is no pattern, what is a bad one."""

from __future__ import annotations

import pytest

from qc_pipeline.text.phrase_patterns import (
    PatternError,
    first_wording,
    is_pattern,
    options_of,
    readable,
    wordings,
)


def texts(phrase: str) -> list[str]:
    return [w.text for w in wordings(phrase)]


def test_alternatives_are_opened_in_order_and_an_empty_one_may_be_missing() -> None:
    assert texts("还有(什么|没有|)其他") == ["还有什么其他", "还有没有其他", "还有其他"]
    assert texts("（请问｜）有什么（能｜可以）帮您") == [
        "请问有什么能帮您", "请问有什么可以帮您", "有什么能帮您", "有什么可以帮您",
    ]  # fmt: skip
    assert texts("(is there|) anything else") == ["is there anything else", "anything else"]


@pytest.mark.parametrize(
    ("phrase", "parts", "gaps"),
    [
        ("还有…可以帮", ("还有", "可以帮"), (4,)),
        ("还有……可以帮", ("还有", "可以帮"), (4,)),
        ("还有...可以帮", ("还有", "可以帮"), (4,)),
        ("还有…8…可以帮", ("还有", "可以帮"), (8,)),
        ("还有......2......可以帮", ("还有", "可以帮"), (2,)),
        ("给您…8…回复…再见", ("给您", "回复", "再见"), (8, 4)),
        # Gaps at the ends say nothing.
        ("…请稍等…再见…", ("请稍等", "再见"), (4,)),
    ],
)
def test_gaps(phrase: str, parts: tuple[str, ...], gaps: tuple[int, ...]) -> None:
    (one,) = wordings(phrase)
    assert (one.parts, one.gaps) == (parts, gaps)


@pytest.mark.parametrize("phrase", ["请稍等", "请稍等…", "(您)好", "好的……", "a|b", "1.5倍"])
def test_what_is_no_pattern_stays_as_it_is(phrase: str) -> None:
    assert not is_pattern(phrase)
    assert wordings(phrase)[0].parts == (phrase,)


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        ("((a|b)|c)d", "outside of brackets"),
        ("(a|b", ""),
        ("(好|)(的|)", "nothing of this phrase need be said"),
        ("还有…9…可以", "gap of 9"),
        ("还有…0…可以", "gap of 0"),
        ("(a|b|c|d)(a|b|c|d)(a|b|c|d)(a|b|c|d)(a|b)", "more than 256"),
    ],
)
def test_bad_patterns_say_why(phrase: str, message: str) -> None:
    if not message:
        assert not is_pattern(phrase)
        return
    with pytest.raises(PatternError, match=message):
        wordings(phrase)


def test_256_wordings_are_allowed() -> None:
    assert len(wordings("(a|b|c|d)(e|f|g|h)(i|j|k|l)(m|n|o|p)")) == 256


def test_brackets_bind_before_the_bar_of_a_script() -> None:
    assert options_of("还有(其他|别的)吗|需要(帮助|) | 再见") == (
        "还有(其他|别的)吗", "需要(帮助|)", "再见",
    )  # fmt: skip


def test_people_read_them() -> None:
    assert readable("还有(什么|没有|)其他…帮您") == "还有[什么/没有/-]其他…帮您"
    assert readable("请稍等") == "请稍等"
    assert first_wording("还有(什么|没有|)其他…帮您") == "还有什么其他…帮您"
    assert first_wording("((a|b)|c)") == "((a|b)|c)"
