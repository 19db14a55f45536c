"""What a room hands on instead of a sentence: a code with values.

Sentences are made at the edge, in the reader's language (`report/words`). Some messages are kept:
why a recording failed, the notes of a transcript and of a draw, why a row or a text was left out.
The record and the exports hold those in one wording each, `WORDINGS`, whatever the reader's
language; the same table reads them back. A wording is bytes of the record: to change one is to give
the message a new code and to leave the old one, so that old records are still read.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

VERBATIM = "verbatim"
"""The code of a text that no wording fits: of a former version, or from elsewhere."""

WORDINGS: Mapping[str, str] = {
    VERBATIM: "{text}",
    # why a recording failed
    "audio.not-there": "the recording is not there",
    "audio.folder": "the path is a folder, not a recording",
    "audio.unreadable": "the recording cannot be read: {error}",
    "audio.empty": "the file is empty (0 bytes)",
    "audio.no-sound": "the file holds no sound",
    "audio.bad-header": "the header cannot be right: {channels:d} channels at {rate_hz:d} Hz "
    "(1 to {most:d} channels, {low_hz:d} to {high_hz:d} Hz)",
    "audio.cut-short": "the recording is cut short: {read_s:.1f} s of {whole_s:.1f} s are there",
    "audio.cut-bytes": "the recording is cut short: {there:d} of {size:d} bytes of sound are there",
    "audio.cut-amr": "the recording is cut short: the last AMR frame is incomplete",
    "audio.cut-ogg": "the recording is cut short: the last Ogg page is incomplete",
    "audio.cut-wav": "the recording is cut short: the WAV file ends before its sound data",
    "audio.breaks-off": "the sound breaks off while it is read: {error}",
    "audio.not-audio": "not audio that can be read (the file begins with {head})",
    "audio.headerless": "a {suffix} file has no header, so its format and rate are unknown; "
    "convert it to WAV",
    "audio.damaged": "the file is damaged: none of its sound can be read",
    "audio.no-index": "the recorder died before it wrote the file's index; without it the sound "
    "cannot be read",
    "audio.too-long": "the recording is too long for this machine's memory",
    "audio.not-separated": "the voices could not be told apart: {error}",
    "asr.english-only": "the call's language is {language}, and the model is English only",
    "asr.failed": "the recogniser failed: {error}",
    "worker.no-memory": "the process working on it was ended by signal 9 (often: out of memory)",
    "worker.killed": "the process working on it was ended by signal {signal:d}",
    "worker.ended": "the process working on it ended with status {status}",
    "job.purged": "its words were purged on {day:day}",
    "job.purged-since": "purged on {day:day}",
    "job.purged-unreviewed": "purged on {day:day} before it was reviewed",
    "job.not-listed": "the call list no longer names a recording for it",
    "job.not-imported": "no transcript was taken in for it (`qc transcribe --from PATH`)",
    "job.not-scored": "not yet scored",
    # notes of a transcript
    "roles.unmarked": "{n:d} spans of the transcript do not say who speaks; they were given to the "
    "party they fit best",
    "audio.header-less": "the file's header names {named_s:.1f} s of sound, {there_s:.1f} s are "
    "there; all of it was read",
    "audio.links": "the file holds {n:d} recordings one after the other; all of them were read",
    "audio.tracks": "the file holds {n:d} audio tracks; all of them were heard",
    "audio.mixed-layout": "the recording has one channel in places and two in others",
    # what of a recording nobody could read
    "audio.cut-frame": "the recording is cut short: the last MP3 frame is incomplete",
    "audio.no-end-mark": "the recording has no end mark: its end may be missing",
    "audio.lost-inside": "a damaged part of the recording, from {at} on, could not be read",
    "audio.damaged-on": "the recording is damaged: nothing after {read_s:.1f} s could be read",
    "audio.paused": "the recorder was paused from {at:clock} to {until:clock}; what was said then "
    "was not heard",
    "audio.blank-end": "nothing was recorded from {at:clock} on; the call is taken to end there",
    "audio.track-unread": "an audio track of the file could not be read",
    "audio.list-longer": "the call list says {listed_s:.1f} s, the recording has {read_s:.1f} s: "
    "its end may be missing",
    "audio.list-shorter": "the call list says {listed_s:.1f} s, the recording has {read_s:.1f} s",
    "voices.channels": "the recording has {n:d} channels; the first two were used",
    "voices.used": "the recording has {n:d} channels; those that carry the call: {used}",
    "voices.mixed": "the recording has {n:d} channels, {live:d} of them with sound of their own; "
    "they were heard as one, and the voices told apart",
    "voices.both-left": "the right channel carries nothing and the left one both voices; the call "
    "was taken as mono",
    "voices.both-right": "the left channel carries nothing and the right one both voices; the call "
    "was taken as mono",
    "voices.shared": "both channels carry the same sound for a while, and the voices were told "
    "apart there: {spans}",
    "voices.too-fast": "the recording plays too fast: its lowest voice is at {pitch:d} Hz, and "
    "nobody speaks so fast",
    "voices.too-slow": "the recording plays too slowly: its lowest voice is at {pitch:d} Hz, and "
    "nobody speaks so slowly",
    "voices.same-sound": "both channels carry the same sound; the call was taken as mono",
    "voices.one-channel": "agent_channel is {side}, but the recording has one channel; "
    "the call was taken as mono",
    "speakers.role": "which voice is the agent was decided with certainty {certainty:.2f} only; "
    "please listen",
    "speakers.alike": "the two voices of this mono recording are alike; who spoke is uncertain",
    "speakers.alike-there": "the two voices are alike where both channels carry the same sound; "
    "who spoke there is uncertain",
    "trust.one-party": "mono: one of the two voices has {percent:d}% of the talk only; who spoke "
    "is uncertain",
    "trust.contradicted": "mono: one voice says what the agent and what the customer says (what "
    "was said fits who is said to have spoken for {percent:d}%); who spoke is uncertain",
    "trust.unanswered": "mono: after {percent:d}% of the agent's questions the same voice goes "
    "on; who spoke is uncertain",
    "trust.two-in-each": "mono: each of the two voices sounds like two people; who spoke is "
    "uncertain",
    "speakers.second-voice": "a further voice speaks in the {speaker:party}'s voice from {at} on, "
    "{percent:d}% of its speech (a transfer, somebody who joined, an announcement); please listen",
    "speakers.second-on-channel": "a further voice speaks in the {speaker:party}'s channel from "
    "{at} on, {percent:d}% of its speech (a transfer, somebody who joined, an announcement); "
    "please listen",
    "speakers.one-voice": "one voice was found in this mono recording",
    "speakers.nobody": "nobody speaks in the {speaker:party}'s channel",
    "speakers.swapped": "whom the call list names as the customer speaks like the agent (certainty "
    "{certainty:.2f}); are the channels swapped? please listen",
    "speakers.language": "the {speaker:party} seems to speak {language} (probability "
    "{probability:.2f}), and was listened to in another language; please listen",
    "speakers.unheard-language": "the {speaker:party} speaks {language} for {seconds:.1f} s, "
    "and was not listened to in it",
    "speakers.also-language": "the {speaker:party} speaks {language} for {seconds:.1f} s, "
    "and was listened to in it",
    "asr.helped": "hotwords and prompt changed {n:d} places: {changes}",
    "asr.terms": "terms put right in {n:d} places: {changes}",
    "roles.by-words": "roles by what was said: {roles} (certainty {certainty:.2f})",
    "words.corrected": "{n:d} turns corrected by hand",
    "words.masked": "numbers, addresses and names are masked with stars",
    "sound.not-taken": "measures of the sound were not taken: {why:message}",
    "sound.not-listed": "the call list names no recording",
    "sound.no-speaker": "no turn says who speaks in its one channel",
    "sound.silent": "where the {speaker:party} speaks in the transcript, the recording is silent",
    "sound.both-silent": "where the agent speaks in the transcript, the recording is silent; "
    "where the customer speaks in the transcript, the recording is silent",
    "sound.no-channel": "neither the call list nor a turn says which channel is the agent's",
    "sound.other-channel": "the transcript's agent speaks on the channel that the call list gives "
    "the customer",
    "sound.either-channel": "which channel is the agent's cannot be told from the transcript's "
    "times",
    "sound.words-moved": "a person gave speech to the other party",
    "sound.other-recording": "the recording is another than was listened to",
    # why recognised text was left out
    "dropped.no-words": "no words",
    "dropped.phantom": "phantom sentence: {sentence}",
    "dropped.loop": "loop",
    "dropped.too-fast": "faster than anyone can speak",
    "dropped.foreign": "not the language of the call",
    "dropped.hotwords": "hotwords heard in noise",
    "dropped.beyond-end": "after the recording's end",
    "dropped.guessed": "guessed: very low confidence",
    # notes of a draw, kept in Chinese, and why a call was outside its frame
    "draw.merged": "通话量过少的{cells:d}个单元合并为{strata:d}层",
    "draw.moved": "为满足坐席定额,各层抽取数偏离了分配数,总数不变",
    "draw.short": "话务量不足定额的坐席全部抽取:{agents:some}",
    "draw.fixed-short": "不足固定数量{fixed:d}通、能抽尽抽的层:{strata:some}",
    "draw.relisten-short": "机检样本不足复听定额、全部复听的坐席:{agents:some}",
    "draw.complaints-short": "投诉录音不足:复听样本{total:d}通中最多能有{complaints:d}通投诉",
    "draw.complaints-few": "投诉录音不足:复听样本约{total:d}通中约{complaints:d}通投诉",
    "draw.floor-short": "预算或分层的上下限使{agents:d}名坐席的抽取数少于本期应复听数",
    "draw.hours-short": "复听{hours:.1f}小时,定额与定向部分要{asked:.1f}小时,不足的顺延",
    "draw.nobody": "{calls:d}通录音除本组组长外无人可听,未分配:{names:some}",
    "frame.unanswered": "unanswered",
    "frame.inspected": "inspected in {period}",
    "frame.invalid": "invalid: {cause}",
    # what is wrong with a row of the call list
    "row.cells": "has more cells than the header",
    "row.value": "{column:name} is not right",
    "row.no-id": "recording_id is empty",
    "row.again": "the same row again",
    "row.same-id": "recording_id is not unique",
    "row.no-path": "path is empty, yet the call was answered",
    "row.absolute-path": "path is absolute",
    "row.zero-path": "path holds a zero byte",
    "row.outside-path": "path leads outside the recordings root",
    "row.linked-path": "path leads outside the recordings root through a symbolic link",
    "row.no-agent": "agent_id is empty, yet answered",
    "row.no-time": "start_time is empty",
    "row.time": "start_time is not a date with a time",
}
"""Code → the wording that is kept.

