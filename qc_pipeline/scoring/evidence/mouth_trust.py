"""How far it is trusted that the words of a call of one channel stand in the right mouth.

Who said what in a mono call is worked out from sound and words, not recorded. The transcript says
in its doubts where that failed (`qc_pipeline.asr.separation_trust` has the rules).
"""

from __future__ import annotations

from collections.abc import Iterable

from qc_pipeline.call import Doubt, DoubtReason

LEAST_TRUST = 0.78
"""Below this the parties of a mono call are not told apart, and nothing is scored by who spoke.
docs/asr.md has the figures it was chosen by."""
_REASONS = (DoubtReason.ALIKE, DoubtReason.SEPARATION)


def trust_told(doubts: Iterable[Doubt]) -> float:
    """The trust in [0, 1] that a transcript's doubts leave; 1 where none speaks of its voices."""
    return min((d.certainty for d in doubts if d.reason in _REASONS), default=1.0)
