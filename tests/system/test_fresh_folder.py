"""A folder of files is replaced whole, or stays what it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from qc_pipeline.system.files import fresh_folder


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))


def test_the_former_folder_is_there_until_the_new_one_is_whole(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "report"
    with fresh_folder(folder) as fresh:
        (fresh / "one").write_text("1", encoding="utf-8")
        assert not folder.exists()
    with fresh_folder(folder) as fresh:
        (fresh / "two").write_text("2", encoding="utf-8")
        assert names(folder) == ["one"]
    assert names(tmp_path) == ["a", "a/report", "a/report/two"]


def test_an_error_leaves_the_former_folder_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    with fresh_folder(folder) as fresh:
        (fresh / "one").write_text("1", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt), fresh_folder(folder) as fresh:
        (fresh / "two").write_text("2", encoding="utf-8")
        raise KeyboardInterrupt
    assert names(tmp_path) == ["report", "report/one"]


def test_what_a_killed_process_left_is_cleared_away(tmp_path: Path) -> None:
    for left in (".report.new", ".report.old"):
        (tmp_path / left / "half").mkdir(parents=True)
    with fresh_folder(tmp_path / "report") as fresh:
        assert names(fresh) == []
    assert names(tmp_path) == ["report"]