Placeholders name their kind: `d` a whole number, `.1f` one with a decimal, `day` 2026-11-16,
`party` agent or customer, `name` a word without blanks, `clock` 1:02:03; `message` another message,
`some` a list of names cut short, none any text. A wording has one of the last three at most, so
that there is one way to read it."""

FORMER = frozenset({"audio.breaks-off", "voices.channels"})
"""Codes that nothing says any more. Old records are read by them."""

PARTIES = ("agent", "customer")
SOME = 10
"""How many names a list tells before it says how many there are."""
_PATTERNS = {
    "d": r"-?[0-9]{1,18}",
    "day": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "party": "|".join(PARTIES),
    "name": r"\w+",
    "clock": "[0-9:]+",
}
_FREE = ("", "message", "some")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A code, dotted and in lower case, with values by name, in the order of their names.

    Make one by `Message.of`. A code is one of `WORDINGS`, or a key of the catalogue for what is
    shown and never kept.
    """

    code: str
    values: tuple[tuple[str, Value], ...] = ()

    @classmethod
    def of(cls, code: str, /, **values: Value) -> Message:
        """A message whose figures are rounded as its wording writes them.

        Where the wording is kept, a message among the values stands there by its own wording.
        Raises ValueError where the values are not those of the wording.
        """
        kinds = kinds_of(code)
        if code in WORDINGS and values.keys() != kinds.keys():
            raise ValueError(f"{code} takes {sorted(kinds)}, not {sorted(values)}")
        return cls(
            code=code,
            values=tuple((k, _canonical(values[k], kinds.get(k))) for k in sorted(values)),
        )

    @property
    def text(self) -> str:
        """The wording that is kept. Raises KeyError for a message that is only ever shown."""
        values = dict(self.values)
        return "".join(
            literal + (written(values[name], kind) if name else "")
            for literal, name, kind in _parts(self.code)
        )

    def __getitem__(self, name: str) -> Value:
        return dict(self.values)[name]

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "values": {k: v.as_json() if isinstance(v, Message) else v for k, v in self.values},
        }


