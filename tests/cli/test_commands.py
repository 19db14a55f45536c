"""Commands as their user meets them: what they print, what they refuse, how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.workspaces import qc, qc_here, qc_json

RUBRIC = """\
rubric: mini
version: "1"
title: 小标准
language: zh
points: 100
pass_mark: 60
bands:
  - {from: 60, label: 合格}
  - {from: 0, label: 不合格}
sections:
  - id: etiquette
    title: 礼仪
    points: 100
    criteria:
      - id: greeting
        title: 问候
        points: 40
        expect: {said: {by: agent, any: [您好]}}
      - id: taboo
        title: 禁语
        points: 60
        forbid: {said: {by: agent, any: [爱办不办]}}
"""


def transcript(*texts: str) -> dict[str, object]:
    turns = [
        {
            "speaker": "agent",
            "start_s": 2.0 * n,
            "end_s": 2.0 * n + 1.5,
            "text": text,
            "confidence": 0.95,
            "words": [],
        }
        for n, text in enumerate(texts)
    ]
    return {
        "format": "qc-transcript/1",
        "recording_id": "R1",
        "language": "zh",
        "duration_s": 10.0,
        "asr": {"backend": "b", "model": "m", "model_sha256": None, "options": {}},
        "speech": {"agent": [[t["start_s"], t["end_s"]] for t in turns], "customer": []},
        "turns": turns,
    }


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "r.yaml").write_text(RUBRIC, encoding="utf-8")
    body = transcript("您好,请问有什么可以帮您", "这个爱办不办")
    (tmp_path / "t.json").write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    return tmp_path


def test_version_and_help_name_the_program(tmp_path: Path) -> None:
    assert qc(tmp_path, "--version").stdout.startswith("qc-pipeline ")
    assert "transcribe" in qc_here(tmp_path, "--help").stdout


def test_one_transcript_is_scored_without_a_workspace(files: Path) -> None:
    words = ("score", "--rubric", "r.yaml", "--transcript", "t.json")
    card = qc_json(files, *words)
    assert card["format"] == "qc-scorecard/1"
    assert card["recording_id"] == "R1"
    assert card["total"] == 40
    assert card["band"] == "不合格"
    verdicts = {c["id"]: c["verdict"] for s in card["sections"] for c in s["criteria"]}
    assert verdicts == {"greeting": "pass", "taboo": "fail"}
    text = qc(files, *words).stdout
    assert "总分 40.00/100 不合格" in text
    assert "0:02 坐席说“爱办不办”" in text


def test_problems_of_rubric_transcript_and_call_are_told_together(files: Path) -> None:
    (files / "r.yaml").write_text(RUBRIC.replace("pass_mark", "passmark"), encoding="utf-8")
    (files / "t.json").write_text("{", encoding="utf-8")
    (files / "c.json").write_text('{"business": ["a"]}', encoding="utf-8")
    result = qc_here(
        files, "score", "--rubric", "r.yaml", "--transcript", "t.json", "--call", "c.json", expect=2
    )
    assert "r.yaml:6:1" in result.stderr
    assert 'did you mean "pass_mark"' in result.stderr
    assert "t.json" in result.stderr
    assert "c.json: field 'business' is not a single value" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("value", ["NaN", "1e999"])
def test_a_call_field_that_is_no_finite_number_is_refused(files: Path, value: str) -> None:
    (files / "c.json").write_text('{"x": %s}' % value, encoding="utf-8")  # noqa: UP031
    result = qc_here(
        files, "score", "--rubric", "r.yaml", "--transcript", "t.json", "--call", "c.json", expect=2
    )
    assert "c.json: field 'x' is not a single value" in result.stderr


def test_rubric_without_transcript_is_refused(files: Path) -> None:
    told = qc_here(files, "score", "--rubric", "r.yaml", expect=2).stderr
    assert told == "scoring a file needs both --rubric FILE and --transcript FILE\n"


def test_control_characters_of_a_transcript_do_not_reach_the_terminal(files: Path) -> None:
    body = transcript("爱办不办\x1b[31m红\x07", "您好")
    (files / "t.json").write_text(json.dumps(body), encoding="utf-8")
    out = qc_here(files, "score", "--rubric", "r.yaml", "--transcript", "t.json").stdout
    assert "\x1b" not in out
    assert "\x07" not in out


def test_init_writes_a_workspace_once(tmp_path: Path) -> None:
    assert "wrote week/qc.toml" in qc_here(tmp_path, "init", "week").stdout
    assert (tmp_path / "week" / "rubrics" / "inbound-zh.yaml").is_file()
    assert (tmp_path / "week" / "recordings").is_dir()
    before = (tmp_path / "week" / "qc.toml").read_bytes()
    assert "is there already" in qc_here(tmp_path, "init", "week", expect=2).stderr
    assert (tmp_path / "week" / "qc.toml").read_bytes() == before


def test_folder_that_is_no_workspace_is_said(tmp_path: Path) -> None:
    for words in (("run",), ("sample",), ("show", "R1"), ("audit",), ("export",)):
        told = qc_here(tmp_path, *words, expect=2).stderr
        assert "this folder is not a workspace" in told
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert "not a workspace" in qc_here(tmp_path, "run", "-C", "nowhere", expect=2).stderr


def test_doctor_without_a_workspace_advises(tmp_path: Path) -> None:
    findings = qc_json(tmp_path, "doctor")
    assert [f["subject"] for f in findings] == ["program", "disk", "workspace"]
    assert "qc init" in findings[-1]["advice"]


def test_demo_does_not_write_among_other_things(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    told = qc_here(tmp_path, "demo", ".", expect=2).stderr
    assert "holds other things" in told
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_unknown_command_and_option_are_usage_errors(tmp_path: Path) -> None:
    assert "No such command" in qc_here(tmp_path, "rum", expect=2).stderr
    assert "No such option" in qc_here(tmp_path, "run", "--sede", "1", expect=2).stderr


def test_period_that_is_none_is_said(tmp_path: Path) -> None:
    qc_here(tmp_path, "init")
    (tmp_path / "calls.csv").write_text(
        "recording_id,path,start_time,agent_id\nr1,a.wav,2026-11-09T10:00:00,a1\n", "utf-8"
    )
    told = qc_here(tmp_path, "sample", "-p", "2026-W77", expect=2).stderr
    assert "2026-W47" in told
