"""What was published of a period: its cards and its report, as they were then."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from qc_pipeline.review.seal import SEAL, write_seal
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.decisions import cards_by_hash
from qc_pipeline.store.publications import Publication, add_publication, publications_of
from qc_pipeline.store.record import Record
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.settings import Settings

CORRECTIONS = "corrections.html"


def state_of(public: Publication | None, *, decided: bool) -> str:
    """draft (初评), in_review from the first decision on, published (公示), final (定稿)."""
    if public is not None:
        return public.kind
    return "in_review" if decided else "draft"


def published_cards(record: Reads, public: Publication) -> Mapping[str, Scorecard]:
    """The cards as they were published, or, of what made a period final, as they are final."""
    hashes: Mapping[str, str] = public.body["cards"]
    cards = cards_by_hash(record, sorted(set(hashes.values())))
    return {k: cards[h] for k, h in sorted(hashes.items())}


def report_kept(record: Reads, public: Publication) -> bool:
    """Whether the report of what was made public, or final, was written whole since."""
    found = publications_of(record, public.period)
    return any(p.kind == "report" and p.seq > public.seq for p in found)


def keep_report(record: Record, public: Publication, folder: Path) -> None:
    """Note the files of the published report and seal them, so that a change by hand shows."""
    files = {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name not in (CORRECTIONS, SEAL)
    }
    with record.transaction() as tx:
        add_publication(
            tx,
            period=public.period,
            sample_seq=public.sample_seq,
            kind="report",
            person=public.person,
            day=public.day,
            objections_due=public.objections_due,
            body={"files": files, "seal": SEAL},
        )
    write_seal(record, folder, period=public.period, stage=public.kind, files=files)


def seal_where_missing(record: Reads, public: Publication, folder: Path) -> None:
    """Seal a report that was noted and is not sealed: whoever wrote it was stopped in between."""
    if (folder / SEAL).exists():
        return
    noted = [p for p in publications_of(record, public.period) if p.kind == "report"]
    if noted and "seal" in noted[-1].body:
        files = noted[-1].body["files"]
        write_seal(record, folder, period=public.period, stage=public.kind, files=files)


def report_folder(settings: Settings, period: str) -> Path:
    return settings.report_root / period.replace("..", "_")