Value = str | int | float | Message


def message_from_json(body: Mapping[str, Any]) -> Message:
    """The inverse of `Message.as_json`. Raises KeyError or AttributeError on anything else."""
    return Message(
        code=body["code"],
        values=tuple(
            (k, message_from_json(v) if isinstance(v, Mapping) else v)
            for k, v in sorted(body["values"].items())
        ),
    )


@cache
def kinds_of(code: str) -> Mapping[str, str]:
    """The kinds of a wording's values by name; none for a message that is only ever shown."""
    return {name: kind for _, name, kind in _parts(code) if name} if code in WORDINGS else {}


@lru_cache(maxsize=8192)
def read_message(text: str) -> Message:
    """The message whose wording a kept text is; `VERBATIM` with the text where there is none.

    Whatever comes back has `text` for its wording, so that what was read is written as it was.
    """
    found = [message for message in _readings(text) if message.text == text]
    # Of two that fit, the one that leaves less open.
    return max(found, key=lambda m: _said(m.code), default=Message.of(VERBATIM, text=text))


def some(names: Sequence[str]) -> str:
    """A value of the kind `some`: the first ten names, and how many there are."""
    return "、".join(names[:SOME]) + (f" 等{len(names)}个" if len(names) > SOME else "")


@cache
def _parts(code: str) -> tuple[tuple[str, str, str], ...]:
    """(literal, name, kind) in order; no name after the last literal."""
    return tuple(
        (literal, name or "", kind or "")
        for literal, name, kind, _ in string.Formatter().parse(WORDINGS[code])
    )


