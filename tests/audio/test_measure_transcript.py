"""Measures of the sound for calls whose words came from elsewhere.

Both parties speak the same made sound, the customer at half the amplitude: 20 log10(2) = 6.02 dB.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from qc_pipeline.audio.measure_transcript import UNSOUNDED, Sounded, SoundJob, take_sound
from qc_pipeline.call import Transcript
from qc_pipeline.message import Message
from tests.audio.speechlike import RATE_HZ, at, speech
from tests.builders import AGENT, CUSTOMER, transcript, turn

LOUDER_DB = 6.02
WORDS = transcript(
    turn(AGENT, 1.0, 4.0, "您好请问有什么可以帮您"),
    turn(CUSTOMER, 5.0, 8.0, "我想查一下上个月的话费"),
    turn(AGENT, 12.5, 15.5, "好的我帮您查一下再给您回电"),
)
OF_SOUND = {"level_db", "pitch_hz", "clipped_share", "voiced_share"}


@pytest.fixture(scope="module")
def parties() -> tuple[np.ndarray, np.ndarray]:
    """The agent's sound and the customer's, shape (n,), 20 s."""
    voice = speech(3.0, pitch_hz=130.0)
    return at([(1.0, voice), (12.5, voice)], 20), at([(5.0, voice * 0.5)], 20)


@pytest.fixture(scope="module")
def recording(
    tmp_path_factory: pytest.TempPathFactory, parties: tuple[np.ndarray, np.ndarray]
) -> Path:
    """The agent on the right."""
    agent, customer = parties
    return write(tmp_path_factory.mktemp("calls") / "r.wav", customer, agent)


def write(path: Path, *channels: np.ndarray) -> Path:
    soundfile.write(path, np.stack(channels, axis=1), RATE_HZ)
    return path


def sounded(path: Path | None, words: Transcript = WORDS, channel: str = "auto") -> Sounded:
    return take_sound(SoundJob(transcript=words, path=path, agent_channel=channel))


@pytest.mark.parametrize("channel", ["auto", "right"])
def test_two_channels_give_each_party_its_own_sound(recording: Path, channel: str) -> None:
    got = sounded(recording, channel=channel)
    assert got.reason is None
    assert got.measures.speakers[AGENT].keys() >= OF_SOUND
    assert got.measures.call["level_difference_db"] == pytest.approx(LOUDER_DB, abs=0.3)
    assert got.measures.call["music_s"] == 0.0
    assert got.measures.turns[1]["level_db"] == got.measures.speakers[CUSTOMER]["level_db"]
    assert got.transcript.channels == {AGENT: "ok", CUSTOMER: "ok"}
    assert got.transcript.duration_s == 20.0
    (start_s, end_s), *_ = got.transcript.speech[CUSTOMER]
    assert 4.8 <= start_s <= 5.2 and 7.0 <= end_s <= 8.3
    assert got.transcript.turns == WORDS.turns
    # Columns of 200 tenths of a second, the agent's first: loud from 1 s on and silent at 6 s.
    assert got.envelope is not None and len(got.envelope) == 400
    assert max(got.envelope[15:35]) > 0 == max(got.envelope[55:75])


def test_without_audio_its_measures_are_absent_and_a_note_says_why(tmp_path: Path) -> None:
    text = tmp_path / "r.wav"
    text.write_text("not a sound", encoding="utf-8")
    for path, why in (
        (tmp_path / "gone.wav", "not there"),
        (text, "not audio that can be read"),
        (None, "call list"),
    ):
        got = sounded(path)
        assert got.reason is not None and why in got.reason.text
        assert got.transcript.notes == (Message.of(UNSOUNDED, why=got.reason),)
        for speaker in (AGENT, CUSTOMER):
            assert got.measures.speakers[speaker]["talk_s"] > 0
            assert not got.measures.speakers[speaker].keys() & OF_SOUND
        # Between the turns: 4.0 to 5.0 s and 8.0 to 12.5 s.
        assert got.measures.call["silence_s"] == pytest.approx(5.5)
        assert not got.measures.call.keys() & {"level_difference_db", "music_s", "keys"}
        assert (got.audio_sha256, got.envelope) == (None, None)


def test_list_and_transcript_that_contradict_each_other_give_no_sound(recording: Path) -> None:
    got = sounded(recording, channel="left")
    assert got.reason == Message.of("sound.other-channel")
    assert "level_db" not in got.measures.speakers[AGENT]
    assert not got.transcript.speech


def test_a_party_silent_where_it_should_speak_gets_no_sound(
    tmp_path: Path, parties: tuple[np.ndarray, np.ndarray]
) -> None:
    """The customer's channel was not recorded: its words are not measured on a dead line."""
    got = sounded(write(tmp_path / "r.wav", parties[0], parties[1] * 0), channel="left")
    assert got.reason == Message.of("sound.silent", speaker="customer")
    assert got.measures.speakers[AGENT].keys() >= OF_SOUND
    assert not got.measures.speakers[CUSTOMER].keys() & OF_SOUND
    assert got.measures.speakers[CUSTOMER]["talk_s"] > 0
    assert "music_s" not in got.measures.call
    assert got.envelope is None


