"""A real Whisper on real calls and on the sample calls, which it does not understand.

The model is brought by `python -m tools.real_model`, the calls lie outside the project
(`tests/shared_data.py`). What is missing is skipped, and says so. The rest is measured by `make
bench-hearing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import hearing
from benchmarks.asr import sample_calls
from qc_pipeline.asr.load import Recogniser
from qc_pipeline.asr.transcribe import AsrJob, recognise
from qc_pipeline.call import Transcript
from qc_pipeline.scoring.evidence.hearing import HearingBounds, hearing_of, not_judged
from tests.shared_data import shared_data
from tools.real_model import is_whole, place

pytestmark = pytest.mark.slow

MANDARIN = shared_data("mandarin-calls")
CLIPS = shared_data("mandarin-clips")
needs_calls = pytest.mark.skipif(
    not MANDARIN.is_dir(), reason=f"no {MANDARIN}: NO real Mandarin call was heard"
)
needs_clips = pytest.mark.skipif(
    not CLIPS.is_dir(), reason=f"no {CLIPS}: noise, music and ringing were NOT listened to"
)


@pytest.fixture(scope="module")
def model() -> Path:
    if not is_whole(place()):
        pytest.skip(f"no model in {place()}: NOTHING was heard by a real Whisper")
    return place()


@pytest.fixture(scope="module")
def whisper(model: Path) -> Recogniser:
    return hearing.recogniser_of(model, "zh")


@pytest.fixture(scope="module")
def calls() -> Sequence[hearing.Call]:
    found = hearing.two_channel(hearing.calls_of(MANDARIN))
    assert len(found) >= 4
    return found


@pytest.fixture(scope="module")
def heard(calls: Sequence[hearing.Call], whisper: Recogniser) -> hearing.Heard:
    found, _ = hearing.ours(calls, whisper)
    assert found.tokens > 800
    return found


def listen(path: Path, whisper: Recogniser) -> Transcript:
    (got,) = recognise([AsrJob(recording_id=path.stem, path=path)], whisper)
    return got.transcript


@needs_calls
def test_no_more_is_wrong_than_by_the_sequential_path(
    calls: Sequence[hearing.Call], heard: hearing.Heard, model: Path
) -> None:
    assert heard.rate <= hearing.plain(calls, model, "zh", batched=False).rate


@needs_calls
def test_no_second_of_speech_goes_unheard_silently(heard: hearing.Heard) -> None:
    assert heard.silently_s <= 1.0


@needs_calls
def test_twelve_hotwords_hurt_nobody(
    calls: Sequence[hearing.Call], heard: hearing.Heard, model: Path
) -> None:
    whisper = hearing.recogniser_of(model, "zh", hotwords=hearing.HOTWORDS)
    helped, _ = hearing.ours(calls, whisper)
    assert helped.rate <= heard.rate + 1.0
    assert helped.silently_s <= 1.0


@needs_clips
@pytest.mark.parametrize("name", ["N_loud", "N_music", "N_ring"])
def test_nothing_is_invented_where_nobody_speaks(name: str, whisper: Recogniser) -> None:
    transcript = listen(CLIPS / f"{name}.flac", whisper)
    assert transcript.turns == ()


@needs_clips
def test_no_word_of_babble_is_trusted(whisper: Recogniser) -> None:
    transcript = listen(CLIPS / "N_babble.flac", whisper)
    words = [w for t in transcript.turns for w in t.words]
    assert all((w.confidence or 0.0) <= 0.5 for w in words)


def test_calls_that_the_model_does_not_understand_are_not_judged(whisper: Recogniser) -> None:
    """The sample calls' synthetic voices are no speech to it; what it writes is fluent."""
    calls = sample_calls(40)[1::10]
    found = []
    for call in calls:
        transcript = listen(call.path, whisper)
        assert len(transcript.turns) > 3
        why = not_judged(
            hearing_of(transcript),
            HearingBounds(),
            transcript.language,
            transcript.doubts,
            transcript.duration_s,
        )
        found.append(bool(why))
    assert sum(found) >= len(found) - 1
