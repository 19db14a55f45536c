"""Every telephone format is read; what cannot be read says why."""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from qc_pipeline.audio.decode import decode, file_sha256, probe
from qc_pipeline.errors import RecordingError
from tests.audio.speechlike import RATE_HZ, speech

SECONDS = 3.0
LEFT = speech(SECONDS, pitch_hz=110)
RIGHT = speech(SECONDS, pitch_hz=200, tract=1.15, seed=5) * 0.5
STEREO = np.stack([LEFT, RIGHT], axis=1)


def written(path: Path, data: np.ndarray = STEREO, rate_hz: int = RATE_HZ, **kind: str) -> Path:
    soundfile.write(path, data, rate_hz, **kind)
    return path


def written_by_av(path: Path, codec: str, data: np.ndarray, sample_format: str) -> Path:
    import av

    layout = "mono" if data.ndim == 1 else "stereo"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE_HZ, layout=layout)
        if codec == "libopencore_amrnb":
            stream.bit_rate = 12_200
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(np.atleast_2d(data.T), dtype=np.float32),
            format="fltp",
            layout=layout,
        )
        frame.sample_rate = RATE_HZ
        sizer = av.AudioResampler(
            format=sample_format,
            layout=layout,
            rate=RATE_HZ,
            frame_size=stream.codec_context.frame_size or None,
        )
        for part in [*sizer.resample(frame), *sizer.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


def alike(got: np.ndarray, expected: np.ndarray) -> float:
    """The best correlation within 0.2 s either way: codecs delay."""
    a = got.astype(np.float64)[: len(expected)]
    b = expected[: len(a)]
    size = 2 * len(a)
    cross = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    return float(max(cross[:1_600].max(), cross[-1_600:].max()) / np.sqrt((a @ a) * (b @ b)))


@pytest.mark.parametrize(
    ("name", "kind", "least"),
    [
        ("pcm.wav", {}, 0.9999),
        ("pcm24.wav", {"subtype": "PCM_24"}, 0.9999),
        ("float.wav", {"subtype": "FLOAT"}, 0.9999),
        ("alaw.wav", {"subtype": "ALAW"}, 0.999),
        ("ulaw.wav", {"subtype": "ULAW"}, 0.999),
        ("a.flac", {}, 0.9999),
        ("a.mp3", {}, 0.95),
        ("a.ogg", {"format": "OGG", "subtype": "OPUS"}, 0.9),
        ("v.ogg", {"format": "OGG", "subtype": "VORBIS"}, 0.9),
    ],
)
def test_two_channel_formats(tmp_path: Path, name: str, kind: dict[str, str], least: float) -> None:
    path = written(tmp_path / name, **kind)
    got = decode(path)
    assert got.samples.shape[0] == 2
    assert got.sample_rate_hz == RATE_HZ
    assert got.duration_s == pytest.approx(SECONDS, abs=0.1)
    assert probe(path).duration_s == pytest.approx(SECONDS, abs=0.1)
    assert alike(got.samples[0], LEFT) > least
    assert alike(got.samples[1], RIGHT) > least
    assert got.audio_sha256 == hashlib.sha256(path.read_bytes()).hexdigest() == file_sha256(path)


def test_gsm(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", LEFT, subtype="GSM610")
    assert alike(decode(path).samples[0], LEFT) > 0.7


def test_m4a(tmp_path: Path) -> None:
    path = written_by_av(tmp_path / "a.m4a", "aac", STEREO, "fltp")
    got = decode(path)
    assert got.duration_s == pytest.approx(SECONDS, abs=0.3)
    assert alike(got.samples[0], LEFT) > 0.9
    assert alike(got.samples[1], RIGHT) > 0.9


def test_amr_and_its_exact_length(tmp_path: Path) -> None:
    path = written_by_av(tmp_path / "a.amr", "libopencore_amrnb", LEFT, "s16")
    got = decode(path)
    frames = (path.stat().st_size - 6) / 32  # 12.2 kbit/s: 32 bytes a frame of 20 ms
    assert probe(path).duration_s == pytest.approx(frames * 0.02)
    assert got.duration_s == pytest.approx(SECONDS, abs=0.1)
    assert alike(got.samples[0], LEFT) > 0.6


def test_amr_with_silence_frames(tmp_path: Path) -> None:
    path = written_by_av(tmp_path / "a.amr", "libopencore_amrnb", LEFT, "s16")
    speech_frames = path.read_bytes()[6:]
    # Frame type 15, no data, as a phone writes it while nobody speaks: one second of it.
    quiet = bytes([0x7C]) * 50
    path.write_bytes(b"#!AMR\n" + speech_frames + quiet + speech_frames)
    got = decode(path)
    assert probe(path).duration_s == pytest.approx(2 * SECONDS + 1.0, abs=0.2)
    assert got.duration_s >= 2 * SECONDS


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000])
def test_rates_come_down_to_16_khz(tmp_path: Path, rate_hz: int) -> None:
    seconds = np.arange(2 * rate_hz) / rate_hz
    path = written(tmp_path / "tone.wav", 0.5 * np.sin(2 * np.pi * 1_000 * seconds), rate_hz)
    got = decode(path)
    assert got.sample_rate_hz == min(rate_hz, 16_000)
    heard = got.at_16k(0, 0, got.length_16k)
    assert len(heard) == pytest.approx(32_000, abs=2)
    spectrum = np.abs(np.fft.rfft(heard[4_000:28_000] * np.hanning(24_000)))
    assert np.argmax(spectrum) * 16_000 / 24_000 == pytest.approx(1_000, abs=1)
    assert np.abs(heard[4_000:28_000]).max() == pytest.approx(0.5, rel=0.02)


