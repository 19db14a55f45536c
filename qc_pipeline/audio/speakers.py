"""A recording's two voices: which sound belongs to which of them, before anything is recognised."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.channels import Channel, look_at_channels, same_sound
from qc_pipeline.audio.decode import Decoded
from qc_pipeline.audio.mono_separation import SeparatedVoices, Separator, separate
from qc_pipeline.audio.second_speaker import SecondVoice, second_voice
from qc_pipeline.audio.speech_regions import Float32
from qc_pipeline.audio.tones_and_music import Signal
from qc_pipeline.call import Span
from qc_pipeline.message import Message
from qc_pipeline.scoring.evidence.mouth_trust import LEAST_TRUST

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
    divided between two voices; None for two channels and for a dead one.
    """

    decoded: Decoded
    pair: tuple[Voice, Voice]
    agent: int | None
    notes: tuple[Message, ...]
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
    notes: list[Message] = []
    if decoded.samples.shape[0] > 2:
        notes.append(Message.of("voices.channels", n=decoded.samples.shape[0]))
        decoded = replace(decoded, samples=decoded.samples[:2])
    if agent_channel == "mono" and decoded.samples.shape[0] == 2:
        # The same sound inverted would add up to silence.
        one = decoded.samples[:1] if same_sound(decoded) else _mixed(decoded)
        decoded = replace(decoded, samples=one)
    channels = look_at_channels(decoded)
    if len(channels) == 2:
        pair = tuple(
            Voice(
                channel=number,
                regions=c.regions(decoded.duration_s),
                probabilities=c.probabilities,
                state="dead" if c.dead else "ok",
                signals=c.signals,
            )
            for number, c in enumerate(channels)
        )
        pair = tuple(_listened(decoded, voice) for voice in pair)
        agent = {"left": 0, "right": 1}.get(agent_channel)
        return Voices(decoded=decoded, pair=(pair[0], pair[1]), agent=agent, notes=tuple(notes))
    if decoded.samples.shape[0] == 2:
        notes.append(Message.of("voices.same-sound"))
    elif agent_channel in ("left", "right"):
        notes.append(Message.of("voices.one-channel", side=agent_channel))
    only = channels[0]
    if only.dead:
        dead = Voice(channel=0, regions=(), probabilities=only.probabilities, state="dead")
        return Voices(decoded=decoded, pair=(dead, dead), agent=0, notes=tuple(notes))
    regions = only.regions(decoded.duration_s)
    found = separator(decoded, 0, regions)
    voices = Voices(
        decoded=decoded,
        pair=(
            _one_of_two(only, found.voices[0]),
            _one_of_two(only, found.voices[1]),
        ),
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


def _mixed(decoded: Decoded) -> npt.NDArray[np.int16]:
    """Both channels as one; shape (1, n)."""
    total = decoded.samples[0].astype(np.int32) + decoded.samples[1]
    return np.asarray(total // 2, dtype=np.int16).reshape(1, -1)
