"""What every reader of foreign transcripts gives, and how it becomes a Transcript."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from qc_pipeline.asr.roles import agent_odds, decide_roles
from qc_pipeline.asr.simplified_chinese import simplified, simplified_words
from qc_pipeline.asr.turns import geometric_mean
from qc_pipeline.call import AsrIdentity, Doubt, DoubtReason, Speaker, Transcript, Turn, Word
from qc_pipeline.errors import InputError, Problem
from qc_pipeline.message import Message

MARKS = {
    "agent": Speaker.AGENT,
    "坐席": Speaker.AGENT,
    "座席": Speaker.AGENT,
    "客服": Speaker.AGENT,
    "customer": Speaker.CUSTOMER,
    "client": Speaker.CUSTOMER,
    "caller": Speaker.CUSTOMER,
    "客户": Speaker.CUSTOMER,
    "顾客": Speaker.CUSTOMER,
}
"""Marks that say the role themselves; the others are mapped in `[asr.speakers]`."""

LONGEST_S = 24 * 3600.0
"""No call lasts longer; what does is another unit (milliseconds taken for seconds, a date)."""

Model = TypeVar("Model", bound=BaseModel)


class Foreign(BaseModel):
    """Part of a file that another program wrote: what we need of it, the rest ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSpan:
    """One span as the file has it. `place` names it in messages; `words` may be empty."""

    place: str
    mark: str | None
    start_s: float
    end_s: float
    text: str
    words: tuple[Word, ...] = ()
    confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTranscript:
    """What a reader found in a file. `backend` names who made it."""

    backend: str
    said: tuple[FileSpan, ...]
    language: str | None = None
    duration_s: float | None = None


def parse(model: type[Model], body: Any, path: str) -> Model:
    """`body` as `model`. Raises InputError with every fault and its place in the JSON."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise InputError(
            Problem(
                path=path,
                message=f"{json_place(fault['loc'])}: {_said_simply(fault['msg'])}",
                found=None if fault["type"] == "missing" else shown(fault["input"]),
            )
            for fault in error.errors(include_url=False)
        ) from None


def json_place(location: Sequence[int | str]) -> str:
    """(“segments”, 3, “start”) as segments[3].start."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{part}"
    return text or "the file"


