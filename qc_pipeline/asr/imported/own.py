"""qc-transcript/1: our own format, strict, because people write and correct it by hand."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from qc_pipeline.asr.imported.common import json_place, shown
from qc_pipeline.call import (
    TRANSCRIPT_FORMAT,
    AsrIdentity,
    Doubt,
    DoubtReason,
    Dropped,
    Speaker,
    Transcript,
    Turn,
    Word,
    canonical_json,
)
from qc_pipeline.errors import InputError, Problem

_Who = Literal["agent", "customer"]
_Spans = tuple[tuple[float, float], ...]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Word(_Strict):
    text: str
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    confidence: float | None = Field(default=None, ge=0, le=1)


class _Turn(_Strict):
    speaker: _Who
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    text: str
    confidence: float | None = Field(default=None, ge=0, le=1)
    words: tuple[_Word, ...] = ()


def _writable(options: dict[str, Any]) -> dict[str, Any]:
    """Options are kept as they are, and so must be what JSON can hold."""
    try:
        canonical_json(options)
    except ValueError as error:
        message = "input should hold finite numbers"
        raise PydanticCustomError("finite_number", message) from error
    return options


class _Asr(_Strict):
    backend: str = "unknown"
    model: str = "unknown"
    model_sha256: str | None = None
    options: Annotated[dict[str, Any], AfterValidator(_writable)] = Field(default_factory=dict)


class _Dropped(_Strict):
    speaker: _Who
    start_s: float
    end_s: float
    text: str
    reason: str


class _Doubt(_Strict):
    speaker: _Who
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    certainty: float = Field(ge=0, le=1)
    reason: DoubtReason


class _File(_Strict):
    format: str
    recording_id: str | None = None
    language: str
    duration_s: float | None = Field(default=None, ge=0)
    asr: _Asr = _Asr()
    speech: dict[_Who, _Spans] = Field(default_factory=dict)
    channels: dict[_Who, Literal["ok", "dead", "missing", "mono"]] = Field(default_factory=dict)
    turns: tuple[_Turn, ...]
    dropped: tuple[_Dropped, ...] = ()
    doubts: tuple[_Doubt, ...] = ()
    notes: tuple[str, ...] = ()


def recognises(body: Any) -> bool:
    """Whether the JSON calls itself one of ours."""
    return isinstance(body, dict) and str(body.get("format", "")).startswith("qc-transcript/")


def read(body: Any, path: str, recording_id: str | None, default_id: str) -> Transcript:
    """The transcript, every fault of it at once as an InputError."""
    if body["format"] != TRANSCRIPT_FORMAT:
        problem = Problem(
            path=path,
            message="format: another version of our format",
            found=shown(body["format"]),
            allowed=TRANSCRIPT_FORMAT,
        )
        raise InputError([problem])
    try:
        file = _File.model_validate(body)
    except ValidationError as error:
        raise InputError(_problem(path, dict(fault)) for fault in error.errors()) from None
    backwards = [
        Problem(
            path=path,
            message=f"turns[{n}] ends before it begins",
            found=f"{t.start_s} to {t.end_s}",
        )
        for n, t in enumerate(file.turns)
        if t.end_s < t.start_s
    ]
    if backwards:
        raise InputError(backwards)
    last_s = max((t.end_s for t in file.turns), default=0.0)
    return Transcript(
        recording_id=recording_id or file.recording_id or default_id,
        language=file.language,
        duration_s=last_s if file.duration_s is None else file.duration_s,
        asr=AsrIdentity(**file.asr.model_dump()),
        turns=tuple(sorted(map(_turn, file.turns), key=lambda t: (t.start_s, t.speaker))),
        speech={Speaker(s): spans for s, spans in file.speech.items()},
        channels={Speaker(s): state for s, state in file.channels.items()},
        dropped=tuple(
            Dropped(**{**d.model_dump(), "speaker": Speaker(d.speaker)}) for d in file.dropped
        ),
        doubts=tuple(
            Doubt(**{**d.model_dump(), "speaker": Speaker(d.speaker)}) for d in file.doubts
        ),
        notes=file.notes,
    )


def _turn(turn: _Turn) -> Turn:
    return Turn(
        speaker=Speaker(turn.speaker),
        start_s=turn.start_s,
        end_s=turn.end_s,
        text=turn.text,
        confidence=turn.confidence,
        words=tuple(Word(**w.model_dump()) for w in turn.words),
    )


def _problem(path: str, fault: dict[str, Any]) -> Problem:
    place = json_place(fault["loc"])
    match fault["type"]:
        case "missing":
            return Problem(path=path, message=f"{place} is missing")
        case "extra_forbidden":
            return Problem(path=path, message=f"{place} is not a key of {TRANSCRIPT_FORMAT}")
        case _:
            message = f"{place}: {fault['msg'][:1].lower()}{fault['msg'][1:]}"
            return Problem(path=path, message=message, found=shown(fault["input"]))
