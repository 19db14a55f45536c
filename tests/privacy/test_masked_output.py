"""What `qc show`, `qc export` and `qc report` show of private words, and to whom."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.in_process import invoke
from tests.privacy.weeks import texts_below
from tests.weeks import PERIOD, qc, qc_json

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def private(private_week: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(private_week, tmp_path / "week"))


MASKED = (
    "张伟",
    "一三八零零一三八零零零",
    "中关村南大街",
    "11010519491231002X",
    "二二二零二一二三四",
)


def test_show_masks_quotations_and_reasons(private: Path) -> None:
    text = qc(private, "show", "p2").out
    assert "喂**先生请讲一下" in text
    assert "张伟" not in text
    card = qc_json(private, "show", "p2")
    assert card["masked"] is True
    assert "张伟" not in json.dumps(card, ensure_ascii=False)


def test_unmasked_needs_the_role_and_leaves_a_line(private: Path) -> None:
    refused = qc(private, "show", "p2", "--unmasked", "--as", "sun", expect=2)
    assert "孙组长 may not do this: it is for the roles inspector, manager, reviewer" in refused.err
    assert refused.out == ""
    shown = qc(private, "show", "p2", "--unmasked", "--as", "wang").out
    assert "张伟" in shown
    assert "masked" not in qc_json(private, "show", "p2", "--unmasked", "--as", "wang")
    lines = qc_json(private, "audit")["lines"]
    assert lines[-1]["action"] == "look.card"
    assert (lines[-1]["what"]["person"], lines[-1]["what"]["unmasked"]) == ("王质检", True)


def test_exports_are_masked_and_still_transcripts(private: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    qc(private, "export", "-p", PERIOD, "-o", str(out))
    words = texts_below(out)
    for secret in MASKED:
        assert secret not in words, secret
    assert "你听不懂吗" in words
    for file in (out / "transcripts").iterdir():
        assert json.loads(file.read_text(encoding="utf-8"))["format"] == "qc-transcript/1"
        scored = qc_files(private, file)
        assert scored["format"] == "qc-scorecard/1"


def qc_files(folder: Path, transcript: Path) -> dict[str, object]:
    """`qc score` of a file, which needs no workspace."""
    rubric = folder / "rubrics" / "mini.yaml"
    words = ("score", "--rubric", str(rubric), "--transcript", str(transcript), "--json")
    result = invoke(*words)
    assert result.code == 0, result.err
    return json.loads(result.out)  # type: ignore[no-any-return]


def test_unmasked_export_needs_the_role_keeps_the_words_and_why(
    private: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = ["export", "-p", PERIOD, "-o", str(out), "--unmasked"]
    qc(private, *words, "--as", "sun", expect=2)
    assert not out.exists()
    qc(private, *words, "--as", "qian", "--reason", "法务调取")
    for secret in ("张伟", "一三八零零一三八零零零", "中关村南大街", "11010519491231002X"):
        assert secret in texts_below(out)
    last = qc_json(private, "audit")["lines"][-1]
    assert (last["action"], last["what"]["unmasked"], last["why"]) == ("export", True, "法务调取")


def test_reports_are_masked_and_an_unmasked_one_lies_apart(private: Path) -> None:
    usual = Path(qc(private, "report", "-p", PERIOD).out.splitlines()[-1]).parent
    for secret in (*MASKED, "13800138000", "张先生"):
        assert secret not in texts_below(usual), secret
    qc(private, "report", "-p", PERIOD, "--unmasked", "--as", "sun", expect=2)
    told = qc(private, "report", "-p", PERIOD, "--unmasked", "--as", "qian").out
    other = Path(told.splitlines()[-1]).parent
    assert other.name == f"{usual.name}-unmasked"
    assert "张伟" in texts_below(other)
    assert "一三八零零一三八零零零" in texts_below(other)
    last = qc_json(private, "audit")["lines"][-1]
    assert (last["action"], last["what"]["unmasked"]) == ("report", True)


def test_history_masks_reasons_of_people(private: Path) -> None:
    reason = "客户张伟先生说电话13800138000"
    qc(private, "review", "p1", "taboo", "--overturn", "--reason", reason, "--as", "wang")
    masked = qc(private, "show", "p1", "--history").out
    assert "13800138000" not in masked
    assert "138****8000" in masked
    whole = qc(private, "show", "p1", "--history", "--unmasked", "--as", "wang").out
    assert reason in whole
