"""Telephone lines: two parties' sentences as a recorder would have kept them, coded once or twice.

A call is laid out in two channels, given levels, noise, a band and faint leakage, and then goes
through none, one or two codecs as a whole, since a codec for two channels codes them together. What
comes out is cut into clips, one for each sentence, with the sound around it.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soundfile
from scipy.signal import butter, correlate, resample_poly, sosfilt

from tools.samples.render import encoded
from tools.speech.synth import SAMPLE_RATE_HZ, Utterance

Audio = npt.NDArray[np.float32]

CODECS = {"opus": ("OGG", "OPUS", 1.0), "mp3": ("MP3", "MPEG_LAYER_III", 0.99)}
LONGEST_MARGIN_S = 0.3
FADE_S = 0.01
_STEREO_MP3 = (0.5, 0.91)  # above it LAME mixes the parties (8 kbit/s for both)
_MONO_MP3 = (0.7, 0.99)
_LOW_STEREO_MP3 = (0.715, 0.91)  # LAME at 8 kHz: 24 kbit/s for both up to 0.785, then 16
_LOW_MONO_MP3 = (0.8, 0.99)  # 16 and 8 kbit/s
_LONGEST_DELAY_S = 0.3
_RUMBLE = butter(1, 500, "lowpass", fs=SAMPLE_RATE_HZ, output="sos")
_PINK = butter(1, 120, "lowpass", fs=SAMPLE_RATE_HZ, output="sos")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clip:
    """A piece of one channel: int16 samples at 8 kHz, and what is said in it.

    `begins_s` has one time a character, from the clip's start, `end_s` is where the last one ends.
    A clip without text is noise, tones or an idle line.
    """

    samples: npt.NDArray[np.int16]
    text: str
    begins_s: tuple[float, ...]
    end_s: float


def companded(audio: Audio, law: str) -> Audio:
    """Return the samples after 8-bit µ-law or A-law (`ulaw`, `alaw`)."""
    x = np.clip(audio, -1, 1)
    if law == "ulaw":
        y = np.round(np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256) * 127) / 127
        return np.asarray(np.sign(y) * (256 ** np.abs(y) - 1) / 255, dtype=np.float32)
    a, size = 87.6, np.abs(x)
    scale = 1 + np.log(a)
    y = np.where(size < 1 / a, a * size, 1 + np.log(np.maximum(size, 1e-9) * a)) / scale
    y = np.round(y * 127) / 127
    back = np.where(y < 1 / scale, y * scale / a, np.exp(y * scale - 1) / a)
    return np.asarray(np.sign(x) * back, dtype=np.float32)


def _through(sound: Audio, rate: int, form: str, subtype: str, **how: float | str) -> Audio:
    """Return sound of shape (n,) or (n, 2) written and read again, as many samples."""
    buffer = io.BytesIO()
    channels = 1 if sound.ndim == 1 else sound.shape[1]
    with soundfile.SoundFile(buffer, "w", rate, channels, subtype, format=form, **how) as file:
        for start in range(0, len(sound), rate):  # libsndfile's Vorbis and Opus dislike long ones
            file.write(sound[start : start + rate])
    buffer.seek(0)
    back = soundfile.read(buffer, dtype="float32")[0][: len(sound)]
    missing = ((0, len(sound) - len(back)), *((0, 0),) * (sound.ndim - 1))
    return np.pad(back, missing).astype(np.float32)


def coded(audio: Audio, codec: str) -> Audio:
    """Return mono samples after Opus at 6 kbit/s or MP3 at its lowest rate, same length."""
    form, subtype, level = CODECS[codec]
    return _through(audio, SAMPLE_RATE_HZ, form, subtype, compression_level=level)


def with_noise(audio: Audio, snr_db: float, noise: np.random.Generator, low: float) -> Audio:
    """Add white noise, `low` of it below 500 Hz, `snr_db` under the speech's level."""
    white = noise.standard_normal(len(audio), dtype=np.float32)
    mixed = (1 - low) * white + low * 3 * sosfilt(_RUMBLE, white)
    return np.asarray(audio + _under(audio, mixed, snr_db), dtype=np.float32)


def _under(audio: Audio, noise: Audio, snr_db: float) -> Audio:
    speech = audio[np.abs(audio) > 0.02 * float(np.abs(audio).max() or 1.0)]
    level = np.sqrt(np.mean(speech**2)) if speech.size else 0.05
    power = float(np.sqrt(np.mean(noise**2))) or 1.0
    return np.asarray(noise * np.float32(level * 10 ** (-snr_db / 20) / power), dtype=np.float32)


