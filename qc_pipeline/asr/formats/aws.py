"""AWS Transcribe Call Analytics (post-call): `Transcript` turns with `ParticipantRole` and `Items`.
Times are milliseconds, confidences are text. Source: the service's output page and API reference.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from qc_pipeline.asr.formats.common import FileSpan, Foreign, FoundTranscript, parse
from qc_pipeline.call import Word
from qc_pipeline.errors import InputError, Problem


class _Item(Foreign):
    content: str = Field(validation_alias="Content")
    confidence: float | None = Field(default=None, validation_alias="Confidence")
    kind: str = Field(default="pronunciation", validation_alias="Type")
    begin: float | None = Field(default=None, validation_alias="BeginOffsetMillis")
    end: float | None = Field(default=None, validation_alias="EndOffsetMillis")


class _Turn(Foreign):
    role: str = Field(validation_alias="ParticipantRole")
    content: str = Field(validation_alias="Content")
    begin: float = Field(validation_alias="BeginOffsetMillis")
    end: float = Field(validation_alias="EndOffsetMillis")
    items: tuple[_Item, ...] = Field(default=(), validation_alias="Items")


class _Characteristics(Foreign):
    duration: float | None = Field(default=None, validation_alias="TotalConversationDurationMillis")


class _File(Foreign):
    turns: tuple[_Turn, ...] = Field(validation_alias="Transcript")
    language: str | None = Field(default=None, validation_alias="LanguageCode")
    characteristics: _Characteristics = Field(
        default=_Characteristics(), validation_alias="ConversationCharacteristics"
    )


def recognises(body: Any) -> bool:
    """Whether the JSON is a Call Analytics result (or an ordinary Transcribe one, told apart)."""
    return isinstance(body, dict) and (
        isinstance(body.get("Transcript"), list) or {"jobName", "results"} <= body.keys()
    )


def read(body: Any, path: str) -> FoundTranscript:
    """The turns of the file."""
    if "Transcript" not in body:
        raise InputError(
            [
                Problem(
                    path=path,
                    message="this is an ordinary Transcribe result, which does not say who speaks",
                    hint="use a Call Analytics job with channel definitions",
                )
            ]
        )
    file = parse(_File, body, path)
    said = [
        FileSpan(
            place=f"Transcript[{number}]",
            mark=turn.role,
            start_s=turn.begin / 1000,
            end_s=turn.end / 1000,
            text=turn.content,
            words=_words(turn),
        )
        for number, turn in enumerate(file.turns)
    ]
    duration = file.characteristics.duration
    return FoundTranscript(
        backend="aws-call-analytics",
        said=tuple(said),
        language=file.language,
        duration_s=None if duration is None else duration / 1000,
    )


def _words(turn: _Turn) -> tuple[Word, ...]:
    """Words with times; punctuation joins the word before it."""
    words: list[Word] = []
    for item in turn.items:
        if item.kind.lower() == "punctuation" or item.begin is None or item.end is None:
            if words:
                last = words[-1]
                words[-1] = Word(
                    text=last.text + item.content,
                    start_s=last.start_s,
                    end_s=last.end_s,
                    confidence=last.confidence,
                )
            continue
        words.append(
            Word(
                text=item.content,
                start_s=item.begin / 1000,
                end_s=item.end / 1000,
                confidence=item.confidence,
            )
        )
    return tuple(words)
