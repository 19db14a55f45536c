"""A recording's two voices: which sound belongs to which of them, before anything is recognised."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.channels import look_at_channels, same_sound
from qc_pipeline.audio.decode import Decoded
from qc_pipeline.audio.mono_separation import Separator, separate
from qc_pipeline.audio.second_speaker import SecondVoice, second_voice
from qc_pipeline.audio.speech_regions import Float32
from qc_pipeline.audio.tones_and_music import Signal
from qc_pipeline.call import Span
from qc_pipeline.message import Message

_ALIKE = 0.2  # silhouette: pairs of voices that went wrong in docs/asr.md lie below it


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

    `agent` is 0 or 1 when the channels say it, else None. `alike` says that one channel was divided
    between two voices that are hardly different.
    """

    decoded: Decoded
    pair: tuple[Voice, Voice]
    agent: int | None
    notes: tuple[Message, ...]
    alike: bool = False

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
    alike = found.distance is not None and found.distance < _ALIKE and len(regions) > 2
    first, second = (
        _listened(
            decoded,
            Voice(
                channel=0,
                regions=spans,
                probabilities=only.probabilities,
                state="mono",
                signals=only.signals,
            ),
        )
        for spans in found.voices
    )
    return Voices(
        decoded=decoded, pair=(first, second), agent=None, notes=tuple(notes), alike=alike
    )


def _listened(decoded: Decoded, voice: Voice) -> Voice:
    """The voice, with another among its sound if there is one."""
    return replace(voice, second=second_voice(decoded, voice.channel, voice.regions))


def _mixed(decoded: Decoded) -> npt.NDArray[np.int16]:
    """Both channels as one; shape (1, n)."""
    total = decoded.samples[0].astype(np.int32) + decoded.samples[1]
    return np.asarray(total // 2, dtype=np.int16).reshape(1, -1)
