"""Where it is not certain who spoke, nobody loses points without a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qc_pipeline.call import Doubt
from qc_pipeline.scoring.evidence.finding import Evidence


def doubt_about(evidence: Iterable[Evidence], doubts: Sequence[Doubt]) -> Doubt | None:
    """The gravest doubt about whose the evidence is; None where there is none.

    Evidence of neither party in particular (a silence) is nobody's to be mistaken about.
    """
    if not doubts:
        return None
    found = [
        doubt
        for e in evidence
        for doubt in doubts
        if e.speaker is doubt.speaker and e.start_s <= doubt.end_s and e.end_s >= doubt.start_s
    ]
    return min(found, key=lambda d: (d.certainty, d.start_s, d.speaker), default=None)
