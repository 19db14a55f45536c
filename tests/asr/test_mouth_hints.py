"""What words say about who speaks them."""

from __future__ import annotations

import pytest

from qc_pipeline.asr.mouth_hints import PhrasedWords, agent_odds, hints_of, questions
from tests.audio.phrases_by_hand import phrases


def said(*texts: str) -> PhrasedWords:
    """Each text is one phrase, its characters its words."""
    return PhrasedWords(
        texts=[c for text in texts for c in text],
        phrases=[n for n, text in enumerate(texts) for _ in text],
    )


def test_set_phrases_are_odds_of_the_agent() -> None:
    """From data/mouth_phrases.txt: 您好 0.7; 我要投诉 -1.5; 今天 says nothing."""
    assert agent_odds(said("您好", "我要投诉", "今天"), 3).tolist() == pytest.approx([0.7, -1.5, 0])


def test_the_longest_phrase_counts_and_only_once() -> None:
    """为您服务 is 1.0, and neither 为您 (1.5) nor 您 (0.5) on top of it."""
    assert agent_odds(said("为您服务"), 1).tolist() == pytest.approx([1.0])


def test_a_phrase_over_a_seam_counts_on_both_sides() -> None:
    assert agent_odds(said("为您", "服务"), 2).tolist() == pytest.approx([0.5, 0.5])


def test_words_say_no_more_than_so_much() -> None:
    """感谢您 祝您 请您 理解您: 6.0, and 2.5 is the most."""
    assert agent_odds(said("感谢您祝您请您理解您"), 1).tolist() == [2.5]


def test_a_company_s_own_phrases_count_as_well() -> None:
    assert agent_odds(said("清源欢迎你"), 1, ["清源欢迎你"]).tolist() == [1.5]


def test_after_the_agent_s_question_somebody_else_is_likely_to_speak() -> None:
    """Costs of a change: 1.2 at a pause, 1.0 less after any question, -2.0 after the agent's."""
    call = phrases([(0.0, 1.0), (1.5, 2.5), (3.0, 4.0), (4.5, 5.5)], [0, 1, 0, 1])
    words = said("请问您贵姓？", "我姓李", "什么时候能来吗", "明天")
    assert questions(words, call) == [0]
    costs = hints_of(words, call).change_costs.tolist()
    assert costs[1:] == pytest.approx([-2.0, 1.2, 0.2])


def test_a_question_without_a_pause_after_it_is_none() -> None:
    call = phrases([(0.0, 1.0), (1.1, 2.1)], [0, 0])
    assert questions(said("请问您贵姓", "怎么称呼"), call) == []
