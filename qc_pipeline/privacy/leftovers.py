"""Where words of purged calls may still lie: reports, review pages, exports, copies of the record.

A purge empties the record; what was written from it before lies in files. Reports and review pages
have a manifest beside them that says what they hold of which recording; those that former versions
wrote are searched. The others are found by the names that `qc` gives them. Nothing is found by the
words: after a purge nobody knows them any more.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from qc_pipeline.job.export import file_name
from qc_pipeline.report.audience import parse_audience
from qc_pipeline.report.model import short_keys
from qc_pipeline.report.write.manifest import INDEX, PRINT, Manifest, ManifestError, read_manifest
from qc_pipeline.review.published_report import report_folder
from qc_pipeline.store.audit_trail import audit_lines
from qc_pipeline.store.calls import kept_call
from qc_pipeline.store.purging import purged_calls
from qc_pipeline.store.samples import drawn_periods, kept_sample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.settings import Settings

REPORT, CLIPS, REVIEW, EXPORT, SHEET, COPY = (
    "report",
    "clips",
    "review page",
    "export",
    "calibration sheet",
    "database copy",
)
UNMASKED = "-unmasked"
_WORDS = re.compile(rb'<li class="[^"]*" id="u\d+"')
"""A turn of the transcript in a call's page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A file or folder that still holds words or sound. Reports know what they are, so that they
    can be written again: `audience` is None where nobody can tell any more. `files` are those in
    the folder, where they are known one by one.
    """

    kind: str
    path: Path
    period: str | None = None
    audience: str | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLeftovers:
    """All there are of the calls purged so far, sorted by kind and path; `unread` says of which
    folders the manifest could not be used, and why: those were searched.
    """

    found: tuple[Leftover, ...]
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    """A report's folder with its manifest, and whom it is for by its name where there is none."""

    folder: Path
    manifest: Manifest | None
    named: tuple[str | None, str | None] = (None, None)

    @property
    def period(self) -> str | None:
        return self.named[0] if self.manifest is None else self.manifest.period

    @property
    def audience(self) -> str | None:
        return self.named[1] if self.manifest is None else self.manifest.audience


def leftovers(record: Reads, settings: Settings, *, today: date) -> FoundLeftovers:
    """All there are of the calls purged so far."""
    recordings = purged_calls(record)
    unread: list[str] = []
    reports = _reports(record, settings, unread)
    found = [
        *_holding(reports, set(recordings)),
        *_old_clips(record, settings, reports, today),
        *_reviews(settings, recordings, unread),
        *_exports(record, settings, recordings),
        *_sheets(settings, recordings),
        *_copies(settings),
    ]
    return FoundLeftovers(
        found=tuple(sorted(set(found), key=lambda x: (x.kind, str(x.path)))), unread=tuple(unread)
    )


def _reports(record: Reads, settings: Settings, unread: list[str]) -> list[_Report]:
    """The reports there are; what is wrong with a manifest goes to `unread`."""
    found: list[_Report] = []
    names: Mapping[str, tuple[str, str]] | None = None
    for folder in _folders(settings.report_root):
        manifest = _manifest(folder, "report", unread)
        if manifest is None and names is None:
            names = _report_names(record, settings)
        named = (None, None) if manifest is not None or names is None else names.get(folder.name)
        found.append(_Report(folder=folder, manifest=manifest, named=named or (None, None)))
    return found


def _manifest(folder: Path, kind: str, unread: list[str]) -> Manifest | None:
    """The manifest of a folder of this kind, where there is one to be used."""
    try:
        manifest = read_manifest(folder)
    except ManifestError as error:
        unread.append(str(error))
        return None
    return manifest if manifest is not None and manifest.kind == kind else None


def _report_names(record: Reads, settings: Settings) -> Mapping[str, tuple[str, str]]:
    """Folder name → (period, audience) of every report that could have been written."""
    found: dict[str, tuple[str, str]] = {}
    own = settings.report.audience
    for period, _, _ in drawn_periods(record):
        kept = kept_sample(record, period)
        if kept is None:
            continue
        plain = report_folder(settings, period).name
        calls = [kept_call(record, p.recording_id) for p in kept.sample.picks]
        audiences = {"manager", "meeting", own}
        audiences |= {f"lead:{c.text('team')}" for c in calls if c and c.text("team")}
        audiences |= {f"agent:{c.agent_id}" for c in calls if c and c.agent_id}
        for audience in sorted(audiences):
            name = parse_audience(audience).folder_name(plain)
            found[name] = (period, audience)
            found[name + UNMASKED] = (period, audience)
        found[plain] = (period, own)
    return found


