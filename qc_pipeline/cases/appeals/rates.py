"""How often people object, how often they are right, and whether they are answered in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from qc_pipeline.call_fields import Rate
from qc_pipeline.cases.appeals.policy import inspector_of
from qc_pipeline.review.published_report import published_cards
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.store.appeals import (
    DECIDED,
    OPEN,
    PARTLY,
    REJECTED,
    SCORE,
    TAKEN,
    UPHELD,
    WITHDRAWN,
    KeptAppeal,
    appeals_of,
)
from qc_pipeline.store.decisions import decisions_of
from qc_pipeline.store.publications import publications_of
from qc_pipeline.store.transaction import Reads

MACHINE = "machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealRates:
    """`objected`: objections of the deductions published; `upheld`: wholly or partly, of those
    decided; `in_time`: answered by their day, of those answered or overdue. Withdrawn ones count
    as raised, not as decided. `outcomes` counts objections by their state, taken and open ones
    together as open; `corrections` are those to what cost nothing, which are in nothing else here.
    """

    objected: Rate
    upheld: Rate
    in_time: Rate
    by_criterion: Mapping[str, Rate]
    by_inspector: Mapping[str, Rate]
    outcomes: Mapping[str, int]
    corrections: int


def rates_of(record: Reads, period: str | None, *, today: date) -> AppealRates:
    """The rates of one period, or of all that were published."""
    everything = appeals_of(record, period)
    found = [o for o in everything if o.kind == SCORE]
    deductions = 0
    for public in publications_of(record, period):
        if public.kind == "published":
            deductions += sum(
                result.verdict is Verdict.FAIL and not result.trial
                for card in published_cards(record, public).values()
                for result in card.criteria()
            )
    inspectors: dict[int, str] = {}
    for name in sorted({o.period for o in found}):
        decided = decisions_of(record, name)
        for objection in found:
            if objection.period == name:
                who = inspector_of(objection, decided.get(objection.recording_id, ()))
                inspectors[objection.number] = who or MACHINE
    return AppealRates(
        objected=Rate(part=len(found), whole=deductions),
        upheld=_upheld(found),
        in_time=_in_time(found, today),
        by_criterion={
            c: _upheld([o for o in found if (o.criterion or "") == c])
            for c in sorted({o.criterion or "" for o in found})
        },
        by_inspector={
            who: _upheld([o for o in found if inspectors[o.number] == who])
            for who in sorted(set(inspectors.values()))
        },
        outcomes=outcomes_of(found),
        corrections=len(everything) - len(found),
    )


def outcomes_of(objections: Sequence[KeptAppeal]) -> Mapping[str, int]:
    """How many stand how; what is in review is open as well."""
    states = ["open" if o.state == TAKEN else o.state for o in objections]
    return {state: states.count(state) for state in (UPHELD, PARTLY, REJECTED, WITHDRAWN, OPEN)}


def _upheld(objections: Sequence[KeptAppeal]) -> Rate:
    decided = [o for o in objections if o.state in DECIDED]
    return Rate(part=sum(o.state in (UPHELD, PARTLY) for o in decided), whole=len(decided))


def _in_time(objections: Sequence[KeptAppeal], today: date) -> Rate:
    answers = [(o, o.decided) for o in objections if o.state in DECIDED]
    late = sum(o.state not in (*DECIDED, "withdrawn") and today > o.due for o in objections)
    in_time = sum(event is not None and event.day <= o.due for o, event in answers)
    return Rate(part=in_time, whole=len(answers) + late)
