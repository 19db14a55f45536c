"""Resampling in pieces gives what resampling the whole gives."""

import numpy as np
import pytest

from qc_pipeline.audio.resample import BlockResampler, Ratio, resampled_part


def noise(length: int) -> np.ndarray:
    return np.random.default_rng(7).uniform(-0.5, 0.5, length).astype(np.float32)


@pytest.mark.parametrize("from_hz", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("block", [997, 4_096])
def test_blocks_give_the_same_samples_as_the_whole(from_hz: int, block: int) -> None:
    signal = np.stack([noise(20_011), noise(20_011)[::-1]], axis=1)
    resampler = BlockResampler(from_hz, 16_000, 2)
    pieces = [resampler.push(signal[i : i + block]) for i in range(0, len(signal), block)]
    pieces.append(resampler.push(signal[:0], last=True))
    whole = np.stack([Ratio(from_hz, 16_000).apply(c) for c in signal.T], axis=1)
    joined = np.concatenate(pieces)
    assert joined.shape == whole.shape
    np.testing.assert_allclose(joined, whole, atol=1e-6)


@pytest.mark.parametrize("from_hz", [8_000, 11_025, 16_000])
@pytest.mark.parametrize(("start", "stop"), [(0, 500), (1, 333), (7_001, 9_999), (11_990, 12_800)])
def test_a_part_is_cut_from_the_same_signal_as_the_whole(
    from_hz: int, start: int, stop: int
) -> None:
    samples = np.round(noise(6_000) * 32_767).astype(np.int16)
    whole = Ratio(from_hz, 16_000).apply(samples.astype(np.float32) / np.float32(32_768))
    part = resampled_part(samples, Ratio(from_hz, 16_000), start, stop)
    expected = np.zeros(stop - start, dtype=np.float32)
    inside = whole[start:stop]
    expected[: len(inside)] = inside
    assert part.shape == (stop - start,)
    # Past the end of the file the filter may ring for a few samples; inside it is the same.
    np.testing.assert_allclose(part[: len(inside)], expected[: len(inside)], atol=1e-6)


def test_upsampling_keeps_a_tone_where_it_was() -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(8_000) / 8_000).astype(np.float32)
    up = Ratio(8_000, 16_000).apply(tone)
    spectrum = np.abs(np.fft.rfft(up))
    assert np.argmax(spectrum) == 440  # one second, so bins are hertz