def _holding(reports: Iterable[_Report], recordings: Collection[str]) -> Iterator[Leftover]:
    keys = set(short_keys(recordings).values())
    for report in reports:
        if report.manifest is None:
            files = _searched(report.folder, keys)
        else:
            files = _there(report.folder, report.manifest.files_of(recordings))
        if files:
            yield Leftover(
                kind=REPORT,
                path=report.folder,
                period=report.period,
                audience=report.audience,
                files=files,
            )


def _there(folder: Path, files: Sequence[str]) -> tuple[str, ...]:
    """Those of the files that are still there; a print of the page holds what the page does."""
    also = (PRINT,) if INDEX in files else ()
    return tuple(sorted(f for f in (*files, *also) if (folder / f).is_file()))


def _searched(folder: Path, keys: Collection[str]) -> tuple[str, ...]:
    """The pages with words and the clips of calls with these keys, by what lies in the folder."""
    pages = [
        p
        for p in folder.glob("calls/*.html")
        if _is_of(p.stem, keys) and _WORDS.search(p.read_bytes())
    ]
    clips = [p for p in folder.glob("clips/*") if _is_of(p.name.rsplit("-", 1)[0], keys)]
    return tuple(sorted(p.relative_to(folder).as_posix() for p in (*pages, *clips)))


def _is_of(name: str, keys: Collection[str]) -> bool:
    """Whether a page's key is one of these: longer keys are made where two begin alike."""
    return any(name.startswith(k) or k.startswith(name) for k in keys)


def _old_clips(
    record: Reads, settings: Settings, reports: Iterable[_Report], today: date
) -> Iterator[Leftover]:
    """Reports whose clips are past `[retention] clips_days`."""
    ends = {name: end for name, _, end in drawn_periods(record)}
    for report in reports:
        clips = sorted(f"clips/{p.name}" for p in report.folder.glob("clips/*"))
        end = ends.get(report.period or "")
        if clips and end and end + timedelta(days=settings.retention.clips_days) < today:
            yield Leftover(
                kind=CLIPS,
                path=report.folder,
                period=report.period,
                audience=report.audience,
                files=tuple(clips),
            )


def _reviews(
    settings: Settings, recordings: Collection[str], unread: list[str]
) -> Iterator[Leftover]:
    for folder in _folders(settings.root):
        page = folder / INDEX
        if not (folder / "clips").is_dir() or not page.is_file():
            continue
        manifest = _manifest(folder, "review page", unread)
        if manifest is not None:
            files = _there(folder, manifest.files_of(recordings))
            if files:
                yield Leftover(kind=REVIEW, path=folder, period=manifest.period, files=files)
            continue
        named = re.findall(r'"recording_id": ("(?:[^"\\]|\\.)*")', page.read_text("utf-8"))
        if any(r.strip('"') in recordings for r in named):
            yield Leftover(kind=REVIEW, path=folder)


def _exports(record: Reads, settings: Settings, recordings: Collection[str]) -> Iterator[Leftover]:
    """Folders that `qc export` wrote, as the audit tells, and any in the workspace."""
    names = {f"{file_name(r)}.json" for r in recordings}
    folders = {
        Path(str(line.what["folder"]))
        for line in audit_lines(record)
        if line.action == "export" and "folder" in line.what
    }
    kinds = ("transcripts", "scorecards")
    folders |= {p.parent for p in settings.root.glob("*/*/") if p.name in kinds}
    for folder in folders:
        words = any((folder / "transcripts" / n).is_file() for n in names)
        cards = [p for n in names if (p := folder / "scorecards" / n).is_file()]
        if words or any('"purged"' not in p.read_text("utf-8") for p in cards):
            yield Leftover(kind=EXPORT, path=folder)


def _sheets(settings: Settings, recordings: Collection[str]) -> Iterator[Leftover]:
    """Calibration sheets that name a purged call: their notes may hold its words."""
    for path in (settings.root / "calibration").glob("**/*"):
        if path.suffix == ".csv":
            text = path.read_bytes().decode("utf-8", errors="replace")
        elif path.suffix == ".xlsx" and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as parts:
                text = "".join(
                    parts.read(n).decode("utf-8") for n in parts.namelist() if "hared" in n
                )
        else:
            continue
        named = set(re.split(r"[,<>\r\n\"]", text))
        if named & set(recordings):
            yield Leftover(kind=SHEET, path=path)


def _copies(settings: Settings) -> Iterator[Leftover]:
    """Copies of an SQLite record made before its tables were migrated: nothing is purged there."""
    url = settings.store_url()
    if url.startswith("sqlite:///"):
        database = Path(url.removeprefix("sqlite:///"))
        for path in database.parent.glob(f"{database.name}.before-*"):
            yield Leftover(kind=COPY, path=path)


def _folders(root: Path) -> Iterator[Path]:
    if root.is_dir():
        yield from sorted(p for p in root.iterdir() if p.is_dir())
