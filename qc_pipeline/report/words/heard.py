"""What was not heard of a call, and how much was, in the reader's language."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qc_pipeline.call import Speaker, Transcript, UnheardReason
from qc_pipeline.report import formats
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.scoring.evidence.hearing import Hearing, hearing_of
from qc_pipeline.scoring.evidence.timing import length_s, union


@dataclass(frozen=True, slots=True, kw_only=True)
class UnheardPlace:
    """A stretch in which a party speaks and no words stand. `text`: "not heard: why, 2.8 s"."""

    speaker: Speaker
    start_s: float
    end_s: float
    text: str


def unheard_places(transcript: Transcript, t: Translator) -> tuple[UnheardPlace, ...]:
    """The stretches of both parties in time; none where it is not known what was not heard."""
    found = [
        UnheardPlace(
            speaker=speaker,
            start_s=one.start_s,
            end_s=one.end_s,
            text=t(
                "unheard_mark",
                why=why_unheard(one.reason, t),
                n=formats.seconds(one.end_s - one.start_s),
            ),
        )
        for speaker, stretches in (transcript.unheard or {}).items()
        for one in stretches
    ]
    return tuple(sorted(found, key=lambda p: (p.start_s, p.speaker)))


def why_unheard(reason: UnheardReason, t: Translator) -> str:
    return t(f"unheard.{reason}")


def hearing_told(transcript: Transcript, t: Translator) -> str:
    """How much of each party's speech was heard, and how much has no words; a sentence."""
    hearing = hearing_of(transcript)
    if hearing is None:
        return t("heard_unknown")
    sentence = t(
        "heard_of",
        agent=_share(hearing[Speaker.AGENT]),
        customer=_share(hearing[Speaker.CUSTOMER]),
    )
    missing = unheard_told(transcript, t)
    return f"{sentence}{t.gap}{missing}" if missing else sentence


def unheard_told(transcript: Transcript, t: Translator) -> str:
    """How many stretches were not heard, and for how long; "" where there are none."""
    stretches = [s for spans in (transcript.unheard or {}).values() for s in spans]
    if not stretches:
        return ""
    seconds = sum(
        length_s(union((u.start_s, u.end_s) for u in spans))
        for spans in (transcript.unheard or {}).values()
    )
    return t("unheard_count", n=len(stretches), s=formats.seconds(seconds))


def whole_percents(share: float) -> int:
    """Cut off: what is not heard in full is never told as 100 %, nor what is too little as 85 %."""
    return math.floor(share * 100 + 1e-9)


def _share(one: Hearing) -> str:
    return "–" if one.speech_s <= 0 else f"{whole_percents(one.share)}%"
