"""Everything the record holds of one recording, in the order in which it happened."""

from __future__ import annotations

from typing import Any

from qc_pipeline.store.corrections import corrections_of
from qc_pipeline.store.record import Record
from qc_pipeline.store.rulings import cards_of, decisions_of
from qc_pipeline.text.masking import mask


def history_of(record: Record, recording_id: str) -> dict[str, Any]:
    """Cards and decisions of a recording, JSON values; both in order."""
    cards = cards_of(record.door, recording_id)
    periods = sorted({period for period, _ in cards})
    decided = [
        kept
        for period in periods
        for kept in decisions_of(record.door, period, recording_id).get(recording_id, ())
    ]
    return {
        "recording_id": recording_id,
        "cards": [
            {
                "period": period,
                "sha256": card.sha256(),
                "parent": card.parent,
                "total": card.total,
                "band": card.band,
                "provisional": card.provisional,
                "rubric": f"{card.rubric_id} {card.rubric_version}",
                "inputs": dict(card.inputs),
            }
            for period, card in cards
        ],
        "decisions": [
            {
                **kept.decision.as_json(),
                "for": kept.on_behalf_of,
                "seq": kept.seq,
                "period": kept.period,
                "source": kept.source,
                "objection": kept.objection,
                "card_before": kept.card_before,
                "card_after": kept.card_after,
            }
            for kept in sorted(decided, key=lambda k: k.seq)
        ],
        "corrections": list(corrections_of(record.door, recording_id)),
    }


def masked_history(body: dict[str, Any]) -> dict[str, Any]:
    """The same with numbers, addresses and names masked in reasons and corrected words."""
    return {
        **body,
        "decisions": [{**d, "reason": mask(d["reason"])} for d in body["decisions"]],
        "corrections": [_masked_texts(c) for c in body["corrections"]],
    }


def _masked_texts(value: Any) -> Any:
    """Corrections with the words before and after, and the reason, masked."""
    if isinstance(value, dict):
        worded = ("from", "to", "reason")
        return {
            k: mask(v) if k in worded and isinstance(v, str) else _masked_texts(v)
            for k, v in value.items()
        }
    return [_masked_texts(v) for v in value] if isinstance(value, list) else value
