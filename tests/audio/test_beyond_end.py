"""Words after the recording's end are nobody's."""

from __future__ import annotations

import pytest

from qc_pipeline.asr.formats import read_transcript
from qc_pipeline.audio.beyond_end import within_recording
from qc_pipeline.call import Dropped, Transcript
from qc_pipeline.message import Message
from tests.builders import AGENT, CUSTOMER, transcript, turn
from tests.shared_data import shared_case

REASON = Message.of("dropped.beyond-end")


def texts(words: Transcript) -> list[str]:
    return [t.text for t in words.turns]


def test_a_transcript_inside_its_recording_is_left_as_it_is() -> None:
    words = transcript(turn(AGENT, 1.0, 4.0, "您好"), turn(CUSTOMER, 5.0, 20.9, "你好"))
    assert within_recording(words, 20.0) is words


def test_a_turn_that_begins_after_the_end_is_left_out() -> None:
    words = transcript(turn(AGENT, 1.0, 4.0, "您好"), turn(AGENT, 21.5, 25.0, "谢谢观看"))
    got = within_recording(words, 20.0)
    assert texts(got) == ["您好"]
    assert got.dropped == (
        Dropped(speaker=AGENT, start_s=21.5, end_s=25.0, text="谢谢观看", reason=REASON),
    )
    assert got.duration_s == 20.0


def test_a_turn_that_lies_mostly_beyond_it_is_left_out_and_one_that_does_not_ends_there() -> None:
    words = transcript(turn(AGENT, 18.0, 400.0, "谢谢观看"), turn(CUSTOMER, 10.0, 22.0, "好的再见"))
    got = within_recording(words, 20.0)
    assert texts(got) == ["好的再见"]
    assert got.turns[0].end_s == 20.0
    assert [d.text for d in got.dropped] == ["谢谢观看"]


def test_of_a_turn_with_word_times_the_late_words_are_left_out() -> None:
    """Eight characters of a second each from 16 s on: four of them end by 20 s, one by 21."""
    said = turn(AGENT, 16.0, 24.0, "还有什么可以帮您", words=[0.9] * 8)
    got = within_recording(transcript(said), 20.0)
    assert texts(got) == ["还有什么"]
    assert got.turns[0].end_s == 20.0
    assert [(d.text, d.start_s, d.end_s) for d in got.dropped] == [("可以帮您", 20.0, 24.0)]


@pytest.mark.parametrize("end_s", [46.06, 41.5])
def test_whisperx_beyond_the_end(end_s: float) -> None:
    path = shared_case("import-26-wx-beyond-end") / "K00.json"
    words = read_transcript(path, speakers={"SPEAKER_00": "agent", "SPEAKER_01": "customer"})
    got = within_recording(words, end_s)
    assert [(d.text, d.reason) for d in got.dropped] == [("谢谢观看", REASON)]
    assert max(t.end_s for t in got.turns) == 11.1
