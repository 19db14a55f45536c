"""Numbers spoken out that prove themselves, and those that a misheard digit keeps from it."""

from __future__ import annotations

import pytest

from tests.builders import only, transcript, turn

# GB 11643-1999, appendix: 11010519491231002X is the standard's own example;
# 4111111111111111 is the test number that gateways document.
ANY = "forbid: {discloses: {by: agent, what: [id_card, bank_card, phone]}}"


def verdict(number: str, doubt: dict[int, float], what: str = "id_card, bank_card, phone") -> str:
    """The verdict on a number said after 号码, with some of its digits in doubt."""
    text = f"号码{number}"
    sure = [1.0] * len(text)
    for place, confidence in doubt.items():
        sure[place + 2] = confidence
    criterion = f"forbid: {{discloses: {{by: agent, what: [{what}]}}}}"
    return only(criterion, transcript(turn("agent", 0, 9, text, words=sure))).verdict


@pytest.mark.parametrize(
    ("number", "doubt", "expected"),
    [
        ("11010519491231002X", {}, "fail"),
        # The check digit is wrong: with certain digits it is no identity number, whatever it is.
        ("110105194912310021", {}, "pass"),
        ("110105194912310021", {17: 0.4}, "held"),
        ("110105194912310021", {17: 0.86}, "pass"),
        # The serial number's first digit, 0 heard as 6.
        ("11010519491231602X", {14: 0.5}, "held"),
        # No digit in the place of the doubtful one gives a month: 13 stays 13.
        ("11010519491331002X", {2: 0.4}, "pass"),
        # The first 1 of the birthday's month is lost; heard badly beside it, or well.
        ("1101051949231002X", {9: 0.4}, "held"),
        ("1101051949231002X", {}, "pass"),
        # A digit too many, itself in doubt.
        ("110105194912531002X", {12: 0.4}, "held"),
        ("4111111111111111", {}, "fail"),
        ("4111111111111112", {}, "pass"),
        ("4111111111111112", {15: 0.4}, "held"),
        ("7111111111111112", {15: 0.4}, "pass"),  # no bank's number, with any digit there
        ("13800138000", {}, "fail"),
        ("1380013800", {}, "pass"),
        ("1380013800", {9: 0.4}, "held"),
        ("2024123101", {9: 0.4}, "pass"),  # a date and a counter
    ],
)
def test_a_broken_number_is_held_only_where_a_doubtful_digit_explains_it(
    number: str, doubt: dict[int, float], expected: str
) -> None:
    assert verdict(number, doubt) == expected


def test_only_what_is_asked_for_is_held() -> None:
    assert verdict("110105194912310021", {17: 0.4}, "bank_card, phone") == "pass"


def test_a_held_number_is_as_certain_as_its_least_digit_and_shown_masked() -> None:
    text = "号码110105194912310021"
    sure = [0.9] * (len(text) - 1) + [0.3]
    result = only(ANY, transcript(turn("agent", 0, 9, text, words=sure)))
    (evidence,) = [e for e in result.evidence if e.quote]
    assert evidence.certainty == pytest.approx(0.3)
    assert evidence.quote == "110*************21"
