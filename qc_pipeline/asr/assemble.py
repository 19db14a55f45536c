"""What was heard in a recording's windows → its transcript, measures and envelope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from qc_pipeline.asr.hallucinations import Guarded, guard, with_loops
from qc_pipeline.asr.hear_calls import HeardVoice, HeardVoices, HeardWindow
from qc_pipeline.asr.helps import Change
from qc_pipeline.asr.language import OtherLanguage
from qc_pipeline.asr.mouths import give_words
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.asr.roles import decide_roles
from qc_pipeline.asr.separation_trust import Trust
from qc_pipeline.asr.speaker_doubts import doubts_of
from qc_pipeline.asr.terms import put_right
from qc_pipeline.asr.turns import Placed, place, turns_of
from qc_pipeline.audio.measure_transcript import measure_voices
from qc_pipeline.audio.speakers import Voice, Voices
from qc_pipeline.call import AsrIdentity, Measures, Span, Speaker, Transcript
from qc_pipeline.message import Message
from qc_pipeline.scoring.evidence.coverage import unheard_of, with_missing
from qc_pipeline.scoring.evidence.hearing import DOUBTFUL_BELOW

_TOLD = 20
"""Changes that a note names at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A recording that was listened to.

    `envelope`: see qc_pipeline.audio.envelope; agent first, then customer (one column for mono).
    """

    recording_id: str
    audio_sha256: str
    transcript: Transcript
    measures: Measures
    envelope: bytes


def finish(
    *,
    recording_id: str,
    language: str,
    voices: Voices,
    heard: HeardVoices,
    options: AsrOptions,
    identity: AsrIdentity,
) -> Recognised:
    """Put one recording's words into turns, decide who is the agent, and measure."""
    if voices.mono:
        mouths = give_words(
            voices,
            [w.window for w in heard[0].windows],
            [w.heard for w in heard[0].windows],
            language,
            options.agent_phrases,
        )
        voices, trust = mouths.voices, mouths.trust
        first, second = (
            with_loops(guard(turns, language=language, hotwords=options.hotwords), looped)
            for turns, looped in zip(mouths.turns, mouths.looped, strict=True)
        )
        # The mix is heard as one: what it is in, both speak as far as anybody knows.
        heard = heard[0], replace(heard[0], also=(), changes=())
    else:
        trust = Trust()
        first, second = (_guarded(heard[voice], options) for voice in (0, 1))
    guarded = first, second
    given = options.doubtful_below
    doubtful_below = DOUBTFUL_BELOW if given is None else given
    right = [put_right(g.turns, options.spelled, doubtful_below) for g in guarded]
    spoken = [turns for turns, _ in right]
    heard_as = decide_roles((spoken[0], spoken[1]), options.agent_phrases)
    listed = voices.agent
    agent = heard_as.agent if listed is None else listed
    parties = {Speaker.AGENT: agent, Speaker.CUSTOMER: 1 - agent}
    doubts, told = doubts_of(
        voices,
        parties,
        heard_as if listed is None else None,
        options.role_certainty,
        {v: other for v in (0, 1) if (other := _mostly(voices.pair[v], heard[v])) is not None},
        heard_as=None if listed is None or not all(spoken) else heard_as,
        trust=trust,
    )
    turns = [
        replace(turn, speaker=speaker)
        for speaker, voice in parties.items()
        for turn in spoken[voice]
    ]
    dropped = [
        replace(drop, speaker=speaker)
        for speaker, voice in parties.items()
        for drop in guarded[voice].dropped
    ]
    transcript = Transcript(
        recording_id=recording_id,
        language=language,
        duration_s=voices.decoded.duration_s,
        asr=identity,
        turns=tuple(sorted(turns, key=lambda t: (t.start_s, t.speaker))),
        speech={s: voices.pair[v].regions for s, v in parties.items()},
        channels={s: voices.pair[v].state for s, v in parties.items()},
        dropped=tuple(sorted(dropped, key=lambda d: (d.start_s, d.speaker))),
        doubts=doubts,
        notes=(*voices.notes, *told, *_notes(heard, [c for _, c in right], parties)),
        unheard={
            s: with_missing(
                unheard_of(
                    voices.pair[v].regions,
                    [w for t in spoken[v] for w in t.words],
                    guarded[v].dropped,
                    [region for other in heard[v].foreign for region in other.regions],
                ),
                (m.span for m in voices.decoded.missing),
            )
            for s, v in parties.items()
        },
        pauses=voices.decoded.pauses,
    )
    measures, drawn = measure_voices(voices, parties, transcript)
    return Recognised(
        recording_id=recording_id,
        audio_sha256=voices.decoded.audio_sha256,
        transcript=transcript,
        measures=measures,
        envelope=drawn,
    )


def _guarded(heard: HeardVoice, options: AsrOptions) -> Guarded:
    """The turns of one voice that can have been said, provisionally under the agent's name.

    No turn is in two languages.
    """
    regions = sorted(
        {region for w in heard.windows for region in w.window.regions}
        | {region for other in heard.foreign for region in other.regions}
    )
    found = []
    for language in sorted({w.language for w in heard.windows}):
        windows = [w for w in heard.windows if w.language == language]
        turns = turns_of(Speaker.AGENT, regions, _placed(windows, regions, language), language)
        guarded = guard(turns, language=language, hotwords=options.hotwords)
        loops = turns_of(
            Speaker.AGENT, regions, _placed(windows, regions, language, looped=True), language
        )
        found.append(with_loops(guarded, loops))
    return Guarded(
        turns=tuple(sorted((t for g in found for t in g.turns), key=lambda t: t.start_s)),
        dropped=tuple(d for g in found for d in g.dropped),
    )


def _placed(
    windows: Sequence[HeardWindow],
    regions: Sequence[Span],
    language: str,
    *,
    looped: bool = False,
) -> list[Placed]:
    """The words of windows in their order; `looped`: those that were taken out for looping."""
    number = {region: n for n, region in enumerate(regions)}
    placed: list[Placed] = []
    for one in windows:
        heard = replace(one.heard, words=one.heard.looped) if looped else one.heard
        placed += [
            replace(item, region=number[one.window.regions[item.region]])
            for item in place(one.window, heard, 0, language)
        ]
    return sorted(placed, key=lambda p: p.region)


def _mostly(voice: Voice, heard: HeardVoice) -> OtherLanguage | None:
    """The language that is spoken instead in at least half of a voice's speech, if any."""
    speech_s = sum(end_s - start_s for start_s, end_s in voice.regions)
    longest = max(heard.foreign, key=lambda o: o.speech_s, default=None)
    foreign_s = sum(other.speech_s for other in heard.foreign)
    return longest if longest is not None and foreign_s * 2 >= speech_s else None


def _notes(
    heard: HeardVoices,
    put_right_in: Sequence[Sequence[Change]],
    parties: Mapping[Speaker, int],
) -> Iterator[Message]:
    """What people are told besides the doubts: other languages, and what helps changed."""
    for speaker, voice in parties.items():
        for code, others in (
            ("speakers.unheard-language", heard[voice].foreign),
            ("speakers.also-language", heard[voice].also),
        ):
            for language in sorted({o.language for o in others}):
                seconds = sum(o.speech_s for o in others if o.language == language)
                yield Message.of(code, speaker=speaker, language=language, seconds=seconds)
    for code, changes in (
        ("asr.helped", [c for voice in (0, 1) for c in heard[voice].changes]),
        ("asr.terms", [c for some in put_right_in for c in some]),
    ):
        if changes:
            named = "，".join(str(c) for c in changes[:_TOLD])
            yield Message.of(code, n=len(changes), changes=named)
