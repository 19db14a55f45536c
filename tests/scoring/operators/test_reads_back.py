"""Numbers read back: in order, whole or their last digits, and what a doubtful digit changes."""

from __future__ import annotations

import json

import pytest

from tests.builders import only, rubric, said, transcript, turn
from tests.shared_data import shared_case

FIELD = {"callback_number": "13800138000"}
BY_FIELD = "expect: {reads_back: {by: agent, field: callback_number}}"
LAST_FOUR = "expect: {reads_back: {by: agent, field: callback_number, last: 4}}"
HEARD = "expect: {reads_back: {by: agent, heard_from: customer}}"


def spoken(text: str, doubt: dict[int, float] | None = None, by: str = "agent", at: float = 0.0):
    """One turn, certain but for some characters."""
    sure = [1.0] * len(text)
    for place, confidence in (doubt or {}).items():
        sure[place] = confidence
    return turn(by, at, at + 5, text, words=sure)


@pytest.mark.parametrize(
    ("text", "doubt", "verdict"),
    [
        ("幺三八零零幺三八零零零", {}, "pass"),
        ("幺三八零零幺三八零零零", {10: 0.4}, "pass"),  # said right, however it was heard
        ("幺三八零零幺三八零零幺", {}, "fail"),  # one wrong digit that is certain
        ("幺三八零零幺三八零零幺", {10: 0.4}, "held"),  # the wrong digit may be misheard
        (
            "幺三八零零幺三八零零幺",
            {0: 0.4},
            "fail",
        ),  # not the wrong one is doubtful
        ("幺三八零零幺三八零零幺", {10: 0.86}, "fail"),
        ("幺三八零幺三八零零零", {}, "fail"),  # a digit is missing, all heard well
        ("幺三八零幺三八零零零", {3: 0.4}, "held"),  # heard badly where the digit is missing
        ("幺三八零零零幺三八零零零", {}, "fail"),  # one too many
        ("幺三八零零零幺三八零零零", {4: 0.4}, "held"),
        ("幺三八零零幺三九零零幺", {7: 0.4, 10: 0.4}, "held"),
        ("幺三八零零幺三九零零幺", {10: 0.4}, "fail"),  # of two wrong ones one is certain
        ("八零零零幺三八幺三八零", {}, "fail"),  # other order
        ("好的给您登记了", {}, "fail"),
    ],
)
def test_a_wrong_digit_fails_where_it_is_certain_and_is_held_where_it_is_not(
    text: str, doubt: dict[int, float], verdict: str
) -> None:
    assert only(BY_FIELD, transcript(spoken(text, doubt)), FIELD).verdict == verdict


@pytest.mark.parametrize(
    ("text", "doubt", "verdict"),
    [
        ("尾号八零零零对吗", {}, "pass"),
        ("幺三八零零幺三八零零零", {}, "pass"),
        ("尾号八零零幺对吗", {}, "fail"),
        ("尾号八零零幺对吗", {5: 0.4}, "held"),
        ("尾号零零零八对吗", {}, "fail"),
        # 8000 inside another number is nobody's last digits.
        ("订单号三七八零零零五五", {}, "fail"),
    ],
)
def test_last_digits_begin_or_end_what_was_said(
    text: str, doubt: dict[int, float], verdict: str
) -> None:
    assert only(LAST_FOUR, transcript(spoken(text, doubt)), FIELD).verdict == verdict


def test_a_digit_that_the_customer_may_have_said_otherwise_is_held() -> None:
    agent = spoken("幺三八零零幺三八零零零", at=6)
    unsure = spoken("幺三八零零幺三八零零幺", {10: 0.4}, "customer")
    certain = spoken("幺三八零零幺三八零零幺", {}, "customer")
    assert only(HEARD, transcript(unsure, agent)).verdict == "held"
    assert only(HEARD, transcript(certain, agent)).verdict == "fail"


def test_what_was_read_back_wrongly_stands_in_the_evidence() -> None:
    result = only(BY_FIELD, transcript(spoken("幺三八零零幺三八零零幺")), FIELD)
    assert any(e.quote == "138******01" and e.phrase == "138******00" for e in result.evidence)


def test_words_without_confidence_are_never_certain_enough() -> None:
    call = transcript(turn("agent", 0, 5, "幺三八零零幺三八零零幺", confidence=None))
    assert only(BY_FIELD, call, FIELD).verdict == "held"


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        (
            [
                ("customer", "it's four one five five five five oh one two three"),
                ("agent", "okay so four one five"),
                ("customer", "uh-huh"),
                ("agent", "five five five"),
                ("customer", "yes that's right"),
                ("agent", "and oh one two three"),
            ],
            "pass",
        ),
        (
            [
                ("customer", "four one five"),
                ("agent", "okay"),
                ("customer", "triple five"),
                ("agent", "mhm go on"),
                ("customer", "oh twelve three"),
                ("agent", "four fifteen five fifty five zero one twenty three"),
            ],
            "pass",
        ),
        (
            [
                ("customer", "8 0 0 5 5 5 4 4 2 1"),
                ("agent", "eight hundred five five five double four two one thank you"),
            ],
            "pass",
        ),
        (
            [
                ("customer", "four one five five five five oh one two three"),
                ("agent", "four one five five five five oh one two four correct"),
            ],
            "fail",
        ),
        (
            [
                ("customer", "four one five five five five oh one two three"),
                ("agent", "thank you i have two questions for you"),
            ],
            "fail",
        ),
        ([("customer", "i have two questions for you"), ("agent", "sure")], "not_applicable"),
    ],
)
def test_english_numbers_are_read_back_in_pieces(
    lines: list[tuple[str, str]], verdict: str
) -> None:
    assert only(rubric(HEARD, language="en"), said(*lines, language="en")).verdict == verdict


def test_full_width_digits_are_read_back() -> None:
    call = said(
        ("customer", "我的号码１３８００１３８０００"),
        ("agent", "跟您核对１３８００１３８０００对吗"),
    )
    assert only(HEARD, call).verdict == "pass"
    assert only("expect: {matches: {by: agent, regex: '核对13800138000'}}", call).verdict == "pass"
    assert only("expect: {matches: {by: agent, regex: '１３８[0-9]{8}'}}", call).verdict == "pass"


def test_full_width_digits_of_a_real_transcript_are_read_back() -> None:
    raw = json.loads((shared_case("score-t1b-fullwidth") / "t.json").read_text(encoding="utf-8"))
    call = said(*[(t["speaker"], t["text"]) for t in raw["turns"]])
    assert only(HEARD, call).verdict == "pass"
    assert (
        only("expect: {matches: {by: agent, regex: '[0-9]{11}|[0-9]{10}'}}", call).verdict == "pass"
    )


@pytest.mark.parametrize(
    ("regex", "verdict"),
    [
        ("[0-9]{5}", "pass"),  # spoken as words, found as digits
        ("eight one six", "pass"),  # and as words still
        ("main street", "pass"),
        ("[0-9]{6}", "fail"),
        ("871 main", "pass"),
    ],
)
def test_an_english_expression_finds_spoken_numbers_as_digits(regex: str, verdict: str) -> None:
    call = said(("agent", "eight seventy one main street eight one six two three"), language="en")
    rules = rubric(f"expect: {{matches: {{by: agent, regex: '{regex}'}}}}", language="en")
    assert only(rules, call).verdict == verdict
