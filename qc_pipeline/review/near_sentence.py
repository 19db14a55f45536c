"""A sentence that was held for being worded nearly as asked, and the wording that it may become."""

from __future__ import annotations

from qc_pipeline.scoring.evidence.finding import Evidence, Verdict, is_near
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.text.masking.mask import mask

_EDGES = " ，。！？、；：,.!?;:…嗯啊哦呃额唉诶欸哈呀"
"""What a sentence begins or ends with that says nothing."""


def near_sentence(card: Scorecard, criterion: str | None) -> Evidence | None:
    """The sentence by which a criterion of a card was held, if it was by one."""
    for result in card.criteria():
        if result.id == criterion and result.verdict is Verdict.HELD:
            return next((e for e in result.evidence if is_near(e)), None)
    return None


def proposed_text(quote: str) -> str:
    """A sentence as a wording, to be made shorter by a person; "" where it names somebody: a rubric
    holds no numbers and names.
    """
    text = quote.strip(_EDGES)
    return text if mask(text) == text else ""
