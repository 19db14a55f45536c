"""`qc transcribe --from` where the recordings lie on disk, and where they do not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from qc_pipeline.audio import measures
from tests.audio.speechlike import RATE_HZ, at, speech
from tests.weeks import PERIOD, qc, qc_json, words_of


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
    soundfile.write(week / "recordings" / "r1.wav", np.stack(channels, axis=1), RATE_HZ)
    told = qc(week, "transcribe", "-p", PERIOD, "--from", str(heard))
    assert "transcribed 1" in told.out and "not taken" not in told.err
    qc(week, "score", "-p", PERIOD)
    after = json.loads(qc(week, "show", "r1", "-p", PERIOD, "--json").out)["measures"]
    # Half the amplitude is 6.02 dB less; the sentences differ in length, and so a little in level.
    assert after["call"]["level_difference_db"] == pytest.approx(6.02, abs=1.0)
    assert after["agent"]["talk_s"] == before["agent"]["talk_s"]


def test_a_recording_that_is_not_there_is_told(week: Path) -> None:
    told = qc(week, "transcribe", "-p", PERIOD, "--from", str(week / "heard" / "r2.json"))
    assert told.err.strip().splitlines()[-1] == (
        "measures of the sound were not taken: 1 of 1 calls: the recording is not there"
    )


def test_newer_definitions_measure_imported_and_corrected_words_anew(
    week: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """r1 has sound by now, the others have none; r2's words are corrected, r1 is so below."""
    words = words_of(week, "r2", ("我要查账单", "我要查我的账单"))
    why = ("--reason", "听错", "--as", "zhao")
    qc(week, "rescore", "r2", "--words", str(words), *why)
    monkeypatch.setattr(measures, "MEASURES_VERSION", "later")
    assert qc_json(week, "transcribe", "-p", PERIOD)["measured_anew"] == 6
    qc(week, "score", "-p", PERIOD)
    shown = {r: qc_json(week, "show", r, "-p", PERIOD)["measures"] for r in ("r1", "r2", "r3")}
    assert {m["version"] for m in shown.values()} == {"later"}
    assert "level_db" in shown["r1"]["agent"] and "level_db" not in shown["r3"]["agent"]
    # 我要查我的账单: seven characters.
    assert shown["r2"]["customer"]["units"] == 7

    # Speech given to the other party cannot be measured on its channel: the former figures stay.
    words = words_of(week, "r1", ("customer:", "agent:"))
    qc(week, "rescore", "r1", "--words", str(words), *why)
    monkeypatch.setattr(measures, "MEASURES_VERSION", "later still")
    told = qc(week, "transcribe", "-p", PERIOD)
    assert "known before 6, measured anew 5" in told.out
    assert "stay for 1 of 6 calls: a person gave speech to the other party" in told.err
