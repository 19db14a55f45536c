"""A recording's two voices: which sound belongs to which of them, before anything is recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qc_pipeline.audio.channels import Channel, look_at_channels, same_sound
from qc_pipeline.audio.decode import Decoded
from qc_pipeline.audio.layout import both_on_one_side, carrying, mixed, only, shared_time
from qc_pipeline.audio.mono_separation import SeparatedVoices, Separator, separate
from qc_pipeline.audio.playing_speed import playing_speed
from qc_pipeline.audio.second_speaker import SecondVoice, second_voice
from qc_pipeline.audio.speech_regions import Float32
from qc_pipeline.audio.tones_and_music import Signal
from qc_pipeline.call import Span
from qc_pipeline.message import Message
from qc_pipeline.scoring.evidence.mouth_trust import LEAST_TRUST
from qc_pipeline.scoring.evidence.timing import clock

_LEAST_REGIONS = 3  # with fewer there is too little speech to say that voices are alike


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One party's sound: a channel, and where in it this party speaks.

    `state` is what Transcript.channels says: "ok", "dead", "missing" or "mono". `second` is another
    voice among this party's sound, where there is one; `signals` are the tones and the music on the
    channel.
    """

    channel: int
    regions: tuple[Span, ...]
    probabilities: Float32
    state: str
    second: SecondVoice | None = None
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """The two voices of a recording.

    `agent` is 0 or 1 when the channels say it, else None. `divided` says how one channel was
    divided between two voices; None for two channels and for a dead one. `shared`: where two
    channels carry one sound, and were divided so there; `shared_alike`: between voices that are
    hardly different.
    """

    decoded: Decoded
    pair: tuple[Voice, Voice]
    agent: int | None
    notes: tuple[Message, ...]
    shared: tuple[Span, ...] = ()
    shared_alike: bool = False
    divided: SeparatedVoices | None = None

    @property
    def whole(self) -> tuple[Span, ...]:
        """Where anybody speaks in the one channel of both voices, in order; nothing of two."""
        if self.divided is None:
            return ()
        phrases = self.divided.phrases
        both = [*self.pair[0].regions, *self.pair[1].regions]
        return tuple(sorted(both)) if phrases is None else phrases.regions

    @property
    def alike(self) -> bool:
        """Whether one channel was divided between two voices that are hardly different."""
        agreement = None if self.divided is None else self.divided.agreement
        enough = len(self.whole) >= _LEAST_REGIONS
        return agreement is not None and agreement < LEAST_TRUST and enough

    @property
    def mono(self) -> bool:
        return self.pair[0].state == "mono"


def find_voices(decoded: Decoded, agent_channel: str, separator: Separator = separate) -> Voices:
    """The two voices of a recording, by channel where it has two, by voice where it has one.

    `agent_channel` is the call list's word: left, right, mono or auto. `separator` tells two voices
    of one channel apart.
    """
    notes = list(decoded.notes)
    one_channel = decoded.samples.shape[0] == 1
    decoded, told = carrying(decoded)
    notes += told
    if one_channel and agent_channel in ("left", "right"):
        notes.append(Message.of("voices.one-channel", side=agent_channel))
    voices = _found(decoded, agent_channel, separator, notes)
    speed = playing_speed(
        voices.decoded.samples,
        voices.decoded.sample_rate_hz,
        [(v.channel, v.regions) for v in voices.pair],
    )
    note = speed.note()
    return voices if note is None else replace(voices, notes=(*voices.notes, note))


def _found(
    decoded: Decoded, agent_channel: str, separator: Separator, notes: list[Message]
) -> Voices:
    if agent_channel == "mono" and decoded.samples.shape[0] == 2:
        # The same sound inverted would add up to silence.
        decoded = only(decoded, [0]) if same_sound(decoded) else mixed(decoded)
    channels = look_at_channels(decoded)
    if len(channels) == 2:
        one_side = both_on_one_side(decoded, channels, separator)
        if one_side is None:
            return _by_channel(decoded, channels, agent_channel, separator, notes)
        side, found = one_side
        notes.append(Message.of(("voices.both-left", "voices.both-right")[side]))
        return _by_voice(only(decoded, [side]), channels[side], found, notes)
    if decoded.samples.shape[0] == 2:
        notes.append(Message.of("voices.same-sound"))
    only_one = channels[0]
    if only_one.dead:
        dead = Voice(channel=0, regions=(), probabilities=only_one.probabilities, state="dead")
        return Voices(decoded=decoded, pair=(dead, dead), agent=0, notes=tuple(notes))
    found = separator(decoded, 0, only_one.regions(decoded.duration_s))
    return _by_voice(decoded, only_one, found, notes)


def _by_channel(
    decoded: Decoded,
    channels: Sequence[Channel],
    agent_channel: str,
    separator: Separator,
    notes: list[Message],
) -> Voices:
    """A voice for each of two channels; where both carry one sound, told apart by voice."""
    own = tuple(c.regions(decoded.duration_s) for c in channels)
    regions = (own[0], own[1])
    shared = None
    if not any(c.dead for c in channels):
        shared = shared_time(decoded, regions, separator)
    if shared is not None:
        regions = shared.regions
        spans = ", ".join(f"{clock(a)}–{clock(b)}" for a, b in shared.spans)
        notes.append(Message.of("voices.shared", spans=spans))
    pair = tuple(
        _listened(
            decoded,
            Voice(
                channel=number,
                regions=regions[number],
                probabilities=c.probabilities,
                state="dead" if c.dead else "ok",
                signals=c.signals,
            ),
        )
        for number, c in enumerate(channels)
    )
    return Voices(
        decoded=decoded,
        pair=(pair[0], pair[1]),
        agent={"left": 0, "right": 1}.get(agent_channel),
        notes=tuple(notes),
        shared_alike=shared is not None and shared.alike,
        shared=() if shared is None else shared.spans,
    )


def _by_voice(
    decoded: Decoded, channel: Channel, found: SeparatedVoices, notes: list[Message]
) -> Voices:
    """Two voices of the first channel."""
    voices = Voices(
        decoded=decoded,
        pair=(_one_of_two(channel, found.voices[0]), _one_of_two(channel, found.voices[1])),
        agent=None,
        notes=tuple(notes),
        divided=found,
    )
    # Phrases may still change hands by what is said in them; see `divided_anew`.
    return listened(voices) if found.phrases is None else voices


def divided_anew(voices: Voices, divided: SeparatedVoices) -> Voices:
    """The voices of one channel, divided otherwise."""
    first, second = (
        replace(voice, regions=spans)
        for voice, spans in zip(voices.pair, divided.voices, strict=True)
    )
    return listened(replace(voices, pair=(first, second), divided=divided))


def listened(voices: Voices) -> Voices:
    """The voices, another found among the sound of each if there is one."""
    first, second = (_listened(voices.decoded, voice) for voice in voices.pair)
    return replace(voices, pair=(first, second))


def _one_of_two(channel: Channel, regions: tuple[Span, ...]) -> Voice:
    return Voice(
        channel=0,
        regions=regions,
        probabilities=channel.probabilities,
        state="mono",
        signals=channel.signals,
    )


def _listened(decoded: Decoded, voice: Voice) -> Voice:
    """The voice, with another among its sound if there is one."""
    return replace(voice, second=second_voice(decoded, voice.channel, voice.regions))
