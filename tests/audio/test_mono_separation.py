"""Two voices of one channel, told apart; and what a recording's channels make of its parties."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import soundfile

from qc_pipeline.audio.decode import Decoded, decode
from qc_pipeline.audio.mono_separation import separate
from qc_pipeline.audio.speakers import find_voices
from qc_pipeline.audio.speech_regions import levels_db, speech_probabilities, speech_regions
from qc_pipeline.call import Span
from qc_pipeline.message import Message
from tests.audio.speechlike import RATE_HZ, at, speech
from tests.shared_data import REAL_CALLS


def regions_of(decoded: Decoded, channel: int = 0) -> tuple[Span, ...]:
    return speech_regions(
        speech_probabilities(decoded, channel), levels_db(decoded, channel), decoded.duration_s
    )


def mask(spans: tuple[Span, ...], seconds: float) -> np.ndarray:
    out = np.zeros(int(seconds * 100) + 1, dtype=bool)
    for start_s, end_s in spans:
        out[int(start_s * 100) : int(end_s * 100)] = True
    return out


def right_share(
    voices: tuple[tuple[Span, ...], ...], truth: tuple[np.ndarray, np.ndarray], seconds: float
) -> float:
    """Share of the time in which one party speaks that was given to it, voices named the best way.

    Only what was found to be speech counts; what was not found is the detector's matter.
    """
    first, second = (mask(v, seconds) for v in voices)
    one, two = truth[0] & ~truth[1], truth[1] & ~truth[0]
    found = (one | two) & (first | second)
    straight = ((one & first) | (two & second))[found].mean()
    return float(max(straight, 1 - straight))


def conversation(path: Path, gap_s: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Ten turns of a man and a woman, `gap_s` between them, in one channel."""
    man, woman, at_s = [], [], 0.5
    for number in range(10):
        length = 1.5 + 0.3 * (number % 4)
        kind = {"pitch_hz": 110.0} if number % 2 else {"pitch_hz": 205.0, "tract": 1.15}
        (man if number % 2 else woman).append((at_s, speech(length, seed=number, **kind)))
        at_s += length + gap_s
    seconds = at_s + 1
    soundfile.write(path, at(man, seconds) + at(woman, seconds), RATE_HZ)
    truth = tuple(
        mask(tuple((s, s + len(x) / RATE_HZ) for s, x in part), seconds) for part in (woman, man)
    )
    return truth[0], truth[1], seconds


@pytest.mark.parametrize("gap_s", [0.8, 0.1])
def test_a_man_and_a_woman_are_told_apart(tmp_path: Path, gap_s: float) -> None:
    """Even where they follow so closely that the detector sees one region."""
    woman, man, seconds = conversation(tmp_path / "mono.wav", gap_s)
    decoded = decode(tmp_path / "mono.wav")
    found = separate(decoded, 0, regions_of(decoded))
    assert right_share(found.voices, (woman, man), seconds) >= 0.92
    # Who is heard first comes first.
    assert found.voices[0][0][0] < found.voices[1][0][0]


def test_separation_gives_the_same_every_time(tmp_path: Path) -> None:
    conversation(tmp_path / "mono.wav", 0.4)
    decoded = decode(tmp_path / "mono.wav")
    regions = regions_of(decoded)
    assert separate(decoded, 0, regions) == separate(decoded, 0, regions)


def test_all_speech_stays_and_no_moment_is_given_twice(tmp_path: Path) -> None:
    conversation(tmp_path / "mono.wav", 0.1)
    decoded = decode(tmp_path / "mono.wav")
    regions = regions_of(decoded)
    spans = sorted(s for v in separate(decoded, 0, regions).voices for s in v)
    assert sum(b - a for a, b in spans) == pytest.approx(sum(b - a for a, b in regions))
    assert all(a[1] <= b[0] + 1e-9 for a, b in itertools.pairwise(spans))


def test_nothing_and_one_region_are_one_voice(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", at([(1.0, speech(0.8))], 3), RATE_HZ)
    decoded = decode(tmp_path / "a.wav")
    assert separate(decoded, 0, ()).voices == ((), ())
    assert separate(decoded, 0, ((1.0, 1.8),)).voices == (((1.0, 1.8),), ())


def test_a_mono_mix_of_the_real_call_is_told_apart(tmp_path: Path) -> None:
    files = [REAL_CALLS / f"auto_repairs_40_UTC_{party}.wav" for party in ("agent", "caller")]
    if not files[0].exists():
        pytest.skip(
            f"no real calls in {REAL_CALLS}: separation NOT checked on real telephone speech"
        )
    channels = [decode(f) for f in files]
    truth = [mask(regions_of(c), c.duration_s) for c in channels]
    count = min(len(t) for t in truth)
    sounds = [soundfile.read(f)[0] for f in files]
    length = min(map(len, sounds))
    soundfile.write(tmp_path / "mix.wav", (sounds[0][:length] + sounds[1][:length]) / 2, RATE_HZ)
    decoded = decode(tmp_path / "mix.wav")
    found = separate(decoded, 0, regions_of(decoded))
    pair = (truth[0][:count], truth[1][:count])
    seconds = (count - 1) / 100
    assert right_share(found.voices, pair, seconds) >= 0.85


def test_a_two_channel_file_that_the_list_calls_mono_is_mixed(tmp_path: Path) -> None:
    left = at([(1.0, speech(2))], 8)
    right = at([(4.0, speech(2, pitch_hz=210, tract=1.15, seed=4))], 8)
    soundfile.write(tmp_path / "a.wav", np.stack([left, right], axis=1), RATE_HZ)
    got = find_voices(decode(tmp_path / "a.wav"), "mono")
    assert got.mono
    assert got.agent is None
    assert sum(len(v.regions) for v in got.pair) >= 2


def test_more_than_two_channels_are_told(tmp_path: Path) -> None:
    left, right = at([(1.0, speech(2))], 8), at([(4.0, speech(2, seed=4))], 8)
    third = at([(6.0, speech(1, seed=5))], 8)
    soundfile.write(tmp_path / "a.wav", np.stack([left, right, third], axis=1), RATE_HZ)
    got = find_voices(decode(tmp_path / "a.wav"), "left")
    assert got.notes == (Message.of("voices.mixed", n=3, live=3),)
    assert (got.agent, got.mono) == (None, True)
    heard = sorted(span for voice in got.pair for span in voice.regions)
    assert heard[0][0] == pytest.approx(1.0, abs=0.3)
    assert heard[-1][1] == pytest.approx(7.0, abs=0.3)


def test_a_mono_file_that_the_list_gives_a_side_says_so(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", at([(1.0, speech(2))], 5), RATE_HZ)
    got = find_voices(decode(tmp_path / "a.wav"), "left")
    assert Message.of("voices.one-channel", side="left") in got.notes
