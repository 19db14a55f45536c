"""The manifest beside a report: which recording's words and clips lie in which file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from qc_pipeline.report.inputs import Appeal, ClipJob, Coached, FollowUp, ReportInputs
from qc_pipeline.report.view import build_view
from qc_pipeline.report.write.manifest import (
    HeldFiles,
    Manifest,
    ManifestError,
    held_in_report,
    manifest_path,
    read_manifest,
    write_manifest,
)
from qc_pipeline.report.write.render import write_report
from tests.report.inputs import Shape, appeal_facts, week

SHARED = ("index.html", "report.json", "report.xlsx")


@pytest.fixture(scope="module")
def inputs() -> ReportInputs:
    return week(Shape(calls=40, past_weeks=1))


def held(inputs: ReportInputs, **changed: object) -> dict[str, HeldFiles]:
    return held_in_report(build_view(replace(inputs, **changed)), {})


def test_every_call_with_a_page_is_held_by_it_and_quoted_ones_by_more(inputs: ReportInputs) -> None:
    found = held(inputs)
    assert set(found) == set(inputs.scorecards)
    view = build_view(inputs)
    for call in view.calls:
        assert call.page in found[call.recording_id].words
    more = {r for r, h in found.items() if set(SHARED) <= set(h.words)}
    assert 0 < len(more) < len(found)


def test_words_about_calls_of_earlier_periods_are_held_too(inputs: ReportInputs) -> None:
    before = "2026-W46"
    objection = Appeal(
        recording_id="old1",
        criterion_id=None,
        reason="说明过了",
        opened_on=date(2026, 11, 17),
        period=before,
    )
    coached = Coached(
        number=1,
        agent_id="8000",
        agent="坐席1-1",
        team="一组",
        criterion="c",
        title="t",
        recording_id="old3",
        start_s=None,
        advice="多解释",
        coach="孙组长",
        way="online",
        day=date(2026, 11, 17),
        acknowledged=True,
    )
    told = {
        "objections": (objection,),
        "follow_ups": (FollowUp(recording_id="old2", what="回电", period=before, number=7),),
        "coaching": (coached, replace(coached, recording_id="old4", advice="")),
    }
    found = held(inputs, **told)
    for recording_id in ("old1", "old2", "old3"):
        assert found[recording_id].words == SHARED, recording_id
    assert "old4" not in found
    gone = held(inputs, purged=frozenset({"old1", "old3"}), **told)
    assert gone.keys() & {"old1", "old2", "old3"} == {"old2"}


def test_page_of_an_objection_is_held_by_its_call(inputs: ReportInputs) -> None:
    recording_id = next(iter(sorted(inputs.scorecards)))
    objection = Appeal(
        recording_id=recording_id,
        criterion_id=None,
        reason="说明过了",
        opened_on=date(2026, 11, 23),
        facts=appeal_facts(inputs.scorecards[recording_id], number=7),
    )
    found = held(inputs, objections=(objection,))
    assert "appeals/7.html" in found[recording_id].words
    assert sum("appeals/7.html" in h.words for h in found.values()) == 1


def test_of_a_purged_call_nothing_is_held(inputs: ReportInputs) -> None:
    first = next(iter(held(inputs)))
    assert first not in held(inputs, purged=frozenset({first}))


def test_rows_that_the_page_leaves_out_are_in_the_data_file_all_the_same() -> None:
    large = week(Shape(calls=260, wordings=True))
    view = build_view(large)
    (drill,) = [b for s in view.sections for b in s.blocks if getattr(b, "id", "") == "drill"]
    assert drill.page_rows is not None and len(drill.rows) > drill.page_rows
    late = set(drill.about[drill.page_rows :]) - set(drill.about[: drill.page_rows]) - {""}
    found = held_in_report(view, {})
    only_data = {r for r in late if "index.html" not in found[r].words}
    assert only_data and all(set(SHARED[1:]) <= set(found[r].words) for r in only_data)


def test_clips_are_held_by_their_names(inputs: ReportInputs, tmp_path: Path) -> None:

    def cut(job: ClipJob) -> Path:
        made = job.target.with_name(f"{job.target.name}.mp3")
        made.write_bytes(job.recording_id.encode())
        return made

    folder = tmp_path / "2026-W47"
    write_report(build_view(inputs), folder, make_clip=cut)
    manifest = read_manifest(folder)
    assert manifest is not None and (manifest.kind, manifest.period) == ("report", "2026-W47")
    clips = sorted((folder / "clips").iterdir())
    assert clips
    for clip in clips:
        owner = clip.read_bytes().decode()
        assert f"clips/{clip.name}" in manifest.files_of([owner])
    assert sum(len(h.clips) for h in manifest.recordings.values()) == len(clips)


def test_a_manifest_comes_back_as_it_was_written(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "index.html").write_text("x", encoding="utf-8")
    assert read_manifest(folder) is None
    files = {"r1": HeldFiles(words=("a.html", "b.html")), "r2": HeldFiles(clips=("clips/c.mp3",))}
    write_manifest(folder, kind="review page", period="2026-W47", held=files)
    manifest = read_manifest(folder)
    assert isinstance(manifest, Manifest)
    assert manifest.files_of(["r2", "r1", "r3"]) == ("a.html", "b.html", "clips/c.mp3")
    assert manifest.files_of(["r3"]) == ()
    assert list(tmp_path.glob("*.part")) == []
    (folder / "index.html").write_text("y", encoding="utf-8")
    with pytest.raises(ManifestError, match="is of another state of"):
        read_manifest(folder)
    manifest_path(folder).write_text("[]", encoding="utf-8")
    with pytest.raises(ManifestError, match="cannot be read"):
        read_manifest(folder)
