"""Before an absence costs anything: the sentence that is worded most like what was wanted."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.evidence.clauses import spoken_clauses
from qc_pipeline.scoring.evidence.nearest_sentence import (
    LEAST_UNITS,
    NEAREST,
    FoldedTurns,
    WordingPool,
)
from qc_pipeline.scoring.evidence.outcome import WantedSet
from qc_pipeline.scoring.evidence.timing import MergedTurn
from qc_pipeline.text.phrase_patterns import wordings as phrase_wordings
from qc_pipeline.text.similar import sound
from tests.builders import only, rubric, said

WANTED = "请问还有(什么|没有)其他可以帮您"
RULE = f"expect: {{said: {{by: agent, any: ['{WANTED}']}}}}"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        # 8 of the 11 syllables and most pairs of them: a person is asked.
        ("您好。请问还有什么业务可以帮您。再见", "held"),
        # 还有 and 帮您 alone are no likeness.
        ("那边还有一位同事帮您看着呢。再见", "fail"),
        ("我们明天上午给您送到。再见", "fail"),
        ("请问还有什么其他可以帮您", "pass"),
    ],
)
def test_a_sentence_worded_nearly_so_is_held_with_the_question(text: str, verdict: str) -> None:
    result = only(RULE, said(("agent", text)))
    assert result.verdict == verdict
    if verdict == "held":
        assert "这句话算不算“请问还有什么其他可以帮您”：“请问还有什么业务可以帮您”" in result.reason
        near = [e for e in result.evidence if e.kind == "said"]
        assert [(e.quote, e.tier) for e in near] == [("请问还有什么业务可以帮您", None)]
        assert 0.6 <= near[0].certainty < 1


def test_a_not_turns_a_sentence_round() -> None:
    rule = "expect: {said: {by: agent, any: ['这确实是我们的责任']}}"
    assert only(rule, said(("agent", "这确实不是我们的责任"))).verdict == "fail"
    assert only(rule, said(("agent", "这个确实是我们部门的责任"))).verdict == "held"


def test_only_who_should_have_said_it_and_only_where_it_was_wanted() -> None:
    near = "请问还有什么业务可以帮您"
    assert only(RULE, said(("customer", near), ("agent", "再见"))).verdict == "fail"
    late = "expect: {{said: {{by: agent, any: ['{0}'], within: {{last_turns: 1}}}}}}"
    call = said(("agent", near), ("customer", "没有了"), ("agent", "好"))
    assert only(late.format(WANTED), call).verdict == "fail"


def test_it_speaks_for_the_agent_alone() -> None:
    against = f"forbid: {{said: {{by: agent, any: ['{WANTED}']}}}}"
    assert only(against, said(("agent", "请问还有什么业务可以帮您"))).verdict == "pass"


def test_in_english_by_words() -> None:
    rule = "expect: {said: {by: agent, any: [is there anything else I can help you with]}}"
    near = said(("agent", "So is there anything I can help you with?"), language="en")
    result = only(rubric(rule, language="en"), near)
    assert result.verdict == "held"
    assert "(does “So is there anything I" in result.reason
    far = said(("agent", "Is there a form I can send you?"), language="en")
    assert only(rubric(rule, language="en"), far).verdict == "fail"


SYLLABLES = "请问还有什么可以帮您你好"
SAID = st.text(alphabet=SYLLABLES + "，。\n\0 ", max_size=20)
WORDINGS = st.text(alphabet=SYLLABLES, min_size=1, max_size=9)


@given(st.lists(SAID, max_size=4), st.lists(WORDINGS, min_size=1, max_size=3))
@example(["好好好", "", "请问"], ["你好好好"])
@example(["请问还\0有什么", "请问\n请问还有"], [WANTED])
def test_the_cheap_look_leaves_out_what_holds_fewer_than_two_pairs_and_nothing_that_is_like(
    said: list[str], wordings: list[str]
) -> None:
    pool = WordingPool(WantedSet(wordings, "near"), "zh")
    turns = [
        MergedTurn(Speaker.AGENT, float(i), i + 1.0, text, (i,), (0,))
        for i, text in enumerate(said)
    ]
    wanted = {
        pair
        for wording in wordings
        for way in phrase_wordings(wording)
        if len(units := sound(way.text.replace("…", " "))) >= LEAST_UNITS
        for pair in pairwise(units)
    }
    # Of sounds that are one the same symbol: 您 is 你 here.
    folded = [[sound(c)[0] if sound(c) else c for c in text] for text in said]
    likely = {i for i, text in enumerate(folded) if sum(p in wanted for p in pairwise(text)) > 1}
    assert set(pool.may_be_in(FoldedTurns(turns))) == likely
    for i, turn in enumerate(turns):
        like = max(
            (pool.best(c.units, c.text)[0] for c in spoken_clauses(i, turn, "zh")), default=0
        )
        assert like < NEAREST or i in likely or any(c in turn.text for c in "\n\0 ，。")
