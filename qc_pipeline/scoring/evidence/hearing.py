"""The hearing figure: how much of a party's speech was understood, and whether that is enough.

A verdict rests on what was heard. Where too little was, the call has no total: it is *not judged*
and goes to a person. The bounds are those of docs/trust.md, section "Heard". Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from qc_pipeline.call import Doubt, Speaker, Transcript, Unheard, UnheardReason
from qc_pipeline.scoring.evidence.coverage import words_of
from qc_pipeline.scoring.evidence.mouth_trust import LEAST_TRUST, trust_told
from qc_pipeline.scoring.evidence.timing import length_s, union

LEAST_HEARD = 0.85
"""Share of a party's speech with words below which a call may be not judged (`[asr] least_heard`).
"""
LEAST_UNHEARD_S = 3.0
"""So much speech of the party has to be without words besides; below, a short call's one mumbled
answer would cost it its total."""
LEAST_CONFIDENCE = 0.6
"""Mean confidence of a party's words below which its text is not understood, where the model's own
bound was not measured (`qc model try`)."""
DOUBTFUL_BELOW = 0.85
"""Confidence below which a word is doubtful, where the model's bound was not measured."""
FASTEST_CHARACTERS_S = 9.0
"""Characters a second of speech over a whole party that nobody keeps up in Mandarin: fast broadcast
speech has 5 to 6, sellers in a hurry 7 to 8."""
FASTEST_WORDS_S = 5.5
"""Words a second in English: auctioneers aside, 4 is fast."""
_WRONG_SPEED = ("voices.too-fast", "voices.too-slow")
_ROUNDED_S = 0.02
_TELLING_S = 5.0
"""Speech that a pace or a mean confidence is told by."""


class NotJudged(StrEnum):
    """Why a call is not judged.

    UNHEARD: too much of a party's speech has no words. UNINTELLIGIBLE: the words are too uncertain
    on the whole. PACE: faster than anybody speaks. SPEED: the recording plays at the wrong speed.
    SEPARATION: which words are whose is not known.
    """

    UNHEARD = "unheard"
    UNINTELLIGIBLE = "unintelligible"
    PACE = "pace"
    SPEED = "speed"
    SEPARATION = "separation"


@dataclass(frozen=True, slots=True, kw_only=True)
class HearingBounds:
    """Below which hearing is too little: shares and mean confidences in [0, 1]."""

    least_heard: float = LEAST_HEARD
    least_confidence: float = LEAST_CONFIDENCE

    def as_json(self) -> dict[str, float]:
        return {"least_confidence": self.least_confidence, "least_heard": self.least_heard}


DEFAULT_BOUNDS = HearingBounds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """How well one party was heard. Seconds of its speech; shares in [0, 1].

    `share` is the part of its speech that is not unheard, `dropped` the part whose words were taken
    out, `confidence` the mean of its words' confidences (None where none were given), `pace` the
    characters (English: words) a second of its heard speech.
    """

    speech_s: float
    unheard_s: float
    dropped_s: float
    confidence: float | None
    pace: float | None

    @property
    def share(self) -> float:
        return 1.0 if self.speech_s <= 0 else max(1 - self.unheard_s / self.speech_s, 0.0)

    @property
    def dropped(self) -> float:
        return 0.0 if self.speech_s <= 0 else min(self.dropped_s / self.speech_s, 1.0)

    def as_json(self) -> dict[str, Any]:
        return {
            "confidence": None if self.confidence is None else round(self.confidence, 3),
            "dropped": round(self.dropped, 4),
            "heard": round(self.share, 4),
            "speech_s": round(self.speech_s, 2),
            "unheard_s": round(self.unheard_s, 2),
        }


def hearing_of(transcript: Transcript) -> Mapping[Speaker, Hearing] | None:
    """The hearing figure of each party; None where it is not known what was not heard.

    Speech of a part that was not read counts as unheard speech: nobody knows how much of it was.
    Where the recorder was paused on purpose (a card number is read out), there is none of the call
    to be heard; only what rests on nothing having been said there is uncertain.
    """
    if transcript.unheard is None:
        return None
    found: dict[Speaker, Hearing] = {}
    for speaker in Speaker:
        unheard = [u for u in transcript.unheard.get(speaker, ()) if not _paused(u, transcript)]
        spans = union((u.start_s, u.end_s) for u in unheard)
        speech = union([*transcript.speech.get(speaker, ()), *spans])
        dropped = union(
            (u.start_s, u.end_s)
            for u in unheard
            if u.reason not in (UnheardReason.NO_WORDS, UnheardReason.NOT_READ)
        )
        words = words_of(transcript.turns, speaker)
        given = [c for w in words if (c := w.confidence) is not None]
        heard_s = length_s(speech) - length_s(spans)
        found[speaker] = Hearing(
            speech_s=length_s(speech),
            unheard_s=length_s(spans),
            dropped_s=length_s(dropped),
            confidence=sum(given) / len(given) if given else None,
            pace=len(words) / heard_s if heard_s >= _TELLING_S else None,
        )
    return found


def at_wrong_speed(transcript: Transcript) -> bool:
    """Whether the recording was noticed to play too fast or too slowly."""
    return any(note.code in _WRONG_SPEED for note in transcript.notes)


def not_judged(
    hearing: Mapping[Speaker, Hearing] | None,
    bounds: HearingBounds,
    language: str,
    doubts: Sequence[Doubt] = (),
    duration_s: float = 0.0,
    *,
    wrong_speed: bool = False,
) -> Mapping[Speaker, NotJudged]:
    """Whose words are not enough to judge the call by, and why; empty where they are.

    Bounds are held against figures as a card tells them (`Hearing.as_json`). `doubts` are the
    transcript's (of `duration_s` seconds): where its parties are not told apart, nobody's words
    are enough, nor are those of whoever speaks at the wrong speed (`at_wrong_speed`).
    """
    if hearing is None:
        return {}
    if not wrong_speed and not _told_apart(doubts, duration_s):
        return dict.fromkeys(hearing, NotJudged.SEPARATION)
    found: dict[Speaker, NotJudged] = {}
    for speaker, one in hearing.items():
        if wrong_speed:
            if one.speech_s > 0:
                found[speaker] = NotJudged.SPEED
            continue
        enough = round(one.share, 4) >= bounds.least_heard
        if not enough and round(one.unheard_s, 2) > LEAST_UNHEARD_S:
            found[speaker] = NotJudged.UNHEARD
        elif one.speech_s < _TELLING_S:
            continue
        elif one.confidence is not None and round(one.confidence, 3) < bounds.least_confidence:
            found[speaker] = NotJudged.UNINTELLIGIBLE
        elif one.pace is not None and one.pace > _fastest(language):
            found[speaker] = NotJudged.PACE
    return found


def _paused(unheard: Unheard, transcript: Transcript) -> bool:
    """Whether nothing was read there because the recorder wrote nothing."""
    return unheard.reason is UnheardReason.NOT_READ and any(
        a - _ROUNDED_S <= unheard.start_s and unheard.end_s <= b + _ROUNDED_S
        for a, b in transcript.pauses
    )


def _told_apart(doubts: Sequence[Doubt], duration_s: float) -> bool:
    """Whether it is trusted who spoke. Voices that are not told apart for less than half of a call
    only hold what rests on it there.
    """
    long = [d for d in doubts if (d.end_s - d.start_s) * 2 > duration_s]
    return trust_told(long) >= LEAST_TRUST


def _fastest(language: str) -> float:
    return FASTEST_WORDS_S if language.startswith("en") else FASTEST_CHARACTERS_S
