"""Transcripts made elsewhere: one short call in every format that we read."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.asr.formats import read_transcript
from qc_pipeline.call import (
    AsrIdentity,
    Dropped,
    Speaker,
    Transcript,
    Turn,
    Word,
)
from qc_pipeline.errors import InputError
from qc_pipeline.message import Message, read_message
from tests.asr.formats.made_elsewhere import (
    ALIBABA,
    AWS,
    FASTER_WHISPER,
    FUNASR,
    PARAFORMER,
    SRT,
    VTT,
    WHISPERX,
)
from tests.shared_data import shared_case

A, C = Speaker.AGENT, Speaker.CUSTOMER


def write(folder: Path, body: Any, name: str = "call.json") -> Path:
    path = folder / name
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


def plain(transcript: Transcript) -> list[tuple[Speaker, float, float, str]]:
    return [(t.speaker, t.start_s, t.end_s, t.text) for t in transcript.turns]


def fault(path: Path, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        read_transcript(path, **options)
    return str(caught.value)


def test_whisperx_speakers_are_mapped_and_unaligned_words_get_a_place(tmp_path: Path) -> None:
    roles = {"SPEAKER_01": "agent", "SPEAKER_00": "customer"}
    got = read_transcript(write(tmp_path, WHISPERX), speakers=roles)
    assert plain(got) == [
        (A, 0.4, 1.2, "Thank you for calling."),
        (C, 1.5, 2.5, "My order 15"),
    ]
    assert got.language == "en"
    assert got.asr.backend == "whisperx"
    assert got.recording_id == "call"
    assert got.turns[1].words[2] == Word(text="15", start_s=2.1, end_s=2.5, confidence=None)
    # The geometric mean of 0.9, 0.8, 0.7 and 0.6 is (0.3024) ** 0.25.
    assert got.turns[0].confidence == pytest.approx(0.3024**0.25)


def test_roles_are_found_by_what_is_said_where_nobody_maps_them(tmp_path: Path) -> None:
    got = read_transcript(write(tmp_path, WHISPERX))
    assert [t.speaker for t in got.turns] == [A, C]
    assert got.notes[0].text.startswith("roles by what was said: SPEAKER_00 = customer")


def test_a_speaker_change_inside_a_whisperx_segment_makes_two_turns(tmp_path: Path) -> None:
    words = [
        {"word": "您好", "start": 0.0, "end": 0.5, "score": 0.9, "speaker": "agent"},
        {"word": "喂", "start": 0.9, "end": 1.1, "score": 0.9, "speaker": "customer"},
    ]
    body = {
        "segments": [
            {"start": 0.0, "end": 1.1, "text": "您好喂", "speaker": "agent", "words": words}
        ]
    }
    assert plain(read_transcript(write(tmp_path, body))) == [
        (A, 0.0, 0.5, "您好"),
        (C, 0.9, 1.1, "喂"),
    ]


def test_faster_whisper_list_is_read_and_made_simplified(tmp_path: Path) -> None:
    got = read_transcript(write(tmp_path, FASTER_WHISPER), recording_id="R1")
    assert plain(got) == [(A, 0.5, 1.5, "您好请问"), (C, 2.0, 2.4, "喂")]
    assert got.asr.backend == "faster-whisper"
    assert got.recording_id == "R1"
    assert got.turns[0].words[1].text == "请问"
    assert got.turns[0].confidence == pytest.approx(0.6)  # sqrt(0.9 · 0.4)
    assert got.turns[1].confidence is None


def test_segments_without_a_speaker_are_refused(tmp_path: Path) -> None:
    body = [{k: v for k, v in row.items() if k != "speaker"} for row in FASTER_WHISPER]
    assert "segments[0] does not say who speaks" in fault(write(tmp_path, body))


def test_funasr_sentences_get_their_characters_times(tmp_path: Path) -> None:
    got = read_transcript(write(tmp_path, FUNASR), speakers={"0": "agent", "1": "customer"})
    assert plain(got) == [(A, 0.5, 0.9, "您好。"), (C, 1.5, 2.3, "我要投诉。")]
    assert [w.text for w in got.turns[1].words] == ["我", "要", "投", "诉"]
    assert got.turns[1].words[3].start_s == 2.1


def test_funasr_without_sentences_says_which_models_are_missing(tmp_path: Path) -> None:
    body = [{"key": "call", "text": "您好", "timestamp": [[0, 1], [1, 2]]}]
    assert "run FunASR with vad_model, punc_model and spk_model" in fault(write(tmp_path, body))


def test_alibaba_channels_are_speakers(tmp_path: Path) -> None:
    got = read_transcript(write(tmp_path, ALIBABA), speakers={"0": "agent"})
    assert plain(got) == [(A, 0.4, 1.4, "您好,请问有什么可以帮您"), (C, 1.8, 2.6, "我想查一下")]
    assert got.duration_s == 12.34
    assert [w.text for w in got.turns[1].words] == ["我想", "查一下"]


def test_alibaba_failure_is_told(tmp_path: Path) -> None:
    body = {"TaskId": "t", "StatusText": "FILE_DOWNLOAD_FAILED", "BizDuration": 0}
    assert "no sentences; found FILE_DOWNLOAD_FAILED" in fault(write(tmp_path, body))


def test_paraformer_channels_and_punctuation(tmp_path: Path) -> None:
    got = read_transcript(write(tmp_path, PARAFORMER), speakers={"1": "customer", "0": "agent"})
    assert plain(got) == [(A, 0.1, 0.6, "您好。"), (C, 0.9, 1.1, "喂")]
    assert got.turns[0].words[0].text == "您好。"
    assert got.duration_s == 9.0


def test_aws_roles_confidences_and_punctuation(tmp_path: Path) -> None:
    got = read_transcript(write(tmp_path, AWS))
    assert plain(got) == [(A, 0.3, 1.0, "Hello there."), (C, 1.2, 1.5, "Hi")]
    assert got.turns[0].words[1] == Word(text="there.", start_s=0.6, end_s=1.0, confidence=0.5)
    assert got.turns[0].confidence == pytest.approx(0.7)  # sqrt(0.98 · 0.5)
    assert (got.language, got.duration_s) == ("en", 8.0)


def test_ordinary_aws_transcribe_is_refused_with_a_way_out(tmp_path: Path) -> None:
    body = {"jobName": "j", "results": {"transcripts": [], "items": []}}
    assert "use a Call Analytics job" in fault(write(tmp_path, body))


def test_srt_marks_lines_and_hours(tmp_path: Path) -> None:
    got = read_transcript(write(tmp_path, SRT, "call.srt"))
    assert plain(got) == [
        (A, 0.5, 1.5, "您好"),
        (C, 2.0, 3.0, "我要 投诉"),
        (C, 63.25, 64.0, "快点"),
    ]


def test_vtt_voices_entities_and_notes(tmp_path: Path) -> None:
    got = read_transcript(write(tmp_path, VTT, "call.vtt"))
    assert plain(got) == [(A, 0.5, 1.5, "您好 & 欢迎"), (C, 3602.0, 3603.0, "喂")]


def test_a_cue_with_two_speakers_is_two_turns(tmp_path: Path) -> None:
    text = "1\n00:00:00,000 --> 00:00:02,000\n[agent] 您好\n[customer] 喂\n"
    got = read_transcript(write(tmp_path, text, "call.srt"))
    assert [(t.speaker, t.text) for t in got.turns] == [(A, "您好"), (C, "喂")]


def test_a_speaker_before_a_full_width_colon_is_one(tmp_path: Path) -> None:
    text = "1\n00:00:00,000 --> 00:00:02,000\n坐席\uff1a您好\n客户\uff1a喂\n"
    got = read_transcript(write(tmp_path, text, "call.srt"))
    assert [(t.speaker, t.text) for t in got.turns] == [(A, "您好"), (C, "喂")]


def test_unreadable_cue_times_name_their_line(tmp_path: Path) -> None:
    text = "1\n00:00:00,000 --> 00:00:02,000\n[agent] 您好\n\n2\n0:0 --> never\n[agent] 好\n"
    path = write(tmp_path, text, "call.srt")
    assert f"{path}:6: the times of this cue cannot be read" in fault(path)


def test_our_own_format_comes_back_as_it_was(tmp_path: Path) -> None:
    transcript = Transcript(
        recording_id="R1",
        language="zh",
        duration_s=9.5,
        asr=AsrIdentity(backend="faster-whisper", model="m", model_sha256="0", options={"x": 1}),
        turns=(
            Turn(
                speaker=A,
                start_s=0.5,
                end_s=1.0,
                text="您好",
                confidence=0.9,
                words=(Word(text="您好", start_s=0.5, end_s=1.0, confidence=0.9),),
            ),
        ),
        speech={A: ((0.5, 1.0),), C: ()},
        channels={A: "ok", C: "dead"},
        dropped=(
            Dropped(speaker=C, start_s=1, end_s=2, text="谢谢观看", reason=read_message("phantom")),
        ),
        notes=(read_message("a note"), Message.of("speakers.one-voice")),
    )
    assert read_transcript(write(tmp_path, transcript.as_json())) == transcript


def test_our_own_format_tells_every_fault_at_once(tmp_path: Path) -> None:
    body = {
        "format": "qc-transcript/1",
        "language": "zh",
        "colour": "red",
        "turns": [
            {"speaker": "agnet", "start_s": 0, "end_s": 1, "text": "您好"},
            {"speaker": "agent", "start_s": -1, "text": "您好"},
        ],
    }
    text = fault(write(tmp_path, body))
    assert "colour is not a key of qc-transcript/1" in text
    assert "turns[0].speaker: input should be 'agent' or 'customer'; found \"agnet\"" in text
    assert "turns[1].start_s: input should be greater than or equal to 0; found -1" in text
    assert "turns[1].end_s is missing" in text


def test_another_version_of_our_format_is_refused(tmp_path: Path) -> None:
    text = fault(write(tmp_path, {"format": "qc-transcript/9", "turns": []}))
    assert 'found "qc-transcript/9"; allowed: qc-transcript/1' in text


def test_unknown_json_names_the_formats(tmp_path: Path) -> None:
    assert "is not a transcript in a format we know; allowed: qc-transcript/1;" in fault(
        write(tmp_path, {"hello": 1})
    )


def test_broken_json_says_where(tmp_path: Path) -> None:
    path = write(tmp_path, '{"segments": [\n  {]}')
    assert f"{path}:2:4: is neither JSON nor subtitles" in fault(path)


def test_a_file_of_brackets_is_no_transcript(tmp_path: Path) -> None:
    path = write(tmp_path, "[" * 20_000)
    assert fault(path) == f"{path}: is nested too deeply"


def test_faults_of_several_segments_come_together(tmp_path: Path) -> None:
    body = {
        "segments": [
            {"start": 1, "end": "x", "text": "a", "speaker": "agent"},
            {"start": 2, "text": "b", "speaker": "agent"},
        ]
    }
    text = fault(write(tmp_path, body))
    assert "segments[0].end: input should be a valid number" in text
    assert "segments[1].end: is missing" in text


def test_three_unknown_speakers_are_asked_about(tmp_path: Path) -> None:
    rows = [
        {"start": n, "end": n + 1, "text": "好", "speaker": f"S{n}", "words": []} for n in range(3)
    ]
    text = fault(write(tmp_path, {"segments": rows}))
    assert "the role of speaker 'S2' is not known" in text
    assert "[asr.speakers]" in text


def test_two_speakers_that_say_nothing_telling_are_asked_about(tmp_path: Path) -> None:
    rows = [
        {"start": 0, "end": 1, "text": "好", "speaker": "S0"},
        {"start": 0, "end": 1, "text": "好", "speaker": "S1"},
    ]
    assert "which of S0, S1 is the agent cannot be told" in fault(
        write(tmp_path, {"segments": rows})
    )


def test_no_time_is_not_a_number(tmp_path: Path) -> None:
    path = write(
        tmp_path, '{"segments": [{"start": NaN, "end": 1, "text": "a", "speaker": "agent"}]}'
    )
    assert "segments[0].start: input should be a finite number" in fault(path)


OWN = {
    "format": "qc-transcript/1",
    "language": "zh",
    "turns": [{"speaker": "agent", "start_s": 0, "end_s": 2, "text": "您好"}],
}


def test_half_a_character_is_replaced_and_the_rest_read(tmp_path: Path) -> None:
    # An emoji is two halves in JSON's own writing; a text cut between them keeps one.
    text = json.dumps(OWN).replace("\\u60a8\\u597d", r"\u60a8\ud83d\ude00\ud83d")
    read = read_transcript(write(tmp_path, text))
    assert read.turns[0].text == "您\U0001f600\ufffd"
    assert len(read.sha256()) == 64


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": ' + "9" * 5000 + "}", "is neither JSON nor subtitles: a number too long"),
        (
            json.dumps({**OWN, "asr": {"options": {"beam": float("inf")}}}),
            "asr.options: input should hold finite numbers",
        ),
    ],
)
def test_what_no_json_can_be_is_told(tmp_path: Path, text: str, said: str) -> None:
    assert said in fault(write(tmp_path, text))


def test_doubts_about_who_spoke_come_back_from_our_own_format(tmp_path: Path) -> None:
    body = {
        "format": "qc-transcript/1",
        "language": "zh",
        "turns": [{"speaker": "agent", "start_s": 0, "end_s": 1, "text": "您好"}],
        "doubts": [
            {
                "speaker": "agent",
                "start_s": 0.0,
                "end_s": 9.0,
                "certainty": 0.5,
                "reason": "second-voice",
            }
        ],
    }
    path = tmp_path / "R1.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    assert read_transcript(path).as_json()["doubts"] == body["doubts"]
    body["doubts"][0]["reason"] = "hunch"
    path.write_text(json.dumps(body), encoding="utf-8")
    with pytest.raises(InputError, match=r'doubts\[0\]\.reason: .*; found "hunch"'):
        read_transcript(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda b: b["segments"][0].update(end=1e20), "later than any call lasts"),
        (lambda b: b["segments"][0]["words"][0].update(score=1.5), '"Thank", has an impossible'),
        (lambda b: b["segments"][0]["words"][0].update(start=-3), '"Thank", begins before 0'),
    ],
    ids=["in another unit", "confidence", "before the call"],
)
def test_words_and_times_no_call_has_are_told(
    tmp_path: Path, change: Callable[[Any], None], said: str
) -> None:
    body = copy.deepcopy(WHISPERX)
    change(body)
    roles = {"SPEAKER_01": "agent", "SPEAKER_00": "customer"}
    assert said in fault(write(tmp_path, body), speakers=roles)


def test_a_length_no_call_has_is_told(tmp_path: Path) -> None:
    body = {**ALIBABA, "BizDuration": 10**400}
    assert "BizDuration" in fault(write(tmp_path, body), speakers={"0": "agent", "1": "customer"})
    body = {**ALIBABA, "BizDuration": -5}
    assert "length of the call" in fault(
        write(tmp_path, body), speakers={"0": "agent", "1": "customer"}
    )


def test_our_own_format_has_no_span_that_runs_backwards(tmp_path: Path) -> None:
    body = {
        "format": "qc-transcript/1",
        "language": "zh",
        "turns": [
            {
                "speaker": "agent",
                "start_s": 1.0,
                "end_s": 2.0,
                "text": "您好",
                "words": [{"text": "您", "start_s": 1.5, "end_s": 1.2}],
            }
        ],
        "speech": {"agent": [[2.0, 1.0]]},
    }
    told = fault(write(tmp_path, body))
    assert "turns[0].words[0] ends before it begins" in told
    assert "speech.agent[0] ends before it begins" in told


def test_a_span_that_names_nobody_goes_to_whom_it_fits_and_is_in_doubt(tmp_path: Path) -> None:
    """WhisperX leaves `speaker` out where its diarization found nobody."""
    body = {
        "segments": [
            {"start": 0.5, "end": 3.0, "text": "您好很高兴为您服务", "speaker": "agent"},
            {"start": 3.5, "end": 6.0, "text": "我想问一下话费", "speaker": "customer"},
            {"start": 6.2, "end": 7.0, "text": "请稍等"},
            {"start": 12.0, "end": 13.0, "text": "嗯"},
        ]
    }
    got = read_transcript(write(tmp_path, body))
    # By its phrase, and (without one) by who spoke last before it.
    assert [t.speaker for t in got.turns] == [A, C, A, C]
    assert [(d.speaker, d.start_s, d.certainty) for d in got.doubts] == [
        (A, 6.2, 0.5),
        (C, 12.0, 0.5),
    ]
    assert got.notes == (Message.of("roles.unmarked", n=2),)


def test_whisperx_words_without_times_are_read() -> None:
    path = shared_case("import-01-wx-word-without-time") / "K00.json"
    got = read_transcript(path, speakers={"SPEAKER_00": "agent", "SPEAKER_01": "customer"})
    second = got.turns[1]
    # "20" has no time; it stands between its neighbours.
    assert [(w.text, w.start_s, w.end_s) for w in second.words] == [
        ("我交了", 5.1, 6.0),
        ("20", 6.0, 6.5),
        ("块燃气费", 6.5, 8.4),
    ]
    assert len(got.turns) == 3
