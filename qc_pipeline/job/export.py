"""A period out of the record as files: sample.csv and sample.json, transcripts, scorecards."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qc_pipeline.call import Recording, Transcript, content_sha256
from qc_pipeline.call_fields import customer_names
from qc_pipeline.errors import UsageError
from qc_pipeline.period.state import period_in
from qc_pipeline.period.transcript_lookup import load_transcriptions
from qc_pipeline.review.finalise import final_facts
from qc_pipeline.review.published_report import state_of
from qc_pipeline.sampling.sample_tables import sample_csv
from qc_pipeline.scoring.masked_card import masked_card, masked_card_json
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.card_sources import made_from
from qc_pipeline.store.decisions import decisions_of
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.publications import finalised, published
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.system.files import csv_text, write_text
from qc_pipeline.text.masked_words import masked_transcript
from qc_pipeline.text.masking.mask import NO_NAMES, HiddenNames, names_of
from qc_pipeline.workspace.open_workspace import Workspace

KINDS = ("samples", "transcripts", "scorecards")


def export_period(
    workspace: Workspace,
    record: Reads,
    kept: KeptSample,
    folder: Path,
    kinds: Sequence[str],
    *,
    unmasked: bool = False,
) -> Mapping[str, int]:
    """Write the wanted kinds under `folder`; returns how many files of each.

    Numbers, addresses and names are masked in words unless `unmasked`; masked transcripts are
    still `qc-transcript/1`. Files are named by a short hash of the recording id, since ids often
    hold a caller's number; `index.csv` tells which is which. The same record gives the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, int] = {}
    index: list[tuple[str, str]] = []
    if "samples" in kinds:
        write_text(folder / "sample.json", _pretty(kept.sample.as_json()))
        write_text(folder / "sample.csv", sample_csv(kept.sample))
        written["samples"] = 2
        if kept.replacements:
            rows = [
                (
                    k.replacement.invalid,
                    k.replacement.reason,
                    k.text,
                    k.replacement.by,
                    "; ".join(quota.text for quota in k.broken),
                )
                for k in kept.replacements
            ]
            head = ("recording_id", "reason", "text", "replaced_by", "broken_quotas")
            write_text(folder / "replaced.csv", csv_text(head, rows))
            written["samples"] = 3
    if "transcripts" in kinds:
        period = period_in(workspace, record, kept)
        recordings = period.recordings
        transcripts = load_transcriptions(record, period.transcriptions)
        for recording_id in sorted(transcripts):
            name = f"transcripts/{file_name(recording_id)}.json"
            words = transcripts[recording_id].transcript
            if not unmasked:
                words = masked_transcript(words, _names(recordings.get(recording_id)))
            write_text(folder / name, _pretty(words.as_json()))
            index.append((recording_id, name))
        written["transcripts"] = len(transcripts)
    if "scorecards" in kinds:
        write_text(folder / "stage.json", _pretty(stage_json(record, kept)))
        written["stage"] = 1
        outcomes = outcomes_of(record, kept.seq)
        cards = {k: o for k, o in outcomes.items() if isinstance(o, Scorecard)}
        for recording_id in sorted(cards):
            name = f"scorecards/{file_name(recording_id)}.json"
            body = shown_card(record, cards[recording_id], unmasked=unmasked)
            write_text(folder / name, _pretty(body))
            index.append((recording_id, name))
        written["scorecards"] = len(cards)
    if index:
        write_text(folder / "index.csv", csv_text(("recording_id", "file"), sorted(index)))
    return written


def stage_json(record: Reads, kept: KeptSample) -> Mapping[str, Any]:
    """Of which stage (初评, 公示, 定稿) and version a period's scorecards are; `qc-stage/1`."""
    period = kept.sample.period
    public, final = published(record, period), finalised(record, period)
    state = state_of(final or public, decided=bool(decisions_of(record, period)))
    body: dict[str, Any] = {
        "format": "qc-stage/1",
        "period": period,
        "state": state,
        "version": None,
        "published_on": None if public is None else public.day.isoformat(),
        "final_on": None if final is None else final.day.isoformat(),
    }
    if final is not None:
        facts = final_facts(final)
        body |= {
            "version": facts.version,
            "listened": final.body["listened"],
            "corrected": dict(facts.corrected),
            "corrected_calls": facts.corrected_calls,
        }
    return body


def shown_card(record: Reads, card: Scorecard, *, unmasked: bool) -> Mapping[str, Any]:
    """A card as it is shown or handed out: masked, unless somebody may see it as it is."""
    return card.as_json() if unmasked else masked_card_json(masked_for_eyes(record, card))


def masked_for_eyes(record: Reads, card: Scorecard) -> Scorecard:
    """A card masked with what it was made from, as far as that is still kept."""
    try:
        source = made_from(record, card)
    except UsageError:
        return masked_card(card, None)
    return masked_card(card, source.transcript, _names(source.recording))


def heard_for(record: Reads, card: Scorecard) -> Transcript | None:
    """The words that a card was made from; None where they are no longer kept."""
    try:
        return made_from(record, card).transcript
    except UsageError:
        return None


def _names(recording: Recording | None) -> HiddenNames:
    return NO_NAMES if recording is None else names_of(customer_names(recording))


def file_name(recording_id: str) -> str:
    """A short name that does not tell the id: the first 16 hex digits of its sha256."""
    return content_sha256(recording_id)[:16]


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
