"""Clips of a report that is written again: one that lies there already is taken as it is."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from threading import Lock

from qc_pipeline.audio.clips import CLIP_VERSION, cut_clip
from qc_pipeline.call import content_sha256
from qc_pipeline.errors import RecordingError
from qc_pipeline.period.file_hashes import FileFacts
from qc_pipeline.report.inputs import ClipJob
from qc_pipeline.store.cache import Cache

KIND = "clip"


class KeptClips:
    """Cuts clips for a report that replaces the one in `folder`; may be asked from threads."""

    def __init__(self, cache: Cache, folder: Path) -> None:
        self._cache = cache
        self._facts = FileFacts(cache)
        self._former = folder / "clips"
        self._lock = Lock()

    def make(self, recording: Path, job: ClipJob) -> Path | None:
        """As `cut_clip`, without opening the recording where the same clip was cut before."""
        with self._lock:
            key = self._key(recording, job)
            known = None if key is None else self._cache.get(KIND, [key]).get(key)
        former = self._former / f"{job.target.name}.mp3"
        if known is not None and _sha256(former) == known:
            job.target.parent.mkdir(parents=True, exist_ok=True)
            made = job.target.with_name(former.name)
            shutil.copyfile(former, made)
            return made
        cut = cut_clip(
            recording,
            start_s=job.start_s,
            end_s=job.end_s,
            silenced=job.silenced,
            target=job.target,
        )
        if cut is not None and key is not None:
            with self._lock:
                self._cache.put(KIND, {key: _sha256(cut)})
        return cut

    def _key(self, recording: Path, job: ClipJob) -> str | None:
        """All that a clip's bytes follow from; None where the recording is not there."""
        try:
            sound = self._facts.sha256(recording)
        except RecordingError:
            return None
        spans = [list(s) for s in job.silenced]
        return content_sha256([CLIP_VERSION, sound, job.start_s, job.end_s, spans])


def _sha256(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
