"""The sound of a call whose words are there already: from elsewhere, or from the record.

Words, turns and roles are the transcript's; regions, levels, pitch and signals come from the audio.
Where the two contradict each other the words stand and no sound is taken: a level under the wrong
name is worse than none.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qc_pipeline.audio.beyond_end import within_recording
from qc_pipeline.audio.decode import Decoded, against_the_list, decode
from qc_pipeline.audio.envelope import envelope
from qc_pipeline.audio.measures import measure, measure_without_sound
from qc_pipeline.audio.missing_sound import LIST_SLACK_S, LIST_SLACK_SHARE
from qc_pipeline.audio.mono_separation import SeparatedVoices, Separator
from qc_pipeline.audio.speakers import Voices, find_voices
from qc_pipeline.call import Measures, Span, Speaker, Transcript, Unheard
from qc_pipeline.errors import RecordingError
from qc_pipeline.message import Message
from qc_pipeline.scoring.evidence import timing
from qc_pipeline.scoring.evidence.coverage import unheard_of, with_missing, words_of

UNSOUNDED = "sound.not-taken"
"""The note of a transcript that says why figures of the sound are absent."""
LEAST_FIT = 0.5
"""A party whose channel has no speech in half of its speaking time is not on that channel. Turns
count with their pauses, and people pause for up to a third of the time they talk (Goldman-Eisler
1968), so that whole turns of the right channel stay above."""
CLEARLY = 2.0
"""One channel is a party's and not the other's where it fits so many times better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundJob:
    """A transcript and where its recording should lie; `path` None where no list names one.

    `agent_channel`: left, right, mono or auto. `fresh`: the words have just been brought in, and
    what stands beyond the recording's end is left out of them; without a recording its end is what
    the call list says (`listed_s`).
    """

    transcript: Transcript
    path: Path | None
    agent_channel: str = "auto"
    fresh: bool = False
    listed_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounded:
    """A transcript with the measures that could be taken.

    `transcript` has the regions and channels of the sound where it did not say them itself, and a
    note where sound is wanting: `reason` says the same, None where nothing is wanting. Where both
    parties' sound was found, its `unheard` accounts for the recording's speech as well.
    `audio_sha256` and `envelope` are None without (usable) audio.
    """

    transcript: Transcript
    measures: Measures
    audio_sha256: str | None = None
    envelope: bytes | None = None
    reason: Message | None = None


def take_sound(job: SoundJob) -> Sounded:
    """Measure a call with the words it has; never fails, what cannot be taken is absent."""
    notes = tuple(n for n in job.transcript.notes if n.code != UNSOUNDED)
    transcript = replace(job.transcript, notes=notes)
    if job.path is None:
        return without_sound(transcript, Message.of("sound.not-listed"))
    try:
        decoded = decode(job.path)
        if job.fresh:
            decoded = against_the_list(decoded, job.listed_s)
            transcript = within_recording(transcript, decoded.duration_s)
        voices = find_voices(decoded, job.agent_channel, by_turns(transcript))
    except RecordingError as error:
        if job.fresh and job.listed_s is not None:
            slack_s = max(LIST_SLACK_S, LIST_SLACK_SHARE * job.listed_s)
            transcript = within_recording(transcript, job.listed_s + slack_s)
        return without_sound(transcript, error.reason)
    except MemoryError:
        return without_sound(transcript, Message.of("audio.too-long"))
    parties, reason = _parties(voices, transcript)
    if reason is not None and not parties:
        return without_sound(transcript, reason)
    transcript = _with_regions(transcript, voices, parties)
    if len(parties) == len(Speaker):
        transcript = _accounted(transcript, voices, parties)
    if reason is not None:
        transcript = _noted(transcript, reason)
    measures, drawn = measure_voices(voices, parties, transcript)
    return Sounded(
        transcript=transcript,
        measures=measures,
        audio_sha256=voices.decoded.audio_sha256,
        envelope=drawn if len(parties) == len(Speaker) else None,
        reason=reason,
    )


def without_sound(transcript: Transcript, reason: Message) -> Sounded:
    """The measures of the words alone, and a note why."""
    transcript = _noted(transcript, reason)
    return Sounded(transcript=transcript, measures=measure_without_sound(transcript), reason=reason)


def measure_voices(
    voices: Voices, parties: Mapping[Speaker, int], transcript: Transcript
) -> tuple[Measures, bytes]:
    """The measures and the envelope (agent first; one column for mono) of a recording's voices.

    `parties` says which voice each speaker is; one that is not in it gets no measures of sound.
    """
    own = {s: voices.pair[v] for s, v in parties.items()}
    measures = measure(
        {s: voices.decoded.samples[voice.channel] for s, voice in own.items()},
        voices.decoded.sample_rate_hz,
        transcript,
        # With one channel unread, none of its tones would be counted as heard.
        {s: voice.signals for s, voice in own.items()} if len(own) == len(Speaker) else None,
    )
    mono = "mono" in transcript.channels.values()
    drawn = (0,) if mono else tuple(own[s].channel for s in Speaker if s in own)
    return measures, envelope(voices.decoded, drawn)


def by_turns(transcript: Transcript) -> Separator:
    """Divides one channel between agent and customer by the turns of a transcript.

    A moment is of whoever has a turn there (of both where both have), a pause half of the party
    before it and half of the one after it.
    """

    def divide(decoded: Decoded, channel: int, regions: Sequence[Span]) -> SeparatedVoices:
        if not transcript.turns:
            return SeparatedVoices(voices=(tuple(regions), ()))
        reach = _reach(transcript, decoded.duration_s)
        agent, customer = (
            tuple(part for a, b in reach[s] for part in timing.clip(regions, a, b)) for s in Speaker
        )
        return SeparatedVoices(voices=(agent, customer))

    return divide


