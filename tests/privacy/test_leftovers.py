"""What still holds purged words is known from manifests, and of older reports by a search."""

from __future__ import annotations

import shutil
import zipfile
from datetime import date
from pathlib import Path

import pytest

from qc_pipeline.cli.session import open_record
from qc_pipeline.privacy.leftovers import REPORT, REVIEW, FoundLeftovers, leftovers
from qc_pipeline.report.model import short_keys
from qc_pipeline.report.write import render
from qc_pipeline.report.write.manifest import INDEX, manifest_path, read_manifest
from qc_pipeline.workspace.settings import load_settings
from tests.privacy.weeks import OLD, texts_below
from tests.weeks import FINE, PERIOD, qc, qc_json

pytestmark = pytest.mark.usefixtures("clock")

CUSTOMER = ("purge", "--customer", "KU-774193", "--as", "qian")
PROBLEM, REQUIRED = "客户催问退款很急", "主任亲自回电说明"
UNMASKED = f"{PERIOD}-unmasked"


@pytest.fixture(scope="module")
def made(private_week: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A week with reports for a manager, a lead and without masks, and a page for reviewers."""
    folder = Path(shutil.copytree(private_week, tmp_path_factory.mktemp("private") / "week"))
    words = ("--problem", PROBLEM, "--required", REQUIRED)
    qc(folder, "followup", "open", "p2", *words, "--as", "wang")
    qc(folder, "report", "-p", PERIOD)
    qc(folder, "report", "-p", PERIOD, "--audience", "lead:一组")
    qc(folder, "report", "-p", PERIOD, "--unmasked", "--as", "qian")
    qc(folder, "review", "--page", "-p", PERIOD)
    return folder


@pytest.fixture
def private(made: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "week"
    shutil.copytree(made, folder)
    return folder


def found(folder: Path) -> FoundLeftovers:
    settings = load_settings(folder)
    record = open_record(settings)
    try:
        return leftovers(record, settings, today=date(2026, 11, 16))
    finally:
        record.close()


def own_words(recording_id: str) -> set[str]:
    """What was said in this call alone, and what was written about it."""
    said = {text for _, text in OLD[recording_id]} - {text for _, text in FINE}
    return said | ({PROBLEM, REQUIRED} if recording_id == "p2" else set())


def files_with(folder: Path, words: set[str], tmp_path: Path) -> set[str]:
    """The files below a folder in which one of the words stands; workbooks are unpacked."""
    held = set()
    for number, path in enumerate(p for p in sorted(folder.rglob("*")) if p.is_file()):
        alone = tmp_path / f"alone{number}"
        alone.mkdir(parents=True)
        shutil.copyfile(path, alone / path.name)
        text = texts_below(alone)
        if any(word in text for word in words):
            held.add(path.relative_to(folder).as_posix())
    return held


def test_a_manifest_names_the_very_files_in_which_a_calls_words_stand(
    private: Path, tmp_path: Path
) -> None:
    folder = private / "report" / UNMASKED
    manifest = read_manifest(folder)
    assert manifest is not None
    assert (manifest.period, manifest.audience, manifest.unmasked) == (PERIOD, "manager", True)
    held = files_with(folder, own_words("p2"), tmp_path)
    assert held >= {INDEX, "report.json", "report.xlsx"} and len(held) == 4
    assert set(manifest.files_of(["p2"])) == held
    # Of p1 the pages for everybody quote what is said in r3, too.
    (page,) = files_with(folder, own_words("p1"), tmp_path / "again")
    assert set(manifest.files_of(["p1"])) == {page, INDEX, "report.json", "report.xlsx"}
    shared = (folder / INDEX).read_text(encoding="utf-8").count("“你听不懂吗”")
    assert shared >= 2
    # Nothing was deducted in r1, so nobody quotes it.
    assert len(manifest.files_of(["r1"])) == 1
    assert manifest.files_of(["r99"]) == ()


def test_a_manifest_tells_no_recording_id_and_lies_beside_its_folder(private: Path) -> None:
    for folder in ((private / "report" / PERIOD), private / "review"):
        text = manifest_path(folder).read_text(encoding="utf-8")
        assert manifest_path(folder).parent == folder.parent
        assert not any(f'"{r}"' in text for r in ("p1", "p2", "r1", "r2", "r3"))
    before = manifest_path(private / "report" / PERIOD).read_bytes()
    qc(private, "report", "-p", PERIOD)
    assert manifest_path(private / "report" / PERIOD).read_bytes() == before


def test_a_purge_finds_the_files_by_their_manifests_and_nothing_once_they_are_written_again(
    private: Path,
) -> None:
    qc(private, *CUSTOMER)
    left = {x.path.name: x for x in found(private).found if x.kind in (REPORT, REVIEW)}
    assert {(n, x.period) for n, x in left.items()} == {
        (n, PERIOD) for n in ("review", *(p.name for p in (private / "report").glob("*/")))
    }
    keys = short_keys(["p1", "p2"])
    assert left[UNMASKED].files == tuple(
        sorted((*(f"calls/{k}.html" for k in keys.values()), INDEX, "report.json", "report.xlsx"))
    )
    assert left["review"].files == (INDEX,)
    done = qc_json(private, *CUSTOMER, "--reports")
    assert {Path(x["path"]).name for x in done["rewritten"]} == set(left)
    assert [x for x in done["still_hold"] if x["kind"] in (REPORT, REVIEW)] == []
    for folder in (private / "report").glob("*/"):
        manifest = read_manifest(folder)
        assert manifest is not None
        assert manifest.files_of(["p1", "p2"]) == () != manifest.files_of(["r3"])
    assert not manifest_path(private / "review").exists()
    assert PROBLEM not in texts_below(private / "report")


def test_a_print_of_the_page_holds_what_the_page_holds(private: Path) -> None:
    (private / "report" / PERIOD / "report.pdf").write_bytes(b"%PDF")
    qc(private, *CUSTOMER)
    report = next(x for x in found(private).found if x.path.name == PERIOD)
    assert "report.pdf" in report.files


def test_a_file_that_somebody_deleted_is_not_told(private: Path) -> None:
    folder = private / "report" / PERIOD
    for key in short_keys(["p1", "p2"]).values():
        (folder / f"calls/{key}.html").unlink()
    for name in ("report.json", "report.xlsx"):
        (folder / name).unlink()
    qc(private, *CUSTOMER)
    assert next(x for x in found(private).found if x.path.name == PERIOD).files == (INDEX,)


def test_reports_of_former_versions_are_searched(private: Path) -> None:
    for path in (*private.glob("report/*.manifest.json"), private / "review.manifest.json"):
        path.unlink()
    qc(private, *CUSTOMER)
    left = found(private)
    assert left.unread == ()
    told = {x.path.name: x for x in left.found if x.kind in (REPORT, REVIEW)}
    assert set(told) == {"review", *(p.name for p in (private / "report").glob("*/"))}
    assert {x.period for x in told.values() if x.kind == REPORT} == {PERIOD}
    assert told[UNMASKED].files == tuple(
        sorted(f"calls/{k}.html" for k in short_keys(["p1", "p2"]).values())
    )
    done = qc_json(private, *CUSTOMER, "--reports")
    assert [x for x in done["still_hold"] if x["kind"] in (REPORT, REVIEW)] == []


@pytest.mark.parametrize("damage", ["cut", "other format", "page changed", "page gone"])
def test_a_manifest_that_cannot_be_used_is_told_and_its_folder_searched(
    private: Path, damage: str
) -> None:
    folder = private / "report" / PERIOD
    path = manifest_path(folder)
    text = path.read_text(encoding="utf-8")
    match damage:
        case "cut":
            path.write_text(text[: len(text) // 2], encoding="utf-8")
        case "other format":
            path.write_text(text.replace("qc-manifest/1", "qc-manifest/2"), encoding="utf-8")
        case "page changed":
            with (folder / INDEX).open("a", encoding="utf-8") as page:
                page.write("<!-- by hand -->")
        case _:
            (folder / INDEX).unlink()
    reason = "cannot be read" if damage in ("cut", "other format") else "is of another state of"
    told = qc(private, *CUSTOMER)
    assert f"note: {path} {reason}" in told.err
    assert "the pages were searched for calls instead" in told.err
    left = next(x for x in found(private).found if x.path == folder)
    assert left.files == tuple(sorted(f"calls/{k}.html" for k in short_keys(["p1", "p2"]).values()))
    again = qc_json(private, *CUSTOMER, "--reports")
    assert [Path(m.split()[0]).name for m in again["unread_manifests"]] == [path.name]
    assert [x for x in again["still_hold"] if x["kind"] == REPORT] == []
    assert found(private).unread == ()


def test_a_report_whose_writing_broke_off_before_its_manifest_is_searched(
    private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(render, "write_manifest", full)
        assert qc(private, "report", "-p", PERIOD, expect=4).code == 4
    folder = private / "report" / PERIOD
    assert (folder / INDEX).is_file() and not manifest_path(folder).exists()
    qc(private, *CUSTOMER)
    assert any(x.path == folder for x in found(private).found)


def test_workbooks_are_unpacked_when_words_are_looked_for(private: Path) -> None:
    book = private / "report" / UNMASKED / "report.xlsx"
    with zipfile.ZipFile(book) as parts:
        assert PROBLEM in parts.read("xl/sharedStrings.xml").decode("utf-8")