def test_clipping_is_measured(tmp_path: Path) -> None:
    loud = np.clip(LEFT * 4, -1, 1)
    share = float((np.abs(loud) >= 32_700 / 32_768).mean())
    assert share > 0.01
    got = decode(written(tmp_path / "a.wav", np.stack([loud, RIGHT], axis=1), subtype="FLOAT"))
    assert got.clipped_share == (pytest.approx(share, abs=1e-4), 0.0)


def reason(path: Path) -> tuple[str, str]:
    with pytest.raises(RecordingError) as caught:
        decode(path)
    return caught.value.stage, caught.value.reason.text


def test_what_is_not_there_or_not_sound_says_so(tmp_path: Path) -> None:
    assert reason(tmp_path / "none.wav") == ("find", "the recording is not there")
    assert reason(tmp_path) == ("find", "the path is a folder, not a recording")
    (tmp_path / "empty.wav").write_bytes(b"")
    assert reason(tmp_path / "empty.wav") == ("audio", "the file is empty (0 bytes)")
    (tmp_path / "text.mp3").write_text("this is a text, not a recording at all", encoding="utf-8")
    stage, text = reason(tmp_path / "text.mp3")
    assert (stage, text.startswith("not audio that can be read")) == ("audio", True)
    (tmp_path / "raw.pcm").write_bytes(os.urandom(4_000))
    assert "has no header" in reason(tmp_path / "raw.pcm")[1]
    written(tmp_path / "silent.wav", np.zeros((0, 2)))
    assert reason(tmp_path / "silent.wav") == ("audio", "the file holds no sound")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_recording_nobody_may_read_says_so(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav")
    path.chmod(0)
    assert reason(path) == ("find", "the recording cannot be read: Permission denied")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.wav", {}),
        ("alaw.wav", {"subtype": "ALAW"}),
        ("a.flac", {}),
        ("a.mp3", {}),
        ("a.ogg", {"format": "OGG", "subtype": "OPUS"}),
    ],
)
def test_a_recording_cut_short_is_told(tmp_path: Path, name: str, kind: dict[str, str]) -> None:
    path = written(tmp_path / name, np.concatenate([STEREO] * 4), **kind)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 6 // 10])
    stage, text = reason(path)
    assert stage == "audio"
    assert "cut short" in text or "breaks off" in text or "not audio" in text


