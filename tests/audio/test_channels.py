"""Channels that are dead, the same, or leak."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest
import soundfile

from qc_pipeline.audio.channels import look_at_channels, same_sound
from qc_pipeline.audio.decode import decode
from qc_pipeline.audio.speakers import find_voices
from qc_pipeline.audio.speech_regions import HOP_S, speech_regions
from tests.shared_data import REAL_CALLS

RATE = 8_000


@functools.cache
def real_pair(seconds: float = 60.0) -> tuple[np.ndarray, np.ndarray]:
    files = [REAL_CALLS / f"auto_repairs_40_UTC_{p}.wav" for p in ("agent", "caller")]
    if not files[0].exists():
        pytest.skip(f"no real calls in {REAL_CALLS}: channels NOT checked on real telephone speech")
    agent, caller = (soundfile.read(f, frames=int(seconds * RATE))[0] for f in files)
    return agent, caller


def write(folder: Path, left: np.ndarray, right: np.ndarray) -> Path:
    path = folder / "call.wav"
    soundfile.write(path, np.stack([left, right], axis=1), RATE)
    return path


def seconds_of_speech(path: Path) -> list[float]:
    decoded = decode(path)
    return [
        sum(b - a for a, b in speech_regions(c.probabilities, c.levels, decoded.duration_s))
        for c in look_at_channels(decoded)
    ]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> list[float]:
    """The seconds of speech in either channel of the real call as it is."""
    return seconds_of_speech(write(tmp_path_factory.mktemp("clean"), *real_pair()))


def test_two_parties_are_two_channels(tmp_path: Path) -> None:
    agent, caller = real_pair()
    path = write(tmp_path, agent, caller)
    assert not same_sound(decode(path))
    first, second = look_at_channels(decode(path))
    assert not first.dead
    assert not second.dead


def test_the_same_mix_on_both_channels_is_one_channel(tmp_path: Path) -> None:
    agent, caller = real_pair()
    mix = (agent + caller) / 2
    noise = np.random.default_rng(3).normal(0, 1e-4, len(mix))
    assert len(look_at_channels(decode(write(tmp_path, mix, mix)))) == 1
    assert len(look_at_channels(decode(write(tmp_path, mix, mix * 0.4 + noise)))) == 1


@pytest.mark.parametrize("listed", ["left", "mono"])
def test_the_same_mix_with_one_side_inverted_is_one_channel(tmp_path: Path, listed: str) -> None:
    """A pair of wires the wrong way round: added up, the call would be silent."""
    agent, caller = real_pair(20)
    mix = (agent + caller) / 2
    voices = find_voices(decode(write(tmp_path, mix, -mix)), listed)
    assert voices.mono
    assert sum(end - start for voice in voices.pair for start, end in voice.regions) > 10


@pytest.mark.parametrize("filling", ["zeros", "hiss", "hum"])
def test_a_channel_without_anybody_is_dead(tmp_path: Path, filling: str) -> None:
    agent, _ = real_pair(30)
    seconds = np.arange(len(agent)) / RATE
    other = {
        "zeros": np.zeros(len(agent)),
        "hiss": np.random.default_rng(4).normal(0, 0.003, len(agent)),
        "hum": 0.01 * np.sin(2 * np.pi * 50 * seconds),
    }[filling]
    alive, dead = look_at_channels(decode(write(tmp_path, agent, other)))
    assert not alive.dead
    assert dead.dead


@pytest.mark.parametrize(
    ("loss_db", "delay_s"),
    [(14, 0.0), (20, 0.03), (26, 0.18), (6, 0.0), (8, 0.2), (12, 0.38)],
)
def test_leakage_is_not_speech_of_the_other_channel(
    tmp_path: Path, loss_db: float, delay_s: float, clean: list[float]
) -> None:
    agent, caller = real_pair()
    delay = int(delay_s * RATE)
    echo = np.concatenate([np.zeros(delay), agent])[: len(agent)] * 10 ** (-loss_db / 20)
    mixed = seconds_of_speech(write(tmp_path, agent, caller + echo))
    assert mixed[0] == pytest.approx(clean[0], abs=0.5)
    assert mixed[1] == pytest.approx(clean[1], rel=0.06, abs=0.5)


def test_talking_at_the_same_time_is_no_leak(tmp_path: Path) -> None:
    agent, caller = real_pair()
    quiet = np.roll(caller, 5 * RATE) * 0.2
    alone = write(tmp_path, np.zeros(len(agent)), quiet)
    expected = seconds_of_speech(alone)[1]
    path = write(tmp_path, agent, quiet)
    assert seconds_of_speech(path)[1] == pytest.approx(expected, rel=0.01)


def test_levels_and_probabilities_cover_the_recording(tmp_path: Path) -> None:
    agent, caller = real_pair(10)
    for channel in look_at_channels(decode(write(tmp_path, agent, caller))):
        assert len(channel.levels) == len(channel.probabilities)
        assert len(channel.levels) * HOP_S == pytest.approx(10, abs=HOP_S)
