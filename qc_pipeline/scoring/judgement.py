"""What a criterion comes to before people are heard."""

from __future__ import annotations

from typing import NamedTuple

from qc_pipeline.call import Span
from qc_pipeline.scoring.evidence.finding import Evidence, Verdict


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