def shown(value: Any) -> str:
    """A value of the file, short enough for a message."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


def _said_simply(message: str) -> str:
    return {"Field required": "is missing"}.get(message, message[:1].lower() + message[1:])


def assemble(
    found: FoundTranscript,
    *,
    path: str,
    recording_id: str,
    language: str | None,
    speakers: Mapping[str, str],
    agent_phrases: Sequence[str],
    role_certainty: float,
) -> Transcript:
    """The transcript of what a reader found; every fault of the file at once as an InputError."""
    problems = [p for said in found.said for p in _faults(said, path)]
    if found.duration_s is not None and not 0 <= found.duration_s <= LONGEST_S:
        message = "an impossible length of the call, in seconds"
        problems.append(
            Problem(
                path=path,
                message=message,
                found=f"{found.duration_s:g}",
                allowed=f"0 to {LONGEST_S:,.0f}",
            )
        )
    chosen_language = (language or found.language or "zh").split("-")[0].split("_")[0].lower()
    said = tuple(s for s in found.said if s.text.strip())
    roles, notes, role_problems = _roles(
        said, path, speakers, agent_phrases, role_certainty, chosen_language
    )
    problems += role_problems
    if problems:
        raise InputError(problems)
    whose = _parties(said, roles, agent_phrases, chosen_language)
    unmarked = [(s, party) for s, party in zip(said, whose, strict=True) if not s.mark]
    if unmarked and "" not in roles:
        notes = (*notes, Message.of("roles.unmarked", n=len(unmarked)))
        doubts = tuple(_doubt(s, party) for s, party in unmarked)
    else:
        doubts = ()
    turns = [_turn(s, party, chosen_language) for s, party in zip(said, whose, strict=True)]
    last_s = max((t.end_s for t in turns), default=0.0)
    return Transcript(
        recording_id=recording_id,
        language=chosen_language,
        duration_s=max(found.duration_s or 0.0, last_s),
        asr=AsrIdentity(backend=found.backend, model="imported"),
        turns=tuple(sorted(turns, key=lambda t: (t.start_s, t.speaker))),
        doubts=tuple(sorted(doubts, key=lambda d: (d.start_s, d.speaker, d.end_s))),
        notes=notes,
    )


def _faults(said: FileSpan, path: str) -> list[Problem]:
    problems = span_faults(said.place, said.start_s, said.end_s, path)
    confidences = [(said.place, said.confidence)]
    for word in said.words:
        place = f"{said.place}, the word {shown(word.text)},"
        problems += span_faults(place, word.start_s, word.end_s, path)
        confidences.append((place, word.confidence))
    problems += [
        Problem(
            path=path,
            message=f"{place} has an impossible confidence",
            found=f"{confidence:g}",
            allowed="0 to 1",
        )
        for place, confidence in confidences
        if confidence is not None and not 0 <= confidence <= 1
    ]
    return problems


def span_faults(place: str, start_s: float, end_s: float, path: str) -> list[Problem]:
    """What is wrong with a span of a call; `place` names it in the message."""
    if start_s < 0:
        return [Problem(path=path, message=f"{place} begins before 0", found=f"{start_s:g} s")]
    if end_s < start_s:
        message = f"{place} ends before it begins"
        return [Problem(path=path, message=message, found=f"{start_s} to {end_s}")]
    if end_s > LONGEST_S:
        return [
            Problem(
                path=path,
                message=f"{place} ends later than any call lasts",
                found=f"{end_s:g} s",
                allowed=f"0 to {LONGEST_S:,.0f} s",
                hint="times count from the start of the recording, in the format's own unit",
            )
        ]
    return []


def _roles(
    said: Sequence[FileSpan],
    path: str,
    speakers: Mapping[str, str],
    agent_phrases: Sequence[str],
    role_certainty: float,
    language: str,
) -> tuple[dict[str, Speaker], tuple[Message, ...], list[Problem]]:
    """Mark → role: by `[asr.speakers]`, by the mark's own meaning, else by what is said.

    A program that found nobody for a span leaves its mark out; where others have one, such spans
    are left to `_parties`.
    """
    marks = sorted({s.mark or "" for s in said})
    if len(marks) > 1 and "" in marks and "" not in speakers:
        marks.remove("")
    mapped = {m: Speaker(speakers[m]) for m in marks if m in speakers}
    known = {m: MARKS[m.casefold()] for m in marks if m not in mapped and m.casefold() in MARKS}
    roles = mapped | known
    unknown = [m for m in marks if m not in roles]
    if not unknown:
        return roles, (), []
    hint = "say which is which in qc.toml: [asr.speakers] " + ", ".join(
        f'"{m}" = "agent"' for m in unknown[:1] if m
    )
    if "" in unknown:
        first = next(s for s in said if not s.mark)
        return roles, (), [Problem(path=path, message=f"{first.place} does not say who speaks")]
    if len(marks) == 2 and len(unknown) == 1:
        roles[unknown[0]] = next(iter(roles.values())).other
        return roles, (), []
    if roles or len(marks) > 2:
        return (
            roles,
            (),
            [
                Problem(path=path, message=f"the role of speaker {m!r} is not known", hint=hint)
                for m in unknown
            ],
        )
    voices = [
        [_turn(s, Speaker.AGENT, language) for s in said if s.mark == m] for m in (*marks, "\0")[:2]
    ]
    role = decide_roles((voices[0], voices[1]), agent_phrases)
    if role.certainty < role_certainty:
        message = f"which of {', '.join(marks)} is the agent cannot be told from what they say"
        return roles, (), [Problem(path=path, message=message, hint=hint)]
    for number, mark in enumerate(marks):
        roles[mark] = Speaker.AGENT if number == role.agent else Speaker.CUSTOMER
    told = ", ".join(f"{m} = {roles[m]}" for m in marks)
    return roles, (Message.of("roles.by-words", roles=told, certainty=role.certainty),), []


def _parties(
    said: Sequence[FileSpan],
    roles: Mapping[str, Speaker],
    agent_phrases: Sequence[str],
    language: str,
) -> list[Speaker]:
    """Whose each span is: by its mark, else by its phrases, else by who speaks nearest."""
    marked = [s for s in said if (s.mark or "") in roles]
    out: list[Speaker] = []
    for span in said:
        if (span.mark or "") in roles:
            out.append(roles[span.mark or ""])
            continue
        odds = agent_odds([_turn(span, Speaker.AGENT, language)], agent_phrases)
        if odds:
            out.append(Speaker.AGENT if odds > 0 else Speaker.CUSTOMER)
            continue
        near = min(marked, key=lambda m: max(m.start_s - span.end_s, span.start_s - m.end_s))
        out.append(roles[near.mark or ""])
    return out


def _doubt(span: FileSpan, speaker: Speaker) -> Doubt:
    return Doubt(
        speaker=speaker,
        start_s=span.start_s,
        end_s=span.end_s,
        certainty=0.5,
        reason=DoubtReason.ROLE,
    )


def _turn(said: FileSpan, speaker: Speaker, language: str) -> Turn:
    text = simplified(said.text.strip()) if language == "zh" else " ".join(said.text.split())
    words = said.words
    if language == "zh":
        texts = simplified_words([w.text for w in words])
        words = tuple(replace(w, text=text) for w, text in zip(words, texts, strict=True))
    confidence = said.confidence
    if confidence is None:
        confidence = geometric_mean([w.confidence for w in words if w.confidence is not None])
    return Turn(
        speaker=speaker,
        start_s=said.start_s,
        end_s=said.end_s,
        text=text,
        confidence=confidence,
        words=words,
    )
