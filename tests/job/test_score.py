"""Which card stands after the job has scored a recording again."""

from __future__ import annotations

from qc_pipeline.call import Failure
from qc_pipeline.job.score import standing
from qc_pipeline.scoring.decisions import Decision
from qc_pipeline.scoring.scorecard import Scorecard
from tests.builders import card, said

CALL = said(("agent", "爱办不办"))
RUDE = "forbid: {said: {by: agent, any: [爱办不办]}}"
PASSED = "forbid: {said: {by: agent, any: [神经病]}}"


def decided(parent: str | None = None) -> Scorecard:
    by = Decision(criterion="c1", verdict="overturn", person="wang", at="2026-11-23T09:00:00+08:00")
    return card(RUDE, CALL, decisions=[by], parent=parent)


def test_first_card_of_a_recording_and_one_after_a_failure_stand_as_they_are() -> None:
    fresh = card(RUDE, CALL)
    failed = Failure(recording_id="r1", stage="asr", reason="x")
    assert standing(fresh, None) is fresh
    assert standing(fresh, failed) is fresh
    assert fresh.parent is None


def test_card_by_rules_alone_takes_the_formers_place_and_names_no_parent() -> None:
    former, fresh = card(RUDE, CALL), card(PASSED, CALL)
    assert fresh.sha256() != former.sha256()
    assert standing(fresh, former) is fresh
    assert standing(fresh, former).parent is None
    # Also where people had decided about the former, and no longer do.
    assert standing(fresh, decided(former.sha256())).parent is None


def test_card_that_peoples_decisions_made_names_the_card_it_replaces() -> None:
    former = card(RUDE, CALL)
    stands = standing(decided(), former)
    assert stands.parent == former.sha256()
    assert stands.total == 100


def test_former_card_stands_where_nothing_but_its_parent_differs() -> None:
    former = decided(card(RUDE, CALL).sha256())
    assert former.parent is not None
    assert standing(decided(), former) is former
    plain = card(RUDE, CALL)
    assert standing(card(RUDE, CALL), plain) is plain