def test_a_cut_amr_is_told(tmp_path: Path) -> None:
    path = written_by_av(tmp_path / "a.amr", "libopencore_amrnb", LEFT, "s16")
    path.write_bytes(path.read_bytes()[:-7])
    assert reason(path) == ("audio", "the recording is cut short: the last AMR frame is incomplete")


def test_a_cut_m4a_is_told(tmp_path: Path) -> None:
    path = written_by_av(tmp_path / "a.m4a", "aac", np.concatenate([STEREO] * 4), "fltp")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert reason(path)[0] == "audio"


def test_a_wav_whose_recorder_never_wrote_its_size_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav")
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = struct.pack("<I", 0xFFFFFFFF)
    path.write_bytes(bytes(data))
    assert decode(path).duration_s == pytest.approx(SECONDS)


def test_a_cut_wav_says_how_much_is_there(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", LEFT)
    data = path.read_bytes()
    path.write_bytes(data[: 44 + 16_000])
    assert reason(path)[1] == "the recording is cut short: 16000 of 48000 bytes of sound are there"


@pytest.mark.parametrize(
    ("at", "size", "value"),
    [(2, "<H", 0), (2, "<H", 255), (4, "<I", 1), (4, "<I", 2**31 - 1)],
    ids=["no channel", "255 channels", "1 Hz", "2 GHz"],
)
def test_a_header_that_cannot_be_right_is_told(
    tmp_path: Path, at: int, size: str, value: int
) -> None:
    """A damaged byte asked for hundreds of gigabytes, or ended the job of every other call."""
    path = written(tmp_path / "a.wav")
    data = bytearray(path.read_bytes())
    struct.pack_into(size, data, data.index(b"fmt ") + 8 + at, value)
    path.write_bytes(bytes(data))
    stage, text = reason(path)
    assert (stage, text.startswith("the header cannot be right: ")) == ("audio", True)


def test_sound_no_decoder_knows_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav")
    data = bytearray(path.read_bytes())
    struct.pack_into("<H", data, data.index(b"fmt ") + 8, 0x7A21)  # a format nobody registered
    path.write_bytes(bytes(data))
    assert reason(path)[0] == "audio"


def test_a_length_only_the_header_believes_takes_no_memory(tmp_path: Path) -> None:
    """An MP3 whose Xing header claims four thousand million frames."""
    path = written(tmp_path / "a.mp3", bitrate_mode="VARIABLE")
    data = bytearray(path.read_bytes())
    struct.pack_into(">I", data, max(data.find(b"Xing"), data.find(b"Info")) + 8, 2**32 - 1)
    path.write_bytes(bytes(data))
    assert "cut short" in reason(path)[1]


@pytest.mark.slow
def test_two_hours_of_two_channels_stay_within_600_megabytes(tmp_path: Path) -> None:
    """In a process of its own: the peak of its memory above what the libraries take."""
    import subprocess
    import sys

    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", 16_000, 2, "PCM_16") as file:
        for _ in range(120):
            file.write(np.repeat(np.tile(STEREO, (20, 1)), 2, axis=0)[: 60 * 16_000])
    # VmHWM is the process's own; ru_maxrss begins at what its parent had.
    code = f"""
import re
from pathlib import Path
from qc_pipeline.audio.decode import decode
from qc_pipeline.audio.speakers import find_voices
from faster_whisper.vad import get_vad_model
get_vad_model()
def peak_mib():
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) / 1024
before = peak_mib()
voices = find_voices(decode(Path({str(path)!r})), "left")
assert sum(b - a for v in voices.pair for a, b in v.regions) > 3600
print(peak_mib() - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 600
