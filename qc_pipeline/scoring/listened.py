"""When a person has listened to a call: what of a card is a person's, and whether it is done.

This is the one definition of a listened call (复听), docs/trust.md, "Two figures". Pure.
"""

from __future__ import annotations

from collections.abc import Iterator

from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard

_OPEN = (Verdict.FAIL, Verdict.HELD, Verdict.UNSCORABLE)


def needs_person(result: CriterionResult) -> bool:
    """Whether a criterion is a person's to decide in a call that is listened to: what is scored,
    applies, and is not plainly fulfilled – deducted, held, not judged, manual ones included.

    What an automatic criterion deducts by itself is nobody's to decide, only to change; what it
    holds or could not judge is a person's as ever. What is on trial costs nothing; what another
    deduction covers is decided with that one, unless it is proposed itself.
    """
    if result.trial:
        return False
    if result.covered_by is not None:
        return result.proposed
    if result.filled_in:
        return False
    return result.verdict in _OPEN


def undecided(card: Scorecard) -> Iterator[CriterionResult]:
    """What of a card is a person's, and no person has decided it. Items that publishing closed as
    not looked at are none that anybody decided.
    """
    return (c for c in card.criteria() if c.decided_by != "person" and needs_person(c))


def filled_in(card: Scorecard) -> Iterator[CriterionResult]:
    """What automatic criteria deduct by themselves and nobody has decided: a person changes it only
    where it is wrong.
    """
    return (
        c
        for c in card.criteria()
        if c.filled_in and c.decided_by != "person" and c.covered_by is None and not c.trial
    )


def is_listened(card: Scorecard) -> bool:
    """Whether a person decided everything that is not automatic, at least one item of it, and the
    card has a total that nothing open can change.
    """
    if card.total is None or card.provisional:
        return False
    is_touched = any(c.decided_by == "person" and not c.trial for c in card.criteria())
    return is_touched and next(undecided(card), None) is None
