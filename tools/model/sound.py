"""What a batch of windows goes through on the device that trains: noise, band, level, features."""

from __future__ import annotations

import torch
from faster_whisper.feature_extractor import FeatureExtractor
from scipy.signal import firwin
from torch import Tensor
from torch.nn import functional

from tools.speech.synth import SAMPLE_RATE_HZ

HOP = 80  # 10 ms at 8 kHz
_WIDE_HOP, _FFT = 160, 400
_LOUD = 0.02  # of the window's peak: what is speech when its level is measured


class Ear:
    """Log-mel features of 8 kHz windows as faster-whisper makes them, on any device."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._mel = torch.tensor(FeatureExtractor().mel_filters, dtype=torch.float32, device=device)
        self._hann = torch.hann_window(_FFT, device=device)
        # The filter of scipy.signal.resample_poly(audio, 2, 1).
        taps = torch.tensor(2 * firwin(41, 0.5, window=("kaiser", 5.0)), dtype=torch.float32)
        self._taps = taps.to(device)[None, None]

    def features(self, audio: Tensor, heard: Tensor, floor_raise: Tensor | None = None) -> Tensor:
        """Return (batch, 80, frames) of audio (batch, samples at 8 kHz).

        From `heard` samples on (batch,) the features are 0.0. `floor_raise` (batch,), in units of
        log10, lifts the floor, as a louder place elsewhere would.
        """
        wide = functional.conv_transpose1d(audio[:, None], self._taps, stride=2, padding=20)[:, 0]
        wide = functional.pad(wide, (0, 1 + _WIDE_HOP))[:, : 2 * audio.shape[1] + _WIDE_HOP]
        spectrum = torch.stft(wide, _FFT, _WIDE_HOP, window=self._hann, return_complex=True)
        frames = audio.shape[1] // HOP
        power = spectrum[..., :frames].abs().square()
        mel = (self._mel @ power).clamp(min=1e-10).log10()
        valid = torch.arange(frames, device=mel.device)[None] < (heard[:, None] // HOP)
        inside = valid[:, None]
        loudest = mel.masked_fill(~inside, -20.0).amax((1, 2), keepdim=True)
        floor = loudest - 8
        if floor_raise is not None:
            floor = floor + floor_raise[:, None, None]
        return torch.where(inside, (torch.maximum(mel, floor) + 4) / 4, 0.0)


def _uniform(count: int, low: float, high: float, device: torch.device) -> Tensor:
    return torch.empty(count, device=device).uniform_(low, high)


def _ratio(level_db: Tensor) -> Tensor:
    return (10 ** (level_db / 20))[:, None]


def _chance(count: int, share: float, device: torch.device) -> Tensor:
    return (torch.rand(count, device=device) < share)[:, None]


def _companded(audio: Tensor, laws: Tensor) -> Tensor:
    """8-bit µ-law where `laws` says so. (A-law is among the codecs of `line.py`.)"""
    x = audio.clamp(-1, 1)
    mu = 255.0
    y = torch.round(x.sign() * torch.log1p(mu * x.abs()) / 5.545177 * 127) / 127
    back = y.sign() * ((1 + mu) ** y.abs() - 1) / mu
    return torch.where(laws, back, x)


def _filtered_noise(shape: torch.Size, device: torch.device) -> Tensor:
    """Noise of unit power whose spectrum falls by 0 to 8 dB an octave above a drawn frequency."""
    count, size = shape
    spectrum = torch.fft.rfft(torch.randn(shape, device=device))
    hz = torch.linspace(0, SAMPLE_RATE_HZ / 2, spectrum.shape[1], device=device)
    knee = _uniform(count, 50, 1500, device)[:, None]
    slope = _uniform(count, 0, 1.4, device)[:, None]
    shaped = torch.fft.irfft(spectrum * (1 + hz[None] / knee) ** -slope, n=size)
    return shaped / shaped.square().mean(1, keepdim=True).sqrt().clamp(min=1e-9)


def _band(audio: Tensor) -> Tensor:
    """A tilt of up to 4 dB an octave, and a band between 0–400 and 2200–4000 Hz, softly cut."""
    count, size = audio.shape
    spectrum = torch.fft.rfft(audio)
    hz = torch.linspace(0, SAMPLE_RATE_HZ / 2, spectrum.shape[1], device=audio.device)[None]
    low = _uniform(count, 1, 400, audio.device)[:, None]
    high = _uniform(count, 2200, 4200, audio.device)[:, None]
    tilt = _uniform(count, -0.66, 0.66, audio.device)[:, None]
    shape = (1 + (low / hz.clamp(min=1)) ** 4).rsqrt() * (1 + (hz / high) ** 8).rsqrt()
    return torch.fft.irfft(spectrum * shape * ((hz + 100) / 1000) ** tilt, n=size)


def on_the_line(samples: Tensor, heard: Tensor, often: float = 1.0) -> Tensor:
    """Return windows (batch, n) in ±1 as a telephone would deliver them, from int16 samples.

    By chance: white or coloured noise 5–45 dB below the speech, a band, a level of -22 to 3 dB,
    8-bit companding; `often` (0 to 1) of the usual chances of noise, a band and companding. What
    lies after `heard` (batch,) stays silent.
    """
    audio = samples.float() / 32768
    count, device = audio.shape[0], audio.device
    inside = torch.arange(audio.shape[1], device=device)[None] < heard[:, None]
    audio = torch.where(_chance(count, 0.4 * often, device), _band(audio), audio)
    loud = audio.abs() > _LOUD * audio.abs().amax(1, keepdim=True)
    power = (audio.square() * loud).sum(1) / loud.sum(1).clamp(min=1)
    empty = power < 1e-9
    level = torch.where(empty, 10 ** _uniform(count, -4.0, -1.0, device), power.sqrt())[:, None]
    below_db = 5 + 40 * _uniform(count, 0, 1, device) ** 1.3
    noise = _filtered_noise(audio.shape, device) * level / _ratio(below_db)
    audio = audio + torch.where(_chance(count, 0.45 * often, device), noise, 0.0)
    peak = audio.abs().amax(1, keepdim=True).clamp(min=1e-6)
    audio = audio / peak * _ratio(_uniform(count, -28, 0, device))
    audio = _companded(audio, _chance(count, 0.35 * often, device))
    return torch.where(inside, audio, 0.0)
