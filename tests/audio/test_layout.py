"""Which channels carry the call, and where two of them carry one sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from qc_pipeline.audio.decode import decode
from qc_pipeline.audio.speakers import Voices, find_voices
from qc_pipeline.call import Span
from qc_pipeline.scoring.evidence import timing
from tests.audio.speechlike import RATE_HZ, at, speech

SECONDS = 34
MAN = [(1.0, 5.0), (10.0, 14.0), (19.0, 23.0), (28.0, 32.0)]
WOMAN = [(5.6, 9.4), (14.6, 18.4), (23.6, 27.4)]
RNG = np.random.default_rng(5)


def party(spans: list[Span], pitch_hz: float, tract: float, seed: int) -> np.ndarray:
    return at(
        [
            (a, speech(b - a, pitch_hz=pitch_hz, tract=tract, seed=seed + n))
            for n, (a, b) in enumerate(spans)
        ],
        SECONDS,
    )


A = party(MAN, 105, 1.0, 10)
B = party(WOMAN, 215, 1.18, 40) * 0.7


def voices_of(tmp_path: Path, *channels: np.ndarray, said: str = "left") -> Voices:
    noisy = [c + RNG.normal(0, 4e-4, c.size) if c.any() else c for c in channels]
    soundfile.write(tmp_path / "a.flac", np.stack(noisy, axis=1), RATE_HZ)
    return find_voices(decode(tmp_path / "a.flac"), said)


def common_s(spans: tuple[Span, ...], others: list[Span]) -> float:
    return timing.length_s(timing.union(spans)) - timing.length_s(
        timing.subtract(timing.union(spans), others)
    )


def assert_apart(voices: Voices, *, man: int = 0, least: float = 0.9) -> None:
    """Each voice has its own party's speech and next to nothing of the other's."""
    for number, own, other in ((man, MAN, WOMAN), (1 - man, WOMAN, MAN)):
        regions = voices.pair[number].regions
        assert common_s(regions, own) > least * timing.length_s(own)
        assert common_s(regions, other) < 0.1 * timing.length_s(other)


NOTHING = np.zeros(SECONDS * RATE_HZ)


def test_two_of_four_channels_carry_the_call(tmp_path: Path) -> None:
    got = voices_of(tmp_path, NOTHING, NOTHING, A, B)
    assert [n.text for n in got.notes] == [
        "the recording has 4 channels; those that carry the call: 3, 4"
    ]
    assert got.decoded.samples.shape[0] == 2
    assert_apart(got)


def test_copies_of_a_channel_are_heard_once(tmp_path: Path) -> None:
    """Two tracks of the same two channels, or a mix written to both sides of each of two tracks."""
    got = voices_of(tmp_path, A, A, B, B)
    assert [n["used"] for n in got.notes] == ["1, 3"]
    assert_apart(got)


def test_three_channels_with_sound_of_their_own_are_heard_as_one(tmp_path: Path) -> None:
    third = party([(32.4, 33.8)], 150, 1.1, 80)
    got = voices_of(tmp_path, A, B, third)
    assert [n.code for n in got.notes] == ["voices.mixed"]
    assert got.mono
    heard = timing.union([*got.pair[0].regions, *got.pair[1].regions])
    said = [*MAN, *WOMAN, (32.4, 33.8)]
    assert common_s(tuple(heard), timing.union(said)) > 0.9 * timing.length_s(said)


def test_no_word_stands_in_both_mouths_where_both_channels_carry_the_mix(tmp_path: Path) -> None:
    """Half of the call as one mix on both sides, then two channels; as loud, or quieter by 2 dB."""
    half = 18 * RATE_HZ
    mix = A + B
    left = np.concatenate([mix[:half], A[half:]])
    right = np.concatenate([mix[:half] * 0.8, B[half:]])
    got = voices_of(tmp_path, left, right)
    assert [n.code for n in got.notes] == ["voices.shared"]
    assert got.shared == (pytest.approx((0.0, 18.0), abs=1.1),)
    assert (got.agent, [v.state for v in got.pair]) == (0, ["ok", "ok"])
    assert_apart(got)


def test_channels_may_come_together_at_the_end(tmp_path: Path) -> None:
    half = 18 * RATE_HZ
    mix = A + B
    left = np.concatenate([A[:half], -mix[half:]])
    got = voices_of(tmp_path, left, np.concatenate([B[:half], mix[half:]]), said="right")
    assert [n.code for n in got.notes] == ["voices.shared"]
    assert got.agent == 1
    assert_apart(got)


def test_two_channels_share_nothing(tmp_path: Path) -> None:
    got = voices_of(tmp_path, A, B)
    assert (got.shared, got.notes) == ((), ())
    assert_apart(got)


@pytest.mark.parametrize("side", [0, 1])
def test_both_voices_on_one_side_are_told_apart(tmp_path: Path, side: int) -> None:
    channels = [NOTHING, NOTHING]
    channels[side] = A + B
    got = voices_of(tmp_path, *channels)
    assert [n.code for n in got.notes] == [("voices.both-left", "voices.both-right")[side]]
    assert got.mono
    assert_apart(got)


def test_one_party_beside_a_dead_channel_stays_one_party(tmp_path: Path) -> None:
    """It waits while the other one speaks, whom nobody recorded."""
    got = voices_of(tmp_path, A, NOTHING)
    assert [v.state for v in got.pair] == ["ok", "dead"]
    assert got.notes == ()
    assert common_s(got.pair[0].regions, MAN) > 0.9 * timing.length_s(MAN)