def _noise(size: int, others: Sequence[Audio], rng: random.Random) -> Audio:
    """Noise of a kind drawn by chance: white, rumbling, pink, of the mains, or of other voices."""
    draw = np.random.default_rng(rng.getrandbits(32))
    kind = rng.choice(("white", "white", "low", "pink", "line", "babble"))
    out = draw.standard_normal(size, dtype=np.float32)
    if kind == "low":
        share = rng.random()
        out = (1 - share) * out + share * 3 * sosfilt(_RUMBLE, out)
    elif kind == "pink":
        out = 0.1 * out + sosfilt(_PINK, out) * 4 + sosfilt(_RUMBLE, out)
    elif kind == "line":
        t = np.arange(size, dtype=np.float32) / SAMPLE_RATE_HZ
        base = rng.choice((50.0, 60.0, 100.0))
        for number in range(1, rng.randint(3, 14)):
            out += np.float32(rng.uniform(0.2, 3) / number) * np.sin(2 * np.pi * base * number * t)
    elif kind == "babble":
        out *= np.float32(0.01)
        for _ in range(rng.randint(4, 8)):
            voice = np.concatenate([rng.choice(others) for _ in range(6)])
            out += np.roll(np.resize(voice, size), rng.randrange(size))
    return out.astype(np.float32)


