"""A scorecard for eyes that need not see whose words they are: quotations and reasons masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from qc_pipeline.call import Transcript
from qc_pipeline.scoring.evidence.finding import Evidence
from qc_pipeline.scoring.reasons import QUOTE_CHARS
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard
from qc_pipeline.text.masked_words import MaskedWords, masked, masked_quote
from qc_pipeline.text.masking.mask import NO_NAMES, HiddenNames, mask


def masked_card(
    card: Scorecard, transcript: Transcript | None, names: HiddenNames = NO_NAMES
) -> Scorecard:
    """The card with stars for numbers, addresses and names; verdicts, points and times stay.

    `transcript` is what the card was made from: with it a number said in pieces is hidden in each.
    The result is for showing: its hash is not the card's.
    """
    heard = None if transcript is None else masked(transcript, names)
    return replace(
        card,
        sections=tuple(
            replace(s, criteria=tuple(_result(c, transcript, heard, names) for c in s.criteria))
            for s in card.sections
        ),
    )


def masked_card_json(card: Scorecard) -> dict[str, Any]:
    """`qc-scorecard/1` of a masked card, which says that it is one."""
    body: Mapping[str, Any] = card.as_json()
    return {**body, "masked": True}


def _result(
    result: CriterionResult,
    transcript: Transcript | None,
    heard: MaskedWords | None,
    names: HiddenNames,
) -> CriterionResult:
    evidence = tuple(_evidence(e, transcript, heard, names) for e in result.evidence)
    reason = result.reason
    for before, after in zip(result.evidence, evidence, strict=True):
        # Reasons quote evidence, long ones by their beginning.
        for length in (len(before.quote), QUOTE_CHARS - 1):
            quoted = before.quote[:length]
            if len(quoted) > 1:
                reason = reason.replace(quoted, after.quote[: len(quoted)])
    return replace(result, evidence=evidence, reason=mask(reason, names))


def _evidence(
    evidence: Evidence, transcript: Transcript | None, heard: MaskedWords | None, names: HiddenNames
) -> Evidence:
    shown = None
    if transcript is not None and heard is not None:
        shown = masked_quote(transcript, heard, evidence.turn, evidence.quote)
    return evidence._replace(
        quote=mask(evidence.quote, names) if shown is None else shown,
        phrase=None if evidence.phrase is None else mask(evidence.phrase, names),
    )
