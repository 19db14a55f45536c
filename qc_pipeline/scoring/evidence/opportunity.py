"""How much was said in a call: whether there was time for what the rubric asks.

A call that broke off after a sentence gave nobody the opportunity to say goodbye. docs/rubrics.md,
section "Calls too short to be judged". Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qc_pipeline.call import Speaker, Transcript, UnheardReason
from qc_pipeline.scoring.evidence.terms import Words
from qc_pipeline.scoring.evidence.timing import length_s, subtract, talk_spans, union

TOO_SHORT = Words("通话过短", "call too short")


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """How much both parties said: seconds in which somebody speaks, merged turns of both."""

    talk_s: float
    turns: int

    def as_json(self) -> dict[str, Any]:
        return {"talk_s": round(self.talk_s, 2), "turns": self.turns}


def talk_from_json(body: Mapping[str, Any]) -> Talk:
    """The inverse of `Talk.as_json`."""
    return Talk(talk_s=body["talk_s"], turns=body["turns"])


def talk_of(transcript: Transcript, turns: int) -> Talk:
    """How much both parties said, in `turns` merged turns.

    A party's speech is that of its speech regions; where these are not known, of its turns. A part
    of the recording that was not read may have been speech and counts as such, but for the
    recorder's own pauses. Where both speak at once the time counts once.
    """
    spans = []
    for speaker in Speaker:
        spans += talk_spans(transcript, speaker)
        not_read = [
            (u.start_s, u.end_s)
            for u in (transcript.unheard or {}).get(speaker, ())
            if u.reason is UnheardReason.NOT_READ
        ]
        spans += subtract(union(not_read), transcript.pauses) if not_read else []
    return Talk(talk_s=length_s(union(spans)), turns=turns)
