"""A real week of the sample calls – heard, scored, reported – purged as its manager would."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.privacy.weeks import texts_below
from tests.workspaces import ROOT, hashes, qc_here, qc_json

LATER = "2026-12-01"
"""All sample calls are of November 2026."""


def secrets(folder: Path, out: Path) -> list[str]:
    """What was said in longer turns, and the customers' numbers: no wording of a rubric."""
    qc_here(folder, "export", "--unmasked", "--out", str(out))
    found = []
    for file in (out / "transcripts").iterdir():
        turns = json.loads(file.read_text(encoding="utf-8"))["turns"]
        found += [t["text"] for t in turns if len(t["text"]) >= 8]
    with_numbers = (folder / "calls.csv").read_text(encoding="utf-8").splitlines()
    head = with_numbers[0].split(",")
    drawn = {p["recording_id"] for p in json.loads((out / "sample.json").read_text())["picks"]}
    for row in with_numbers[1:]:
        cells = dict(zip(head, row.split(","), strict=True))
        if cells["recording_id"] in drawn:
            found += [cells["caller_number"], cells["customer_id"]]
    assert len(found) > 10
    rubrics = "".join(p.read_text("utf-8") for p in (ROOT / "rubrics").glob("*.yaml"))
    return [text for text in found if text and text not in rubrics]


def data(folder: Path) -> str:
    raw = b"".join(p.read_bytes() for p in sorted(folder.glob("qc.sqlite*")))
    return raw.decode("utf-8", errors="replace")


@pytest.mark.slow
def test_purged_sample_week_holds_no_word_and_keeps_its_scores(
    sample_week: Path, tmp_path: Path
) -> None:
    week = Path(shutil.copytree(sample_week, tmp_path / "week"))
    gone = secrets(week, tmp_path / "before")
    sample = json.loads((tmp_path / "before" / "sample.json").read_text(encoding="utf-8"))
    ids = [p["recording_id"] for p in sample["picks"]]
    totals = {r: qc_json(week, "show", r)["total"] for r in ids}
    assert any(s in data(week) for s in gone)
    files = hashes(week / "recordings")

    told = qc_here(week, "purge", "--before", LATER, "--reports")
    assert f"purged {len(ids)} calls before {LATER}" in told.stdout
    assert "recordings of these calls lie where they were: qc deletes none" in told.stdout
    assert "[retention] keeps calls from" in told.stderr
    assert hashes(week / "recordings") == files

    again = qc_here(week, "run", expect=None)
    assert again.returncode in (0, 3)
    assert {r: qc_json(week, "show", r)["total"] for r in ids} == totals
    qc_here(week, "export", "--unmasked", "--out", str(tmp_path / "after"))
    assert not list((tmp_path / "after").glob("transcripts/*.json"))
    report = texts_below(week / "report")
    export = texts_below(tmp_path / "after")
    record = data(week)
    for text in gone:
        assert text not in record, text
        assert text not in report, text
        assert text not in export, text
    assert not list((week / "report").glob("*/clips/*"))
    assert "the chain is whole" in qc_here(week, "audit").stdout
    assert "whole, audit chain unbroken" in qc_here(week, "doctor", expect=None).stdout
