"""What everybody passes around: recordings, words, turns, transcripts, measures, failures.

All times are seconds from the start of the recording, all confidences lie in [0, 1].
JSON of a transcript is the contract `qc-transcript/1`; times are kept to 0.01 s and
confidences to three decimals, so that the same call gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from qc_pipeline.message import Message, read_message

TRANSCRIPT_FORMAT = "qc-transcript/1"

FieldValue = str | int | float | bool
Span = tuple[float, float]
Event = Mapping[str, FieldValue]
_ROUNDED_S = 0.02  # times are kept to 0.01 s
EVENT_KINDS = ("silences", "interruptions", "signals")


class Speaker(StrEnum):
    AGENT = "agent"
    CUSTOMER = "customer"

    # That of an enumeration is a function of Python's, called for every look-up in a dictionary.
    __hash__ = str.__hash__

    @property
    def other(self) -> Speaker:
        return Speaker.CUSTOMER if self is Speaker.AGENT else Speaker.AGENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One row of the call list, after header and value mapping.

    `path` is relative to the recordings root with forward slashes, None for an unanswered call.
    `start_time` is zone-aware. `fields` holds every other column by its field name (known ones
    typed as DESIGN says, unknown ones as text), without empty cells. `row` is the row number in
    the call list (header = 1).
    """

    recording_id: str
    path: str | None
    start_time: datetime
    agent_id: str | None
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    row: int | None = None

    def get(self, name: str) -> FieldValue | None:
        """A call field as rubrics see it; None when the list does not say."""
        match name:
            case "recording_id":
                return self.recording_id
            case "agent_id":
                return self.agent_id
            case "start_time":
                return self.start_time.isoformat()
            case _:
                return self.fields.get(name)

    @property
    def duration_s(self) -> float | None:
        value = self.fields.get("duration_s")
        return float(value) if isinstance(value, (int, float)) else None

    @property
    def answered(self) -> bool:
        return self.fields.get("answered", True) is not False

    @property
    def mystery(self) -> bool:
        return self.fields.get("mystery", False) is True

    def text(self, name: str) -> str | None:
        value = self.get(name)
        return None if value is None else str(value)

    def as_json(self) -> dict[str, Any]:
        """The call row as read: what a scorecard's identity names."""
        return {
            "recording_id": self.recording_id,
            "path": self.path,
            "start_time": self.start_time.isoformat(),
            "agent_id": self.agent_id,
            **{k: self.fields[k] for k in sorted(self.fields)},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A character (zh) or word (en) with its place; `confidence` None when none was given."""

    text: str
    start_s: float
    end_s: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One speaker's span. `words` may be empty (a transcript without word times)."""

    speaker: Speaker
    start_s: float
    end_s: float
    text: str
    confidence: float | None = None
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AsrIdentity:
    """What heard the words. `options` are the decoding options that change the result."""

    backend: str
    model: str
    model_sha256: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """Recognised text that a guard took out, with its reason; never silently."""

    speaker: Speaker
    start_s: float
    end_s: float
    text: str
    reason: Message


class DoubtReason(StrEnum):
    """Why it is not certain whose words a party's words are.

    SECOND_VOICE: two people speak in this party's channel or voice (a transfer, somebody who
    joined, an announcement). ALIKE: one channel, and its voices are alike. SEPARATION: one channel,
    and what its two voices say and do is not what two parties do. ROLE: which voice is the agent
    could not be told. LANGUAGE: the party seems to speak another language than it was listened to
    in.
    """

    SECOND_VOICE = "second-voice"
    ALIKE = "alike-voices"
    SEPARATION = "separation"
    LANGUAGE = "language"
    ROLE = "role"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A span in which what stands under a party may be somebody else's.

    `certainty` in [0, 1]: how sure it is that it is this party's.
    """

    speaker: Speaker
    start_s: float
    end_s: float
    certainty: float
    reason: DoubtReason


class UnheardReason(StrEnum):
    """Why speech, or a part of the recording, has no words.

    NO_WORDS: somebody speaks, and nothing was understood, however often it was heard again. LOOP,
    PHANTOM, TOO_FAST, FOREIGN, HOTWORDS, GUESSED: what was written there cannot have been said, and
    stands in `Transcript.dropped`. LANGUAGE: somebody speaks another language there. NOT_READ: a
    part of the recording that is wanting or that nothing could read.
    """

    NO_WORDS = "no-words"
    LOOP = "loop"
    PHANTOM = "phantom"
    TOO_FAST = "too-fast"
    FOREIGN = "foreign"
    HOTWORDS = "hotwords"
    GUESSED = "guessed"
    LANGUAGE = "language"
    NOT_READ = "not-read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """A span in which a party speaks, or may have spoken, and no word stands."""

    start_s: float
    end_s: float
    reason: UnheardReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was said in one recording.

    `turns` are sorted by (start_s, speaker). `speech` gives the voice detector's regions by
    speaker; a speaker missing from it was not measured. `channels` says for each speaker "ok",
    "dead" (a channel that carries nothing), "missing" (no such channel) or "mono" (separated from
    one channel); transcripts from elsewhere may leave it empty, which means "ok". `doubts` say
    where it is not certain who spoke: what rests on that is for a person. `pauses` are where the
    recorder wrote nothing on any channel: nobody's silence. `unheard` accounts for the speech that
    has no words, by speaker, in time; None where that is not known (a transcript from elsewhere
    without its recording, or of a former version).
    """

    recording_id: str
    language: str
    duration_s: float
    asr: AsrIdentity
    turns: tuple[Turn, ...]
    speech: Mapping[Speaker, tuple[Span, ...]] = field(default_factory=dict)
    channels: Mapping[Speaker, str] = field(default_factory=dict)
    dropped: tuple[Dropped, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    pauses: tuple[Span, ...] = ()
    notes: tuple[Message, ...] = ()
    unheard: Mapping[Speaker, tuple[Unheard, ...]] | None = None

    @property
    def length_s(self) -> float:
        """The call's length: the recording but for what was written of nothing after it."""
        if self.pauses and self.pauses[-1][1] >= self.duration_s - _ROUNDED_S:
            return self.pauses[-1][0]
        return self.duration_s

    def as_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "format": TRANSCRIPT_FORMAT,
            "recording_id": self.recording_id,
            "language": self.language,
            "duration_s": round(self.duration_s, 2),
            "asr": {
                "backend": self.asr.backend,
                "model": self.asr.model,
                "model_sha256": self.asr.model_sha256,
                "options": {k: self.asr.options[k] for k in sorted(self.asr.options)},
            },
            "speech": {
                str(s): [[round(a, 2), round(b, 2)] for a, b in self.speech[s]]
                for s in Speaker
                if s in self.speech
            },
            "turns": [_turn_json(t) for t in self.turns],
        }
        if self.channels:
            body["channels"] = {str(s): self.channels[s] for s in Speaker if s in self.channels}
        if self.dropped:
            body["dropped"] = [
                {
                    "speaker": str(d.speaker),
                    "start_s": round(d.start_s, 2),
                    "end_s": round(d.end_s, 2),
                    "text": d.text,
                    "reason": d.reason.text,
                }
                for d in self.dropped
            ]
        if self.doubts:
            body["doubts"] = [
                {
                    "speaker": str(d.speaker),
                    "start_s": round(d.start_s, 2),
                    "end_s": round(d.end_s, 2),
                    "certainty": round(d.certainty, 3),
                    "reason": str(d.reason),
                }
                for d in self.doubts
            ]
        if self.unheard is not None:
            body["unheard"] = {
                str(s): [
                    [round(u.start_s, 2), round(u.end_s, 2), str(u.reason)] for u in self.unheard[s]
                ]
                for s in Speaker
                if s in self.unheard
            }
        if self.pauses:
            body["pauses"] = [[round(a, 2), round(b, 2)] for a, b in self.pauses]
        if self.notes:
            body["notes"] = [n.text for n in self.notes]
        return body

    def sha256(self) -> str:
        return content_sha256(self.as_json())


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """How it was said: figures by speaker, by call and by turn, each named with its unit.

    `speakers[s]` and `call` map measure name → value; a measure that could not be taken is absent
    (never 0). `turns[i]` belongs to `Transcript.turns[i]`. `events` lists, by kind (`silences`,
    `interruptions`, `signals`), single places with what is known of each, in time. `version` names
    the definitions; docs/measures.md lists them.
    """

    version: str
    speakers: Mapping[Speaker, Mapping[str, float]] = field(default_factory=dict)
    call: Mapping[str, float] = field(default_factory=dict)
    turns: tuple[Mapping[str, float], ...] = ()
    events: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)

    def get(self, speaker: Speaker, name: str) -> float | None:
        return self.speakers.get(speaker, {}).get(name)

    def as_json(self) -> dict[str, Any]:
        """Figures to three decimals; kinds of events that there are none of are left out."""
        return {
            "version": self.version,
            **{str(s): _ordered(self.speakers[s]) for s in Speaker if s in self.speakers},
            "call": _ordered(self.call),
            "turns": [_ordered(t) for t in self.turns],
            **{k: [_ordered(e) for e in self.events[k]] for k in EVENT_KINDS if self.events.get(k)},
        }

    def sha256(self) -> str:
        return content_sha256(self.as_json())


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHashes:
    """Hashes that a store already has, so that they need not be worked out again."""

    transcript: str | None = None
    measures: str | None = None


