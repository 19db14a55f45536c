"""qc-transcript/1: our own format, strict, because people write and correct it by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from qc_pipeline.asr.formats.common import LONGEST_S, json_place, shown, span_faults
from qc_pipeline.call import (
    TRANSCRIPT_FORMAT,
    AsrIdentity,
    Doubt,
    DoubtReason,
    Dropped,
    Speaker,
    Transcript,
    Turn,
    Unheard,
    UnheardReason,
    Word,
    canonical_json,
    unheard_from_json,
)
from qc_pipeline.errors import InputError, Problem
from qc_pipeline.message import read_message

_Who = Literal["agent", "customer"]
_Seconds = Annotated[float, Field(ge=0, le=LONGEST_S)]
_Spans = tuple[tuple[_Seconds, _Seconds], ...]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Word(_Strict):
    text: str
    start_s: _Seconds
    end_s: _Seconds
    confidence: float | None = Field(default=None, ge=0, le=1)


class _Turn(_Strict):
    speaker: _Who
    start_s: _Seconds
    end_s: _Seconds
    text: str
    confidence: float | None = Field(default=None, ge=0, le=1)
    words: tuple[_Word, ...] = ()


def _spans(file: _File) -> Iterator[tuple[str, tuple[float, float]]]:
    """Every span of the file, with its place."""
    for n, turn in enumerate(file.turns):
        yield f"turns[{n}]", (turn.start_s, turn.end_s)
        for w, word in enumerate(turn.words):
            yield f"turns[{n}].words[{w}]", (word.start_s, word.end_s)
    for who, spans in file.speech.items():
        for n, span in enumerate(spans):
            yield f"speech.{who}[{n}]", span
    for n, dropped in enumerate(file.dropped):
        yield f"dropped[{n}]", (dropped.start_s, dropped.end_s)
    for n, doubt in enumerate(file.doubts):
        yield f"doubts[{n}]", (doubt.start_s, doubt.end_s)
    for who, unheard in (file.unheard or {}).items():
        for n, (start_s, end_s, _) in enumerate(unheard):
            yield f"unheard.{who}[{n}]", (start_s, end_s)
    for n, pause in enumerate(file.pauses):
        yield f"pauses[{n}]", pause


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
    start_s: _Seconds
    end_s: _Seconds
    text: str
    reason: str


class _Doubt(_Strict):
    speaker: _Who
    start_s: _Seconds
    end_s: _Seconds
    certainty: float = Field(ge=0, le=1)
    reason: DoubtReason


class _File(_Strict):
    format: str
    recording_id: str | None = None
    language: str
    duration_s: _Seconds | None = None
    asr: _Asr = _Asr()
    speech: dict[_Who, _Spans] = Field(default_factory=dict)
    channels: dict[_Who, Literal["ok", "dead", "missing", "mono"]] = Field(default_factory=dict)
    turns: tuple[_Turn, ...]
    dropped: tuple[_Dropped, ...] = ()
    doubts: tuple[_Doubt, ...] = ()
    pauses: _Spans = ()
    notes: tuple[str, ...] = ()
    unheard: dict[_Who, tuple[tuple[_Seconds, _Seconds, UnheardReason], ...]] | None = None


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
    backwards = [p for place, span in _spans(file) for p in span_faults(place, *span, path)]
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
            Dropped(
                **{
                    **d.model_dump(),
                    "speaker": Speaker(d.speaker),
                    "reason": read_message(d.reason),
                }
            )
            for d in file.dropped
        ),
        doubts=tuple(
            Doubt(**{**d.model_dump(), "speaker": Speaker(d.speaker)}) for d in file.doubts
        ),
        pauses=tuple(sorted(file.pauses)),
        notes=tuple(read_message(n) for n in file.notes),
        unheard=_unheard(file),
    )


def _unheard(file: _File) -> Mapping[Speaker, tuple[Unheard, ...]] | None:
    return None if file.unheard is None else unheard_from_json(dict(file.model_dump()["unheard"]))


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
