"""FunASR: the list that `AutoModel.generate` returns, with `sentence_info` (punctuation and speaker
models on). Times are milliseconds; `timestamp` has one pair for each character or English word.
Source: FunASR `funasr/auto/auto_model.py`, `funasr/utils/timestamp_tools.py`.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import AliasChoices, Field

from qc_pipeline.asr.formats.common import FileSpan, Foreign, FoundTranscript, parse
from qc_pipeline.call import Word
from qc_pipeline.errors import InputError, Problem

_UNIT = re.compile(r"[A-Za-z0-9']+|[^\W_]")


class _Sentence(Foreign):
    text: str = Field(validation_alias=AliasChoices("text", "sentence"))
    start: float
    end: float
    spk: int | str | None = None
    timestamp: tuple[tuple[float, float], ...] = ()
    confidence: float | None = None


class _Result(Foreign):
    sentence_info: tuple[_Sentence, ...]


class _File(Foreign):
    results: tuple[_Result, ...]


def recognises(body: Any) -> bool:
    """Whether the JSON is FunASR's: a result, or a list of results."""
    first = body[0] if isinstance(body, list) and body else body
    return isinstance(first, dict) and (
        "sentence_info" in first or ({"key", "text"} <= first.keys() and "start" not in first)
    )


def read(body: Any, path: str) -> FoundTranscript:
    """The sentences of the file."""
    rows = body if isinstance(body, list) else [body]
    if any("sentence_info" not in row for row in rows if isinstance(row, dict)):
        raise InputError(
            [
                Problem(
                    path=path,
                    message="the FunASR result has no sentence_info, so nobody's turns are known",
                    hint="run FunASR with vad_model, punc_model and spk_model",
                )
            ]
        )
    file = parse(_File, {"results": rows}, path)
    said = [
        FileSpan(
            place=f"sentence_info[{number}]",
            mark=None if sentence.spk is None else str(sentence.spk),
            start_s=sentence.start / 1000,
            end_s=sentence.end / 1000,
            text=sentence.text,
            words=_words(sentence),
            confidence=sentence.confidence,
        )
        for result in file.results
        for number, sentence in enumerate(result.sentence_info)
    ]
    return FoundTranscript(backend="funasr", said=tuple(said))


def _words(sentence: _Sentence) -> tuple[Word, ...]:
    """One word for each pair of times; none where their numbers do not agree."""
    units = _UNIT.findall(sentence.text)
    if len(units) != len(sentence.timestamp):
        return ()
    return tuple(
        Word(text=unit, start_s=start / 1000, end_s=end / 1000)
        for unit, (start, end) in zip(units, sentence.timestamp, strict=True)
    )
