"""What the documents claim of matching, measured again with fewer sentences.

Thresholds are the project's own (not deducted although said, false finds, held, right); the
figures of the whole bench stand in `benchmarks/matching.txt`.
"""

import functools
import random

import pytest

from benchmarks.heard import SAID, misheard, misheard_words, other_turn, with_phrase
from benchmarks.matching import (
    CAUTIOUS,
    LEAST_FOUND,
    LEAST_RIGHT,
    LEAST_RIGHT_OF_ALL,
    MOST_FALSE,
    MOST_HELD,
    NOT_SAID,
    PAIRS_DOUBTED,
    RATES,
    SHORT,
    FoundRow,
    false_row,
    found_rows,
    pair_rows,
    phrase_index,
    verdict_rows,
)
from qc_pipeline.text.syllables import readings


@functools.cache
def rows_at(rate: float) -> tuple[FoundRow, ...]:
    return tuple(found_rows(rate, repeats=25))


def test_a_third_of_the_phrases_have_two_or_three_syllables() -> None:
    units = phrase_index().units
    assert len(SAID) == len(set(SAID)) == 60
    assert sum(u in (2, 3) for u in units) * 3 >= len(SAID)


@pytest.mark.parametrize("rate", RATES)
def test_said_phrases_are_found_or_held(rate: float) -> None:
    for row in rows_at(rate):
        # One standard error of so few sentences below the figure of the whole bench.
        slack = (0.25 / row.said) ** 0.5 * 0.5
        assert row.not_deducted >= LEAST_FOUND[row.length][rate] - slack, row
        assert row.exact <= row.not_deducted


def test_homophones_make_the_difference_to_exact_matching() -> None:
    rows = {row.length: row for row in rows_at(0.10)}
    assert rows[SHORT].not_deducted > rows[SHORT].exact + 0.1


def test_turns_without_the_phrases_hold_none() -> None:
    row = false_row(0.0, turns=4000)
    assert row.share <= MOST_FALSE, row


def test_minimal_pairs_one_by_one() -> None:
    """What was heard surely is what was said; where it was doubtful it may be the other one."""
    sure = {(row.phrase, row.said): (row.tier, row.verdicts) for row in pair_rows()}
    assert sure["升级", "登记"] == (None, {"expect": "fail", "forbid": "pass"})
    # Two syllables confused in a phrase of two are more than one in four.
    assert sure["经理", "尽力"] == (3, {"expect": "fail", "forbid": "pass"})
    # The same syllables need no doubt for the agent, and always against them.
    for pair in (("傻子", "沙子"), ("投诉", "投宿"), ("我要投诉", "我要投宿")):
        assert sure[pair] == (2, {"expect": "pass", "forbid": "pass"})
    assert sure["帮您升级", "帮您登记"] == (5, {"expect": "fail", "forbid": "pass"})
    assert sure["这个能给您退款", "这个不能给您退款"][0] is None

    doubted = {(row.phrase, row.said): (row.tier, row.verdicts) for row in pair_rows(PAIRS_DOUBTED)}
    # 级 and 记 are one syllable, and the other was hardly heard.
    assert doubted["升级", "登记"] == (None, {"expect": "held", "forbid": "pass"})
    assert doubted["经理", "尽力"] == (3, {"expect": "pass", "forbid": "held"})
    assert doubted["傻子", "沙子"] == (2, {"expect": "pass", "forbid": "held"})
    assert doubted["投诉", "投宿"] == (2, {"expect": "pass", "forbid": "held"})
    assert doubted["我要投诉", "我要投宿"] == (2, {"expect": "pass", "forbid": "fail"})
    assert doubted["帮您升级", "帮您登记"] == (5, {"expect": "held", "forbid": "pass"})
    assert doubted["这个能给您退款", "这个不能给您退款"][0] is None


@pytest.mark.parametrize("rate", [0.05, 0.20])
def test_deductions_taken_are_right_and_not_too_many_held(rate: float) -> None:
    rows = {(r.match, r.not_said, r.kind): r for r in verdict_rows(rate, calls=4)}
    forbid = rows["near", NOT_SAID, "forbid"]
    assert forbid.deductions > 50
    assert forbid.right >= LEAST_RIGHT
    assert forbid.held_of_said <= MOST_HELD[rate]
    for not_said in (NOT_SAID, CAUTIOUS):
        assert rows["near", not_said, "both"].held <= MOST_HELD[rate]
        assert rows["near", not_said, "both"].right >= LEAST_RIGHT_OF_ALL[rate]
    expect, exact = rows["near", NOT_SAID, "expect"], rows["exact", NOT_SAID, "expect"]
    assert expect.deducted_although_said < exact.deducted_although_said / 2


def test_without_errors_nothing_is_deducted_although_it_was_said() -> None:
    for row in verdict_rows(0.0, calls=2):
        assert row.deducted_although_said == 0.0
        assert row.right == 1.0


def test_errors_come_as_often_and_as_mixed_as_asked() -> None:
    rng = random.Random(1)
    text = "请您稍等我帮您查询一下订单" * 400
    same = other = 0
    heard = misheard(text, 0.2, rng)
    # Lost and added characters are as many as each other, so the length hardly changes.
    assert abs(len(heard) - len(text)) < len(text) * 0.02
    for _ in range(4000):
        char = rng.choice("请等我帮查询一下订单")
        wrong = misheard(char, 0.2, rng)
        if len(wrong) == 1 and wrong != char:
            alike = readings(wrong)[0] == readings(char)[0]
            same, other = same + alike, other + (not alike)
    wrong_share = (same + other) / 4000
    assert wrong_share == pytest.approx(0.2 * 0.8, abs=0.02)
    assert same / (same + other) == pytest.approx(7 / 8, abs=0.04)


def test_no_errors_leave_the_text_as_it_is() -> None:
    rng = random.Random(3)
    assert misheard("请您稍等,24小时", 0.0, rng) == "请您稍等,24小时"


@pytest.mark.parametrize("rate", [0.05, 0.2])
def test_errors_are_doubted_as_they_were_measured(rate: float) -> None:
    """Means of the measured characters: 0.87 of right ones, 0.64 of wrong and additional ones."""
    rng = random.Random(5)
    right, wrong = [], []
    for _ in range(int(2000 / rate)):
        for char, confidence in misheard_words("请", rate, rng):
            (right if char == "请" else wrong).append(confidence)
    assert sum(right) / len(right) == pytest.approx(0.8745, abs=0.015)
    assert sum(wrong) / len(wrong) == pytest.approx(0.6364, abs=0.02)
    assert sum(c < 0.85 for c in right) / len(right) == pytest.approx(0.262, abs=0.02)
    assert sum(c < 0.85 for c in wrong) / len(wrong) == pytest.approx(0.717, abs=0.03)


def test_the_same_seed_makes_the_same_sentences() -> None:
    def some() -> list[str]:
        rng = random.Random(9)
        return [misheard(with_phrase(p, rng), 0.2, rng) + other_turn(rng) for p in SAID]

    assert some() == some()
