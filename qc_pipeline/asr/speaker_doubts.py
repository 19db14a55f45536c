"""What is not certain about who spoke: for the score (`doubts`) and for people (notes)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from qc_pipeline.asr.language import OtherLanguage
from qc_pipeline.asr.roles import Role
from qc_pipeline.audio.second_speaker import SecondVoice
from qc_pipeline.audio.speakers import Voices
from qc_pipeline.call import Doubt, DoubtReason, Speaker
from qc_pipeline.scoring.evidence.timing import clock

_EITHER = 0.5
"""Of two people nobody knows which: one in two."""
OWN_SHARE = 0.75
"""A party whose first voice has this much of its speech is that voice. Else it may be either: the
call list names one agent of a transferred call, and not which."""
SWAPPED = 0.95
"""How sure what was said must be to be believed against the call list's `agent_channel`. Of the 104
sample calls, none speaks against its list at all."""


def doubts_of(
    voices: Voices,
    parties: Mapping[Speaker, int],
    role: Role | None,
    least_certainty: float,
    languages: Mapping[int, OtherLanguage] = MappingProxyType({}),
    *,
    heard_as: Role | None = None,
) -> tuple[tuple[Doubt, ...], tuple[str, ...]]:
    """The doubts about a recording, and a sentence for each of them.

    `parties` says which voice each speaker is, `role` how that was decided (None: by the list),
    `languages` which voice speaks another language than the call's, `heard_as` who would be the
    agent by what was said, where the list decided.
    """
    found = [
        *_found(voices, parties, role, least_certainty),
        *_swapped(heard_as, parties, voices.decoded.duration_s),
        *_foreign(parties, languages, voices.decoded.duration_s),
    ]
    doubts = [doubt for some, _ in found for doubt in some]
    doubts.sort(key=lambda d: (d.start_s, d.speaker, d.end_s))
    return tuple(doubts), tuple(note for _, note in found)


def _found(
    voices: Voices, parties: Mapping[Speaker, int], role: Role | None, least_certainty: float
) -> Iterator[tuple[list[Doubt], str]]:
    end_s = voices.decoded.duration_s
    if role is not None and role.certainty < least_certainty:
        yield (
            [_whole(speaker, end_s, role.certainty, DoubtReason.ROLE) for speaker in parties],
            f"which voice is the agent was decided with certainty {role.certainty:.2f} only; "
            "please listen",
        )
    if voices.alike:
        yield (
            [_whole(speaker, end_s, _EITHER, DoubtReason.ALIKE) for speaker in parties],
            "the two voices of this mono recording are alike; who spoke is uncertain",
        )
    for speaker, number in parties.items():
        second = voices.pair[number].second
        if second is not None:
            place = "voice" if voices.mono else "channel"
            yield (
                _second(speaker, second, end_s),
                f"a further voice speaks in the {speaker}'s {place} from {clock(second.from_s)} "
                f"on, {second.share:.0%} of its speech (a transfer, somebody who joined, an "
                "announcement); please listen",
            )
    silent = [s for s, n in parties.items() if not voices.pair[n].regions]
    if len(silent) == 1 and voices.pair[parties[silent[0]]].state in ("ok", "mono"):
        where = (
            "one voice was found in this mono recording"
            if voices.mono
            else f"nobody speaks in the {silent[0]}'s channel"
        )
        yield [], where


def _swapped(
    heard_as: Role | None, parties: Mapping[Speaker, int], end_s: float
) -> Iterator[tuple[list[Doubt], str]]:
    if heard_as is None or heard_as.certainty < SWAPPED or heard_as.agent == parties[Speaker.AGENT]:
        return
    certainty = round(1 - heard_as.certainty, 3)
    yield (
        [_whole(speaker, end_s, certainty, DoubtReason.ROLE) for speaker in parties],
        "whom the call list names as the customer speaks like the agent (certainty "
        f"{heard_as.certainty:.2f}); are the channels swapped? please listen",
    )


def _foreign(
    parties: Mapping[Speaker, int], languages: Mapping[int, OtherLanguage], end_s: float
) -> Iterator[tuple[list[Doubt], str]]:
    for speaker, number in parties.items():
        other = languages.get(number)
        if other is not None:
            certainty = round(1 - other.probability, 3)
            yield (
                [_whole(speaker, end_s, certainty, DoubtReason.LANGUAGE)],
                f"the {speaker} seems to speak {other.language} (probability "
                f"{other.probability:.2f}), and was listened to in another language; please listen",
            )


def _second(speaker: Speaker, second: SecondVoice, end_s: float) -> list[Doubt]:
    if 1 - second.share < OWN_SHARE:
        return [_whole(speaker, end_s, _EITHER, DoubtReason.SECOND_VOICE)]
    return [
        Doubt(
            speaker=speaker,
            start_s=start_s,
            end_s=stop_s,
            certainty=_EITHER,
            reason=DoubtReason.SECOND_VOICE,
        )
        for start_s, stop_s in second.spans
    ]


def _whole(speaker: Speaker, end_s: float, certainty: float, reason: DoubtReason) -> Doubt:
    return Doubt(speaker=speaker, start_s=0.0, end_s=end_s, certainty=certainty, reason=reason)
