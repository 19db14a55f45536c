"""`qc verify`: the record against its audit, the audit against what lies outside the database, the
published files against the record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from qc_pipeline.call import content_sha256
from qc_pipeline.review.published_report import CORRECTIONS, report_folder
from qc_pipeline.review.seal import SEAL, read_seal
from qc_pipeline.store.audit_head import HEAD_FILE, AuditHead, HeadFile, has_line, last_line
from qc_pipeline.store.publications import Publication, publications_of
from qc_pipeline.store.record import Record
from qc_pipeline.store.replay import Fault, replay
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was held against what, and what does not hold. `baseline` is the line up to which rows
    are proved as a whole, `before` how many rows that are; `files` counts published files.
    """

    faults: tuple[Fault, ...]
    lines: int
    rows: int
    files: int
    baseline: int | None
    before: int
    head: str | None


def verify(record: Record, settings: Settings) -> Verified:
    """Hold everything against everything, as it stands now, whatever others write meanwhile;
    nothing is changed.
    """
    # What lies outside first: the record only grows.
    outside = _read_head(settings)
    with record.snapshot() as now:
        return _verified(now, settings, outside)


def _verified(reads: Reads, settings: Settings, outside: AuditHead | Fault | None) -> Verified:
    found = replay(reads)
    reports = _reports(reads)
    faults = [*found.faults, *_head_faults(reads, settings, outside)]
    files = 0
    for public, kept in reports.values():
        files += len(kept)
        faults += _file_faults(reads, settings, public, kept)
    faults += _unknown_reports(settings, reports)
    return Verified(
        faults=tuple(faults),
        lines=found.lines,
        rows=found.rows,
        files=files,
        baseline=found.baseline,
        before=found.before,
        head=found.head,
    )


def _read_head(settings: Settings) -> AuditHead | Fault | None:
    path = settings.root / HEAD_FILE
    try:
        return HeadFile(path).read()
    except (ValueError, KeyError, TypeError):
        return Fault(what=f"{path} was changed by hand: it names no line of the audit")


def _head_faults(
    reads: Reads, settings: Settings, head: AuditHead | Fault | None
) -> Iterator[Fault]:
    path = settings.root / HEAD_FILE
    if isinstance(head, Fault):
        yield head
        return
    last = last_line(reads)
    if head is None:
        if last is not None:
            yield Fault(
                what=f"{path} is gone: whether lines were taken away at the audit's end cannot be "
                "told (the next command writes it anew)"
            )
        return
    if last is None or last.seq < head.seq:
        yield Fault(
            what=f"lines are missing at the audit's end: {HEAD_FILE} names line {head.seq}, the "
            f"last there is {0 if last is None else last.seq}",
            table="audit",
            line=head.seq,
        )
    elif not has_line(reads, head):
        yield Fault(
            what=f"the audit is not the one that {HEAD_FILE} knows: its line {head.seq} was "
            "written anew, or this is another database",
            table="audit",
            line=head.seq,
        )


def _reports(reads: Reads) -> dict[str, tuple[Publication, Mapping[str, str]]]:
    """By period what was last noted of its published files, with their hashes."""
    found: dict[str, tuple[Publication, Mapping[str, str]]] = {}
    for one in publications_of(reads):
        if one.kind == "report":
            found[one.period] = (one, one.body["files"])
    return found


def _file_faults(
    reads: Reads, settings: Settings, public: Publication, kept: Mapping[str, str]
) -> Iterator[Fault]:
    folder = report_folder(settings, public.period)
    if not folder.is_dir():
        yield Fault(what=f"{folder} is gone: the published report of {public.period}")
        return
    for name, sha256 in sorted(kept.items()):
        path = folder / name
        if not path.is_file():
            yield Fault(what=f"{path} is gone, a file of the published report")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            yield Fault(what=f"{path} was changed since it was published")
    known = {*kept, SEAL, CORRECTIONS}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in known:
            yield Fault(what=f"{path} is no file of the published report")
    yield from _seal_faults(reads, public, folder, kept)


def _seal_faults(
    reads: Reads, public: Publication, folder: Path, kept: Mapping[str, str]
) -> Iterator[Fault]:
    try:
        seal = read_seal(folder)
    except ValueError as error:
        yield Fault(what=str(error))
        return
    if seal is None:
        if "seal" in public.body:
            yield Fault(what=f"{folder / SEAL} is gone")
        return
    if not has_line(reads, seal.head):
        yield Fault(
            what=f"the audit is not the one that {folder / SEAL} knows: its line {seal.head.seq} "
            "was written anew or taken away",
            table="audit",
            line=seal.head.seq,
        )
    if seal.files != content_sha256(dict(kept)):
        yield Fault(what=f"{folder / SEAL} names other files than the record: one was changed")


def _unknown_reports(
    settings: Settings, reports: Mapping[str, tuple[Publication, Mapping[str, str]]]
) -> Iterator[Fault]:
    """Published folders that the record knows nothing of: it was lost, or is another."""
    if not settings.report_root.is_dir():
        return
    for folder in sorted(settings.report_root.iterdir()):
        if folder.is_dir() and (folder / SEAL).is_file():
            try:
                seal = read_seal(folder)
            except ValueError:
                seal = None
            if seal is not None and seal.period not in reports:
                yield Fault(
                    what=f"{folder} was published, and the record knows nothing of it: the "
                    "database was lost, or is another one"
                )
