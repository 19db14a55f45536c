"""`seal.json` beside a published report: its files and the record's head, outside the database.

It is the only file of a report that does not follow from the report's inputs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qc_pipeline.call import content_sha256
from qc_pipeline.store.audit_head import AuditHead, last_line
from qc_pipeline.store.transaction import Reads
from qc_pipeline.system.files import write_text

SEAL = "seal.json"
FORMAT = "qc-seal/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """`files` names the published files by one hash (of path → sha256); `head` is the audit's line
    by which the record knew them.
    """

    period: str
    stage: str
    head: AuditHead
    files: str


def write_seal(
    reads: Reads, folder: Path, *, period: str, stage: str, files: Mapping[str, str]
) -> None:
    """Write the seal of a report's folder, as the record stands now."""
    head = last_line(reads)
    if head is None:
        raise RuntimeError("a published period has an audit")
    body = {
        "format": FORMAT,
        "period": period,
        "stage": stage,
        "at": reads.now.isoformat(timespec="seconds"),
        "audit": head.as_json(),
        "files_sha256": content_sha256(dict(files)),
    }
    write_text(folder / SEAL, json.dumps(body, indent=1, sort_keys=True) + "\n")


def read_seal(folder: Path) -> Seal | None:
    """The seal of a report's folder; None where it has none. Raises ValueError for what is none."""
    try:
        text = (folder / SEAL).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        body = json.loads(text)
        head = AuditHead(seq=int(body["audit"]["seq"]), hash=str(body["audit"]["hash"]))
        return Seal(
            period=str(body["period"]),
            stage=str(body["stage"]),
            head=head,
            files=str(body["files_sha256"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder / SEAL} is no seal: {error}") from None