def _said(code: str) -> int:
    """Characters of a wording that are not open."""
    return sum(len(literal) for literal, _, _ in _parts(code))


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    """Code → what reads its wording back."""
    return {
        code: re.compile(
            "".join(
                re.escape(literal) + (f"(?P<{name}>{_pattern(kind)})" if name else "")
                for literal, name, kind in _parts(code)
            ),
            re.S,
        )
        for code in WORDINGS
        if code != VERBATIM
    }


def _pattern(kind: str) -> str:
    if kind in _FREE:
        return ".*"
    return _PATTERNS.get(kind) or rf"-?[0-9]{{1,18}}\.[0-9]{{{_places(kind)}}}"


def _places(kind: str) -> int:
    return int(kind.strip(".f"))


def _readings(text: str) -> Iterator[Message]:
    for code, pattern in _patterns().items():
        if (found := pattern.fullmatch(text)) is not None:
            kinds = kinds_of(code)
            yield Message.of(code, **{k: _read(v, kinds[k]) for k, v in found.groupdict().items()})


def _read(text: str, kind: str) -> Value:
    if kind == "d":
        return int(text)
    return float(text) if kind.endswith("f") else text


def _canonical(value: Value, kind: str | None) -> Value:
    """A value as a message holds it; `kind` None where no wording is kept."""
    if kind is None:
        return value
    if isinstance(value, Message):
        return value.text
    if kind == "d":
        return int(value)
    return round(float(value), _places(kind)) if kind.endswith("f") else str(value)


def written(value: Value, kind: str) -> str:
    """A value as its wording writes it."""
    if isinstance(value, Message):
        return value.text
    return f"{value:.{_places(kind)}f}" if kind.endswith("f") else str(value)
