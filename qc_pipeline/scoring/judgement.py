"""What a criterion comes to before people are heard."""

from __future__ import annotations

from typing import NamedTuple

from qc_pipeline.call import Span
from qc_pipeline.scoring.decisions import NOWHERE, Decision
from qc_pipeline.scoring.evidence.finding import Evidence, EvidenceKind, Verdict
from qc_pipeline.scoring.evidence.terms import Words

_STOPPED = Words("停用，先改规则：", "stopped, its rule has to change first: ")


class Judgement(NamedTuple):
    """What the machine makes of a criterion.

    `cost` is what the sure findings cost, `doubtful` what the others would cost on top; `facts`
    the seconds that the finding rests on (for one fact, one deduction), `spans` those of all its
    evidence. `fixed`: nothing but its reason tells it from others.
    """

    verdict: Verdict
    reason: str
    certainty: float = 1.0
    hits: int = 0
    evidence: tuple[Evidence, ...] = ()
    cost: float = 0.0
    doubtful: float = 0.0
    facts: tuple[Span, ...] = ()
    spans: tuple[Span, ...] = ()
    fixed: bool = False


def with_place(judgement: Judgement, decision: Decision | None) -> Judgement:
    """The judgement with the place where a person heard what the machine had not found; what was
    not done is heard nowhere (`NOWHERE`) and is one fact with nothing.
    """
    if decision is None or decision.place_s is None:
        return judgement
    if decision.place_s == NOWHERE:
        return judgement._replace(hits=1, evidence=(), facts=(), spans=(), fixed=False)
    start_s, end_s = (round(seconds, 2) for seconds in decision.place_s)
    heard = Evidence(kind=EvidenceKind.HEARD, start_s=start_s, end_s=end_s)
    span = (start_s, end_s)
    return judgement._replace(hits=1, evidence=(heard,), facts=(span,), spans=(span,), fixed=False)


def only_asking(judgement: Judgement, language: str) -> Judgement:
    """What a stopped criterion makes of it: a finding is held, deducts nothing and says why."""
    if judgement.verdict not in (Verdict.FAIL, Verdict.HELD):
        return judgement
    return judgement._replace(
        verdict=Verdict.HELD,
        reason=_STOPPED.of(language) + judgement.reason,
        cost=0.0,
        doubtful=judgement.cost + judgement.doubtful,
    )
