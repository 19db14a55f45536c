"""A published card carried: what nothing concerns stays, and by one engine it is the same card as
judging the whole call again would give.
"""
# ruff: noqa: E501 - a criterion stands in one line, as in a rubric

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qc_pipeline.call import Transcript
from qc_pipeline.scoring.carry import (
    NewWords,
    carried,
    decided_since,
    judgement_on,
)
from qc_pipeline.scoring.compile import CompiledRubric, compile_rubric
from qc_pipeline.scoring.decisions import Decision
from qc_pipeline.scoring.score import ToScore, judged, score
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard, scorecard_from_json
from qc_pipeline.scoring.terms_of_scoring import ScoringTerms
from qc_pipeline.scoring.words_corrected import concerned_by_words, turns_kept
from tests.builders import measures, rubric
from tests.scoring.test_properties import (
    CALLS,
    CRITERIA,
    IDS,
    MEASURES,
    decisions,
    transcripts,
)

EMPTY = measures()
PUBLISHED = ScoringTerms(published=True)
# Several criteria for the same words, so that one covers another, across sections, too.
COVERING = (
    "points: 8, forbid: {said: {by: agent, any: [听不懂吗]}}",
    "points: 4, forbid: {said: {by: agent, any: [爱办不办, 听不懂吗]}}, deduct: {each: 2}, same_fact: rude",
    "severity: fatal, forbid: {said: {by: agent, any: [不管]}}, same_fact: rude",
    "points: 2, forbid: {said: {by: agent, any: [不管]}}, status: trial",
)  # fmt: skip
OTHER_SECTION = """
  - id: other
    title: 二
    points: 40
    criteria:
      - {id: o1, title: 标题, points: 30, forbid: {said: {by: agent, any: [爱办不办]}}, same_fact: rude}
      - {id: o2, title: 标题, severity: fatal, scope: section, forbid: {said: {by: agent, any: [余额]}}}
      - {id: o3, title: 标题, points: 10, expect: {said: {by: agent, any: [抱歉]}}}
"""
FORMS = [
    compile_rubric(rubric(*CRITERIA, *COVERING, head=head, sections=OTHER_SECTION))
    for head in ("min_scorable: 0.2", "not_applicable: redistribute\nmin_scorable: 0")
]
ALL_IDS = [*IDS, *(f"c{len(IDS) + i + 1}" for i in range(len(COVERING))), "o1", "o2", "o3"]
SLOW = [HealthCheck.too_slow]


def on_the_grid(made: Transcript) -> Transcript:
    """The transcript with times in hundredths, as recognisers give them and cards keep them."""
    turns = (replace(t, end_s=round(t.end_s, 2)) for t in made.turns)
    return replace(made, turns=tuple(turns))


HEARD = transcripts().map(on_the_grid)


def kept(made: Scorecard) -> Scorecard:
    """The card as the record gives it back."""
    return scorecard_from_json(made.as_json())


def findings(
    form: CompiledRubric, before: Scorecard, by_machine: Scorecard, ids: frozenset[str]
) -> dict[str, object]:
    """The machine's judgement of criteria, from the card before anybody decided."""
    criteria = {c.id: c for c in form.rubric.criteria()}
    return {c.id: judgement_on(criteria[c.id], c) for c in by_machine.criteria() if c.id in ids}


@settings(max_examples=300, deadline=None, suppress_health_check=SLOW)
@given(
    HEARD, CALLS, MEASURES, st.lists(decisions(), max_size=4),
    st.lists(decisions(), min_size=1, max_size=3), st.booleans(), st.sampled_from(FORMS), st.data(),
)  # fmt: skip
def test_decisions_on_a_carried_card_give_the_card_that_judging_again_would(
    call, row, figures, former, latest, recording, form, data
):
    latest = [
        d.model_copy(update={"criterion": data.draw(st.sampled_from(ALL_IDS))}) for d in latest
    ]
    if recording:
        latest.append(Decision(criterion=None, verdict="invalid", person="p", at="2026-11-20"))
    before = kept(score(form, call, row, figures, former, terms=PUBLISHED))
    by_machine = kept(score(form, call, row, figures, terms=PUBLISHED))
    expected = kept(
        score(form, call, row, figures, [*former, *latest], terms=PUBLISHED, parent=before.sha256())
    )
    since = decided_since(before, [*former, *latest])
    got = carried(
        form, before, [*former, *latest], findings(form, before, by_machine, since), terms=PUBLISHED
    )
    if since:
        assert kept(got).as_json() == expected.as_json()
    else:
        assert got is before


@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
@given(
    HEARD, HEARD, CALLS, MEASURES, st.lists(decisions(), max_size=3),
    st.sampled_from(FORMS), st.data(),
)  # fmt: skip
def test_corrected_words_give_the_verdicts_that_judging_again_would(
    call, other, row, figures, ruled, form, data
):
    if not call.turns:
        return
    figures = None if figures is None else replace(figures, turns=())
    number = data.draw(st.integers(0, len(call.turns) - 1))
    changed = [t for i, t in enumerate(call.turns) if i != number]
    after = replace(call, turns=(*changed, *other.turns[:1]))
    before = kept(score(form, call, row, figures, ruled, terms=PUBLISHED))
    expected = score(form, after, row, figures, ruled, terms=PUBLISHED)
    old, new = judged(
        form,
        [ToScore(transcript=t, call=row, measures=figures, terms=PUBLISHED) for t in (call, after)],
    )
    by_words = concerned_by_words(before, call, after, old, new)
    got = carried(
        form,
        before,
        ruled,
        by_words,
        anew=by_words,
        words=NewWords(
            transcript=after,
            measures=figures or EMPTY,
            heard=new.heard,
            turns=turns_kept(call, after),
        ),
        terms=PUBLISHED,
    )
    assert [told(c) for c in got.criteria()] == [told(c) for c in expected.criteria()]
    assert (got.total, got.band, got.fatal) == (expected.total, expected.band, expected.fatal)
    assert got.provisional == expected.provisional
    assert got.scorable_share == pytest.approx(expected.scorable_share, abs=1e-4)
    # Whatever evidence is carried names the turn that it is of.
    for result in got.criteria():
        for evidence in result.evidence:
            if evidence.turn is not None:
                assert after.turns[evidence.turn].speaker is evidence.speaker


def told(result: CriterionResult) -> tuple[object, ...]:
    return (
        result.id, result.verdict, result.lost, result.stake, result.decided_by, result.proposed,
        result.covered_by, result.bonus,
    )  # fmt: skip
