"""`qc backup` and `qc restore`: all that cannot be made anew, in one archive that was verified."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from qc_pipeline.errors import InputError, Problem, SurroundingsError, UsageError
from qc_pipeline.job.verify import verify
from qc_pipeline.store.audit_head import FORMAT as HEAD_FORMAT
from qc_pipeline.store.audit_head import HEAD_FILE, last_line
from qc_pipeline.store.copying import copy_record
from qc_pipeline.store.record import Record
from qc_pipeline.workspace.open_workspace import find_rubric
from qc_pipeline.workspace.settings import SETTINGS_FILE, Settings, load_settings

FORMAT = "qc-backup/1"
MANIFEST = "manifest.json"
DATABASE = "record.sqlite"
FOLDER = "backups"
MOST_BYTES = 64 * 1024**3
"""An archive that unpacks to more is none of ours."""
_PIECE = 1 << 20

Step = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """An archive and what is in it: how many files, their bytes, the record's rows, its head, and
    what did not hold of the record when it was made (it is kept all the same).
    """

    path: Path
    files: int
    size: int
    rows: int
    head: str
    faults: tuple[str, ...]


def back_up(record: Record, settings: Settings, target: Path, *, step: Step) -> BackedUp:
    """Write an archive of the workspace while others go on working: the record, the settings, the
    rubrics, what people wrote beside them, the published reports with their seals. Recordings and
    what can be made anew are not in it. The archive is read again before it counts.

    Raises UsageError where `target` is there, SurroundingsError where the disk fails.
    """
    if target.exists():
        raise UsageError(f"{target} is there already; a backup is never written over")
    faults = tuple(str(f) for f in verify(record, settings).faults)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            copy = Path(folder) / DATABASE
            done = copy_record(record, settings.store_url(), f"sqlite:///{copy}", step=step)
            head = _head_of(copy, record)
            files = dict(_files(settings))
            manifest = _write(part, copy, head, files)
        read_archive(part)
        part.replace(target)
    except OSError as error:
        raise SurroundingsError(f"the backup cannot be written: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return BackedUp(
        path=target,
        files=len(manifest["files"]),
        size=target.stat().st_size,
        rows=sum(done.rows.values()),
        head=str(manifest["head"]["hash"]),
        faults=faults,
    )


def _head_of(copy: Path, record: Record) -> Mapping[str, Any]:
    with closing(Record(f"sqlite:///{copy}", now=lambda: record.now, who="")) as copied:
        last = last_line(copied)
    if last is None:
        raise RuntimeError("a copied record has an audit")
    return last.as_json()


def _files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """What people wrote and what was published, by its name in the workspace."""
    root = settings.root.resolve()
    table, paths = settings.rubrics, settings.paths
    wanted = [root / SETTINGS_FILE, settings.calls_path]
    wanted += [settings.resolve(name) for name in (paths.traffic, paths.marks) if name]
    wanted += sorted((root / "rubrics").rglob("*.yaml"))
    for name in dict.fromkeys((table.default, *table.business.values())):
        try:
            wanted.append(find_rubric(settings, name))
        except InputError:
            continue  # what is not there cannot be kept
    for folder in (settings.report_root, root / "notices"):
        wanted += sorted(p for p in folder.rglob("*") if p.is_file())
    seen: set[str] = set()
    for path in wanted:
        whole = path.resolve()
        if not whole.is_file() or not whole.is_relative_to(root):
            continue
        name = whole.relative_to(root).as_posix()
        if name not in seen:
            seen.add(name)
            yield name, whole


def _write(
    part: Path, copy: Path, head: Mapping[str, Any], files: Mapping[str, Path]
) -> dict[str, Any]:
    """Write the archive; nobody else may read it. Returns its manifest."""
    known: dict[str, dict[str, Any]] = {}
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with (
        os.fdopen(descriptor, "wb") as out,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, path in {DATABASE: copy, **files}.items():
            data_hash, size = hashlib.sha256(), 0
            place = name if name == DATABASE else f"workspace/{name}"
            with path.open("rb") as source, archive.open(place, "w", force_zip64=True) as entry:
                while piece := source.read(_PIECE):
                    entry.write(piece)
                    data_hash.update(piece)
                    size += len(piece)
            known[place] = {"sha256": data_hash.hexdigest(), "size": size}
        manifest = {"format": FORMAT, "head": dict(head), "files": known}
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1, sort_keys=True))
    return manifest


def read_archive(path: Path) -> dict[str, Any]:
    """The manifest of an archive whose every file is what it says. Raises InputError for anything
    else: sizes are looked at before a byte is unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {e.filename: e for e in archive.infolist()}
            if MANIFEST not in entries or entries[MANIFEST].file_size > MOST_BYTES // 1024:
                raise InputError([Problem(path=str(path), message="is no backup of qc")])
            manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
            problems = list(_problems(path, manifest, entries))
            if problems:
                raise InputError(problems)
            for name, said in manifest["files"].items():
                found = hashlib.sha256()
                with archive.open(name) as entry:
                    while piece := entry.read(_PIECE):
                        found.update(piece)
                if found.hexdigest() != said["sha256"]:
                    problems.append(Problem(path=str(path), message=f"{name} is damaged"))
    except FileNotFoundError:
        raise InputError([Problem(path=str(path), message="no such file")]) from None
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError, OSError, EOFError) as error:
        message = f"is no backup of qc, or is damaged: {error}"
        raise InputError([Problem(path=str(path), message=message)]) from None
    if problems:
        raise InputError(problems)
    return manifest


