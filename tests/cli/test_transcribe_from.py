"""`qc transcribe --from` where the recordings lie on disk, and where they do not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from qc_pipeline.audio import measure_transcript, measures
from tests.audio.speechlike import RATE_HZ, at, speech
from tests.weeks import PERIOD, qc, qc_json, words_of


def on_a_line(channels: list[np.ndarray]) -> np.ndarray:
    """The channels side by side with the noise of a line, 70 dB below full scale: nothing but
    zeros would be a recorder that was paused.
    """
    sound = np.stack(channels, axis=1)
    return sound + np.random.default_rng(1).normal(0.0, 10 ** (-70 / 20), sound.shape)


@pytest.fixture(scope="module")
def week(scored_week: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six calls from transcripts alone; then the recording of r1 comes, agent on the left."""
    return Path(shutil.copytree(scored_week, tmp_path_factory.mktemp("heard") / "week"))


def test_measures_of_the_sound_come_with_the_recording(week: Path) -> None:
    heard = week / "heard" / "r1.json"
    before = json.loads(qc(week, "show", "r1", "-p", PERIOD, "--json").out)["measures"]
    assert before["agent"]["talk_s"] > 0 and "level_db" not in before["agent"]
    exported = week / "words"
    qc(week, "export", "-p", PERIOD, "--to", "transcripts", "--out", str(exported))
    kept = [json.loads(p.read_text("utf-8")) for p in exported.rglob("transcripts/*.json")]
    note = "measures of the sound were not taken: the recording is not there"
    assert len(kept) == 6 and all(k["notes"][0] == note for k in kept)

    turns = json.loads(heard.read_text(encoding="utf-8"))["turns"]
    channels = [
        at(
            [
                (t["start_s"], speech(t["end_s"] - t["start_s"]) * loud)
                for t in turns
                if t["speaker"] == speaker
            ],
            turns[-1]["end_s"] + 2,
        )
        for speaker, loud in (("agent", 1.0), ("customer", 0.5))
    ]
    soundfile.write(week / "recordings" / "r1.wav", on_a_line(channels), RATE_HZ)
    told = qc(week, "transcribe", "-p", PERIOD, "--from", str(heard))
    assert "transcribed 1" in told.out and "not taken" not in told.err
    qc(week, "score", "-p", PERIOD)
    after = json.loads(qc(week, "show", "r1", "-p", PERIOD, "--json").out)["measures"]
    # Half the amplitude is 6.02 dB less; the sentences differ in length, and so a little in level.
    assert after["call"]["level_difference_db"] == pytest.approx(6.02, abs=1.0)
    assert after["agent"]["talk_s"] == before["agent"]["talk_s"]


def test_what_the_recording_has_and_the_text_has_not_is_shown_exported_and_written_by_hand(
    week: Path,
) -> None:
    """r3 was taken in without its recording. Then it comes, with two seconds more of the customer,
    after everything that the text has.
    """
    heard = week / "heard" / "r3.json"
    turns = json.loads(heard.read_text(encoding="utf-8"))["turns"]
    last_s = turns[-1]["end_s"]
    spoken = {
        who: [(t["start_s"], t["end_s"]) for t in turns if t["speaker"] == who]
        for who in ("agent", "customer")
    }
    spoken["customer"].append((last_s + 2, last_s + 4))
    channels = [at([(a, speech(b - a)) for a, b in spans], last_s + 6) for spans in spoken.values()]
    assert "听清多少未知：文字没有与录音核对过。" in qc(week, "show", "r3", "-p", PERIOD).out

    soundfile.write(week / "recordings" / "r3.wav", on_a_line(channels), RATE_HZ)
    # What is in the record already is not looked at again by itself.
    qc(week, "transcribe", "-p", PERIOD)
    assert "听清多少未知" in qc(week, "show", "r3", "-p", PERIOD).out
    qc(week, "transcribe", "-p", PERIOD, "--from", str(heard))
    qc(week, "score", "-p", PERIOD)
    kept = exported(week, "r3")["unheard"]
    assert kept["agent"] == []
    [(start_s, end_s, reason)] = kept["customer"]
    assert (start_s, end_s) == (
        pytest.approx(last_s + 2, abs=0.3),
        pytest.approx(last_s + 4, abs=0.3),
    )
    assert reason == "no-words"
    shown = qc(week, "show", "r3", "-p", PERIOD).out
    assert "坐席听清 100%，客户 " in shown and "没听清 1 处" in shown
    assert "客户（没听清：有人说话，没有听出文字" in shown

    # A second time the same comes out: nothing to be judged again.
    qc(week, "transcribe", "-p", PERIOD, "--from", str(heard))
    assert "scored 0" in qc(week, "score", "-p", PERIOD).out

    empty = f"# [?{start_s:.2f}-{end_s:.2f} no-words] customer: "
    words = words_of(week, "r3", (empty, empty + "我不满意"))
    qc(week, "rescore", "r3", "--words", str(words), "--reason", "听了", "--as", "zhao")
    after = exported(week, "r3")
    assert after["unheard"] == {"agent": [], "customer": []}
    assert after["turns"][-1]["text"] == "我不满意"
    assert "坐席听清 100%，客户 100%。" in qc(week, "show", "r3", "-p", PERIOD).out


