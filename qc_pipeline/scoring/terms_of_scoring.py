"""Everything that scoring goes by beside the call, its rubric and what people decided.

It stands on the card (`inputs.terms`), so a card says what settings and state it was judged under,
and is told from one judged under others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qc_pipeline.scoring.evidence.hearing import DEFAULT_BOUNDS, DOUBTFUL_BELOW, HearingBounds
from qc_pipeline.scoring.evidence.prepared_call import ASSUMED_CONFIDENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringTerms:
    """Settings and state that scoring reads. Confidences and shares in [0, 1].

    `published`: deductions that need a person do not count before somebody confirmed them; in a
    draft they count until somebody decides. `assumed_confidence` stands for words whose recogniser
    gave none. `bounds` say how much of a call must have been heard. Below `doubtful_below` a word
    is doubtful. `own_numbers` are the centre's own telephone numbers, digits only. `automatic` are
    the criteria, by `criterion_identity`, whose deductions nobody has to decide on in a call that
    is listened to; those that are `stopped` deduct nothing and only ask a person.
    """

    published: bool = False
    assumed_confidence: float = ASSUMED_CONFIDENCE
    bounds: HearingBounds = DEFAULT_BOUNDS
    doubtful_below: float = DOUBTFUL_BELOW
    own_numbers: frozenset[str] = frozenset()
    automatic: frozenset[str] = frozenset()
    stopped: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """What is kept and hashed; what terms of before did not have stands there only where it
        says something.
        """
        later = {
            name: sorted(names)
            for name, names in (("automatic", self.automatic), ("stopped", self.stopped))
            if names
        }
        return later | {
            "assumed_confidence": self.assumed_confidence,
            "doubtful_below": self.doubtful_below,
            **self.bounds.as_json(),
            "own_numbers": sorted(self.own_numbers),
            "published": self.published,
        }


USUAL_TERMS = ScoringTerms()


def terms_from_json(body: Mapping[str, Any]) -> ScoringTerms:
    """The inverse of `ScoringTerms.as_json`, for text that we wrote ourselves."""
    return ScoringTerms(
        published=body["published"],
        assumed_confidence=body["assumed_confidence"],
        bounds=HearingBounds(
            least_heard=body["least_heard"], least_confidence=body["least_confidence"]
        ),
        doubtful_below=body["doubtful_below"],
        own_numbers=frozenset(body["own_numbers"]),
        automatic=frozenset(body.get("automatic", ())),
        stopped=frozenset(body.get("stopped", ())),
    )