NO_HASHES = KnownHashes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A recording that ended without a scorecard: at which stage, and why."""

    recording_id: str
    stage: str
    reason: Message


def canonical_json(value: Any) -> str:
    """One text for one value: sorted keys, no spaces, Unicode as it is, no NaN."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def content_sha256(value: Any) -> str:
    """sha256 (hex) of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value).encode(errors="surrogatepass")).hexdigest()


def _ordered(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: round(v, 3) if type(v) is float else v for k, v in sorted(values.items())}


def _turn_json(turn: Turn) -> dict[str, Any]:
    return {
        "speaker": str(turn.speaker),
        "start_s": round(turn.start_s, 2),
        "end_s": round(turn.end_s, 2),
        "text": turn.text,
        "confidence": _rounded(turn.confidence),
        "words": [
            {
                "text": w.text,
                "start_s": round(w.start_s, 2),
                "end_s": round(w.end_s, 2),
                "confidence": _rounded(w.confidence),
            }
            for w in turn.words
        ],
    }


def _rounded(confidence: float | None) -> float | None:
    return None if confidence is None else round(confidence, 3)


def transcript_from_json(body: Mapping[str, Any]) -> Transcript:
    """The inverse of `Transcript.as_json`, for text that we wrote ourselves.

    Raises KeyError, ValueError or TypeError on anything else; what people hand in is read by
    `qc_pipeline.asr.formats`, which says what is wrong.
    """
    if body["format"] != TRANSCRIPT_FORMAT:
        raise ValueError(f"not {TRANSCRIPT_FORMAT}: {body['format']!r}")
    asr = body["asr"]
    return Transcript(
        recording_id=body["recording_id"],
        language=body["language"],
        duration_s=body["duration_s"],
        asr=AsrIdentity(
            backend=asr["backend"],
            model=asr["model"],
            model_sha256=asr.get("model_sha256"),
            options=dict(asr.get("options", {})),
        ),
        turns=tuple(
            Turn(
                speaker=Speaker(t["speaker"]),
                start_s=t["start_s"],
                end_s=t["end_s"],
                text=t["text"],
                confidence=t.get("confidence"),
                words=tuple(
                    Word(
                        text=w["text"],
                        start_s=w["start_s"],
                        end_s=w["end_s"],
                        confidence=w.get("confidence"),
                    )
                    for w in t.get("words", ())
                ),
            )
            for t in body["turns"]
        ),
        speech={
            Speaker(s): tuple((a, b) for a, b in spans)
            for s, spans in body.get("speech", {}).items()
        },
        channels={Speaker(s): v for s, v in body.get("channels", {}).items()},
        dropped=tuple(
            Dropped(
                speaker=Speaker(d["speaker"]),
                start_s=d["start_s"],
                end_s=d["end_s"],
                text=d["text"],
                reason=read_message(d["reason"]),
            )
            for d in body.get("dropped", ())
        ),
        doubts=tuple(
            Doubt(
                speaker=Speaker(d["speaker"]),
                start_s=d["start_s"],
                end_s=d["end_s"],
                certainty=d["certainty"],
                reason=DoubtReason(d["reason"]),
            )
            for d in body.get("doubts", ())
        ),
        pauses=tuple((a, b) for a, b in body.get("pauses", ())),
        notes=tuple(read_message(n) for n in body.get("notes", ())),
        unheard=None if "unheard" not in body else unheard_from_json(body["unheard"]),
    )


def unheard_from_json(
    body: Mapping[str, Sequence[tuple[float, float, str]]],
) -> Mapping[Speaker, tuple[Unheard, ...]]:
    """What stands under `unheard` in a transcript's JSON. Raises ValueError on other reasons."""
    return {
        Speaker(s): tuple(
            Unheard(start_s=a, end_s=b, reason=UnheardReason(reason)) for a, b, reason in spans
        )
        for s, spans in body.items()
    }


def measures_from_json(body: Mapping[str, Any]) -> Measures:
    """The inverse of `Measures.as_json`, for text that we wrote ourselves."""
    return Measures(
        version=body["version"],
        speakers={s: dict(body[str(s)]) for s in Speaker if str(s) in body},
        call=dict(body.get("call", {})),
        turns=tuple(dict(t) for t in body.get("turns", ())),
        events={k: tuple(dict(e) for e in body[k]) for k in EVENT_KINDS if k in body},
    )
