"""Ogg pages made by hand: Opus packets of 20 ms (configuration 1, one frame: 960 at 48 kHz)."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from qc_pipeline.audio.ogg_pages import OggFile, look_at_ogg

HEAD = b"OpusHead" + bytes([1, 2]) + struct.pack("<HIhB", 312, 8_000, 0, 0)
PACKET = bytes([1 << 3]) + b"x" * 19  # table of RFC 6716: configuration 1 is 20 ms


def page(serial: int, number: int, granule: int, packets: list[bytes], flags: int = 0) -> bytes:
    table = bytes(len(p) for p in packets)
    head = struct.pack("<BBQIIIB", 0, flags, granule, serial, number, 0, len(table))
    return b"OggS" + head + table + b"".join(packets)


def link(serial: int, seconds: int, *, begins: int = 0, ends: bool = True) -> list[bytes]:
    """Pages of one second, 50 packets each."""
    pages = [page(serial, 0, 0, [HEAD], 2), page(serial, 1, 0, [b"OpusTags"])]
    for n in range(seconds):
        last = ends and n == seconds - 1
        granule = begins + 48_000 * (n + 1)
        pages.append(page(serial, n + 2, granule, [PACKET] * 50, 4 if last else 0))
    return pages


def look(folder: Path, pages: list[bytes]) -> OggFile:
    path = folder / "a.ogg"
    path.write_bytes(b"".join(pages))
    return look_at_ogg(path)


def test_one_recording(tmp_path: Path) -> None:
    pages = link(7, 3)
    got = look(tmp_path, pages)
    ((only,),) = got.groups
    assert (got.whole, only.codec, only.ended, only.gaps) == (True, "opus", True, ())
    assert only.length_s == pytest.approx(3 - 312 / 48_000)
    assert only.spans == ((0, sum(map(len, pages))),)


def test_a_recording_that_did_not_begin_at_zero(tmp_path: Path) -> None:
    """A stream that was joined: its granules count from another moment (RFC 7845, section 4.3)."""
    ((only,),) = look(tmp_path, link(7, 3, begins=90_000 * 48_000)).groups
    assert only.length_s == pytest.approx(3 - 312 / 48_000)


def test_two_in_a_row(tmp_path: Path) -> None:
    got = look(tmp_path, [*link(7, 2), *link(7, 4)])
    assert [[round(o.length_s or 0.0, 1) for o in group] for group in got.groups] == [[2.0], [4.0]]


def test_two_side_by_side(tmp_path: Path) -> None:
    a, b = link(1, 2), link(2, 2)
    got = look(tmp_path, [a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3]])
    ((first, second),) = got.groups
    assert [len(first.spans), len(second.spans)] == [4, 4]


def test_a_missing_page_is_a_gap_of_its_length(tmp_path: Path) -> None:
    pages = link(7, 5)
    del pages[4]  # the third second
    ((only,),) = look(tmp_path, pages).groups
    ((at_s, lost_s),) = only.gaps
    assert at_s == pytest.approx(2 - 312 / 48_000)
    assert lost_s == pytest.approx(1.0)


def test_a_cut_page_and_a_missing_end_mark(tmp_path: Path) -> None:
    pages = link(7, 3, ends=False)
    assert look(tmp_path, pages).groups[0][0].ended is False
    assert look(tmp_path, pages).whole is True
    pages[-1] = pages[-1][:-5]
    got = look(tmp_path, pages)
    assert got.whole is False
    assert got.groups[0][0].length_s == pytest.approx(2 - 312 / 48_000)


def test_a_length_of_centuries_is_none(tmp_path: Path) -> None:
    pages = [*link(7, 2)[:2], page(7, 2, 48_000, [PACKET] * 50), page(7, 3, 2**62, [PACKET])]
    assert look(tmp_path, pages).groups[0][0].length_s is None
