"""WhisperX JSON (`whisperx --output_format json --diarize`) and faster-whisper's segments as JSON.

Both write `segments` with start and end in seconds; WhisperX names speakers and scores words by
`score`, faster-whisper writes `probability` and knows no speakers: a `speaker` has to be added.
Sources: whisperX `whisperx/utils.py` (WriteJSON), faster-whisper 1.2 `transcribe.py` (Segment).
"""

from __future__ import annotations

from typing import Any

from pydantic import AliasChoices, Field

from qc_pipeline.asr.formats.common import FileSpan, Foreign, FoundTranscript, parse
from qc_pipeline.call import Word


class _Word(Foreign):
    word: str
    # WhisperX leaves the times out where it could not align (digits, symbols).
    start: float | None = None
    end: float | None = None
    confidence: float | None = Field(
        default=None, validation_alias=AliasChoices("probability", "score")
    )
    speaker: str | None = None


class _Segment(Foreign):
    start: float
    end: float
    text: str
    speaker: str | int | None = None
    words: tuple[_Word, ...] | None = None


class _File(Foreign):
    segments: tuple[_Segment, ...]
    language: str | None = None
    duration: float | None = None


def recognises(body: Any) -> bool:
    """Whether the JSON is one of these: a list of segments, or an object that holds one."""
    rows = body.get("segments") if isinstance(body, dict) else body
    return (
        isinstance(rows, list)
        and all(
            isinstance(r, dict) and "text" in r and "start" in r and "sentence_info" not in r
            for r in rows[:3]
        )
        and (bool(rows) or isinstance(body, dict))
    )


def read(body: Any, path: str) -> FoundTranscript:
    """The segments of the file, split where the speaker changes inside one."""
    file = parse(_File, body if isinstance(body, dict) else {"segments": body}, path)
    said: list[FileSpan] = []
    for number, segment in enumerate(file.segments):
        place = f"segments[{number}]"
        said.extend(_parts(segment, place))
    scored = any("score" in w for s in _rows(body) for w in s.get("words") or [])
    return FoundTranscript(
        backend="whisperx" if scored or _word_segments(body) else "faster-whisper",
        said=tuple(said),
        language=file.language,
        duration_s=file.duration,
    )


def _rows(body: Any) -> list[dict[str, Any]]:
    rows = body["segments"] if isinstance(body, dict) else body
    return list(rows)


def _word_segments(body: Any) -> bool:
    return isinstance(body, dict) and "word_segments" in body


def _parts(segment: _Segment, place: str) -> list[FileSpan]:
    mark = None if segment.speaker is None else str(segment.speaker)
    words = _timed(segment)
    marks = {w.speaker for w in segment.words or () if w.speaker}
    if len(marks) <= 1 or mark is None:
        only = next(iter(marks)) if mark is None and len(marks) == 1 else mark
        return [
            FileSpan(
                place=place,
                mark=only,
                start_s=segment.start,
                end_s=segment.end,
                text=segment.text.strip(),
                words=words,
            )
        ]
    groups: list[tuple[str, list[int]]] = []
    for number, word in enumerate(segment.words or ()):
        speaker = word.speaker or (groups[-1][0] if groups else mark)
        if groups and groups[-1][0] == speaker:
            groups[-1][1].append(number)
        else:
            groups.append((speaker, [number]))
    out: list[FileSpan] = []
    for speaker, numbers in groups:
        chosen = tuple(words[n] for n in numbers)
        wide = all(not w.text or w.text[0].isascii() for w in chosen)
        out.append(
            FileSpan(
                place=place,
                mark=speaker,
                start_s=chosen[0].start_s,
                end_s=chosen[-1].end_s,
                text=(" " if wide else "").join(w.text for w in chosen),
                words=chosen,
            )
        )
    return out


def _timed(segment: _Segment) -> tuple[Word, ...]:
    """Words with times; one without gets the place between its neighbours."""
    given = segment.words or ()
    out: list[Word] = []
    for number, word in enumerate(given):
        before = out[-1].end_s if out else segment.start
        start = before if word.start is None else word.start
        following = (w.start for w in given[number + 1 :] if w.start is not None)
        end = word.end if word.end is not None else next(following, segment.end)
        out.append(
            Word(
                text=word.word.strip(),
                start_s=start,
                end_s=max(end, start),
                confidence=word.confidence,
            )
        )
    return tuple(out)
