"""One recording under two calls, and lists that say another length, are told before scoring."""

from __future__ import annotations

import functools
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from faster_whisper import WhisperModel

from tests.workspaces import make_workspace, qc_here, write_list


@pytest.fixture(scope="module", autouse=True)
def encoded_once() -> Iterator[None]:
    """What the sample model's encoder makes of a window is kept: the tests have the same calls, and
    what is heard in them is not what they are about.
    """
    encode = WhisperModel.encode
    known: dict[bytes, object] = {}

    @functools.wraps(encode)  # a library with other parameters would be run plainly
    def once(self: WhisperModel, features: np.ndarray) -> object:
        key = hashlib.sha256(features.tobytes()).digest()
        if key not in known:
            known[key] = encode(self, features)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhisperModel, "encode", once)
        yield


@pytest.fixture
def rows(tmp_path: Path) -> list[dict[str, str]]:
    return make_workspace(tmp_path, calls=3, budget=3, longest_s=33.0)


def told(folder: Path) -> list[str]:
    return [
        line
        for line in qc_here(folder, "sample").stderr.splitlines()
        if "recording" in line or "call list says" in line
    ]


def test_a_list_and_recordings_that_agree_tell_nothing(
    tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    assert told(tmp_path) == []


def test_copies_of_a_recording_are_told_when_they_are_drawn(
    tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    recordings = tmp_path / "recordings"
    shutil.copyfile(recordings / rows[0]["path"], recordings / rows[1]["path"])
    rows[1]["duration_s"] = rows[0]["duration_s"]
    write_list(tmp_path / "calls.csv", rows)
    names = "、".join(sorted(r["recording_id"] for r in rows[:2]))
    expected = (
        "2 calls have one and the same recording (it is scored for each of them; please check): "
        f"{names}"
    )
    assert told(tmp_path) == [expected]
    # Again where the sample stands, and in the report.
    done = qc_here(tmp_path, "run")
    assert expected in done.stderr
    page = Path(done.stdout.splitlines()[-1]).read_text(encoding="utf-8")
    assert f"录音相同的通话 2 通（同一录音会对每一通分别评分，请核对）：{names}" in page


def test_a_list_that_says_more_is_told_before_and_on_the_call(
    tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    name, length = rows[0]["recording_id"], float(rows[0]["duration_s"])
    rows[0]["duration_s"] = f"{length + 13:.2f}"
    write_list(tmp_path / "calls.csv", rows)
    (line,) = told(tmp_path)
    assert line.startswith(f"{name}: the call list says {length + 13:.1f} s, the recording has ")
    assert line.endswith("s: its end may be missing")
    qc_here(tmp_path, "run")
    pages = [p.read_text(encoding="utf-8") for p in tmp_path.glob("report/*/calls/*.html")]
    shown = [p for p in pages if f"通话清单上是 {length + 13:.1f} 秒，录音只有" in p]
    assert len(shown) == 1
    told_by_show = qc_here(tmp_path, "show", name).stdout
    assert f"录音情况: 通话清单上是 {length + 13:.1f} 秒，录音只有" in told_by_show


def test_two_rows_that_name_one_recording_are_told_by_every_command(
    tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    rows[1]["path"] = rows[0]["path"]
    write_list(tmp_path / "calls.csv", rows)
    told = (
        "2 calls name one recording (rows 2, 3): it would be heard, and scored, for each of them; "
        f'found "{rows[0]["path"]}"'
    )
    assert told in qc_here(tmp_path, "sample").stderr
    lines = qc_here(tmp_path, "doctor").stdout.splitlines()
    assert [line for line in lines if line.startswith("warning  call list: ") and told in line]


def test_a_converted_recording_is_known_by_its_sound_before_it_is_scored(
    tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    first, second = rows[0], rows[1]
    recordings = tmp_path / "recordings"
    sound, rate_hz = soundfile.read(recordings / first["path"])
    second["path"], second["duration_s"] = "converted.wav", first["duration_s"]
    soundfile.write(recordings / "converted.wav", sound * 0.7, rate_hz, subtype="ALAW")
    write_list(tmp_path / "calls.csv", rows)
    qc_here(tmp_path, "sample")
    qc_here(tmp_path, "transcribe")
    names = "、".join(sorted([first["recording_id"], second["recording_id"]]))
    expected = (
        "2 calls have one and the same recording (it is scored for each of them; please check): "
        f"{names}"
    )
    assert qc_here(tmp_path, "score").stderr.count(expected) == 1
