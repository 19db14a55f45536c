"""What a folder of pages holds of which recording: a file beside the folder, for `qc purge`.

`report/2026-W47.manifest.json` lies beside `report/2026-W47/`, not in it: the folder is handed on,
the manifest is ours. It names recordings by the sha256 of their ids, for ids often hold a caller's
number, and the hash of the folder's index.html, so that a manifest of another state of the folder
is known for what it is.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from qc_pipeline.errors import QcError
from qc_pipeline.report.blocks import CommonProblems, ProblemCalls, SectionView, TableBlock
from qc_pipeline.report.view import View
from qc_pipeline.system.files import write_text

INDEX, DATA, WORKBOOK, PRINT = "index.html", "report.json", "report.xlsx", "report.pdf"


class HeldFiles(BaseModel):
    """The files of a folder that hold words of one recording, or about it, and its clips."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    words: tuple[str, ...] = ()
    clips: tuple[str, ...] = ()


class Manifest(BaseModel):
    """Of which folder, and by the sha256 of a recording's id what there is of it.

    `audience` is None where the pages are not for one; `unmasked` says that numbers and names stand
    in the words.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal["qc-manifest/1"] = "qc-manifest/1"
    kind: Literal["report", "review page"]
    period: str
    audience: str | None = None
    unmasked: bool = False
    index_sha256: str
    recordings: Mapping[str, HeldFiles]

    def files_of(self, recording_ids: Iterable[str]) -> tuple[str, ...]:
        """The files that hold words or sound of any of these recordings, sorted."""
        held = (self.recordings.get(_named(r)) for r in recording_ids)
        return tuple(sorted({f for h in held if h is not None for f in (*h.words, *h.clips)}))


class ManifestError(QcError):
    """A manifest that cannot be read, or is of another state of the folder."""


def manifest_path(folder: Path) -> Path:
    """Where a folder's manifest lies."""
    return folder.with_name(f"{folder.name}.manifest.json")


def write_manifest(
    folder: Path,
    *,
    kind: Literal["report", "review page"],
    period: str,
    held: Mapping[str, HeldFiles],
    audience: str | None = None,
    unmasked: bool = False,
) -> None:
    """Write the manifest of a folder that stands, `held` by recording id."""
    manifest = Manifest(
        kind=kind,
        period=period,
        audience=audience,
        unmasked=unmasked,
        index_sha256=_sha256(folder / INDEX),
        recordings={_named(r): held[r] for r in held},
    )
    body = json.dumps(manifest.model_dump(mode="json"), indent=1, sort_keys=True)
    write_text(manifest_path(folder), body + "\n")


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a folder; None where there is none: it was written by a former version.

    Raises ManifestError where it is damaged, or where the folder is not what it was written for.
    """
    path = manifest_path(folder)
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise ManifestError(f"{path} cannot be read") from error
    try:
        fits = manifest.index_sha256 == _sha256(folder / INDEX)
    except OSError:
        fits = False
    if not fits:
        raise ManifestError(f"{path} is of another state of {folder}")
    return manifest


def held_in_report(view: View, clips: Mapping[str, Collection[str]]) -> dict[str, HeldFiles]:
    """What the files of a report hold, by recording id; `clips` are the names of those written.

    Of a purged recording a report holds no word.
    """
    words: defaultdict[str, set[str]] = defaultdict(set)
    for call in view.calls:
        words[call.recording_id].add(call.page)
    for case in view.cases:
        words[case.call.recording_id].add(case.page)
    for recording_id, file in _told(view):
        words[recording_id].add(file)
    gone = view.model.inputs.purged | {
        c.recording_id for c in view.calls if c.card is not None and c.card.purged is not None
    }
    return {
        r: HeldFiles(words=tuple(sorted(words[r])), clips=tuple(sorted(clips.get(r, ()))))
        for r in sorted(words.keys() | clips.keys())
        if r not in gone
    }


def _told(view: View) -> Iterator[tuple[str, str]]:
    """(recording id, file) wherever words of a call, or about it, stand among those of others."""
    ids = {call.key: call.recording_id for call in view.calls}
    yield from _in_sections(view.sections, ids, INDEX, (DATA, WORKBOOK))
    for agent in view.agents:
        yield from _in_sections(agent.sections, ids, f"agents/{agent.key}.html", ())


def _in_sections(
    sections: Iterable[SectionView], ids: Mapping[str, str], page: str, also: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """`also`: the data file and the workbook, where these sections stand in them."""
    for block in (b for s in sections for b in s.blocks):
        match block:
            case ProblemCalls():
                yield from ((ids[item.key], page) for item in block.items)
            case CommonProblems():
                for _, quote in (q for item in block.items for q in item.quotes):
                    key = (quote.href or "").partition("#")[0].removeprefix("calls/")
                    recording_id = ids[key.removesuffix(".html")]
                    yield recording_id, page
                    yield from ((recording_id, file) for file in also if file == DATA)
            case TableBlock(about=about) if about:
                for row, recording_id in enumerate(about):
                    if recording_id and (block.page_rows is None or row < block.page_rows):
                        yield recording_id, page
                    for file in also if recording_id else ():
                        if file == DATA or block.sheet:
                            yield recording_id, file


def _named(recording_id: str) -> str:
    return hashlib.sha256(recording_id.encode()).hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
