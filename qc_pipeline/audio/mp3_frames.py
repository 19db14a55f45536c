"""The frames of an MP3 file, counted: how long it is, and what of it is broken.

A length that follows from the first frame's bit rate is wrong by any factor where the rate varies,
so every frame's header is read. Sources: ISO/IEC 11172-3 and 13818-3 (frame headers), the MPEG 2.5
extension, ID3v2.4 section 3.1, the Xing/Info header as LAME writes it.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from pathlib import Path

# kbit/s by index: layer III of MPEG 1, and of MPEG 2 and 2.5.
_RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_END_TAGS = (b"TAG", b"APETAGEX", b"LYRICS", b"ID3", b"3DI")
_FRAMES_NAMED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mp3Frames:
    """`length_s`: of the frames that are there. `named_s`: by the Xing header, None without one.

    `channels`: the most that a frame has; `mixed`: whether frames have one and two. `whole`:
    whether the last frame is complete. `damaged`: (second, bytes) of what is no frame between
    frames.
    """

    length_s: float
    named_s: float | None
    rate_hz: int
    channels: int
    mixed: bool
    whole: bool
    damaged: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    size: int
    samples: int
    rate_hz: int
    channels: int
    wide: bool  # MPEG 1


def look_at_mp3(path: Path) -> Mp3Frames | None:
    """Every frame of a file; None where there is none."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _walk(data)


def _walk(data: mmap.mmap) -> Mp3Frames | None:
    total, at = len(data), _after_id3(data, 0)
    known: dict[bytes, _Frame | None] = {}
    seconds = 0.0
    named_s: float | None = None
    first: _Frame | None = None
    channels: set[int] = set()
    damaged: list[tuple[float, int]] = []
    whole = True
    while at + 4 <= total:
        head = data[at : at + 4]
        frame = known.get(head)
        if frame is None and head not in known:
            frame = known[head] = _frame(head)
        if frame is None:
            lost_from, at = at, _next_frame(data, at + 1)
            if data[lost_from : lost_from + 8].startswith(_END_TAGS) or at < 0:
                # Tags, or less than a frame that nothing follows.
                whole = whole and (at >= 0 or _is_tag(data, lost_from))
                if at < 0:
                    break
            elif first is not None:
                damaged.append((max(seconds, 0.0), at - lost_from))
            continue
        if at + frame.size > total:
            whole = False
            break
        if first is None:
            first = frame
            named = _named_frames(data[at : at + frame.size], frame)
            if named is not None:
                frames, padding = named
                seconds = -padding / frame.rate_hz
                named_s = frames * frame.samples / frame.rate_hz + seconds
                at += frame.size
                continue
        seconds += frame.samples / frame.rate_hz
        channels.add(frame.channels)
        at += frame.size
    if first is None or not channels:
        return None
    return Mp3Frames(
        length_s=max(seconds, 0.0),
        named_s=named_s,
        rate_hz=first.rate_hz,
        channels=max(channels),
        mixed=len(channels) > 1,
        whole=whole,
        damaged=tuple(damaged),
    )


def _after_id3(data: mmap.mmap, at: int) -> int:
    while data[at : at + 3] == b"ID3" and at + 10 <= len(data):
        a, b, c, d = data[at + 6 : at + 10]
        at += 10 + (a << 21 | b << 14 | c << 7 | d)
    return at


def _frame(head: bytes) -> _Frame | None:
    """The frame of layer III that begins so; None where none does (or its rate is free)."""
    if head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, rate, hz = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or hz == 3 or rate in (0, 15):
        return None
    wide = version == 3
    rate_hz = _HZ[version][hz]
    kbit = (_RATES_1 if wide else _RATES_2)[rate]
    return _Frame(
        size=(144 if wide else 72) * kbit * 1_000 // rate_hz + (head[2] >> 1 & 1),
        samples=1_152 if wide else 576,
        rate_hz=rate_hz,
        channels=1 if head[3] >> 6 == 3 else 2,
        wide=wide,
    )


def _next_frame(data: mmap.mmap, at: int) -> int:
    """Where the next frame begins that another one, or the end, follows; -1 without one."""
    while (at := data.find(b"\xff", at)) >= 0:
        frame = _frame(data[at : at + 4]) if at + 4 <= len(data) else None
        if frame is not None:
            after = at + frame.size
            if after == len(data) or (after + 4 <= len(data) and _frame(data[after : after + 4])):
                return at
        at += 1
    return -1


def _is_tag(data: mmap.mmap, at: int) -> bool:
    rest = data[at:]
    return rest.startswith(_END_TAGS) or not rest.strip(b"\0")


def _named_frames(body: bytes, frame: _Frame) -> tuple[int, int] | None:
    """How many frames a Xing header names, and how many samples of them the encoder put around the
    sound; None where the frame is an ordinary one.
    """
    # After the header (and its check, which LAME never writes) stands the side information.
    side = {(True, 2): 32, (True, 1): 17, (False, 2): 17, (False, 1): 9}[frame.wide, frame.channels]
    at = 4 + side
    if body[at : at + 4] not in (b"Xing", b"Info"):
        return None
    flags = int.from_bytes(body[at + 4 : at + 8], "big")
    frames = int.from_bytes(body[at + 8 : at + 12], "big") if flags & _FRAMES_NAMED else 0
    encoder = at + 8 + 4 * (flags & 1) + 2 * (flags & 2) + 25 * (flags & 4) + (flags & 8) // 2
    if body[encoder : encoder + 3] not in (b"LAM", b"Lav"):
        return frames, 0
    pads = int.from_bytes(body[encoder + 21 : encoder + 24], "big")
    return frames, (pads >> 12) + (pads & 0xFFF)
