"""What a transcript's doubts leave of the trust in who spoke."""

from __future__ import annotations

from qc_pipeline.call import Doubt, DoubtReason, Speaker
from qc_pipeline.scoring.evidence.mouth_trust import trust_told


def doubt(certainty: float, reason: DoubtReason) -> Doubt:
    return Doubt(speaker=Speaker.AGENT, start_s=0.0, end_s=60.0, certainty=certainty, reason=reason)


def test_a_call_without_doubts_is_trusted() -> None:
    assert trust_told([]) == 1.0


def test_doubts_about_the_voices_are_what_counts() -> None:
    """A further voice and a role that is uncertain are other matters."""
    others = [doubt(0.5, DoubtReason.SECOND_VOICE), doubt(0.6, DoubtReason.ROLE)]
    assert trust_told(others) == 1.0
    assert trust_told([*others, doubt(0.66, DoubtReason.ALIKE)]) == 0.66
    assert (
        trust_told([doubt(0.66, DoubtReason.ALIKE), doubt(0.333, DoubtReason.SEPARATION)]) == 0.333
    )