def _band(sound: Audio, rng: random.Random) -> Audio:
    low, high = rng.uniform(100, 400), rng.uniform(2300, 3600)
    sos = butter(2, (low, high), "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    return np.asarray(sosfilt(sos, sound, axis=0), dtype=np.float32)


def _mp3(sound: Audio, rng: random.Random) -> Audio:
    """Both channels in one MP3 of 13–32 kbit/s, or each in its own of 8–24; at 8 or 16 kHz."""
    mode = rng.choice(("CONSTANT", "CONSTANT", "AVERAGE", "VARIABLE"))
    twice = rng.random() < 0.2
    wide = np.asarray(resample_poly(sound, 2, 1, axis=0), np.float32) if twice else sound
    rate = SAMPLE_RATE_HZ * (2 if twice else 1)

    def write(part: Audio, levels: tuple[float, float]) -> Audio:
        level = rng.uniform(*levels)
        return _through(part, rate, "MP3", "MPEG_LAYER_III", bitrate_mode=mode,
                        compression_level=level)  # fmt: skip

    if rng.random() < 0.7:
        out = write(wide, _STEREO_MP3)
    else:
        out = np.stack([write(wide[:, n], _MONO_MP3) for n in (0, 1)], axis=1)
    return np.asarray(resample_poly(out, 1, 2, axis=0), np.float32) if twice else out


def _low_mp3(sound: Audio, rng: random.Random) -> Audio:
    """Both channels in one MP3 of 16–24 kbit/s, or each in its own of 8–16; at 8 kHz."""
    mode = rng.choice(("CONSTANT", "CONSTANT", "CONSTANT", "AVERAGE"))

    def write(part: Audio, levels: tuple[float, float]) -> Audio:
        return _through(part, SAMPLE_RATE_HZ, "MP3", "MPEG_LAYER_III", bitrate_mode=mode,
                        compression_level=rng.uniform(*levels))  # fmt: skip

    if rng.random() < 0.75:
        return write(sound, _LOW_STEREO_MP3)
    return np.stack([write(sound[:, n], _LOW_MONO_MP3) for n in (0, 1)], axis=1)


def _recorder(sound: Audio, _: random.Random) -> Audio:
    """Opus as the sample calls have it: for speech, each channel alone, 6 kbit/s a channel."""
    back = soundfile.read(io.BytesIO(encoded(sound, "opus", 0)), dtype="float32")[0][: len(sound)]
    return np.pad(back, ((0, len(sound) - len(back)), (0, 0))).astype(np.float32)


def _opus(sound: Audio, rng: random.Random) -> Audio:
    """Each channel in its own Opus stream of about 6–12 kbit/s."""
    level = rng.uniform(0.976, 1.0)
    parts = [
        _through(sound[:, n].copy(), SAMPLE_RATE_HZ, "OGG", "OPUS", compression_level=level)
        for n in (0, 1)
    ]
    return np.stack(parts, axis=1)


def _gsm(sound: Audio, _: random.Random) -> Audio:
    parts = [_through(sound[:, n].copy(), SAMPLE_RATE_HZ, "WAV", "GSM610") for n in (0, 1)]
    return np.stack(parts, axis=1)


def _g711(sound: Audio, rng: random.Random) -> Audio:
    return companded(sound, rng.choice(("alaw", "ulaw")))


_Codec = Callable[[Audio, random.Random], Audio]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """What kinds of lines a corpus has: weighed chains of codecs, how many channels are noisy."""

    chains: tuple[tuple[float, tuple[_Codec, ...]], ...]
    noisy: float


MIXES = {
    "wide": Mix(
        chains=(
            (20, ()),
            (8, (_g711,)),
            (17, (_opus,)),
            (17, (_mp3,)),
            (5, (_gsm,)),
            (18, (_opus, _mp3)),
            (9, (_g711, _mp3)),
            (3, (_gsm, _mp3)),
            (3, (_opus, _g711)),
        ),
        noisy=0.6,
    ),
    "low-mp3": Mix(
        chains=(
            (8, ()),
            (5, (_g711,)),
            (12, (_recorder,)),
            (4, (_recorder, _g711)),
            (3, (_gsm,)),
            (18, (_low_mp3,)),
            (32, (_recorder, _low_mp3)),
            (6, (_opus, _low_mp3)),
            (9, (_g711, _low_mp3)),
            (3, (_gsm, _low_mp3)),
        ),
        noisy=0.4,
    ),
}
WIDE = MIXES["wide"]


def through_codecs(sound: Audio, rng: random.Random, mix: Mix = WIDE) -> Audio:
    """Return two channels, shape (n, 2), after a chain of codecs, brought back into time.

    Low-rate MP3 of constant rate comes 138 ms late out of every decoder.
    """
    chain = rng.choices([c for _, c in mix.chains], [w for w, _ in mix.chains])[0]
    out = np.clip(sound, -0.99, 0.99)
    for codec in chain:
        out = np.clip(codec(out, rng), -1, 1)
    if not {_mp3, _low_mp3}.intersection(chain):
        return out
    for channel in (0, 1):
        late = _delay(sound[:, channel], out[:, channel])
        out[:, channel] = np.pad(out[late:, channel], (0, late))
    return out


def _delay(before: Audio, after: Audio) -> int:
    """Return by how many samples the second sound comes later than the first."""
    longest = int(_LONGEST_DELAY_S * SAMPLE_RATE_HZ)
    agreement = correlate(after, before, "full", "fft")[len(before) - 1 :][:longest]
    return int(np.argmax(agreement))


def _laid_out(
    parties: tuple[Sequence[Utterance], Sequence[Utterance]], rng: random.Random
) -> tuple[Audio, list[tuple[int, int, Utterance]]]:
    """Sentences in turn, sometimes both at once: sound (n, 2), and (channel, start, what)."""
    places: list[tuple[int, int, Utterance]] = []
    waiting = [list(parties[0]), list(parties[1])]
    at, free, channel = rng.randint(800, 4000), [0, 0], 0
    while waiting[0] or waiting[1]:
        channel = channel if waiting[channel] and rng.random() < 0.35 else 1 - channel
        if not waiting[channel]:
            continue
        utterance = waiting[channel].pop()
        pause = rng.uniform(-1.0, 0) if rng.random() < 0.12 else rng.choice((0.3, 0.6, 1.2))
        start = max(at + int(pause * SAMPLE_RATE_HZ), free[channel] + 400)
        places.append((channel, start, utterance))
        free[channel] = start + len(utterance.samples)
        at = max(at, free[channel])
    sound = np.zeros((at + SAMPLE_RATE_HZ, 2), np.float32)
    for channel, start, utterance in places:
        level = np.float32(10 ** (rng.uniform(-3, 2) / 20))
        sound[start : start + len(utterance.samples), channel] += utterance.samples * level
    return sound, places


def _on_the_line(sound: Audio, others: Sequence[Audio], rng: random.Random, noisy: float) -> Audio:
    out = sound * np.array([10 ** (rng.uniform(-22, 3) / 20) for _ in (0, 1)], np.float32)
    if rng.random() < 0.15:
        late = rng.randint(8, 80)
        leak = np.roll(out[:, ::-1], late, axis=0) * np.float32(10 ** (rng.uniform(-45, -26) / 20))
        out = out + leak
    early = rng.random() < 0.5
    if early and rng.random() < 0.5:
        out = _band(out, rng)
    for channel in (0, 1):
        if rng.random() < noisy:
            noise = _noise(len(out), others, rng)
            out[:, channel] += _under(out[:, channel], noise, rng.triangular(5, 45, 14))
        else:
            floor = 10 ** (rng.uniform(-90, -55) / 20)
            draw = np.random.default_rng(rng.getrandbits(32))
            out[:, channel] += np.float32(floor) * draw.standard_normal(len(out), np.float32)
    if not early and rng.random() < 0.5:
        out = _band(out, rng)
    return out


def _cut(sound: Audio, start: int, end: int) -> npt.NDArray[np.int16]:
    out = sound[start:end].copy()
    fade = np.linspace(0, 1, int(FADE_S * SAMPLE_RATE_HZ), dtype=np.float32)
    out[: len(fade)] *= fade
    out[-len(fade) :] *= fade[::-1]
    return (np.clip(out, -1, 1) * 32767).astype(np.int16)


def clips(
    parties: tuple[Sequence[Utterance], Sequence[Utterance]], rng: random.Random, mix: Mix = WIDE
) -> tuple[list[Clip], list[Clip]]:
    """Return each party's sentences as clips of one recording, in the order they were said."""
    sound, places = _laid_out(parties, rng)
    others = [u.samples for u in (*parties[0], *parties[1])]
    kept = through_codecs(_on_the_line(sound, others, rng, mix.noisy), rng, mix)
    out: tuple[list[Clip], list[Clip]] = ([], [])
    for channel, start, utterance in places:
        size = len(utterance.samples)
        same = [(s, s + len(u.samples)) for c, s, u in places if c == channel and s != start]
        room_before = start - max([0, *(e for _, e in same if e <= start)])
        room_after = min([len(kept), *(s for s, _ in same if s >= start + size)]) - start - size
        before, after = (
            min(room, int(rng.triangular(0, LONGEST_MARGIN_S, 0.15) * SAMPLE_RATE_HZ))
            for room in (room_before, room_after)
        )
        if rng.random() < 0.1:
            before = -rng.randint(0, int(0.09 * SAMPLE_RATE_HZ))
        first, last = start - before, start + size + after
        shift_s = before / SAMPLE_RATE_HZ
        out[channel].append(Clip(
            samples=_cut(kept[:, channel], first, last),
            text=utterance.text,
            begins_s=tuple(max(0.0, b + shift_s) for b in utterance.begins_s),
            end_s=utterance.end_s + shift_s,
        ))  # fmt: skip
    return out


def quiet_clips(
    count: int, others: Sequence[Audio], rng: random.Random, mix: Mix = WIDE
) -> list[Clip]:
    """Return clips in which nobody speaks: noise, tones, clicks, coded or not."""
    out = []
    for _ in range(count):
        size = int(rng.uniform(1, 8) * SAMPLE_RATE_HZ)
        sound = np.stack([_idle(size, others, rng) for _ in (0, 1)], axis=1)
        kept = through_codecs(sound, rng, mix)
        samples = _cut(kept[:, 0], 0, size)
        out.append(Clip(samples=samples, text="", begins_s=(), end_s=0.0))
    return out


def _idle(size: int, others: Sequence[Audio], rng: random.Random) -> Audio:
    draw = np.random.default_rng(rng.getrandbits(32))
    out = np.zeros(size, np.float32)
    if rng.random() < 0.8:
        noise = _noise(size, others, rng)
        out += (
            noise / (float(np.abs(noise).max()) or 1.0) * np.float32(10 ** rng.uniform(-3.5, -0.3))
        )
    if rng.random() < 0.3:
        t = np.arange(size, dtype=np.float32) / SAMPLE_RATE_HZ
        beat = np.sin(2 * np.pi * t * rng.uniform(0.2, 1)) > rng.uniform(-1, 0.5)
        out += (0.2 * np.sin(2 * np.pi * rng.uniform(300, 1200) * t) * beat).astype(np.float32)
    for _ in range(rng.randint(0, 4)):
        at = rng.randrange(max(1, size - 200))
        click = draw.standard_normal(200)[: size - at] * rng.uniform(0.05, 0.5)
        out[at : at + 200] += click.astype(np.float32)
    return out
