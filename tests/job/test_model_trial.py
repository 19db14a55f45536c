"""`qc model try` on sample calls: a model that understands them, and some that do not."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.asr.models import model_sha256, sample_model_dir
from qc_pipeline.cli.wrap import columns
from qc_pipeline.job import model_trial
from qc_pipeline.job.model_trial import try_model
from qc_pipeline.job.trial_figures import Trial
from qc_pipeline.store.model_trials import keep_trial
from qc_pipeline.store.record import Record
from qc_pipeline.workspace.settings import load_settings
from tests.asr.tiny_model import random_model, scripted_model
from tests.workspaces import make_workspace, qc_here, qc_json

PERIOD = ("--period", "2026-W46")


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trial")
    make_workspace(folder, calls=5, budget=4)
    return folder


@pytest.fixture(scope="module")
def tried(week: Path) -> tuple[Any, Trial]:
    """What `qc model try --json` said of the sample model on four calls, and what it said it of."""
    trials: list[Trial] = []

    def noted(*given: Any, **named: Any) -> Trial:
        trials.append(try_model(*given, **named))
        return trials[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model_trial, "try_model", noted)
        body = qc_json(week, "model", "try", "sample", *PERIOD, "--calls", "4")
    return body, trials[0]


@pytest.mark.slow
def test_the_sample_model_is_fit_for_its_calls_and_its_bounds_are_kept(
    week: Path, tried: tuple[Any, Trial]
) -> None:
    body, _ = tried
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


@pytest.mark.slow
def test_a_model_of_drawn_weights_is_unfit_and_says_why(week: Path, tmp_path: Path) -> None:
    # It talks on until it is stopped, in every attempt to hear better: one call takes seconds.
    folder = random_model(tmp_path / "random", stop_bias=7.0)
    body = qc_json(
        week, "model", "try", str(folder), *PERIOD, "--calls", "1", "--dry-run", expect=3
    )
    assert body["fitness"] == "unfit"
    assert body["figures"]["consistency"] < 0.6
    assert "consistency" in body["reasons"]
    assert body["trial"] is None


@pytest.mark.slow
def test_a_model_that_always_writes_the_same_is_unfit(week: Path, tmp_path: Path) -> None:
    folder = scripted_model(tmp_path / "parrot", "感谢来电请问有什么可以帮到您再见")
    body = qc_json(
        week, "model", "try", str(folder), *PERIOD, "--calls", "3", "--dry-run", expect=3
    )
    assert body["fitness"] == "unfit"


@pytest.mark.slow
def test_the_page_is_chinese_and_fits_eighty_columns(
    week: Path, tried: tuple[Any, Trial], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the trial that was made: the calls are not heard again to be written of otherwise."""
    monkeypatch.setattr(model_trial, "try_model", lambda *_, **__: tried[1])
    page = tmp_path / "trial.html"
    done = qc_here(
        week, "model", "try", "sample", *PERIOD, "--calls", "4", "--dry-run", "--page", str(page)
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


def test_calls_are_judged_by_the_newest_bounds_of_the_model_that_heard_them(
    sample_week: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(sample_week, tmp_path / "week"))
    model = sample_model_dir()
    assert model is not None
    settings = load_settings(folder)
    times: list[datetime] = []

    def now() -> datetime:
        # The week was made a moment ago: an earlier day would be a clock that was set back.
        times.append(datetime.now(UTC))
        return times[-1]

    record = Record(settings.store_url(), now=now, who="t")

    def measured(least_confidence: float) -> None:
        with record.transaction() as tx:
            keep_trial(
                tx,
                model_sha256=model_sha256(model),
                language="zh",
                period="2026-W46",
                person="王芳",
                fitness="fit",
                doubtful_below=0.8,
                least_confidence=least_confidence,
                body={},
            )

    before = qc_json(folder, "score", *PERIOD)
    assert before["not_judged"] == 0
    # Nobody is heard with certainty alone: no call of five seconds of speech is judged.
    measured(1.0)
    assert qc_json(folder, "score", *PERIOD, expect=None)["not_judged"] == 4
    measured(0.5)
    assert qc_json(folder, "score", *PERIOD)["not_judged"] == 0
    record.close()
    (bounds,) = [f for f in qc_json(folder, "doctor") if f["subject"] == "bounds"]
    assert bounds["state"] == "good"
    assert "below 0.80" in bounds["text"]
    assert f"below 0.50, in zh since {times[-1]:%Y-%m-%d} (trial 2 by 王芳" in bounds["text"]
    listed = qc_json(folder, "model", "list")
    (sample,) = [row for row in listed if row["name"] == "sample"]
    assert [(t["trial"], t["least_confidence"]) for t in sample["trials"]] == [(2, 0.5)]
    assert "trial 2 by 王芳" in qc_here(folder, "model", "list").stdout


def test_where_nothing_was_measured_the_usual_bounds_are_told(week: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(week, tmp_path / "untried"))
    for file in [*folder.glob("qc.sqlite*"), folder / "audit.head"]:
        file.unlink(missing_ok=True)
    qc_here(folder, "sample", *PERIOD)
    (bounds,) = [f for f in qc_json(folder, "doctor") if f["subject"] == "bounds"]
    assert "below 0.85" in bounds["text"]
    assert "qc model try sample" in bounds["advice"]
