"""The pitch of telephone speech, every 10 ms.

Autocorrelation with the window's own divided out, several candidates a frame and the cheapest path
through them: P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
harmonics-to-noise ratio of a sampled sound", Proc. Inst. Phonetic Sciences 17 (1993), with the
costs of his program, but for the octave cost: in a telephone's band two periods look as good as
one more often (at 0.01 a fifth of the frames of a jittering voice came out an octave low, at 0.03
a thirteenth). The period is seen in the distances of the harmonics, so a voice whose
fundamental the telephone band (300 to 3400 Hz) cut off keeps its pitch. Why not a library:
docs/decisions/0060-pitch-is-tracked-by-our-own-code.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.telephone_band import TELEPHONE_HZ as RATE_HZ
from qc_pipeline.audio.telephone_band import at_8k
from qc_pipeline.call import Span

Float32 = npt.NDArray[np.float32]

STEP_S = 0.01
LOWEST_HZ, HIGHEST_HZ = 62.5, 500.0

_FRAME = 384  # samples: 48 ms, three periods of the lowest pitch
_SIZE = 512  # a transform that long is exact for lags up to 128 samples
_STEP = round(STEP_S * RATE_HZ)
_CANDIDATES = 4
_BATCH = 2_048  # frames worked on at a time
_TOGETHER_S = 60  # of sound at 8 kHz held at a time
_CHUNK = 128  # frames of one path; paths are found side by side
_VOICED = 0.45
_OCTAVE_COST = 0.03  # for each octave below the highest pitch
_JUMP_COST = 0.35  # for each octave between neighbouring frames
_VOICING_COST = 0.14  # for each change between voiced and unvoiced
_UNLIKELY = -1e6

_WINDOW = np.hanning(_FRAME).astype(np.float32)
_LEAST_LAG, _MOST_LAG = int(RATE_HZ / HIGHEST_HZ), int(RATE_HZ / LOWEST_HZ)
_LAGS = np.arange(_LEAST_LAG - 1, _MOST_LAG + 2)


def _window_correlation() -> Float32:
    spectrum = np.abs(np.fft.rfft(_WINDOW, _SIZE)) ** 2
    own = np.fft.irfft(spectrum)
    return np.asarray(own[_LAGS] / own[0], dtype=np.float32)


_WINDOW_CORRELATION = _window_correlation()


def log_pitch(parts: Sequence[Float32], *, quietest: float = 0.0) -> list[Float32]:
    """Natural logarithm of the pitch in hertz every 10 ms, nan where there is no voice.

    `parts`: stretches of sound, each of shape (n,), in ±1, at 8 kHz; for each comes an array of
    shape (round(n / 80),), frame i being the 48 ms around (i + 0.5) · 10 ms. Frames whose mean
    square lies below `quietest` have no voice. Many parts at once are faster than one by one.
    """
    pitches: list[Float32] = []
    strengths: list[Float32] = []
    counts: list[int] = []
    # Between two parts stands a frame without candidates, so that no path leads across.
    nothing = np.zeros((1, _CANDIDATES), dtype=np.float32)
    for samples in parts:
        count = round(samples.size / _STEP)
        counts.append(count)
        padded = np.pad(samples.astype(np.float32), (_FRAME // 2, _FRAME + _STEP))
        windows = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)
        frames = windows[_STEP // 2 :: _STEP][:count]
        for first in range(0, count, _BATCH):
            pitch, strength = _candidates(frames[first : first + _BATCH], quietest)
            pitches.append(pitch)
            strengths.append(strength)
        pitches.append(nothing)
        strengths.append(nothing + np.float32(_UNLIKELY))
    if not counts:
        return []
    path = _path(np.concatenate(pitches), np.concatenate(strengths))
    ends = np.cumsum([count + 1 for count in counts])
    return [path[end - count - 1 : end - 1] for count, end in zip(counts, ends, strict=True)]


def span_pitches(
    samples: npt.NDArray[np.int16], rate_hz: int, spans: Sequence[Span]
) -> list[Float32]:
    """`log_pitch` of spans (seconds) of a channel, whatever its sample rate."""
    read, _ = at_8k(samples, rate_hz)
    found: list[Float32] = []
    waiting: list[Float32] = []
    for start, end in spans:
        waiting.append(read(round(start * RATE_HZ), round(end * RATE_HZ)))
        if sum(part.size for part in waiting) >= _TOGETHER_S * RATE_HZ:
            found += log_pitch(waiting)
            waiting.clear()
    return found + log_pitch(waiting)


def without_octave_errors(pitch: Float32) -> Float32:
    """The same with nan where a speaker's log pitch is out of the speaker's own reach.

    That is below 0.75 times the lower quartile or above 1.5 times the upper (C. De Looze and
    D. Hirst, "Detecting changes in key and range for the automatic modelling and coding of
    intonation", Speech Prosody 2008).
    """
    voiced = pitch[~np.isnan(pitch)]
    if not voiced.size:
        return pitch
    low, high = np.percentile(voiced, [25, 75])
    inside = (pitch >= low + np.log(0.75)) & (pitch <= high + np.log(1.5))
    return np.asarray(np.where(inside, pitch, np.float32(np.nan)))


def _candidates(frames: Float32, quietest: float) -> tuple[Float32, Float32]:
    """Logarithms of possible pitches and how strong each is; both (frames, candidates)."""
    from scipy.fft import irfft, rfft

    centred = (frames - frames.mean(axis=1, keepdims=True)) * _WINDOW
    spectrum = rfft(centred, _SIZE, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    correlation = irfft(power, _SIZE, axis=1)
    energy = correlation[:, :1]
    # The frame's mean square: a Hann window keeps 3/8 of the power.
    audible = energy[:, 0] > max(quietest * _FRAME * 3 / 8, 1e-9)
    scaled = correlation[:, _LAGS] / np.maximum(energy, 1e-12) / _WINDOW_CORRELATION
    left, middle, right = scaled[:, :-2], scaled[:, 1:-1], scaled[:, 2:]
    peaks = np.where((middle > left) & (middle >= right), middle, np.float32(-1.0))
    best = np.argpartition(peaks, -_CANDIDATES, axis=1)[:, -_CANDIDATES:]
    a, b, c = (np.take_along_axis(side, best, axis=1) for side in (left, middle, right))
    # The peak of the parabola through three points.
    bend = np.minimum(a - 2 * b + c, -1e-6)
    shift = np.clip(0.5 * (a - c) / bend, -0.5, 0.5)
    height = b - 0.25 * (a - c) * shift
    pitch = np.log(RATE_HZ) - np.log(best + _LEAST_LAG + shift)
    found = (np.take_along_axis(peaks, best, axis=1) > 0) & audible[:, None]
    # Autocorrelation above 1 is an artefact of short windows; it is reflected (Boersma).
    height = np.where(height > 1, 1 / np.maximum(height, 1e-6), height)
    octaves = (np.log(HIGHEST_HZ) - pitch) / np.log(2)
    strength = np.where(found, height - _OCTAVE_COST * octaves, _UNLIKELY)
    return pitch.astype(np.float32), strength.astype(np.float32)


def _path(pitch: Float32, strength: Float32) -> Float32:
    """The path through the candidates that pays least; many stretches of frames side by side."""
    count = len(pitch)
    chunks = -(-count // _CHUNK)
    extra = chunks * _CHUNK - count
    pitch = np.pad(pitch, ((0, extra), (0, 0))).reshape(chunks, _CHUNK, _CANDIDATES)
    strength = np.pad(strength, ((0, extra), (0, 0)), constant_values=_UNLIKELY)
    strength = strength.reshape(chunks, _CHUNK, _CANDIDATES)
    # State 0 is "no voice".
    local = np.concatenate(
        [np.full((chunks, _CHUNK, 1), _VOICED, dtype=np.float32), strength], axis=2
    )
    came_from = np.zeros((_CHUNK, chunks, _CANDIDATES + 1), dtype=np.int8)
    score = local[:, 0]
    cost = np.full((chunks, _CANDIDATES + 1, _CANDIDATES + 1), _VOICING_COST, dtype=np.float32)
    cost[:, 0, 0] = 0
    for step in range(1, _CHUNK):
        jump = np.abs(pitch[:, step, :, None] - pitch[:, step - 1, None, :])
        cost[:, 1:, 1:] = (_JUMP_COST / np.log(2)) * jump
        options = score[:, None, :] - cost
        best = options.argmax(axis=2)
        came_from[step] = best
        score = np.take_along_axis(options, best[:, :, None], axis=2)[:, :, 0] + local[:, step]
    out = np.full((chunks, _CHUNK), np.nan, dtype=np.float32)
    state = score.argmax(axis=1)
    rows = np.arange(chunks)
    for step in range(_CHUNK - 1, -1, -1):
        voiced = state > 0
        out[voiced, step] = pitch[rows[voiced], step, state[voiced] - 1]
        state = came_from[step, rows, state]
    return out.reshape(-1)[:count]
