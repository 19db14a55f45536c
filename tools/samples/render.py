"""Make a telephone recording of a placed call: levels, line noise, tones, channels, codec."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import soundfile as sf

from tools.samples.ogg import with_serial
from tools.samples.timeline import PlacedCall
from tools.speech.synth import SAMPLE_RATE_HZ

Sound = npt.NDArray[np.float32]

_OPUS_BIT_S = 7000
_RING_HZ = 450.0
_RING_S, _RING_PERIOD_S = 1.0, 5.0
_MUSIC_HZ = (261.6, 329.6, 392.0, 329.6, 293.7, 349.2, 440.0, 349.2)
SUFFIX = {"opus": "ogg", "mp3": "mp3", "pcm": "wav", "alaw": "wav"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What the line and the recorder add. `agent_channel`: left, right or mono.

    Gains and `crosstalk_db` (None: none) in dB, `noise_db` the noise floor in dB full scale.
    """

    agent_channel: str
    codec: str
    agent_gain_db: float
    customer_gain_db: float
    noise_db: float
    crosstalk_db: float | None
    ringing: bool
    seed: int


def recording(call: PlacedCall, line: Line, lead_s: float) -> Sound:
    """Return the recorder's samples, float32: shape (n, 2), or (n,) where the recorder is mono."""
    length = round(call.duration_s * SAMPLE_RATE_HZ)
    noise = np.random.default_rng(line.seed)
    level = _ratio(line.noise_db)
    agent, customer = (
        noise.normal(0.0, level, length).astype(np.float32) for _ in ("agent", "customer")
    )
    voices = {"agent": np.zeros(length, np.float32), "customer": np.zeros(length, np.float32)}
    gains = {"agent": line.agent_gain_db, "customer": line.customer_gain_db}
    for turn in call.turns:
        first = round(turn.start_s * SAMPLE_RATE_HZ)
        part = turn.samples[: length - first]
        voices[turn.speaker][first : first + len(part)] += part * _ratio(gains[turn.speaker])
    if line.crosstalk_db is None:
        agent += voices["agent"]
        customer += voices["customer"]
    else:
        leak = _ratio(line.crosstalk_db)
        agent += voices["agent"] + leak * _delayed(voices["customer"])
        customer += voices["customer"] + leak * _delayed(voices["agent"])
    if line.ringing:
        customer += _ringing(length, lead_s)
    for start_s, end_s in call.music:
        agent += _music(length, start_s, end_s)
    if line.agent_channel == "mono":
        mixed = (agent + customer) * np.float32(0.8)
    else:
        order = (customer, agent) if line.agent_channel == "right" else (agent, customer)
        mixed = np.stack(order, axis=1)
    return mixed.clip(-0.99, 0.99).astype(np.float32)


def write(sound: Sound, codec: str, path: Path, serial: int) -> float:
    """Write the recording by write-then-rename; returns its length in seconds as decoded."""
    body = encoded(sound, codec, serial)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(path.suffix + ".part")
    part.write_bytes(body)
    part.replace(path)
    with sf.SoundFile(io.BytesIO(body)) as decoded:
        return float(decoded.frames) / SAMPLE_RATE_HZ


def encoded(sound: Sound, codec: str, serial: int) -> bytes:
    """Return the file's bytes; the same samples give the same bytes. Codecs: see `SUFFIX`.

    MP3 at 24 kbit/s (mono 13): below that libsndfile writes no LAME tag in a constant-rate file,
    and the sound comes 138 ms late out of every decoder.
    """
    target = io.BytesIO()
    match codec:
        case "opus":
            return _opus(sound, serial)
        case "mp3":
            mode, level = ("CONSTANT", 0.7) if sound.ndim == 2 else ("AVERAGE", 0.9)
            sf.write(target, sound, SAMPLE_RATE_HZ, format="MP3", subtype="MPEG_LAYER_III",
                     bitrate_mode=mode, compression_level=level)  # fmt: skip
        case "pcm":
            sf.write(target, sound, SAMPLE_RATE_HZ, format="WAV", subtype="PCM_16")
        case "alaw":
            sf.write(target, sound, SAMPLE_RATE_HZ, format="WAV", subtype="ALAW")
        case _:
            raise ValueError(f"unknown codec {codec!r} (allowed: {', '.join(SUFFIX)})")
    return target.getvalue()


def _opus(sound: Sound, serial: int) -> bytes:
    """Ogg/Opus with each channel coded alone, about 6 kbit/s a channel.

    Not by libsndfile: its smallest stereo rate (12 kbit/s) makes both channels the same, since
    libopus codes only the sum below 16 kbit/s. Mapping family 255 has no such coupling.
    """
    stereo = sound.ndim == 2
    layout = "stereo" if stereo else "mono"
    target = io.BytesIO()
    with av.open(target, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=SAMPLE_RATE_HZ, layout=layout)
        stream.bit_rate = _OPUS_BIT_S * (2 if stereo else 1)
        stream.options = {"application": "voip", "vbr": "on"}
        if stereo:
            stream.options |= {"mapping_family": "255"}
        samples = np.round(sound * 32767.0).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=layout)
        frame.sample_rate = SAMPLE_RATE_HZ
        frame.pts = 0
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return with_serial(target.getvalue(), serial)


def _ratio(db: float) -> np.float32:
    return np.float32(10.0 ** (db / 20.0))


def _delayed(sound: Sound) -> Sound:
    """The sound 3 ms later, as it leaks from one side of a headset to the other."""
    late = int(0.003 * SAMPLE_RATE_HZ)
    return np.concatenate([np.zeros(late, np.float32), sound[:-late]])


def _ringing(length: int, lead_s: float) -> Sound:
    """Ringback of one second in five at 450 Hz until half a second before the first word."""
    t = np.arange(length, dtype=np.float32) / SAMPLE_RATE_HZ
    on = (t % _RING_PERIOD_S < _RING_S) & (t < lead_s - 0.5)
    return (0.08 * np.sin(2 * np.pi * _RING_HZ * t) * on).astype(np.float32)


def _music(length: int, start_s: float, end_s: float) -> Sound:
    """A plain tune of half-second notes, softly, between two times."""
    t = np.arange(length, dtype=np.float32) / SAMPLE_RATE_HZ
    note = ((t - np.float32(start_s)) / 0.5).astype(np.int64)
    hz = np.asarray(_MUSIC_HZ, np.float32)[note % len(_MUSIC_HZ)]
    fade = np.exp(-3.0 * ((t - np.float32(start_s)) % 0.5))
    on = (t >= start_s) & (t < end_s)
    return (0.06 * np.sin(2 * np.pi * hz * t) * fade * on).astype(np.float32)
