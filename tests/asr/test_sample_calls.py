"""The sample model on sample calls: words, times and parties against what was really said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks.asr import Call, figures, sample_calls
from qc_pipeline.asr.load import Recogniser, load_recogniser
from qc_pipeline.asr.models import sample_model_dir
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.asr.transcribe import AsrJob, recognise
from qc_pipeline.audio.decode import decode
from qc_pipeline.call import DoubtReason, Speaker, Transcript, transcript_from_json


@pytest.fixture(scope="module")
def sample() -> Recogniser:
    if sample_model_dir() is None:
        pytest.skip("no samples/model: NOTHING was really recognised")
    return load_recogniser(AsrOptions(model="sample"), Path())


def shortest(count: int, *channels: str) -> list[Call]:
    calls = [c for c in sample_calls() if c.agent_channel in channels]
    assert len(calls) >= count
    return sorted(calls, key=lambda c: c.truth["duration_s"])[:count]


Hearing = Callable[[Call], Transcript]


def hear(recogniser: Recogniser, call: Call) -> Transcript:
    job = AsrJob(recording_id=call.recording_id, path=call.path, agent_channel=call.agent_channel)
    (got,) = recognise([job], recogniser)
    return got.transcript


@pytest.fixture(scope="module")
def heard(sample: Recogniser) -> Hearing:
    """What is heard in a sample call, once for all tests that ask about it."""
    known: dict[str, Transcript] = {}

    def once(call: Call) -> Transcript:
        if call.recording_id not in known:
            known[call.recording_id] = hear(sample, call)
        return known[call.recording_id]

    return once


@pytest.mark.slow
def test_two_channel_calls_are_heard(heard: Hearing) -> None:
    rows = [figures(call, heard(call)) for call in shortest(4, "left", "right")]
    assert sum(r.characters for r in rows) > 200
    assert sum(r.errors for r in rows) <= 0.10 * sum(r.characters for r in rows)
    starts = np.array([s for r in rows for s in r.starts])
    assert (np.abs(starts) <= 0.3).mean() >= 0.95
    assert all(not r.wrong_party for r in rows)
    assert sum(r.in_silence for r in rows) == 0


@pytest.mark.slow
def test_auto_finds_the_agent_by_what_is_said(heard: Hearing) -> None:
    for call in shortest(2, "auto"):
        row = figures(call, heard(call))
        assert not row.wrong_party, call.recording_id


@pytest.mark.slow
def test_a_mono_call_is_heard_by_voices(heard: Hearing) -> None:
    """But for calls whose two parties the speech synthesiser gave one voice: nothing can."""
    calls = [
        c
        for c in shortest(5, "mono")
        if c.truth["voices"]["agent"]["voice"] != c.truth["voices"]["customer"]["voice"]
    ][:3]
    rows = [figures(call, heard(call)) for call in calls]
    assert len(rows) == 3
    assert sum(r.right_s for r in rows) >= 0.92 * sum(r.spoken_s for r in rows)


def test_the_same_recording_gives_the_same_transcript(sample: Recogniser, heard: Hearing) -> None:
    (call,) = shortest(1, "left")
    first, second = heard(call), hear(sample, call)
    assert first.sha256() == second.sha256()
    # What is written is what is read again.
    assert transcript_from_json(first.as_json()).sha256() == first.sha256()


def test_words_make_the_text_and_lie_in_their_turn(heard: Hearing) -> None:
    (call,) = shortest(1, "right")
    for turn in heard(call).turns:
        assert "".join(w.text for w in turn.words) == turn.text
        times = [t for w in turn.words for t in (w.start_s, w.end_s)]
        assert times == sorted(times)
        assert turn.start_s <= times[0] <= times[-1] <= turn.end_s + 1e-9
        assert all(0 < (w.confidence or 0) <= 1 for w in turn.words)


def test_a_greeting_in_the_first_300_ms_is_heard(sample: Recogniser, tmp_path: Path) -> None:
    """The recording is cut to begin 50 ms before the agent's first word."""
    (call,) = shortest(1, "left")
    first = next(t for t in call.truth["turns"] if t["speaker"] == "agent")
    decoded = decode(call.path)
    rate = decoded.sample_rate_hz
    cut = decoded.samples[:, int((first["start_s"] - 0.05) * rate) :].T
    soundfile.write(tmp_path / "cut.wav", cut, rate)
    transcript = hear(sample, replace(call, path=tmp_path / "cut.wav"))
    opening = next(t for t in transcript.turns if t.speaker is Speaker.AGENT)
    assert opening.start_s <= 0.2
    assert opening.text[0] == first["text"][0]


def test_channels_swapped_against_the_list_ask_for_a_person(
    sample: Recogniser, heard: Hearing
) -> None:
    (call,) = shortest(1, "left")
    assert heard(call).doubts == ()
    swapped = hear(sample, replace(call, agent_channel="right"))
    assert {(d.speaker, d.reason) for d in swapped.doubts} == {
        (speaker, DoubtReason.ROLE) for speaker in Speaker
    }
    assert any(note.code == "speakers.swapped" for note in swapped.notes)


def test_nothing_is_heard_in_dead_air(sample: Recogniser, tmp_path: Path) -> None:
    generator = np.random.default_rng(11)
    line = generator.normal(0, 0.004, (20 * 8_000, 2))
    line[::4_000] += 0.3  # clicks
    soundfile.write(tmp_path / "air.wav", line, 8_000)
    (got,) = recognise([AsrJob(recording_id="R", path=tmp_path / "air.wav")], sample)
    assert got.transcript.turns == ()
