"""A period out of the record as files: sample.csv and sample.json, transcripts, scorecards."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qc_pipeline.call import content_sha256
from qc_pipeline.files import csv_text, write_text
from qc_pipeline.sampling.tables import sample_csv
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.record import KeptSample, Record
from qc_pipeline.transcripts import transcripts_of
from qc_pipeline.weekly import recordings_of
from qc_pipeline.workspace import Workspace

KINDS = ("samples", "transcripts", "scorecards")


def export_period(
    workspace: Workspace,
    record: Record,
    kept: KeptSample,
    folder: Path,
    kinds: Sequence[str],
) -> Mapping[str, int]:
    """Write the wanted kinds under `folder`; returns how many files of each.

    Files are named by a short hash of the recording id, since ids often hold a caller's number;
    `index.csv` tells which is which. The same record gives the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, int] = {}
    index: list[tuple[str, str]] = []
    if "samples" in kinds:
        write_text(folder / "sample.json", _pretty(asdict(kept.sample)))
        write_text(folder / "sample.csv", sample_csv(kept.sample))
        written["samples"] = 2
    if "transcripts" in kinds:
        transcripts = transcripts_of(
            workspace, record, recordings_of(workspace, record, kept.sample.picks)
        )
        for recording_id in sorted(transcripts):
            name = f"transcripts/{file_name(recording_id)}.json"
            write_text(folder / name, _pretty(transcripts[recording_id].as_json()))
            index.append((recording_id, name))
        written["transcripts"] = len(transcripts)
    if "scorecards" in kinds:
        outcomes = record.outcomes(kept.seq)
        cards = {k: o for k, o in outcomes.items() if isinstance(o, Scorecard)}
        for recording_id in sorted(cards):
            name = f"scorecards/{file_name(recording_id)}.json"
            write_text(folder / name, _pretty(cards[recording_id].as_json()))
            index.append((recording_id, name))
        written["scorecards"] = len(cards)
    if index:
        write_text(folder / "index.csv", csv_text(("recording_id", "file"), sorted(index)))
    return written


def file_name(recording_id: str) -> str:
    """A short name that does not tell the id: the first 16 hex digits of its sha256."""
    return content_sha256(recording_id)[:16]


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
