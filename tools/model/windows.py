"""Training windows: utterances laid on a telephone line, as features, tokens and times."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soundfile
from faster_whisper.feature_extractor import FeatureExtractor
from scipy.fft import rfft
from scipy.signal import butter, resample_poly, sosfilt

from tools.model.corpus import Corpus
from tools.model.tokens import COMMA, STOP, Tokens
from tools.speech.lines import CLAUSE_MARK, bare
from tools.speech.synth import SAMPLE_RATE_HZ

Audio = npt.NDArray[np.float32]
FRAMES_PER_S = 100
LONGEST_SYLLABLE_S = 0.4
CODECS = {"opus": ("OGG", "OPUS", 1.0), "mp3": ("MP3", "MPEG_LAYER_III", 0.99)}
_TELEPHONE = butter(2, (300, 3400), "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
_RUMBLE = butter(1, 500, "lowpass", fs=SAMPLE_RATE_HZ, output="sos")
_MEL = FeatureExtractor().mel_filters.astype(np.float32)
_HANN = np.hanning(401)[:-1].astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Window:
    """One training example.

    features: float32 (80, frames), 100 frames a second, filled up with 0.0 as faster-whisper does.
    tokens: what the decoder reads and predicts. times_s: where in the sound each token lies, nan
    where it lies nowhere. prompt: how many leading tokens are not to be learnt.
    frame_characters: int64 (frames / 2,), the character spoken in each 20 ms, or the id after the
    last character for none.
    """

    features: npt.NDArray[np.float32]
    tokens: list[int]
    times_s: list[float]
    prompt: int
    frame_characters: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An utterance in a window: its text, where its characters begin, where it ends (seconds)."""

    text: str
    begins_s: tuple[float, ...]
    end_s: float
    cut: bool = False


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


def coded(audio: Audio, codec: str) -> Audio:
    """Return the samples after Opus at about 12 kbit/s or MP3 at its lowest rate, same length."""
    buffer = io.BytesIO()
    form, subtype, level = CODECS[codec]
    with soundfile.SoundFile(
        buffer, "w", SAMPLE_RATE_HZ, 1, subtype, format=form, compression_level=level
    ) as file:
        for start in range(0, len(audio), SAMPLE_RATE_HZ):
            file.write(audio[start : start + SAMPLE_RATE_HZ])
    buffer.seek(0)
    back = soundfile.read(buffer, dtype="float32")[0][: len(audio)]
    return np.pad(back, (0, len(audio) - len(back))).astype(np.float32)


def with_noise(audio: Audio, snr_db: float, noise: np.random.Generator, low: float) -> Audio:
    """Add white noise, `low` of it below 500 Hz, `snr_db` under the speech's level."""
    speech = audio[np.abs(audio) > 0.01]
    level = np.sqrt(np.mean(speech**2)) if speech.size else 0.05
    white = noise.standard_normal(len(audio), dtype=np.float32)
    mixed = (1 - low) * white + low * 3 * sosfilt(_RUMBLE, white)
    gain = level * 10 ** (-snr_db / 20) / np.sqrt(np.mean(mixed**2))
    return np.asarray(audio + gain * mixed, dtype=np.float32)


def on_the_line(audio: Audio, rng: random.Random) -> Audio:
    """Return the audio as a telephone would deliver it: noise, band, level, codec, by chance."""
    noise = np.random.default_rng(rng.getrandbits(32))
    if rng.random() < 0.65:
        audio = with_noise(audio, rng.uniform(10, 45), noise, rng.random() * 0.8)
    if rng.random() < 0.5:
        audio = sosfilt(_TELEPHONE, audio).astype(np.float32)
    audio = audio * np.float32(10 ** (rng.uniform(-20, 3) / 20))
    kind = rng.random()
    if kind < 0.35:
        return companded(audio, "ulaw")
    if kind < 0.55:
        return companded(audio, "alaw")
    if kind < 0.55 + 0.08 * min(1, 5 * SAMPLE_RATE_HZ / len(audio)):  # slow, so mostly short ones
        return coded(np.clip(audio, -1, 1), rng.choice(("opus", "mp3", "mp3")))
    return np.clip(audio, -1, 1)


