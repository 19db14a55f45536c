"""What was heard in a recording's windows → its transcript, measures and envelope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qc_pipeline.asr.hallucinations import guard, unheard_of, with_loops
from qc_pipeline.asr.language import OtherLanguage
from qc_pipeline.asr.mouths import give_words
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.asr.roles import decide_roles
from qc_pipeline.asr.separation_trust import Trust
from qc_pipeline.asr.speaker_doubts import doubts_of
from qc_pipeline.asr.turns import Placed, place, turns_of
from qc_pipeline.asr.whisper import DecodedWindow
from qc_pipeline.asr.windows import AudioWindow
from qc_pipeline.audio.measure_transcript import measure_voices
from qc_pipeline.audio.speakers import Voices
from qc_pipeline.call import AsrIdentity, Measures, Speaker, Transcript, Turn


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
    windows: tuple[tuple[AudioWindow, ...], tuple[AudioWindow, ...]],
    heard: tuple[Sequence[DecodedWindow], Sequence[DecodedWindow]],
    languages: Mapping[int, OtherLanguage],
    options: AsrOptions,
    identity: AsrIdentity,
) -> Recognised:
    """Put one recording's words into turns, decide who is the agent, and measure.

    `languages` names the voices that seem to speak another language.
    """
    if voices.mono:
        mouths = give_words(voices, windows[0], heard[0], language, options.agent_phrases)
        voices, trust = mouths.voices, mouths.trust
        said, looped = mouths.turns, mouths.looped
    else:
        trust = Trust()
        first, second = (_turns(windows[voice], heard[voice], language) for voice in (0, 1))
        said = first, second
        first, second = (_loops(windows[voice], heard[voice], language) for voice in (0, 1))
        looped = first, second
    guarded = [
        with_loops(guard(said[v], language=language, hotwords=options.hotwords), looped[v])
        for v in (0, 1)
    ]
    spoken = [g.turns for g in guarded]
    heard_as = decide_roles((spoken[0], spoken[1]), options.agent_phrases)
    listed = voices.agent
    agent = heard_as.agent if listed is None else listed
    parties = {Speaker.AGENT: agent, Speaker.CUSTOMER: 1 - agent}
    doubts, told = doubts_of(
        voices,
        parties,
        heard_as if listed is None else None,
        options.role_certainty,
        languages,
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
        notes=(*voices.notes, *told),
        unheard={
            s: unheard_of(
                voices.pair[v].regions,
                [w for t in spoken[v] for w in t.words],
                guarded[v].dropped,
            )
            for s, v in parties.items()
        },
    )
    measures, drawn = measure_voices(voices, parties, transcript)
    return Recognised(
        recording_id=recording_id,
        audio_sha256=voices.decoded.audio_sha256,
        transcript=transcript,
        measures=measures,
        envelope=drawn,
    )


def _loops(
    windows: Sequence[AudioWindow], heard: Sequence[DecodedWindow], language: str
) -> tuple[Turn, ...]:
    """What loops without end, as turns of one voice, provisionally under the agent's name."""
    found: list[Turn] = []
    for window, result in zip(windows, heard, strict=True):
        looped = place(window, replace(result, words=result.looped), 0, language)
        found += turns_of(Speaker.AGENT, window.regions, looped, language)
    return tuple(found)


def _turns(
    windows: Sequence[AudioWindow], heard: Sequence[DecodedWindow], language: str
) -> tuple[Turn, ...]:
    """Turns of one voice, provisionally under the agent's name."""
    placed: list[Placed] = []
    first_region = 0
    regions = [region for window in windows for region in window.regions]
    for window, result in zip(windows, heard, strict=True):
        placed.extend(place(window, result, first_region, language))
        first_region += len(window.regions)
    return turns_of(Speaker.AGENT, regions, placed, language)
