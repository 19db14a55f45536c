"""Hashes and lengths of recordings, kept as long as a file lies there unchanged.

A file is taken for unchanged while its path, size, time of modification and inode are the same. One
that was modified just before it was read is not kept: a second change within the clock's step of
the file system could not be told from the first (git calls such an entry racy).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from qc_pipeline.audio.decode import file_sha256
from qc_pipeline.audio.survey import READER_VERSION
from qc_pipeline.call import content_sha256
from qc_pipeline.errors import RecordingError
from qc_pipeline.store.cache import Cache

KIND = "file"
FINE_STEP_NS = 50_000_000
"""More than the step of ext4, xfs, btrfs, APFS and NTFS (a kernel tick, at most 10 ms)."""
COARSE_STEP_NS = 2_000_000_000
"""That of FAT; ext3 and HFS+ have whole seconds, too."""
SECOND_NS = 1_000_000_000
READER = f"reader {READER_VERSION}"
LENGTH = "length_s"
"""Kept under another name than the lengths of former versions, which headers alone had told."""


class FileFacts:
    """What is known of files; `foresee` looks many up at once."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def foresee(self, paths: Iterable[Path]) -> None:
        """Fetch what is known of files that will be asked for."""
        self._cache.get(KIND, [key for path in paths if (key := _key(path)) is not None])

    def sha256(self, path: Path) -> str:
        """sha256 (hex) of a recording's bytes. Raises RecordingError as `file_sha256`."""
        return str(self._known(path, "sha256", lambda: file_sha256(path)))

    def duration_s(self, path: Path, read: Callable[[Path], float]) -> float:
        """A recording's length as `read` gives it. Raises what `read` raises."""
        return float(self._known(path, LENGTH, lambda: read(path)))

    def reader(self, path: Path, read: Callable[[Path], str]) -> str:
        """What `read` says of how a recording is read, "" where it does not lie there."""
        try:
            return str(self._known(path, READER, lambda: read(path)))
        except RecordingError:
            return ""

    def learn_sha256(self, path: Path, sha256: str, *, read_from_ns: int) -> None:
        """Keep the hash of a file that was read at some time after `read_from_ns` (epoch)."""
        self._learn(path, "sha256", sha256, read_from_ns)

    def _known(self, path: Path, what: str, work_out: Callable[[], Any]) -> Any:
        key = _key(path)
        facts = {} if key is None else self._cache.get(KIND, [key], dict).get(key, {})
        if what in facts:
            return facts[what]
        begun_ns = time.time_ns()
        value = work_out()
        self._learn(path, what, value, begun_ns)
        return value

    def _learn(self, path: Path, what: str, value: Any, read_from_ns: int) -> None:
        key = _key(path, settled_before_ns=read_from_ns)
        if key is not None:
            facts = self._cache.get(KIND, [key], dict).get(key, {})
            self._cache.put(KIND, {key: {**facts, what: value}})


def _key(path: Path, *, settled_before_ns: int | None = None) -> str | None:
    """What a file is known by; None where it is not there, or was modified too late to be kept."""
    try:
        stat = path.stat()
    except OSError:
        return None
    modified_ns = stat.st_mtime_ns
    step_ns = FINE_STEP_NS if modified_ns % SECOND_NS else COARSE_STEP_NS
    if settled_before_ns is not None and modified_ns + step_ns > settled_before_ns:
        return None
    # By hash: a file's name may hold a customer's number, which a purge could not find here.
    return content_sha256([stat.st_size, modified_ns, stat.st_ino, str(path.absolute())])