def test_words_that_a_person_corrected_stay_when_only_what_was_not_heard_is_new(
    week: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """r5 was taken in with its recording by a version that did not ask what was not heard."""
    heard = week / "heard" / "r5.json"
    body = json.loads(heard.read_text(encoding="utf-8"))
    channels = [
        at(
            [
                (t["start_s"], speech(t["end_s"] - t["start_s"]))
                for t in body["turns"]
                if t["speaker"] == who
            ],
            body["duration_s"],
        )
        for who in ("agent", "customer")
    ]
    soundfile.write(week / "recordings" / "r5.wav", on_a_line(channels), RATE_HZ)
    with monkeypatch.context() as former:
        former.setattr(measure_transcript, "_accounted", lambda transcript, *_: transcript)
        qc(week, "transcribe", "-p", PERIOD, "--from", str(heard))
        qc(week, "score", "-p", PERIOD)
        words = words_of(week, "r5", ("我要查账单", "我要查我的账单"))
        qc(week, "rescore", "r5", "--words", str(words), "--reason", "听错", "--as", "zhao")
    assert "unheard" not in exported(week, "r5")

    told = qc(week, "transcribe", "-p", PERIOD, "--from", str(heard))
    assert "1 of 1 calls have the same words as before" in told.err
    qc(week, "score", "-p", PERIOD)
    after = exported(week, "r5")
    assert "unheard" not in after and after["turns"][1]["text"] == "我要查我的账单"

    # Other words are taken in as ever, and with them what was not heard.
    body["turns"][1]["text"] = "我要查他的账单"
    other = week / "r5.json"
    other.write_text(json.dumps(body, ensure_ascii=False), "utf-8")
    assert "same words" not in qc(week, "transcribe", "-p", PERIOD, "--from", str(other)).err
    after = exported(week, "r5")
    assert after["unheard"] == {"agent": [], "customer": []}
    assert after["turns"][1]["text"] == "我要查他的账单"


def test_words_given_to_the_party_that_was_not_on_that_channel_are_not_measured_anew(
    scored_week: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two seconds of the customer's channel that the text has not; a person hears the agent."""
    week = Path(shutil.copytree(scored_week, tmp_path / "week"))
    heard = week / "heard" / "r3.json"
    turns = json.loads(heard.read_text(encoding="utf-8"))["turns"]
    last_s = turns[-1]["end_s"]
    said = [(t["start_s"], speech(t["end_s"] - t["start_s"])) for t in turns]
    channels = [at(said, last_s + 6), at([(last_s + 2, speech(2.0))], last_s + 6)]
    soundfile.write(week / "recordings" / "r3.wav", on_a_line(channels), RATE_HZ)
    qc(week, "transcribe", "-p", PERIOD, "--from", str(heard))
    qc(week, "score", "-p", PERIOD)
    [(start_s, end_s, _)] = exported(week, "r3")["unheard"]["customer"]
    empty = f"# [?{start_s:.2f}-{end_s:.2f} no-words] customer: "
    words = words_of(week, "r3", (empty, empty.replace("customer", "agent") + "再见"))
    qc(week, "rescore", "r3", "--words", str(words), "--reason", "听了", "--as", "zhao")
    assert exported(week, "r3")["unheard"] == {"agent": [], "customer": []}
    monkeypatch.setattr(measures, "MEASURES_VERSION", "later")
    told = qc(week, "transcribe", "-p", PERIOD)
    assert "measured anew 5" in told.out
    assert "stay for 1 of 6 calls: a person gave speech to the other party" in told.err


def exported(week: Path, recording: str) -> Any:
    """A call's transcript as `qc export` hands it out."""
    out = week / "handed-out"
    qc(week, "export", "-p", PERIOD, "--to", "transcripts", "--out", str(out))
    bodies = [json.loads(p.read_text("utf-8")) for p in out.rglob("transcripts/*.json")]
    return next(b for b in bodies if b["recording_id"] == recording)


def test_a_recording_that_is_not_there_is_told(week: Path) -> None:
    told = qc(week, "transcribe", "-p", PERIOD, "--from", str(week / "heard" / "r2.json"))
    assert told.err.strip().splitlines()[-1] == (
        "measures of the sound were not taken: 1 of 1 calls: the recording is not there"
    )


def test_newer_definitions_measure_imported_and_corrected_words_anew(
    week: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """r1, r3 and r5 have sound by now, the others have none; words are corrected of r3 and r2, and
    of r1 below.
    """
    words = words_of(week, "r2", ("我要查账单", "我要查我的账单"))
    why = ("--reason", "听错", "--as", "zhao")
    qc(week, "rescore", "r2", "--words", str(words), *why)
    monkeypatch.setattr(measures, "MEASURES_VERSION", "later")
    # r3 as well, whose speech a person added to and took from nobody.
    assert qc_json(week, "transcribe", "-p", PERIOD)["measured_anew"] == 6
    qc(week, "score", "-p", PERIOD)
    shown = {
        r: qc_json(week, "show", r, "-p", PERIOD)["measures"] for r in ("r1", "r2", "r3", "r4")
    }
    assert {m["version"] for m in shown.values()} == {"later"}
    assert "level_db" in shown["r1"]["agent"] and "level_db" not in shown["r4"]["agent"]
    assert "level_db" in shown["r3"]["customer"]
    # 我要查我的账单: seven characters.
    assert shown["r2"]["customer"]["units"] == 7

    # Speech given to the other party cannot be measured on its channel: the former figures stay.
    words = words_of(week, "r1", ("customer:", "agent:"))
    qc(week, "rescore", "r1", "--words", str(words), *why)
    monkeypatch.setattr(measures, "MEASURES_VERSION", "later still")
    told = qc(week, "transcribe", "-p", PERIOD)
    assert "known before 6, measured anew 5" in told.out
    assert "stay for 1 of 6 calls: a person gave speech to the other party" in told.err
