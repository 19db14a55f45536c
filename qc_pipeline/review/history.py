"""Everything the record holds of one recording, in the order in which it happened."""

from __future__ import annotations

from typing import Any

from qc_pipeline.errors import UsageError
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.appeals import appeals_of
from qc_pipeline.store.corrections import corrections_of
from qc_pipeline.store.decisions import cards_by_hash, cards_of, decisions_of
from qc_pipeline.store.publications import Publication, publications_of
from qc_pipeline.store.rescorings import rescorings_of
from qc_pipeline.store.transaction import Reads
from qc_pipeline.text.masking.mask import mask


def history_of(record: Reads, recording_id: str) -> dict[str, Any]:
    """Cards, decisions, rescorings, objections and corrections of a recording, and what was made
    public of it (公示, 更正通知, 定稿), JSON values; each in order.
    """
    cards = cards_of(record, recording_id)
    periods = sorted({period for period, _ in cards})
    decided = [
        kept
        for period in periods
        for kept in decisions_of(record, period, recording_id).get(recording_id, ())
    ]
    rescored = rescorings_of(record, recording_id)
    hashes = sorted({h for r in rescored for h in (r.card_before, r.card_after)})
    totals = {h: card.total for h, card in cards_by_hash(record, hashes).items()}
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
                "inputs": card.inputs_json(),
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
        "rescorings": [
            {
                "period": r.period,
                "kind": r.kind,
                "person": r.person,
                "for": r.on_behalf_of,
                "at": r.at,
                "rubric": r.rubric,
                "reason": r.reason,
                "card_before": r.card_before,
                "card_after": r.card_after,
                "total_before": totals[r.card_before],
                "total_after": totals[r.card_after],
            }
            for r in rescored
        ],
        "objections": [
            {
                "number": o.number,
                "period": o.period,
                "criterion": o.criterion,
                "person": o.person,
                "for": o.on_behalf_of,
                "at": o.at,
                "reason": o.reason,
                "state": o.state,
                "events": [
                    {
                        "state": e.state,
                        "person": e.person,
                        "for": e.on_behalf_of,
                        "at": e.at,
                        "reason": e.reason,
                    }
                    for e in o.events
                ],
            }
            for o in appeals_of(record)
            if o.recording_id == recording_id
        ],
        "corrections": list(corrections_of(record, recording_id)),
        "publications": [
            {
                "period": p.period,
                "kind": p.kind,
                "person": p.person,
                "for": p.on_behalf_of,
                "at": p.at,
                "day": p.day.isoformat(),
                "objections_until": p.objections_due.isoformat(),
                "version": p.body.get("version"),
                "card": _public_card(p, recording_id),
            }
            for period in periods
            for p in publications_of(record, period)
            if p.kind in ("published", "extension", "final")
            or (p.kind == "notice" and p.recording_id == recording_id)
        ],
    }


def _public_card(public: Publication, recording_id: str) -> str | None:
    """The recording's card that was made public, by hash; None where it had none."""
    if public.kind == "notice":
        return str(public.body["after"])
    card: str | None = public.body.get("cards", {}).get(recording_id)
    return card


def masked_history(body: dict[str, Any]) -> dict[str, Any]:
    """The same with numbers, addresses and names masked in reasons and corrected words."""
    return {
        **body,
        "decisions": [{**d, "reason": mask(d["reason"])} for d in body["decisions"]],
        "rescorings": _masked_texts(body["rescorings"]),
        "objections": _masked_texts(body["objections"]),
        "corrections": _masked_texts(body["corrections"]),
    }


def _masked_texts(value: Any) -> Any:
    """Corrections with the words before and after, and the reason, masked."""
    if isinstance(value, dict):
        worded = ("from", "to", "text", "reason")
        return {
            k: mask(v) if k in worded and isinstance(v, str) else _masked_texts(v)
            for k, v in value.items()
        }
    return [_masked_texts(v) for v in value] if isinstance(value, list) else value


def find_card(record: Reads, recording_id: str, prefix: str) -> Scorecard:
    """A card of a recording, in force once or only a what-if, by the beginning of its hash.

    Raises UsageError where none or several start so.
    """
    hashes = {card.sha256() for _, card in cards_of(record, recording_id)}
    hashes |= {r.card_after for r in rescorings_of(record, recording_id)}
    found = sorted(h for h in hashes if h.startswith(prefix))
    if len(found) != 1:
        raise UsageError(
            f"{len(found) or 'no'} cards of {recording_id} have a hash that starts with "
            f"{prefix!r}; `qc show {recording_id} --history --json` lists them"
        )
    return cards_by_hash(record, found)[found[0]]
