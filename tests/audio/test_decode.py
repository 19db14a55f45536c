"""Every telephone format is read; what cannot be read says why."""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from qc_pipeline.audio.decode import decode, file_sha256, probe
from qc_pipeline.errors import RecordingError
from qc_pipeline.message import Message
from tests.audio.speechlike import RATE_HZ, speech

SECONDS = 3.0
LEFT = speech(SECONDS, pitch_hz=110)
RIGHT = speech(SECONDS, pitch_hz=200, tract=1.15, seed=5) * 0.5
STEREO = np.stack([LEFT, RIGHT], axis=1)


def written(path: Path, data: np.ndarray = STEREO, rate_hz: int = RATE_HZ, **kind: str) -> Path:
    soundfile.write(path, data, rate_hz, **kind)
    return path


def without_xing(mp3: bytes) -> bytes:
    """An MP3 without its first frame where that is a Xing header."""
    at = max(mp3.find(b"Xing"), mp3.find(b"Info"))
    return mp3 if at < 0 else mp3[mp3.index(mp3[:2], 2 + at) :]


def written_by_av(
    path: Path,
    codec: str,
    data: np.ndarray,
    sample_format: str,
    options: dict[str, str] | None = None,
) -> Path:
    layout = "mono" if data.ndim == 1 else "stereo"
    with av.open(str(path), "w", options=options or {}) as container:
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
        ("v.ogg", {"format": "OGG", "subtype": "VORBIS"}),
    ],
)
def test_what_is_left_of_a_cut_recording_is_read_and_its_end_is_missing(
    tmp_path: Path, name: str, kind: dict[str, str]
) -> None:
    path = written(tmp_path / name, np.concatenate([STEREO] * 4), **kind)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 6 // 10])
    got = decode(path)
    # 12 s of sound of which six bytes in ten are there; variable rates spend them unevenly.
    assert got.duration_s == pytest.approx(7.2, abs=1.5)
    assert alike(got.samples[0], np.concatenate([LEFT] * 4)[: got.samples.shape[1]]) > 0.8
    (lost,) = got.missing
    assert lost.start_s == pytest.approx(got.duration_s)
    assert lost.end_s is None or lost.end_s == pytest.approx(12.0, abs=0.2)
    assert lost.reason in got.notes
    assert "cut short" in lost.reason.text
    # A WAV, a FLAC and an MP3 with a Xing header say how long they were; Ogg does not.
    assert (lost.end_s is None) is name.endswith(".ogg")


def test_a_cut_amr_is_told(tmp_path: Path) -> None:
    path = written_by_av(tmp_path / "a.amr", "libopencore_amrnb", LEFT, "s16")
    path.write_bytes(path.read_bytes()[:-7])
    (lost,) = decode(path).missing
    assert lost.reason == Message.of("audio.cut-amr")
    assert lost.end_s is None
    assert lost.span == (lost.start_s, lost.start_s + 10.0)


def test_an_m4a_whose_recorder_died_says_so(tmp_path: Path) -> None:
    path = written_by_av(tmp_path / "a.m4a", "aac", np.concatenate([STEREO] * 4), "fltp")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    stage, text = reason(path)
    assert stage == "audio"
    assert text == (
        "the recorder died before it wrote the file's index; without it the sound cannot be read"
    )


def test_a_cut_m4a_with_its_index_before_the_sound_is_read(tmp_path: Path) -> None:
    path = written_by_av(
        tmp_path / "a.m4a",
        "aac",
        np.concatenate([STEREO] * 4),
        "fltp",
        {"movflags": "faststart"},
    )
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 7 // 10])
    got = decode(path)
    (lost,) = got.missing
    assert 6.0 < got.duration_s < 10.5
    assert lost.span == pytest.approx((got.duration_s, 12.0), abs=0.3)


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
    got = decode(path)
    (lost,) = got.missing
    assert got.duration_s == 1.0
    assert lost.span == (1.0, 3.0)
    assert lost.reason.text == "the recording is cut short: 16000 of 48000 bytes of sound are there"


