"""Measures of the sound for calls whose words came from elsewhere.

Both parties speak the same made sound, the customer at half the amplitude: 20 log10(2) = 6.02 dB.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from qc_pipeline.audio.measure_transcript import UNSOUNDED, Sounded, SoundJob, take_sound
from qc_pipeline.call import Dropped, Speaker, Transcript, Unheard, UnheardReason
from qc_pipeline.message import Message, read_message
from qc_pipeline.scoring.evidence.coverage import unheard_stretches
from tests.audio.speechlike import RATE_HZ, at, speech
from tests.builders import AGENT, CUSTOMER, transcript, turn
from tests.shared_data import shared_data

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
    """The channels with a line's noise, 80 dB below full scale: nothing but zeros between words
    would be a recorder that was paused.
    """
    sound = np.stack(channels, axis=1)
    noise = np.random.default_rng(2).normal(0.0, 10 ** (-80 / 20), sound.shape)
    soundfile.write(path, sound + noise, RATE_HZ)
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
    assert got.transcript == replace(named, unheard={AGENT: (), CUSTOMER: ()})
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
    assert sounded(recording, noted).transcript.notes == (by_hand,)


# The agent's second turn, 12.5 to 15.5 s in the recording, is not in the text.
LESS = replace(WORDS, turns=WORDS.turns[:2])


def unheard(got: Sounded, speaker: Speaker) -> list[tuple[float, float, str]]:
    assert got.transcript.unheard is not None
    return [(u.start_s, u.end_s, str(u.reason)) for u in got.transcript.unheard[speaker]]


def about(start_s: float, end_s: float, reason: str) -> list[tuple[object, object, str]]:
    """The detector's edges lie within a third of a second of the sound's."""
    return [(pytest.approx(start_s, abs=0.3), pytest.approx(end_s, abs=0.3), reason)]


def test_speech_of_the_recording_without_words_is_unheard(recording: Path) -> None:
    got = sounded(recording, LESS)
    assert unheard(got, AGENT) == about(12.5, 15.5, "no-words")
    assert unheard(got, CUSTOMER) == []
    # Turns without word times count as said evenly over their length.
    whole = sounded(recording)
    assert (unheard(whole, AGENT), unheard(whole, CUSTOMER)) == ([], [])


def test_speech_of_one_channel_without_words_is_the_nearer_partys(
    tmp_path: Path, parties: tuple[np.ndarray, np.ndarray]
) -> None:
    """From 8.6 to 10.6 s somebody speaks and nobody wrote it down."""
    extra = at([(8.6, speech(2.0, seed=3))], 20)
    got = sounded(write(tmp_path / "r.wav", parties[0] + parties[1] + extra))
    [(start_s, end_s, reason)] = unheard(got, CUSTOMER)
    # Until half of the pause between the customer's turn (8 s) and the agent's (12.5 s).
    assert (start_s, end_s) == (pytest.approx(8.6, abs=0.3), pytest.approx(10.25, abs=0.01))
    assert reason == "no-words"
    assert unheard(got, AGENT) == []


def test_what_a_transcript_says_of_its_hearing_stays_and_the_sound_adds_to_it(
    recording: Path,
) -> None:
    own = Unheard(start_s=12.3, end_s=15.7, reason=UnheardReason.LANGUAGE)
    elsewhere = Unheard(start_s=17.0, end_s=19.0, reason=UnheardReason.NOT_READ)
    got = sounded(
        recording,
        replace(LESS, turns=LESS.turns[:1], unheard={AGENT: (own,), CUSTOMER: (elsewhere,)}),
    )
    assert unheard(got, AGENT) == [(12.3, 15.7, "language")]
    # The customer's turn is not in this text either: first in time, then what was named.
    assert unheard(got, CUSTOMER) == [*about(5.0, 8.0, "no-words"), (17.0, 19.0, "not-read")]


@pytest.mark.parametrize(
    ("why", "reason"), [("loop", "loop"), ("too quiet for us, says theirs", "no-words")]
)
def test_text_that_was_taken_out_there_tells_why(recording: Path, why: str, reason: str) -> None:
    out = Dropped(
        speaker=AGENT, start_s=12.6, end_s=15.4, text="的的的的的", reason=read_message(why)
    )
    others = replace(out, speaker=CUSTOMER, reason=Message.of("dropped.guessed"))
    got = sounded(recording, replace(LESS, dropped=(others, out)))
    assert unheard(got, AGENT) == about(12.5, 15.5, reason)


def test_without_the_sound_of_both_it_is_not_known_what_was_not_heard(
    tmp_path: Path, recording: Path, parties: tuple[np.ndarray, np.ndarray]
) -> None:
    assert sounded(None, LESS).transcript.unheard is None
    assert sounded(recording, LESS, channel="left").reason is not None
    assert sounded(recording, LESS, channel="left").transcript.unheard is None
    dumb = write(tmp_path / "r.wav", parties[0], np.zeros_like(parties[1]))
    one = sounded(dumb, LESS)
    assert one.reason == Message.of("sound.silent", speaker=CUSTOMER)
    assert one.transcript.unheard is None


TRUE_CALLS = shared_data("mandarin-calls")


@pytest.mark.skipif(
    not TRUE_CALLS.is_dir(), reason=f"NO REAL CALLS: {TRUE_CALLS} is not on this machine"
)
@pytest.mark.parametrize("name", ["R01.wav", "Z01.wav", "Z04.wav", "Z05.mp3"])
def test_of_a_call_with_its_true_text_all_is_heard_and_without_a_turn_that_turn_is_not(
    name: str,
) -> None:
    """Turns are written to the hundredth where they were placed; sentences without word times."""
    path = TRUE_CALLS / "recordings" / name
    body = json.loads((TRUE_CALLS / "truth" / f"{path.stem}.json").read_text(encoding="utf-8"))
    turns = [turn(t["speaker"], t["start_s"], t["end_s"], t["text"]) for t in body["turns"]]
    words = transcript(*turns, duration_s=body["duration_s"])
    whole = sounded(path, words)
    assert (unheard(whole, AGENT), unheard(whole, CUSTOMER)) == ([], [])
    gone = turns[3]
    less = sounded(path, replace(words, turns=(*turns[:3], *turns[4:])))
    [parts] = unheard_stretches(less.transcript, gone.speaker)
    assert unheard(less, gone.speaker.other) == []
    assert parts[0].start_s == pytest.approx(gone.start_s, abs=0.1)
    assert parts[-1].end_s == pytest.approx(gone.end_s, abs=0.1)
