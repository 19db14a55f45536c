"""Where words of purged calls may still lie: reports, review pages, exports, copies of the record.

A purge empties the record; what was written from it before lies in files. They are found by the
names that `qc` gives them, not by the words: after a purge nobody knows the words any more.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from qc_pipeline.job.export import file_name
from qc_pipeline.report.audience import parse_audience
from qc_pipeline.report.model import short_keys
from qc_pipeline.review.published import report_folder
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
    can be written again: `audience` is None where nobody can tell any more.
    """

    kind: str
    path: Path
    period: str | None = None
    audience: str | None = None


def leftovers(record: Reads, settings: Settings, *, today: date) -> tuple[Leftover, ...]:
    """All there are of the calls purged so far, sorted by kind and path."""
    recordings = purged_calls(record)
    known = _report_names(record, settings)
    found = [
        *_reports(settings, set(recordings), known),
        *_old_clips(record, settings, known, today),
        *_reviews(settings, recordings),
        *_exports(record, settings, recordings),
        *_sheets(settings, recordings),
        *_copies(settings),
    ]
    return tuple(sorted(set(found), key=lambda x: (x.kind, str(x.path))))


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


def _reports(
    settings: Settings, recordings: Collection[str], known: Mapping[str, tuple[str, str]]
) -> Iterator[Leftover]:
    keys = set(short_keys(recordings).values())
    for folder in _folders(settings.report_root):
        pages = [p for p in folder.glob("calls/*.html") if _is_of(p.stem, keys)]
        clips = [p for p in folder.glob("clips/*") if _is_of(p.name.rsplit("-", 1)[0], keys)]
        if clips or any(_WORDS.search(p.read_bytes()) for p in pages):
            period, audience = known.get(folder.name, (None, None))
            yield Leftover(kind=REPORT, path=folder, period=period, audience=audience)


def _is_of(name: str, keys: Collection[str]) -> bool:
    """Whether a page's key is one of these: longer keys are made where two begin alike."""
    return any(name.startswith(k) or k.startswith(name) for k in keys)


def _old_clips(
    record: Reads, settings: Settings, known: Mapping[str, tuple[str, str]], today: date
) -> Iterator[Leftover]:
    """Reports whose clips are past `[retention] clips_days`."""
    ends = {name: end for name, _, end in drawn_periods(record)}
    for folder in _folders(settings.report_root):
        period, audience = known.get(folder.name, (None, None))
        if period is None or not any(folder.glob("clips/*")):
            continue
        if ends[period] + timedelta(days=settings.retention.clips_days) < today:
            yield Leftover(kind=CLIPS, path=folder, period=period, audience=audience)


def _reviews(settings: Settings, recordings: Collection[str]) -> Iterator[Leftover]:
    for folder in _folders(settings.root):
        page = folder / "index.html"
        if not (folder / "clips").is_dir() or not page.is_file():
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
