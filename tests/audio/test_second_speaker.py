"""One voice or two where one party should be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from qc_pipeline.audio.decode import Decoded, decode
from qc_pipeline.audio.second_speaker import SecondVoice, second_voice
from qc_pipeline.audio.speakers import find_voices
from tests.audio.speechlike import RATE_HZ, at, speech
from tests.audio.test_mono_separation import regions_of
from tests.shared_data import REAL_CALLS

MAN = {"pitch_hz": 110.0}
WOMAN = {"pitch_hz": 205.0, "tract": 1.15}
Turns = list[tuple[float, np.ndarray]]


def channel(who: str) -> tuple[Turns, float]:
    """Turns of 2 s, 0.5 s apart, by `who` speaks: m or w for each; and the length."""
    kinds = {"m": MAN, "w": WOMAN}
    turns = [(0.5 + 2.5 * n, speech(2.0, seed=n, **kinds[w])) for n, w in enumerate(who)]
    return turns, 1.0 + 2.5 * len(who)


def heard(folder: Path, who: str) -> SecondVoice | None:
    turns, seconds = channel(who)
    return found_in(folder, at(turns, seconds))


def found_in(folder: Path, sound: np.ndarray) -> SecondVoice | None:
    soundfile.write(folder / "channel.wav", sound, RATE_HZ)
    decoded: Decoded = decode(folder / "channel.wav")
    return second_voice(decoded, 0, regions_of(decoded))


@pytest.mark.parametrize("who", ["m" * 14, "w" * 14])
def test_one_voice_is_one(tmp_path: Path, who: str) -> None:
    assert heard(tmp_path, who) is None


def test_after_a_transfer_another_voice_speaks(tmp_path: Path) -> None:
    found = heard(tmp_path, "m" * 10 + "w" * 6)
    assert found is not None
    # The woman's six turns begin at 0.5 + 25 s and end at 40 s: 12 of 32 s of speech.
    assert found.from_s == pytest.approx(25.5, abs=1.5)
    assert found.share == pytest.approx(12 / 32, abs=0.05)
    assert len(found.spans) == 1
    assert found.spans[0] == pytest.approx((25.5, 40.0), abs=1.5)


def test_the_voice_that_speaks_less_is_the_second_even_if_it_begins(tmp_path: Path) -> None:
    """An announcement, or the agent who passes the call on."""
    found = heard(tmp_path, "w" * 5 + "m" * 12)
    assert found is not None
    assert found.spans[0][0] < 1.0
    assert found.spans[-1][1] == pytest.approx(12.5, abs=1.5)
    assert found.from_s == pytest.approx(13.0, abs=1.5)


def test_somebody_who_speaks_in_turn_is_found(tmp_path: Path) -> None:
    found = heard(tmp_path, "mmwmmwmmwmmwmmwmmw")
    assert found is not None
    assert len(found.spans) >= 4
    assert found.share == pytest.approx(1 / 3, abs=0.1)


def test_too_little_speech_is_not_judged(tmp_path: Path) -> None:
    """Two turns a voice, 4 s: less than can be told."""
    assert heard(tmp_path, "mmww") is None
    assert second_voice(decode(tmp_path / "channel.wav"), 0, ()) is None


def test_the_real_parties_are_one_voice_each_and_together_two(tmp_path: Path) -> None:
    files = [REAL_CALLS / f"auto_repairs_40_UTC_{party}.wav" for party in ("agent", "caller")]
    if not files[0].exists():
        pytest.skip(
            f"no real calls in {REAL_CALLS}: second voices NOT checked on real telephone speech"
        )
    agent, caller = (soundfile.read(f)[0] for f in files)
    assert found_in(tmp_path, agent) is None
    assert found_in(tmp_path, caller) is None
    half = min(len(agent), len(caller)) // 2
    found = found_in(tmp_path, np.concatenate([agent[:half], caller[half:]]))
    assert found is not None
    # 122 s of each; pauses at the seam leave some room.
    assert found.from_s == pytest.approx(half / RATE_HZ, abs=6.0)


def test_two_channels_and_one_are_both_looked_at(tmp_path: Path) -> None:
    agent, seconds = channel("m" * 8 + "w" * 8)
    customer = [(1.0 + 5 * n, speech(1.2, pitch_hz=150, seed=40 + n)) for n in range(7)]
    pair = np.stack([at(agent, seconds), at(customer, seconds)], axis=1)
    soundfile.write(tmp_path / "two.wav", pair, RATE_HZ)
    voices = find_voices(decode(tmp_path / "two.wav"), "left")
    assert voices.pair[0].second is not None
    assert voices.pair[1].second is None
