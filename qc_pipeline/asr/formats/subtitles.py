"""SRT and WebVTT whose cues say who speaks: `[agent] 您好`, `agent: 您好`, or `<v agent>您好</v>`.

A cue without a mark goes on in the voice of the cue before it. Sources: the SubRip text format as
its programs write it, WebVTT (W3C).
"""

from __future__ import annotations

import html
import re

from qc_pipeline.asr.formats.common import FileSpan, FoundTranscript
from qc_pipeline.errors import InputError, Problem

_TIMES = re.compile(
    r"^\s*(?:(\d+):)?(\d{1,2}):(\d{2})[.,](\d{1,3})\s*-->\s*(?:(\d+):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
)
_VOICE = re.compile(r"^<v(?:\.[^\s>]+)?\s+([^>]+)>")
_BRACKET = re.compile(r"^[\[【(（]\s*([^\]】)）]{1,40}?)\s*[\]】)）]\s*[:\uff1a]?\s*")
_COLON = re.compile(r"^([A-Za-z_0-9]{1,20}|坐席|座席|客服|客户|顾客)\s*[:\uff1a]\s*")
_TAG = re.compile(r"<[^>]*>")


def recognises(text: str) -> bool:
    """Whether the text is SRT or WebVTT."""
    return text.lstrip().startswith("WEBVTT") or any(
        _TIMES.match(line) for line in text.splitlines()[:20]
    )


def read(text: str, path: str) -> FoundTranscript:
    """The cues of the file. Raises InputError with every cue whose times cannot be read."""
    said: list[FileSpan] = []
    problems: list[Problem] = []
    mark: str | None = None
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if "-->" not in line:
            continue
        place = number
        times = _TIMES.match(line)
        body: list[str] = []
        while number < len(lines) and lines[number].strip():
            body.append(lines[number].strip())
            number += 1
        if times is None:
            problems.append(
                Problem(
                    path=path,
                    line=place,
                    message="the times of this cue cannot be read",
                    found=line.strip()[:60],
                    allowed="00:00:01,000 --> 00:00:02,500",
                )
            )
            continue
        start_s, end_s = _seconds(times.groups()[:4]), _seconds(times.groups()[4:])
        for part in body:
            found, rest = _marked(part)
            mark = found or mark
            if said and not found and said[-1].place == f"the cue in line {place}":
                last = said.pop()
                rest = f"{last.text} {rest}"
            said.append(
                FileSpan(
                    place=f"the cue in line {place}",
                    mark=mark,
                    start_s=start_s,
                    end_s=end_s,
                    text=html.unescape(_TAG.sub("", rest)).strip(),
                )
            )
    if problems:
        raise InputError(problems)
    kind = "webvtt" if text.lstrip().startswith("WEBVTT") else "srt"
    return FoundTranscript(backend=kind, said=tuple(said))


def _marked(line: str) -> tuple[str | None, str]:
    """Who speaks, and the line without its mark."""
    for pattern in (_VOICE, _BRACKET, _COLON):
        found = pattern.match(line)
        if found:
            return found.group(1).strip(), line[found.end() :]
    return None, line


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = parts
    return (
        int(hours or 0) * 3600
        + int(minutes or 0) * 60
        + int(seconds or 0)
        + int((fraction or "0").ljust(3, "0")) / 1000
    )
