"""Alibaba Cloud: the recording-file recognition of Intelligent Speech Interaction (`Sentences` with
`ChannelId`, `BeginTime`), and the Paraformer service (`transcripts` with `channel_id`).
Times are milliseconds. Source: the services' API pages ("录音文件识别").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from qc_pipeline.asr.formats.common import FileSpan, Foreign, FoundTranscript, parse
from qc_pipeline.call import Word
from qc_pipeline.errors import InputError, Problem


class _Sentence(Foreign):
    channel: int | str = Field(default=0, validation_alias="ChannelId")
    speaker: int | str | None = Field(default=None, validation_alias="SpeakerId")
    begin: float = Field(validation_alias="BeginTime")
    end: float = Field(validation_alias="EndTime")
    text: str = Field(validation_alias="Text")


class _Word(Foreign):
    channel: int | str = Field(default=0, validation_alias="ChannelId")
    begin: float = Field(validation_alias="BeginTime")
    end: float = Field(validation_alias="EndTime")
    word: str = Field(validation_alias="Word")


class _Result(Foreign):
    sentences: tuple[_Sentence, ...] = Field(validation_alias="Sentences")
    words: tuple[_Word, ...] = Field(default=(), validation_alias="Words")


class _Call(Foreign):
    duration: float | None = Field(default=None, validation_alias="BizDuration")


class _ParaformerWord(Foreign):
    begin_time: float
    end_time: float
    text: str
    punctuation: str = ""


class _ParaformerSentence(Foreign):
    begin_time: float
    end_time: float
    text: str
    speaker_id: int | str | None = None
    words: tuple[_ParaformerWord, ...] = ()


class _Channel(Foreign):
    channel_id: int | str = 0
    sentences: tuple[_ParaformerSentence, ...]


class _Properties(Foreign):
    original_duration_in_milliseconds: float | None = None


class _Paraformer(Foreign):
    transcripts: tuple[_Channel, ...]
    properties: _Properties = _Properties()


def recognises(body: Any) -> bool:
    """Whether the JSON is one of the two services'."""
    if not isinstance(body, dict):
        return False
    return "transcripts" in body or "BizDuration" in body or _result(body) is not None


def read(body: Any, path: str) -> FoundTranscript:
    """The sentences of the file, with their words."""
    if "transcripts" in body:
        return _read_paraformer(body, path)
    result = _result(body)
    if result is None:
        status = body.get("StatusText") or body.get("StatusCode")
        raise InputError(
            [
                Problem(
                    path=path,
                    message="the recognition gave no sentences",
                    found=None if status is None else str(status),
                )
            ]
        )
    file = parse(_Result, result, path)
    said = [
        FileSpan(
            place=f"Sentences[{number}]",
            mark=str(s.channel if s.speaker is None else s.speaker),
            start_s=s.begin / 1000,
            end_s=s.end / 1000,
            text=s.text,
            words=tuple(
                Word(text=w.word, start_s=w.begin / 1000, end_s=w.end / 1000)
                for w in file.words
                if w.channel == s.channel and s.begin <= w.begin < s.end
            ),
        )
        for number, s in enumerate(file.sentences)
    ]
    duration = parse(_Call, body, path).duration
    return FoundTranscript(
        backend="alibaba-filetrans",
        said=tuple(said),
        duration_s=None if duration is None else duration / 1000,
    )


def _result(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for candidate in (body.get("Result"), body.get("result"), body):
        if isinstance(candidate, dict) and "Sentences" in candidate:
            return candidate
    return None


def _read_paraformer(body: Any, path: str) -> FoundTranscript:
    file = parse(_Paraformer, body, path)
    said = [
        FileSpan(
            place=f"transcripts[{c}].sentences[{n}]",
            mark=str(channel.channel_id if s.speaker_id is None else s.speaker_id),
            start_s=s.begin_time / 1000,
            end_s=s.end_time / 1000,
            text=s.text,
            words=tuple(
                Word(
                    text=w.text + w.punctuation,
                    start_s=w.begin_time / 1000,
                    end_s=w.end_time / 1000,
                )
                for w in s.words
            ),
        )
        for c, channel in enumerate(file.transcripts)
        for n, s in enumerate(channel.sentences)
    ]
    duration = file.properties.original_duration_in_milliseconds
    return FoundTranscript(
        backend="alibaba-paraformer",
        said=tuple(said),
        duration_s=None if duration is None else duration / 1000,
    )
