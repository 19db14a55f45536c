"""What can be made anew: kept beside the record, and never missed when it is gone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from qc_pipeline.store.cache import PLACE, Cache


def test_values_are_there_for_the_next_process(tmp_path: Path) -> None:
    first = Cache(tmp_path)
    first.put("file", {"a": {"sha256": "0" * 64}, "b": 2.5})
    first.close()
    again = Cache(tmp_path)
    assert again.get("file", ["a", "b", "c"]) == {"a": {"sha256": "0" * 64}, "b": 2.5}
    assert again.get("other", ["a"]) == {}
    again.close()


def test_a_later_value_takes_the_place_of_the_former(tmp_path: Path) -> None:
    first = Cache(tmp_path)
    first.put("file", {"a": 1})
    first.put("file", {"a": 2})
    first.close()
    assert Cache(tmp_path).get("file", ["a"]) == {"a": 2}


def test_nothing_is_written_for_who_only_looks(tmp_path: Path) -> None:
    assert Cache(tmp_path).get("file", ["a"]) == {}
    assert list(tmp_path.iterdir()) == []


def test_more_keys_than_one_question_takes_are_all_found(tmp_path: Path) -> None:
    values = {f"k{i:04}": i for i in range(1203)}
    first = Cache(tmp_path)
    first.put("n", values)
    first.close()
    assert Cache(tmp_path).get("n", values) == values


def test_a_damaged_file_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / PLACE
    path.parent.mkdir()
    path.write_bytes(b"no database at all, but long enough to be looked at" * 40)
    cache = Cache(tmp_path)
    assert cache.get("file", ["a"]) == {}
    cache.put("file", {"a": 1})
    cache.close()
    assert Cache(tmp_path).get("file", ["a"]) == {"a": 1}


def test_a_cache_of_another_version_is_begun_anew(tmp_path: Path) -> None:
    first = Cache(tmp_path)
    first.put("file", {"a": 1})
    first.close()
    with sqlite3.connect(tmp_path / PLACE) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert Cache(tmp_path).get("file", ["a"]) == {}


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / ".qc").write_text("a file where the folder should be", encoding="utf-8")
    cache = Cache(tmp_path)
    cache.put("file", {"a": 1})
    assert cache.get("file", ["a"]) == {"a": 1}
    assert Cache(tmp_path).get("file", ["a"]) == {}


def test_a_folder_that_cannot_be_looked_into_costs_nothing_but_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", refuse)  # as of another user's folder, mode 700
    cache = Cache(tmp_path)
    assert cache.get("kind", ["a"]) == {}
    cache.put("kind", {"a": 1})
    assert cache.get("kind", ["a"]) == {"a": 1}


def test_a_value_of_another_type_is_as_good_as_none(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("file", {"a": 7, "b": {"sha256": "0" * 64}})
    assert cache.get("file", ["a", "b"], dict) == {"b": {"sha256": "0" * 64}}