@pytest.mark.parametrize("kind", [{}, {"subtype": "ALAW"}, {"subtype": "PCM_24"}])
def test_sound_that_the_header_does_not_name_is_read_and_told(
    tmp_path: Path, kind: dict[str, str]
) -> None:
    """A recorder that died after it had written its header for the last time."""
    path = written(tmp_path / "a.wav", **kind)
    expected = decode(path)
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    (size,) = struct.unpack_from("<I", data, at)
    struct.pack_into("<I", data, at, size // 3)
    path.write_bytes(bytes(data))
    got = decode(path)
    assert np.array_equal(got.samples, expected.samples)
    assert probe(path).duration_s == pytest.approx(SECONDS)
    assert got.missing == ()
    assert got.notes == (Message.of("audio.header-less", named_s=1.0, there_s=3.0),)


def test_chunks_behind_the_sound_are_no_sound(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", LEFT)
    path.write_bytes(path.read_bytes() + b"LIST" + struct.pack("<I", 20_000) + b"x" * 20_000)
    got = decode(path)
    assert (got.duration_s, got.notes) == (SECONDS, ())


def test_opus_recordings_in_one_file_are_all_read(tmp_path: Path) -> None:
    """A recorder that was told to hold and to go on; libsndfile reads the first one only."""
    first = written(tmp_path / "1.ogg", STEREO[: 2 * RATE_HZ], format="OGG", subtype="OPUS")
    second = written(tmp_path / "2.ogg", STEREO, format="OGG", subtype="OPUS")
    path = tmp_path / "a.ogg"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    got = decode(path)
    assert got.duration_s == pytest.approx(5.0, abs=0.05)
    assert probe(path).duration_s == pytest.approx(5.0, abs=0.05)
    assert alike(got.samples[0, 2 * RATE_HZ :], LEFT) > 0.9
    assert (got.missing, got.notes) == ((), (Message.of("audio.links", n=2),))


def test_streams_of_one_ogg_are_heard_side_by_side(tmp_path: Path) -> None:
    left = written(tmp_path / "l.ogg", LEFT, format="OGG", subtype="OPUS").read_bytes()
    right = written(tmp_path / "r.ogg", RIGHT, format="OGG", subtype="OPUS").read_bytes()
    starts = [left.index(b"OggS", 4), right.index(b"OggS", 4)]
    # First pages of all streams stand before everything else (RFC 3533, section 4).
    whole = left[: starts[0]] + right[: starts[1]] + left[starts[0] :] + right[starts[1] :]
    path = tmp_path / "a.ogg"
    path.write_bytes(whole)
    got = decode(path)
    assert got.samples.shape[0] == 2
    assert alike(got.samples[0], LEFT) > 0.9
    assert alike(got.samples[1], RIGHT) > 0.9
    assert got.notes == (Message.of("audio.tracks", n=2),)


def test_two_audio_tracks_are_two_channels(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("aac", rate=RATE_HZ, layout="mono") for _ in (0, 1)]
        for stream, sound in zip(streams, (LEFT, RIGHT), strict=True):
            frame = av.AudioFrame.from_ndarray(
                sound.astype(np.float32).reshape(1, -1), format="fltp", layout="mono"
            )
            frame.sample_rate = RATE_HZ
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    got = decode(path)
    assert got.samples.shape[0] == 2
    assert alike(got.samples[0], LEFT) > 0.9
    assert alike(got.samples[1], RIGHT) > 0.9
    assert got.notes == (Message.of("audio.tracks", n=2),)


def test_an_mp3_of_one_and_then_two_channels_is_read(tmp_path: Path) -> None:
    mono = written(tmp_path / "1.mp3", LEFT, bitrate_mode="CONSTANT")
    stereo = written(tmp_path / "2.mp3", STEREO, bitrate_mode="CONSTANT")
    path = tmp_path / "a.mp3"
    path.write_bytes(without_xing(mono.read_bytes()) + without_xing(stereo.read_bytes()))
    got = decode(path)
    assert got.samples.shape[0] == 2
    assert got.duration_s == pytest.approx(6.2, abs=0.3)
    # One channel stands in both.
    first = got.samples[:, : 2 * RATE_HZ]
    assert np.array_equal(first[0], first[1])
    assert alike(got.samples[1, int(3.2 * RATE_HZ) :], RIGHT) > 0.8
    assert got.notes == (Message.of("audio.mixed-layout"),)


def test_a_length_that_is_only_estimated_is_held_against_nothing(tmp_path: Path) -> None:
    """Without a Xing header it follows from the first frame's rate: here it is far too long."""
    quiet = written(tmp_path / "1.mp3", LEFT * 1e-4, bitrate_mode="VARIABLE").read_bytes()
    loud = written(
        tmp_path / "2.mp3", np.tile(LEFT, 4), bitrate_mode="CONSTANT", compression_level=0.0
    ).read_bytes()
    path = tmp_path / "a.mp3"
    path.write_bytes(without_xing(quiet) + without_xing(loud))
    got = decode(path)
    assert got.duration_s == pytest.approx(15.2, abs=0.4)
    assert probe(path).duration_s == pytest.approx(got.duration_s, abs=0.1)
    assert got.missing == ()


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


def test_a_length_only_the_header_believes_is_not_believed(tmp_path: Path) -> None:
    """An MP3 whose Xing header claims four thousand million frames: ten years of sound."""
    path = written(tmp_path / "a.mp3", bitrate_mode="VARIABLE")
    data = bytearray(path.read_bytes())
    struct.pack_into(">I", data, max(data.find(b"Xing"), data.find(b"Info")) + 8, 2**32 - 1)
    path.write_bytes(bytes(data))
    got = decode(path)
    assert got.duration_s == pytest.approx(SECONDS, abs=0.2)
    assert (got.missing, probe(path).duration_s) == ((), pytest.approx(SECONDS, abs=0.2))


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
import scipy.signal, sklearn.mixture
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