def _reach(transcript: Transcript, duration_s: float) -> Mapping[Speaker, list[Span]]:
    turns = {s: timing.turn_spans(transcript.turns, s) for s in Speaker}
    blocks = timing.union(span for spans in turns.values() for span in spans)
    starts = [start_s for start_s, _ in blocks]
    out: dict[Speaker, list[Span]] = {}
    for speaker, spans in turns.items():
        reached: list[Span] = []
        for start_s, end_s in spans:
            number = bisect_right(starts, start_s) - 1
            first, last = blocks[number]
            if start_s == first:
                start_s = (blocks[number - 1][1] + first) / 2 if number else 0.0
            if end_s == last:
                more = number + 1 < len(blocks)
                end_s = (last + blocks[number + 1][0]) / 2 if more else max(duration_s, last)
            reached.append((start_s, end_s))
        out[speaker] = timing.union(reached)
    return out


def _parties(
    voices: Voices, transcript: Transcript
) -> tuple[Mapping[Speaker, int], Message | None]:
    """Which voice each party is, and why one or both are none of them."""
    claims = {
        s: timing.union(transcript.speech.get(s) or ()) or timing.turn_spans(transcript.turns, s)
        for s in Speaker
    }
    regions = [timing.union(v.regions) for v in voices.pair]
    one_channel = voices.pair[0].channel == voices.pair[1].channel
    if one_channel:
        # Two voices of one channel: what counts is whether there is speech at all.
        regions = [timing.union([*regions[0], *regions[1]])] * 2
        if regions[0] and not any(claims.values()):
            return {}, Message.of("sound.no-speaker")
        agent = 0
    else:
        found = _agent_channel(voices.agent, claims, regions)
        if isinstance(found, Message):
            return {}, found
        agent = found
    parties: dict[Speaker, int] = {}
    silent: list[Speaker] = []
    for speaker in Speaker:
        voice = agent if speaker is Speaker.AGENT else 1 - agent
        claimed_s = timing.length_s(claims[speaker])
        if claimed_s and _common_s(claims[speaker], regions[voice]) < LEAST_FIT * claimed_s:
            silent.append(speaker)
        else:
            parties[speaker] = voice
    if len(silent) == 1:
        return parties, Message.of("sound.silent", speaker=silent[0])
    return parties, Message.of("sound.both-silent") if silent else None


def _agent_channel(
    listed: int | None,
    claims: Mapping[Speaker, Sequence[Span]],
    regions: Sequence[Sequence[Span]],
) -> int | Message:
    """The agent's of two channels, `listed` being what the call list says; or why none can be
    named.
    """
    if not any(claims.values()):
        if listed is None and any(regions):
            return Message.of("sound.no-channel")
        return listed or 0
    fits = [
        _common_s(claims[Speaker.AGENT], regions[n])
        + _common_s(claims[Speaker.CUSTOMER], regions[1 - n])
        for n in (0, 1)
    ]
    likely = 0 if fits[0] >= fits[1] else 1
    clear = fits[likely] > CLEARLY * fits[1 - likely]
    if listed is not None:
        if clear and likely != listed:
            return Message.of("sound.other-channel")
        return listed
    if not clear:
        return Message.of("sound.either-channel")
    return likely


def _common_s(spans: Sequence[Span], others: Sequence[Span]) -> float:
    return timing.length_s(spans) - timing.length_s(timing.subtract(spans, others))


def _with_regions(
    transcript: Transcript, voices: Voices, parties: Mapping[Speaker, int]
) -> Transcript:
    """With regions, channels and length of the sound; a transcript that names regions keeps them
    all as it has them.
    """
    if transcript.speech:
        return transcript
    own = {s: voices.pair[v] for s, v in parties.items()}
    return replace(
        transcript,
        duration_s=max(voices.decoded.duration_s, *(t.end_s for t in transcript.turns), 0.0),
        speech={s: tuple(timing.union(voice.regions)) for s, voice in own.items()},
        channels=transcript.channels or {s: voice.state for s, voice in own.items()},
        pauses=transcript.pauses or voices.decoded.pauses,
        notes=(*transcript.notes, *voices.notes),
    )


def _accounted(
    transcript: Transcript, voices: Voices, parties: Mapping[Speaker, int]
) -> Transcript:
    """With the speech of the recording that no turn has words for, beside what the transcript
    says itself.
    """
    named = transcript.unheard or {}
    unheard: dict[Speaker, tuple[Unheard, ...]] = {}
    for speaker, voice in parties.items():
        own = named.get(speaker, ())
        found = unheard_of(
            timing.subtract(
                timing.union(voices.pair[voice].regions),
                timing.union((u.start_s, u.end_s) for u in own),
            ),
            words_of(transcript.turns, speaker),
            [d for d in transcript.dropped if d.speaker is speaker],
        )
        told = {(u.start_s, u.end_s) for u in own}
        missing = [m.span for m in voices.decoded.missing if m.span not in told]
        unheard[speaker] = with_missing((*own, *found), missing)
    return replace(transcript, unheard=unheard)


def _noted(transcript: Transcript, reason: Message) -> Transcript:
    return replace(transcript, notes=(*transcript.notes, Message.of(UNSOUNDED, why=reason)))