def _problems(
    path: Path, manifest: Mapping[str, Any], entries: Mapping[str, zipfile.ZipInfo]
) -> Iterator[Problem]:
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        yield Problem(path=str(path), message="is no backup of qc", found=str(manifest)[:60])
        return
    said = manifest["files"]
    if set(entries) != {*said, MANIFEST} or DATABASE not in said:
        yield Problem(path=str(path), message="holds other files than its manifest says")
    if sum(e.file_size for e in entries.values()) > MOST_BYTES:
        yield Problem(path=str(path), message="unpacks to more than any workspace")
    for name, entry in entries.items():
        if name != MANIFEST and name in said and entry.file_size != said[name]["size"]:
            yield Problem(path=str(path), message=f"{name} unpacks to another size than it says")
        parts = PurePosixPath(name).parts
        inside = name in (MANIFEST, DATABASE) or parts[0] == "workspace"
        if not inside or ".." in parts or PurePosixPath(name).is_absolute() or "\\" in name:
            yield Problem(path=str(path), message="names a file outside the workspace", found=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A workspace made from an archive, and what does not hold of it."""

    root: Path
    files: int
    store: str
    faults: tuple[str, ...]


def restore(path: Path, root: Path, *, now: Callable[[], Any], who: str, step: Step) -> Restored:
    """Make a workspace of an archive in an empty folder, or in none yet. Where its settings name
    another database than a file, the record is copied there, and it must be empty.

    Raises UsageError where the folder is not empty, InputError for what is no whole archive.
    """
    if root.exists() and any(root.iterdir()):
        raise UsageError(f"{root} is not empty: a backup is restored into an empty folder")
    manifest = read_archive(path)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with zipfile.ZipFile(path) as archive:
        for name in manifest["files"]:
            place = root / (DATABASE if name == DATABASE else PurePosixPath(*name.split("/")[1:]))
            place.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, place.open("wb") as target:
                while piece := source.read(_PIECE):
                    target.write(piece)
    head = {"format": HEAD_FORMAT, **manifest["head"]}
    (root / HEAD_FILE).write_text(json.dumps(head) + "\n", encoding="utf-8")
    settings = load_settings(root)
    settings.recordings_root.mkdir(parents=True, exist_ok=True)
    url = _put_in_place(root, settings, now=now, who=who, step=step)
    with closing(Record(url, now=now, who=who, head=root / HEAD_FILE)) as record:
        record.tell("store.restore", {"head": manifest["head"]["hash"]})
        faults = tuple(str(f) for f in verify(record, settings).faults)
    return Restored(root=root, files=len(manifest["files"]), store=url, faults=faults)


def _put_in_place(
    root: Path, settings: Settings, *, now: Callable[[], Any], who: str, step: Step
) -> str:
    """The record where the settings look for it; returns that address."""
    copy, url = root / DATABASE, settings.store_url()
    prefix = "sqlite:///"
    if url.startswith(prefix):
        place = Path(url[len(prefix) :])
        if place.exists():
            raise UsageError(f"{place} is there already: nothing is written over a database")
        place.parent.mkdir(parents=True, exist_ok=True)
        copy.replace(place)
        return url
    source = f"sqlite:///{copy}"
    with closing(Record(source, now=now, who=who)) as record:
        copy_record(record, source, url, step=step)
    copy.unlink()
    return url
