"""What the pages of an Ogg file say: which recordings it holds, in a row or side by side.

A recorder that is told to hold and to go on writes a second recording ("link") behind the first;
libsndfile reads the first one only. Sources: RFC 3533 (pages, links, end marks), RFC 7845 (Opus:
granules of 48 kHz, pre-skip), RFC 6716 section 3.1 (how long an Opus packet lasts), the Vorbis I
specification (granules are samples).
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from qc_pipeline.audio.missing_sound import LONGEST_S

OPUS_HZ = 48_000
_HEADER = 27
_NO_GRANULE = 2**64 - 1
_BEGINS, _ENDS = 2, 4
# Samples at 48 kHz of an Opus frame by its configuration (RFC 6716, table 2).
_SILK, _HYBRID, _CELT = (480, 960, 1_920, 2_880), (480, 960), (120, 240, 480, 960)
_OPUS_FRAMES = (*_SILK * 3, *_HYBRID * 2, *_CELT * 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class OggLink:
    """One recording of an Ogg file. `spans` are its pages in the file, [start, stop).

    `length_s`: by its granules, None where they say nothing that can be right. `ended`: whether its
    end mark is there. `gaps`: where pages are missing inside, (second, seconds or None where nobody
    knows). `codec`: "opus", "vorbis", "speex", "flac", or "" for what is no sound that is known.
    """

    codec: str
    spans: tuple[tuple[int, int], ...]
    length_s: float | None
    ended: bool
    gaps: tuple[tuple[float, float | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OggFile:
    """Groups of links in the order of the file; the links of one group sound at the same time.

    `whole`: whether the last page is complete.
    """

    groups: tuple[tuple[OggLink, ...], ...]
    whole: bool


@dataclass(slots=True, kw_only=True)
class _Open:
    """A link while its pages are gathered."""

    codec: str
    rate_hz: int
    skip: int
    spans: list[tuple[int, int]] = field(default_factory=list)
    number: int = -1
    gaps: list[tuple[int, int | None]] = field(default_factory=list)
    first: int | None = None
    last: int | None = None
    ended: bool = False

    def take(self, page: _Page) -> None:
        if self.spans and self.spans[-1][1] == page.start:
            self.spans[-1] = (self.spans[-1][0], page.stop)
        else:
            self.spans.append((page.start, page.stop))
        if self.number >= 0 and page.number > self.number + 1:
            self._gap(page)
        self.number = page.number
        self.ended = self.ended or page.ends
        if page.granule in (0, _NO_GRANULE):
            return
        if self.first is None:
            self.first = page.granule - page.opus_samples if self.codec == "opus" else 0
        self.last = page.granule

    def _gap(self, page: _Page) -> None:
        at = self.last or 0
        known = self.codec == "opus" and page.granule != _NO_GRANULE
        lost = page.granule - at - page.opus_samples if known else None
        self.gaps.append((at, lost))

    def _second(self, granule: int) -> float:
        return (
            max(granule - (self.first or 0) - self.skip, 0) / self.rate_hz if self.rate_hz else 0.0
        )

    def closed(self) -> OggLink:
        length_s: float | None = None
        if self.last is not None and self.first is not None and self.rate_hz:
            # A page that ends the recording early has fewer samples than its packets.
            found = (self.last - max(self.first, 0) - self.skip) / self.rate_hz
            length_s = found if 0 < found <= LONGEST_S else None
        return OggLink(
            codec=self.codec,
            spans=tuple(self.spans),
            length_s=length_s,
            ended=self.ended,
            gaps=tuple(
                (self._second(at), lost / self.rate_hz if lost and lost > 0 else None)
                for at, lost in self.gaps
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    start: int
    stop: int
    body: bytes
    granule: int
    serial: int
    number: int
    begins: bool
    ends: bool
    table: bytes

    @property
    def opus_samples(self) -> int:
        """Samples at 48 kHz of the packets that end on this page."""
        total, at, size = 0, 0, 0
        for lace in self.table:
            size += lace
            if lace < 255:
                total += _opus_packet(self.body[at : at + min(size, 2)])
                at, size = at + size, 0
        return total


def _opus_packet(head: bytes) -> int:
    if not head:
        return 0
    code = head[0] & 3
    count = (1, 2, 2)[code] if code < 3 else (head[1] & 63 if len(head) > 1 else 0)
    return count * _OPUS_FRAMES[head[0] >> 3]


def look_at_ogg(path: Path) -> OggFile:
    """What the file's pages say. What is no page of Ogg between them is passed over."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _gathered(data)


def _gathered(data: mmap.mmap) -> OggFile:
    groups: list[list[_Open]] = []
    open_links: dict[int, _Open] = {}
    heads = False  # while the first pages of one group come
    stop = 0
    for page in _pages(data):
        stop = page.stop
        if page.begins:
            if not heads:
                groups.append([])
                open_links = {}
            heads = True
            link = _opened(page.body)
            groups[-1].append(link)
            open_links[page.serial] = link
        else:
            heads = False
        found = open_links.get(page.serial)
        if found is not None:
            found.take(page)
    closed = tuple(tuple(link.closed() for link in group) for group in groups)
    return OggFile(groups=closed, whole=stop == len(data))


def _pages(data: mmap.mmap) -> Iterator[_Page]:
    at, total = 0, len(data)
    while (at := data.find(b"OggS", at)) >= 0 and at + _HEADER <= total:
        _, flags, granule, serial, number, _, segments = struct.unpack_from(
            "<BBQIIIB", data, at + 4
        )
        table = data[at + _HEADER : at + _HEADER + segments]
        start = at + _HEADER + segments
        stop = start + sum(table)
        if data[at + 4] != 0 or stop > total:
            at += 4
            continue
        yield _Page(
            start=at,
            stop=stop,
            body=data[start:stop],
            granule=granule,
            serial=serial,
            number=number,
            begins=bool(flags & _BEGINS),
            ends=bool(flags & _ENDS),
            table=table,
        )
        at = stop


def _opened(head: bytes) -> _Open:
    if head.startswith(b"OpusHead") and len(head) >= 12:
        return _Open(codec="opus", rate_hz=OPUS_HZ, skip=struct.unpack_from("<H", head, 10)[0])
    if head.startswith(b"\x01vorbis") and len(head) >= 16:
        return _Open(codec="vorbis", rate_hz=struct.unpack_from("<I", head, 12)[0], skip=0)
    if head.startswith(b"Speex   ") and len(head) >= 40:
        return _Open(codec="speex", rate_hz=struct.unpack_from("<I", head, 36)[0], skip=0)
    if head.startswith(b"\x7fFLAC"):
        return _Open(codec="flac", rate_hz=0, skip=0)
    return _Open(codec="", rate_hz=0, skip=0)
