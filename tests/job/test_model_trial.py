"""`qc model try` on sample calls: a model that understands them, and some that do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from qc_pipeline.cli.wrap import columns
from tests.asr.tiny_model import random_model, scripted_model
from tests.workspaces import make_workspace, qc_here, qc_json

PERIOD = ("--period", "2026-W46")


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trial")
    make_workspace(folder, calls=5, budget=4)
    return folder


def test_the_sample_model_is_fit_for_its_calls_and_its_bounds_are_kept(week: Path) -> None:
    body = qc_json(week, "model", "try", "sample", *PERIOD, "--calls", "4")
    assert body["fitness"] == "fit"
    assert body["reasons"] == {}
    assert body["trial"] == 1
    assert len(body["calls"]) == 4
    assert body["figures"]["consistency"] > 0.9
    assert body["figures"]["heard"] > 0.95
    assert body["figures"]["not_judged"] == 0
    assert body["parties"]["agent"]["words"] > 50
    assert 0.5 <= body["bounds"]["doubtful_below"] <= 0.95
    assert body["seconds_an_hour"] > 0
    assert body["week"]["calls"] == 4
    assert body["week"]["drawn"] is False
    lines = qc_here(week, "audit", "--json").stdout
    assert "model.try" in lines


def test_a_model_of_drawn_weights_is_unfit_and_says_why(week: Path, tmp_path: Path) -> None:
    folder = random_model(tmp_path / "random", stop_bias=1.0)
    body = qc_json(
        week, "model", "try", str(folder), *PERIOD, "--calls", "2", "--dry-run", expect=3
    )
    assert body["fitness"] == "unfit"
    assert body["figures"]["consistency"] < 0.6
    assert "consistency" in body["reasons"]
    assert body["trial"] is None


def test_a_model_that_always_writes_the_same_is_unfit(week: Path, tmp_path: Path) -> None:
    folder = scripted_model(tmp_path / "parrot", "感谢来电请问有什么可以帮到您再见")
    body = qc_json(
        week, "model", "try", str(folder), *PERIOD, "--calls", "3", "--dry-run", expect=3
    )
    assert body["fitness"] == "unfit"


def test_the_page_is_chinese_and_fits_eighty_columns(week: Path, tmp_path: Path) -> None:
    page = tmp_path / "trial.html"
    done = qc_here(
        week, "model", "try", "sample", *PERIOD, "--calls", "2", "--dry-run", "--page", str(page)
    )
    lines = done.stdout.splitlines()
    assert lines[0] == "试用识别模型：sample"
    assert "  结论：可用" in lines
    assert "只是试看：什么也没有记入。" in lines
    assert max(columns(line) for line in lines if not line.startswith("/")) <= 80
    assert any("坐席" in line and "。" in line for line in lines), "no words to look at"
    html = page.read_text(encoding="utf-8")
    assert '<html lang="zh">' in html
    assert "结论：可用" in html


def test_a_model_that_is_not_here_and_a_week_without_calls_are_bad_input(week: Path) -> None:
    done = qc_here(week, "model", "try", "small", *PERIOD, expect=2)
    assert "qc model fetch small" in done.stderr
    done = qc_here(week, "model", "try", "sample", "--period", "2026-W30", expect=2)
    assert "2026-W30" in done.stderr
