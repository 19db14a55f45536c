"""How far the separation of one channel into two voices is trusted.

Who said what in a mono call is worked out, not recorded. Where it is likely to be wrong, nothing
that a party is praised or blamed for can rest on it. So it is held against itself: whether another
division is about as likely, whether each party has something to say, whether one mouth says what
the agent says and what the customer says, and whether one of the voices sounds like two people.
The figures by which the bounds were chosen stand in docs/asr.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.speakers import Voices
from qc_pipeline.audio.two_voices import Division, Hints
from qc_pipeline.call import DoubtReason
from qc_pipeline.message import Message
from qc_pipeline.scoring.evidence.mouth_trust import LEAST_TRUST
from qc_pipeline.scoring.evidence.timing import length_s

Float64 = npt.NDArray[np.float64]

LEAST_SHARE = 0.05
"""Of all talk: a party with less was hardly found."""
LEAST_TALK_S = 15.0
"""With less talk than this, one party may well have nothing but an answer in it."""
LEAST_FIT = 0.7
"""Of what the words say about who speaks them, so much at least must fit."""
LEAST_ANSWERED = 0.7
"""Of the agent's questions, so many at least must be answered by the other voice."""
_LEAST_UNANSWERED = 2
_GOES_ON_S = 2.0
_EITHER = 0.5
_TELLING = 4.0  # log odds that words must say before they can contradict anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """`value` in [0, 1]: how sure it is that words stand in the right mouth; `reasons` why not, as
    a doubt and as a sentence.
    """

    value: float = 1.0
    reasons: tuple[tuple[DoubtReason, Message], ...] = ()

    @property
    def enough(self) -> bool:
        return self.value >= LEAST_TRUST


def fit_of(hints: Hints, division: Division) -> float | None:
    """How much of what the words say about their speaker fits who is said to have spoken them.

    In [0, 1]; None where the words say too little. One who opens the call for the company and
    complains about it speaks for about 0.5.
    """
    said = float(np.abs(hints.odds).sum())
    if said < _TELLING or division.agent is None:
        return None
    sides = np.where(division.labels == division.agent, 1.0, -1.0)
    return float(0.5 + 0.5 * (hints.odds @ sides) / said)


def answered_of(asked: Sequence[int], division: Division, lengths_s: Float64) -> float | None:
    """The share of the agent's questions after which the other voice speaks.

    In [0, 1]; None where at most one was left unanswered: a short answer may well be missed.
    `asked`: the phrases that end one; `lengths_s` of each phrase, shape (phrases,). Who asks
    请问您贵姓 and pauses does not go on for two seconds.
    """
    labels = division.labels
    unanswered = 0
    for number in asked:
        after = labels[number + 1 :] != labels[number]
        until = int(np.argmax(after)) if after.any() else after.size
        same_s = float(lengths_s[number + 1 : number + 1 + until].sum())
        unanswered += same_s >= _GOES_ON_S
    return None if unanswered < _LEAST_UNANSWERED else 1 - unanswered / len(asked)


def trust_in(voices: Voices, fit: float | None, answered: float | None) -> Trust:
    """How far the separation of a mono call is trusted. See `fit_of` and `answered_of`."""
    found: list[tuple[float, DoubtReason, Message]] = []
    divided = voices.divided
    if divided is None:
        return Trust()
    if divided.agreement is not None and voices.alike:
        found.append((divided.agreement, DoubtReason.ALIKE, Message.of("speakers.alike")))
    talk_s = [length_s(list(voice.regions)) for voice in voices.pair]
    share = min(talk_s) / sum(talk_s) if sum(talk_s) else 0.0
    if sum(talk_s) >= LEAST_TALK_S and share < LEAST_SHARE:
        told = Message.of("trust.one-party", percent=round(share * 100))
        value = 0.5 + share / LEAST_SHARE * (LEAST_TRUST - 0.5)
        found.append((value, DoubtReason.SEPARATION, told))
    if fit is not None and fit < LEAST_FIT:
        told = Message.of("trust.contradicted", percent=round(fit * 100))
        found.append((fit, DoubtReason.SEPARATION, told))
    if answered is not None and answered < LEAST_ANSWERED:
        told = Message.of("trust.unanswered", percent=round((1 - answered) * 100))
        found.append((answered, DoubtReason.SEPARATION, told))
    if all(voice.second is not None for voice in voices.pair):
        told = Message.of("trust.two-in-each")
        found.append((_EITHER, DoubtReason.SEPARATION, told))
    return Trust(
        value=round(min((value for value, *_ in found), default=1.0), 3),
        reasons=tuple((reason, told) for _, reason, told in found),
    )
