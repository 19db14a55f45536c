"""What is not certain about who spoke: for the score (`doubts`) and for people (notes)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from qc_pipeline.asr.language import OtherLanguage
from qc_pipeline.asr.roles import Role
from qc_pipeline.asr.separation_trust import Trust
from qc_pipeline.audio.second_speaker import SecondVoice
from qc_pipeline.audio.speakers import Voices
from qc_pipeline.call import Doubt, DoubtReason, Speaker
from qc_pipeline.message import Message
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
    trust: Trust | None = None,
) -> tuple[tuple[Doubt, ...], tuple[Message, ...]]:
    """The doubts about a recording, and a note for each of them.

    `parties` says which voice each speaker is, `role` how that was decided (None: by the list),
    `languages` which voice speaks another language than the call's, `heard_as` who would be the
    agent by what was said, where the list decided, `trust` how far the separation of one channel
    is trusted.
    """
    found = [
        *_found(voices, parties, role, least_certainty),
        *_untrusted(parties, trust, voices.decoded.duration_s),
        *_swapped(heard_as, parties, voices.decoded.duration_s),
        *_foreign(parties, languages, voices.decoded.duration_s),
    ]
    doubts = [doubt for some, _ in found for doubt in some]
    doubts.sort(key=lambda d: (d.start_s, d.speaker, d.end_s))
    return tuple(doubts), tuple(note for _, note in found)


def _found(
    voices: Voices, parties: Mapping[Speaker, int], role: Role | None, least_certainty: float
) -> Iterator[tuple[list[Doubt], Message]]:
    end_s = voices.decoded.duration_s
    if role is not None and role.certainty < least_certainty:
        yield (
            [_whole(speaker, end_s, role.certainty, DoubtReason.ROLE) for speaker in parties],
            Message.of("speakers.role", certainty=role.certainty),
        )
    if voices.shared_alike:
        yield (
            [
                _either(speaker, start_s, stop_s, DoubtReason.ALIKE)
                for speaker in parties
                for start_s, stop_s in voices.shared
            ],
            Message.of("speakers.alike-there"),
        )
    for speaker, number in parties.items():
        second = voices.pair[number].second
        if second is not None:
            yield (
                _second(speaker, second, end_s),
                Message.of(
                    "speakers.second-voice" if voices.mono else "speakers.second-on-channel",
                    speaker=speaker,
                    at=clock(second.from_s),
                    percent=round(second.share * 100),
                ),
            )
    silent = [s for s, n in parties.items() if not voices.pair[n].regions]
    if len(silent) == 1 and voices.pair[parties[silent[0]]].state in ("ok", "mono"):
        yield (
            [],
            Message.of("speakers.one-voice")
            if voices.mono
            else Message.of("speakers.nobody", speaker=silent[0]),
        )


def _untrusted(
    parties: Mapping[Speaker, int], trust: Trust | None, end_s: float
) -> Iterator[tuple[list[Doubt], Message]]:
    if trust is None or trust.enough:
        return
    for reason, told in trust.reasons:
        yield [_whole(speaker, end_s, trust.value, reason) for speaker in parties], told


def _swapped(
    heard_as: Role | None, parties: Mapping[Speaker, int], end_s: float
) -> Iterator[tuple[list[Doubt], Message]]:
    if heard_as is None or heard_as.certainty < SWAPPED or heard_as.agent == parties[Speaker.AGENT]:
        return
    certainty = round(1 - heard_as.certainty, 3)
    yield (
        [_whole(speaker, end_s, certainty, DoubtReason.ROLE) for speaker in parties],
        Message.of("speakers.swapped", certainty=heard_as.certainty),
    )


def _foreign(
    parties: Mapping[Speaker, int], languages: Mapping[int, OtherLanguage], end_s: float
) -> Iterator[tuple[list[Doubt], Message]]:
    for speaker, number in parties.items():
        other = languages.get(number)
        if other is not None:
            certainty = round(1 - other.probability, 3)
            yield (
                [_whole(speaker, end_s, certainty, DoubtReason.LANGUAGE)],
                Message.of(
                    "speakers.language",
                    speaker=speaker,
                    language=other.language,
                    probability=other.probability,
                ),
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


def _either(speaker: Speaker, start_s: float, end_s: float, reason: DoubtReason) -> Doubt:
    return Doubt(speaker=speaker, start_s=start_s, end_s=end_s, certainty=_EITHER, reason=reason)


def _whole(speaker: Speaker, end_s: float, certainty: float, reason: DoubtReason) -> Doubt:
    return Doubt(speaker=speaker, start_s=0.0, end_s=end_s, certainty=certainty, reason=reason)
