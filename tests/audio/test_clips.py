"""Clips for the report: the right seconds, mute where words were masked, short and quick."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from qc_pipeline.audio.clips import cut_clip
from qc_pipeline.audio.decode import decode
from qc_pipeline.audio.excerpt import decode_part

RATE = 8_000
LENGTH_S = 90
FORMATS = {
    "wav": {"subtype": "PCM_16"},
    "ogg": {"format": "OGG", "subtype": "OPUS"},
    "flac": {},
    "mp3": {"format": "MP3"},
}


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A different tone every second, the right channel four tones higher, in each format."""
    place = tmp_path_factory.mktemp("clips")
    t = np.arange(LENGTH_S * RATE) / RATE
    whole = t.astype(int)
    sound = np.stack(
        [0.3 * np.sin(2 * np.pi * tone(whole) * t), 0.2 * np.sin(2 * np.pi * tone(whole + 4) * t)],
        axis=1,
    )
    made = {}
    for kind, how in FORMATS.items():
        made[kind] = place / f"call.{kind}"
        soundfile.write(made[kind], sound, RATE, **how)
    made["m4a"] = place / "call.m4a"
    aac(made["m4a"], sound)
    return made


def tone(second: Any) -> Any:
    """Hz of a second: 400, 450 … 1550."""
    return 400 + 50 * (second % 24)


def aac(path: Path, sound: Any) -> None:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=RATE, layout="stereo")
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(sound.T.astype(np.float32)), format="fltp", layout="stereo"
        )
        frame.sample_rate = RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)


def loudest_hz(sound: Any, rate: int) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(sound))) * rate / len(sound))


@pytest.mark.parametrize("kind", [*FORMATS, "m4a"])
def test_a_part_has_the_samples_of_the_whole(recordings: dict[str, Path], kind: str) -> None:
    whole = decode(recordings[kind])
    for start_s, end_s in ((0.0, 3.0), (41.5, 47.25), (85.0, 95.0)):
        part = decode_part(recordings[kind], start_s, end_s)
        first, last = round(start_s * RATE), round(end_s * RATE)
        expected = whole.samples[:, first:last] / 32_768
        assert part.samples.shape == expected.shape
        assert part.start_s == start_s
        assert np.abs(part.samples - expected).max() < 0.02
        assert np.abs(part.samples - expected).mean() < 0.001


def test_a_part_behind_the_end_is_empty(recordings: dict[str, Path]) -> None:
    for path in recordings.values():
        assert decode_part(path, LENGTH_S + 5.0, LENGTH_S + 9.0).samples.shape == (2, 0)


def test_clip_has_its_seconds_mixed_and_masked_spans_mute(
    recordings: dict[str, Path], tmp_path: Path
) -> None:
    for kind, path in recordings.items():
        made = cut_clip(
            path, start_s=40.0, end_s=50.0, silenced=[(43.0, 44.5)], target=tmp_path / kind
        )
        assert made is not None
        heard, rate = soundfile.read(made)
        assert rate == RATE and heard.ndim == 1
        assert len(heard) / rate == pytest.approx(10.0, abs=0.2)
        for second in (41, 42, 46, 48):
            at = (second - 40) * rate
            middle = heard[at + rate // 4 : at + 3 * rate // 4]
            assert loudest_hz(middle, rate) == pytest.approx(tone(second), abs=4)
        mute = heard[int(3.2 * rate) : int(4.3 * rate)]
        assert np.abs(mute).max() < 0.01, "a masked number is not heard"


def test_clip_is_never_longer_than_a_minute_and_its_bytes_depend_on_the_sound_alone(
    recordings: dict[str, Path], tmp_path: Path
) -> None:
    made = [
        cut_clip(recordings["wav"], start_s=0.0, end_s=90.0, silenced=(), target=tmp_path / name)
        for name in ("a", "b")
    ]
    assert made[0] is not None and made[1] is not None
    assert soundfile.info(made[0]).duration == pytest.approx(60.0, abs=0.2)
    assert made[0].read_bytes() == made[1].read_bytes()
    assert made[0].stat().st_size < 130_000


def test_odd_rates_and_fast_ones_become_rates_that_browsers_play(tmp_path: Path) -> None:
    for rate, expected in ((6_000, 16_000), (44_100, 16_000), (11_025, 11_025)):
        t = np.arange(3 * rate) / rate
        soundfile.write(tmp_path / f"{rate}.wav", 0.3 * np.sin(2 * np.pi * 500 * t), rate)
        made = cut_clip(
            tmp_path / f"{rate}.wav", start_s=1.0, end_s=3.0, silenced=(), target=tmp_path / "c"
        )
        assert made is not None
        heard, got = soundfile.read(made)
        assert got == expected
        assert loudest_hz(heard[got // 2 : got], got) == pytest.approx(500, abs=4)


def test_what_cannot_be_read_has_no_clip(tmp_path: Path) -> None:
    (tmp_path / "x.wav").write_bytes(b"no sound at all")
    for path in (tmp_path / "x.wav", tmp_path / "gone.wav"):
        assert cut_clip(path, start_s=0, end_s=5, silenced=(), target=tmp_path / "c") is None
    assert list(tmp_path.glob("c*")) == []