def test_another_calls_transcript_gives_no_sound(recording: Path) -> None:
    late = tuple(
        replace(t, start_s=t.start_s + 30, end_s=t.end_s + 30, words=()) for t in WORDS.turns
    )
    got = sounded(recording, replace(WORDS, turns=late, duration_s=60.0), channel="right")
    assert got.reason == Message.of("sound.both-silent")
    assert got.measures.speakers[AGENT]["talk_s"] == pytest.approx(6.0)


def test_one_channel_is_divided_by_the_turns(
    tmp_path: Path, parties: tuple[np.ndarray, np.ndarray]
) -> None:
    got = sounded(write(tmp_path / "r.wav", parties[0] + parties[1]))
    assert got.reason is None
    assert got.transcript.channels == {AGENT: "mono", CUSTOMER: "mono"}
    assert got.measures.call["level_difference_db"] == pytest.approx(LOUDER_DB, abs=0.3)
    # As where we separated the voices ourselves: one channel says nothing about talking together.
    assert "overlap_s" not in got.measures.call
    assert "interruptions" not in got.measures.speakers[AGENT]
    assert got.envelope is not None and len(got.envelope) == 200


def test_speech_that_no_turn_claims_is_of_the_nearer_party(
    tmp_path: Path, parties: tuple[np.ndarray, np.ndarray]
) -> None:
    """At 9 s somebody speaks and nobody wrote it down: no silence, and nearer to the customer."""
    extra = at([(8.6, speech(1.2, seed=3))], 20)
    got = sounded(write(tmp_path / "r.wav", parties[0] + parties[1] + extra))
    assert any(a < 9.2 < b for a, b in got.transcript.speech[CUSTOMER])
    assert not any(a < 9.2 < b for a, b in got.transcript.speech[AGENT])


def test_regions_that_a_transcript_names_stand(recording: Path) -> None:
    named = replace(
        WORDS,
        speech={AGENT: ((1.5, 3.5),), CUSTOMER: ((5.5, 7.5),)},
        channels={AGENT: "ok", CUSTOMER: "ok"},
    )
    got = sounded(recording, named)
    assert got.reason is None
    assert got.transcript == named
    assert got.measures.speakers[AGENT].keys() >= {"level_db"}
    assert got.measures.speakers[AGENT]["talk_s"] == pytest.approx(2.0)


def test_tones_are_found_beside_given_words(
    tmp_path: Path, parties: tuple[np.ndarray, np.ndarray]
) -> None:
    """1 kHz from 16 to 18 s: neither ringing nor music nor a key."""
    tone = 0.3 * np.sin(2 * np.pi * 1_000 * np.arange(2 * RATE_HZ) / RATE_HZ)
    got = sounded(write(tmp_path / "r.wav", parties[0], parties[1] + at([(16.0, tone)], 20)))
    assert got.measures.call["tone_s"] == pytest.approx(2.0, abs=0.1)
    assert [e["channel"] for e in got.measures.events["signals"]] == ["customer"]


def test_an_old_note_goes_when_the_sound_is_there(recording: Path) -> None:
    by_hand = Message.of("words.corrected", n=2)
    noted = replace(WORDS, notes=(by_hand, Message.of(UNSOUNDED, why="no such file")))
    # The made recording has nothing but zeros between its words, and says so after that.
    first, *more = sounded(recording, noted).transcript.notes
    assert first == by_hand
    assert {n.code for n in more} == {"audio.paused", "audio.blank-end"}
