"""What was not heard of a call, and how much was, in the reader's language."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from qc_pipeline.call import Speaker, Transcript, Unheard
from qc_pipeline.report import formats
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.scoring.evidence.coverage import unheard_stretches
from qc_pipeline.scoring.evidence.hearing import Hearing, hearing_of
from qc_pipeline.scoring.evidence.timing import length_s, union


@dataclass(frozen=True, slots=True, kw_only=True)
class UnheardPlace:
    """A stretch in which a party speaks and no words stand. `text`: "not heard: why, 2.8 s", `who`
    names the party, or both.
    """

    speaker: Speaker
    who: str
    start_s: float
    end_s: float
    speech_s: float
    text: str


def unheard_places(transcript: Transcript, t: Translator) -> tuple[UnheardPlace, ...]:
    """The stretches of both parties in time; none where it is not known what was not heard."""
    found = [
        UnheardPlace(
            speaker=speaker,
            who=t(f"speaker.{speaker}"),
            start_s=parts[0].start_s,
            end_s=max(part.end_s for part in parts),
            speech_s=_length_s(parts),
            text=t(
                "unheard_mark",
                why=t(f"unheard.{parts[0].reason}"),
                n=formats.seconds(_length_s(parts)),
            ),
        )
        for speaker in Speaker
        for parts in unheard_stretches(transcript, speaker)
    ]
    return tuple(sorted(found, key=lambda p: (p.start_s, p.speaker)))


def unheard_lines(transcript: Transcript, t: Translator) -> tuple[UnheardPlace, ...]:
    """The same to be read one after another: what is wanting of both parties alike, as where a part
    of the recording was not read, stands once.
    """
    found: dict[tuple[float, float, str], UnheardPlace] = {}
    for place in unheard_places(transcript, t):
        key = (place.start_s, place.end_s, place.text)
        known = found.get(key)
        found[key] = place if known is None else replace(known, who=t("both_parties"))
    return tuple(found.values())


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
    places = unheard_lines(transcript, t)
    if not places:
        return ""
    seconds = sum(place.speech_s for place in places)
    return t("unheard_count", n=len(places), s=formats.seconds(seconds))


def _length_s(parts: Iterable[Unheard]) -> float:
    return length_s(union((u.start_s, u.end_s) for u in parts))


def whole_percents(share: float) -> int:
    """Cut off: what is not heard in full is never told as 100 %, nor what is too little as 85 %."""
    return math.floor(share * 100 + 1e-9)


def _share(one: Hearing) -> str:
    return "–" if one.speech_s <= 0 else f"{whole_percents(one.share)}%"