def features(audio: Audio, floor_raise: float = 0.0) -> npt.NDArray[np.float32]:
    """Return (80, frames) log-mel features of 8 kHz audio as faster-whisper makes them.

    The same sums as its FeatureExtractor in single precision (within 2e-6), three times as fast.
    `floor_raise` (in units of log10) lifts the floor, as a louder place elsewhere would.
    """
    wide = resample_poly(audio, 2, 1).astype(np.float32)
    padded = np.pad(np.pad(wide, (0, 160)), (200, 200), mode="reflect")
    frames = len(audio) * FRAMES_PER_S // SAMPLE_RATE_HZ
    step = padded.strides[0]
    cut = np.lib.stride_tricks.as_strided(padded, (frames, 400), (160 * step, step))
    spectrum = rfft(cut * _HANN, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    mel = np.log10(np.maximum(_MEL @ power.T, 1e-10))
    mel = (np.maximum(mel, mel.max() - 8 + floor_raise) + 4) / 4
    return np.asarray(mel, dtype=np.float32)


def _empty(seconds: float, rng: random.Random) -> Audio:
    noise = np.random.default_rng(rng.getrandbits(32))
    audio = np.zeros(int(seconds * SAMPLE_RATE_HZ), np.float32)
    if rng.random() < 0.8:
        audio += noise.standard_normal(len(audio)).astype(np.float32) * 10 ** rng.uniform(-4, -1)
    if rng.random() < 0.3:
        t = np.arange(len(audio)) / SAMPLE_RATE_HZ
        beat = np.sin(2 * np.pi * t * rng.uniform(0.2, 1)) > rng.uniform(-1, 0.5)
        audio += (0.2 * np.sin(2 * np.pi * rng.uniform(300, 1200) * t) * beat).astype(np.float32)
    for _ in range(rng.randint(0, 4)):
        at = rng.randrange(max(1, len(audio) - 200))
        click = noise.standard_normal(200)[: len(audio) - at] * rng.uniform(0.05, 0.5)
        audio[at : at + 200] += click.astype(np.float32)
    return audio


def _place(
    corpus: Corpus, picks: list[int], seconds: float, rng: random.Random, may_cut: bool
) -> tuple[Audio, list[Placed], float]:
    """Lay utterances behind one another; return audio, what lies where, and the content's end."""
    audio = np.zeros(int(seconds * SAMPLE_RATE_HZ), np.float32)
    position = int(rng.choice((0.0, rng.uniform(0, 0.3), rng.uniform(0, 0.95))) * SAMPLE_RATE_HZ)
    placed: list[Placed] = []
    for index in picks:
        sound, head = corpus.audio(index), 0
        if rng.random() < 0.1:
            head = rng.randint(0, int(0.09 * SAMPLE_RATE_HZ))
        sound = sound[head:] * np.float32(10 ** (rng.uniform(-4, 2) / 20))
        begin_s = (position - head) / SAMPLE_RATE_HZ
        room = len(audio) - position
        cut = len(sound) > room
        if cut and not (may_cut and room > 0.5 * SAMPLE_RATE_HZ):
            break
        audio[position : position + len(sound)] += sound[:room]
        begins = tuple(max(position / SAMPLE_RATE_HZ, begin_s + b) for b in corpus.begins_s[index])
        end_s = min(begin_s + float(corpus.ends_s[index]), seconds)
        placed.append(Placed(text=corpus.texts[index], begins_s=begins, end_s=end_s, cut=cut))
        position += len(sound) + int(rng.choice((0.25, 0.4, 1.5)) * rng.random() * SAMPLE_RATE_HZ)
        if cut:
            break
    end_s = min(seconds, placed[-1].end_s + rng.uniform(0.03, 0.5)) if placed else 0.0
    return audio, placed, end_s


def _text_tokens(item: Placed, tokens: Tokens, seconds: float) -> list[tuple[int, float]]:
    out: list[tuple[int, float]] = []
    begins = [*item.begins_s, item.end_s]
    spoken = 0
    for character in item.text:
        if character == CLAUSE_MARK:
            out.append((tokens.text_ids[COMMA], begins[spoken]))
            continue
        middle = (begins[spoken] + begins[spoken + 1]) / 2
        if item.cut and (middle > seconds - 0.05 or begins[spoken + 1] > seconds + 0.05):
            return out
        out.append((tokens.text_ids[character], middle))
        spoken += 1
    return [*out, (tokens.text_ids[STOP], item.end_s)]


def _sequence(
    placed: list[Placed], tokens: Tokens, seconds: float, rng: random.Random
) -> tuple[list[tuple[int, float]], int]:
    nowhere = float("nan")
    first = tokens.zh if placed else tokens.no_speech
    head: list[tuple[int, float]] = []
    if rng.random() < 0.08:
        prompt = [rng.randrange(tokens.characters) for _ in range(rng.randint(1, 24))]
        head = [(tokens.previous, nowhere)] + [(c, nowhere) for c in prompt]
    body: list[tuple[int, float]] = [(tokens.start, nowhere), (first, nowhere)]
    body.append((tokens.transcribe, nowhere))
    if rng.random() < 0.5:
        body.append((tokens.no_timestamps, nowhere))
        for item in placed:
            body += _text_tokens(item, tokens, seconds)
    else:
        if not placed:
            body.append((tokens.timestamp(0.0), 0.0))
        for item in placed:
            body.append((tokens.timestamp(item.begins_s[0]), item.begins_s[0]))
            if not item.cut:
                body += _text_tokens(item, tokens, seconds)
                body.append((tokens.timestamp(item.end_s), item.end_s))
    last_s = placed[-1].end_s if placed else 0.0
    return [*head, *body, (tokens.end, last_s)], len(head)


def _frame_characters(placed: list[Placed], frames: int, tokens: Tokens) -> npt.NDArray[np.int64]:
    out = np.full(frames, tokens.characters, np.int64)
    for item in placed:
        begins = [*item.begins_s, item.end_s]
        for character, begin_s, next_s in zip(bare(item.text), begins, begins[1:], strict=False):
            end_s = min(next_s, begin_s + LONGEST_SYLLABLE_S)
            out[round(begin_s * 50) : round(end_s * 50)] = tokens.text_ids[character]
    return out


def make(
    corpus: Corpus, picks: list[int], seconds: float, tokens: Tokens, rng: random.Random
) -> Window:
    """Make one window of `seconds` from the utterances picked; none picked: a window of noise."""
    frames = int(seconds * FRAMES_PER_S)
    if picks:
        may_cut = seconds >= 20 and rng.random() < 0.3
        audio, placed, end_s = _place(corpus, picks, seconds, rng, may_cut)
        if rng.random() < 0.12:
            other = corpus.audio(rng.randrange(len(corpus)))[: len(audio)]
            audio[: len(other)] += other * np.float32(10 ** (rng.uniform(-40, -25) / 20))
    else:
        audio, placed, end_s = _empty(seconds, rng), [], seconds * rng.random()
    if (fill := rng.random()) < 0.65:  # feature value 0.0 from the end on, or from later on
        cut_s = end_s if fill < 0.45 else rng.uniform(end_s, seconds)
        audio = audio[: max(1600, int(cut_s * SAMPLE_RATE_HZ))]
    mel = features(on_the_line(audio, rng), rng.choice((0.0, rng.uniform(0, 1.5))))
    filled = np.zeros((80, frames), np.float32)
    filled[:, : min(frames, mel.shape[1])] = mel[:, :frames]
    pairs, prompt = _sequence(placed, tokens, seconds, rng)
    return Window(
        features=filled,
        tokens=[t for t, _ in pairs],
        times_s=[s for _, s in pairs],
        prompt=prompt,
        frame_characters=_frame_characters(placed, frames // 2, tokens),
    )
