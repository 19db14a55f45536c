"""Where a decoder takes its bytes from: a file, parts of it, or a file whose header was put right.

Recordings are only ever read. A header that names less than there is, or several recordings in one
file, are read through a view of the file; nothing is written.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteSource:
    """A file as a decoder shall see it.

    `spans` are the parts [start, stop) of it that are seen, one after the other (empty: the whole
    file); `patches` are bytes that stand at a place of the file instead of its own.
    """

    path: Path
    spans: tuple[tuple[int, int], ...] = ()
    patches: tuple[tuple[int, bytes], ...] = ()

    @property
    def plain(self) -> bool:
        """Whether it is the file as it is."""
        return not (self.spans or self.patches)

    def open(self) -> str | BinaryIO:
        """What soundfile and PyAV take: the file's name, or a file of its own kind."""
        if self.plain:
            return str(self.path)
        whole = self.spans or ((0, self.path.stat().st_size),)
        return io.BufferedReader(_View(self.path, whole, self.patches), buffer_size=1 << 16)


class _View(io.RawIOBase):
    """Parts of a file as one, with patches."""

    def __init__(
        self,
        path: Path,
        spans: tuple[tuple[int, int], ...],
        patches: tuple[tuple[int, bytes], ...],
    ) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._patches = patches
        self._parts: list[tuple[int, int, int]] = []  # place in the view, in the file, length
        self._size = 0
        for start, stop in spans:
            self._parts.append((self._size, start, stop - start))
            self._size += stop - start
        self._at = 0
        self._part = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(base + offset, 0)
        self._part = 0
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        target = memoryview(buffer).cast("B")
        filled = 0
        while filled < len(target) and self._at < self._size:
            place, start, length = self._parts[self._part]
            inside = self._at - place
            if inside >= length:
                self._part += 1
                continue
            wanted = min(len(target) - filled, length - inside)
            self._file.seek(start + inside)
            found = self._patched(self._file.read(wanted), start + inside)
            if not found:
                break
            target[filled : filled + len(found)] = found
            filled += len(found)
            self._at += len(found)
        return filled

    def _patched(self, found: bytes, at: int) -> bytes:
        for place, patch in self._patches:
            first, last = max(place, at), min(place + len(patch), at + len(found))
            if first < last:
                inside = patch[first - place : last - place]
                found = found[: first - at] + inside + found[last - at :]
        return found

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
