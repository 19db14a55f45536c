"""`qc rubric …` as the people who write rubrics meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.scoring.rubric.test_parse import MINI
from tests.workspaces import make_workspace, qc_here, qc_json

RUBRICS = Path(__file__).parents[2] / "rubrics"
TESTED = MINI + (
    "tests:\n  - name: 说了您好\n    turns: [{agent: 您好}]\n"
    "    expect: {greeting: pass, total: 10}\n"
    "  - name: 没有说\n    turns: [{agent: 喂}]\n    expect: {greeting: pass}\n"
)


def written(folder: Path, text: str) -> Path:
    file = folder / "mini.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_check_tells_every_mistake_with_its_place_and_ends_with_2(tmp_path: Path) -> None:
    file = written(tmp_path, MINI.replace("agent", "agnet").replace("zh", "zn"))
    done = qc_here(tmp_path, "rubric", "check", str(file), expect=2)
    lines = done.stderr.splitlines()
    assert [line.split(" ")[0] for line in lines] == [f"{file}:4:11:", f"{file}:18:29:"]
    assert 'did you mean "agent"?' in lines[1]


def test_check_of_right_files_ends_with_0(tmp_path: Path) -> None:
    file = written(tmp_path, MINI)
    done = qc_here(tmp_path, "rubric", "check", str(file), str(RUBRICS / "inbound-zh.yaml"))
    assert done.stdout.splitlines()[0] == f"{file}: mini, 1 criteria, no mistakes"


def test_test_prints_what_differed_and_ends_with_3(tmp_path: Path) -> None:
    file = written(tmp_path, TESTED)
    done = qc_here(tmp_path, "rubric", "test", str(file), expect=3)
    lines = done.stdout.splitlines()
    assert lines[0] == "没有说"
    assert lines[1].startswith("  greeting: expected pass, got fail – ")
    assert lines[2] == "mini: 2 tests, 1 as expected, 1 differ"
    body = qc_json(tmp_path, "rubric", "test", str(file), expect=3)
    assert [d["criterion"] for d in body["differing"][0]["differences"]] == ["greeting"]


def test_explain_escapes_what_a_rubric_says_on_the_page(tmp_path: Path) -> None:
    file = written(tmp_path, MINI.replace("title: 小样", "title: '<b>小样</b>'"))
    page = qc_here(tmp_path, "rubric", "explain", "--html", str(file)).stdout
    assert "&lt;b&gt;小样&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "要求：坐席说“您好”" in qc_here(tmp_path, "rubric", "explain", str(file)).stdout


def test_schema_is_json_and_stress_lists_the_levels(tmp_path: Path) -> None:
    assert "condition" in json.loads(qc_here(tmp_path, "rubric", "schema").stdout)["$defs"]
    file = written(tmp_path, TESTED)
    lines = qc_here(tmp_path, "rubric", "stress", str(file), "--repeats", "1").stdout.splitlines()
    assert lines[0] == "mini: 2 tests, misheard 1 times at each level"
    assert lines[1].split() == ["criterion", "judged", "5%", "10%", "20%"]


def test_stress_without_tests_says_where_to_write_them(tmp_path: Path) -> None:
    done = qc_here(tmp_path, "rubric", "stress", str(written(tmp_path, MINI)), expect=2)
    assert "has no tests to mishear" in done.stderr


@pytest.mark.slow
def test_diff_and_coverage_go_over_the_calls_of_a_period(tmp_path: Path) -> None:
    rows = make_workspace(tmp_path, calls=3, budget=3)
    heard = tmp_path / "heard"
    heard.mkdir()
    for row in rows:
        # The words below are not the recording's: beside it most of it would be unheard.
        (tmp_path / "recordings" / row["path"]).unlink()
        body = {
            "format": "qc-transcript/1",
            "recording_id": row["recording_id"],
            "language": "zh",
            "duration_s": float(row["duration_s"]),
            "asr": {"backend": "b", "model": "m", "model_sha256": None, "options": {}},
            "turns": [
                {
                    "speaker": "agent",
                    "start_s": 1.0,
                    "end_s": 2.0,
                    "text": "您好",
                    "confidence": 0.99,
                    "words": [],
                }
            ],
        }
        path = heard / f"{row['recording_id']}.json"
        path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    qc_here(tmp_path, "sample")
    qc_here(tmp_path, "transcribe", "--from", str(heard))
    first = written(tmp_path, MINI)
    second = tmp_path / "second.yaml"
    second.write_text(MINI.replace("[您好]", "[早上好]"), encoding="utf-8")
    done = qc_here(tmp_path, "rubric", "diff", str(first), str(second))
    drawn = len(qc_json(tmp_path, "rubric", "diff", str(first), str(second))["calls"])
    assert drawn > 0
    assert f"{drawn} calls, {drawn} change band" in done.stdout
    assert f"greeting: failed 0 → {drawn}" in done.stdout
    (found,) = qc_json(tmp_path, "rubric", "coverage")
    greeting = next(c for c in found["criteria"] if c["id"] == "greeting")
    assert greeting["passed"] + greeting["not_applicable"] == drawn
    assert "早上好" in greeting["never_heard"]
    assert "您好" not in greeting["never_heard"]


@pytest.mark.slow
def test_diff_of_a_period_that_was_not_drawn_says_so(tmp_path: Path) -> None:
    make_workspace(tmp_path, calls=2, budget=2)
    file = str(written(tmp_path, MINI))
    done = qc_here(tmp_path, "rubric", "diff", file, file, "--period", "2025-W01", expect=2)
    assert "2025-W01 was not drawn" in done.stderr


def test_diff_tells_what_is_wrong_with_both_rubrics(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(MINI.replace("language: zh", "language: zn"), encoding="utf-8")
    told = qc_here(tmp_path, "rubric", "diff", "none.yaml", "wrong.yaml", expect=2).stderr
    assert "none.yaml: there is no such file" in told
    assert "wrong.yaml:" in told
    assert "zn" in told
