"""A lost disk: the workspace in one archive, and back, verified."""

from __future__ import annotations

import json
import shutil
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.cli import session
from qc_pipeline.store.claims import claim
from qc_pipeline.store.record import Record
from qc_pipeline.workspace.settings import load_settings
from tests.store.test_verify import database, edit
from tests.weeks import PERIOD, make_week, qc, qc_json

WANG = ("--as", "wang")


@pytest.fixture
def archive(answered_week: Path) -> Path:
    return Path(qc_json(answered_week, "backup")["path"])


def restore(archive: Path, to: Path, expect: int = 0) -> Any:
    return qc(to, "restore", str(archive), expect=expect)


def test_restored_workspace_is_the_same_and_verifies(
    answered_week: Path,
    archive: Path,
    tmp_path: Path,
) -> None:
    assert archive.stat().st_mode & 0o077 == 0
    folder = tmp_path / "new"
    assert "核对无误" in restore(archive, folder).out
    qc(folder, "verify")
    assert qc_json(folder, "show", "r3") == qc_json(answered_week, "show", "r3")
    for name in ("qc.toml", "calls.csv", "rubrics/mini.yaml", f"report/{PERIOD}/index.html",
                 f"report/{PERIOD}/seal.json", "notices/appeal-1-agent.txt"):  # fmt: skip
        assert (folder / name).read_bytes() == (answered_week / name).read_bytes(), name
    # Work goes on there, and the old place is as whole as before.
    qc(folder, "review", "r1", "tone", "--overturn", "--reason", "x", *WANG)
    qc(folder, "verify")
    qc(answered_week, "verify")
    assert [x["action"] for x in qc_json(folder, "audit", "--action", "store")["lines"]] == [
        "store.copy", "store.copy", "store.restore",
    ]  # fmt: skip


def test_backup_is_made_while_others_decide(answered_week: Path, tmp_path: Path) -> None:
    stop = threading.Event()
    written = 0

    def decide() -> None:
        nonlocal written
        url = load_settings(answered_week).store_url()
        with closing(Record(url, now=lambda: session.clock(), who="test")) as record:
            while not stop.is_set():
                with record.transaction(alone=True) as tx:
                    claim(tx, PERIOD, f"r{written % 6 + 1}", f"人{written}")
                written += 1

    other = threading.Thread(target=decide)
    other.start()
    try:
        made = [Path(qc_json(answered_week, "backup", "-o", str(tmp_path / f"{n}.zip"))["path"])
                for n in range(4)]  # fmt: skip
    finally:
        stop.set()
        other.join()
    assert written > 10
    for number, path in enumerate(made):
        restore(path, tmp_path / f"restored{number}")
    qc(answered_week, "verify")


def test_nothing_is_written_over(answered_week: Path, archive: Path, tmp_path: Path) -> None:
    told = qc(answered_week, "backup", "-o", str(archive), expect=2).err
    assert "never written over" in told
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    assert "is not empty" in restore(archive, tmp_path / "full", expect=2).err


def test_record_that_does_not_hold_is_kept_and_told(
    answered_week: Path,
    tmp_path: Path,
) -> None:
    edit(answered_week, "UPDATE picks SET probability = 0.5 WHERE recording_id = 'r1'")
    body = qc_json(answered_week, "backup", expect=3)
    assert any("picks" in fault for fault in body["faults"])
    told = restore(Path(body["path"]), tmp_path / "new", expect=3).out
    assert "处不符" in told


def changed(archive: Path, to: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(archive) as source:
        entries = {name: source.read(name) for name in source.namelist()}
    change(entries)
    with zipfile.ZipFile(to, "w") as target:
        for name, data in entries.items():
            target.writestr(name, data)
    return to


def damaged(entries: dict[str, bytes]) -> None:
    entries["workspace/calls.csv"] = b"x" * len(entries["workspace/calls.csv"])


def outside(entries: dict[str, bytes]) -> None:
    manifest = json.loads(entries["manifest.json"])
    manifest["files"]["workspace/../../evil"] = {"sha256": "0" * 64, "size": 1}
    entries["manifest.json"] = json.dumps(manifest).encode()
    entries["workspace/../../evil"] = b"x"


def more(entries: dict[str, bytes]) -> None:
    entries["workspace/more.txt"] = b"x"


def no_manifest(entries: dict[str, bytes]) -> None:
    del entries["manifest.json"]


def of_another_kind(entries: dict[str, bytes]) -> None:
    entries["manifest.json"] = b"[]"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (damaged, "workspace/calls.csv is damaged"),
        (outside, "names a file outside the workspace"),
        (more, "holds other files than its manifest says"),
        (no_manifest, "is no backup of qc"),
        (of_another_kind, "is no backup of qc"),
    ],
)
def test_archive_that_is_not_whole_is_refused_and_nothing_is_made(
    archive: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], None], told: str
) -> None:
    bad = changed(archive, tmp_path / "bad.zip", change)
    assert told in restore(bad, tmp_path / "new", expect=2).err
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "evil").exists()


def test_file_cut_short_is_refused(archive: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.zip"
    cut.write_bytes(archive.read_bytes()[:-2000])
    assert "is damaged" in restore(cut, tmp_path / "new", expect=2).err
    assert "no such file" in restore(tmp_path / "none.zip", tmp_path / "new", expect=2).err


@pytest.mark.postgres
def test_record_on_postgresql_goes_to_the_archive_and_back(
    tmp_path: Path, postgres_url: str
) -> None:
    folder = make_week(tmp_path / "week", url=postgres_url)
    path = qc_json(folder, "backup")["path"]
    # Its settings name a database that holds the record already.
    assert "is not empty" in restore(Path(path), tmp_path / "new", expect=2).err
    assert qc_json(folder, "verify")["clean"] is True


def test_lost_database_comes_back(answered_week: Path, archive: Path, tmp_path: Path) -> None:
    before = qc_json(answered_week, "show", "r3")
    database(answered_week).unlink()
    qc(answered_week, "verify", expect=3)
    folder = tmp_path / "new"
    restore(archive, folder)
    shutil.rmtree(answered_week)
    assert qc_json(folder, "show", "r3") == before
