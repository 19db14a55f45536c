"""A recording is read again exactly when it may be another."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from qc_pipeline.errors import RecordingError
from qc_pipeline.period import file_hashes
from qc_pipeline.period.file_hashes import FileFacts
from qc_pipeline.store.cache import Cache

MONTHS_AGO_NS = 1_760_000_000_123_456_789


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files whose bytes were read."""
    seen: list[Path] = []

    def counting(path: Path) -> str:
        seen.append(path)
        return hashlib.sha256(path.read_bytes()).hexdigest()

    monkeypatch.setattr(file_hashes, "file_sha256", counting)
    return seen


def recording(folder: Path, body: bytes = b"sound", modified_ns: int = MONTHS_AGO_NS) -> Path:
    path = folder / "a.wav"
    path.write_bytes(body)
    os.utime(path, ns=(modified_ns, modified_ns))
    return path


def test_an_unchanged_file_is_read_once_in_all_processes(tmp_path: Path, read: list[Path]) -> None:
    path = recording(tmp_path)
    wanted = hashlib.sha256(b"sound").hexdigest()
    for _ in range(3):
        cache = Cache(tmp_path)
        assert FileFacts(cache).sha256(path) == wanted
        cache.close()
    assert read == [path]


@pytest.mark.parametrize(
    ("body", "modified_ns"),
    [(b"other", MONTHS_AGO_NS + 10_000_000), (b"longer sound", MONTHS_AGO_NS)],
)
def test_another_time_or_size_is_another_file(
    body: bytes, modified_ns: int, tmp_path: Path, read: list[Path]
) -> None:
    facts = FileFacts(Cache(tmp_path))
    facts.sha256(recording(tmp_path))
    changed = recording(tmp_path, body, modified_ns)
    assert facts.sha256(changed) == hashlib.sha256(body).hexdigest()
    assert len(read) == 2


def test_no_file_name_is_kept(tmp_path: Path, read: list[Path]) -> None:
    cache = Cache(tmp_path)
    path = recording(tmp_path).rename(tmp_path / "13812345678.wav")
    FileFacts(cache).sha256(path)
    cache.close()
    kept = b"".join(p.read_bytes() for p in (tmp_path / ".qc").iterdir())
    assert hashlib.sha256(b"sound").hexdigest().encode() in kept
    assert b"13812345678" not in kept


def test_a_file_put_in_its_place_is_another(tmp_path: Path, read: list[Path]) -> None:
    facts = FileFacts(Cache(tmp_path))
    path = recording(tmp_path)
    facts.sha256(path)
    (tmp_path / "new").mkdir()
    recording(tmp_path / "new", b"noise").replace(path)
    assert facts.sha256(path) == hashlib.sha256(b"noise").hexdigest()
    assert len(read) == 2


def test_a_file_modified_just_now_is_read_again(tmp_path: Path, read: list[Path]) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"sound")
    facts = FileFacts(Cache(tmp_path))
    facts.sha256(path)
    facts.sha256(path)
    assert len(read) == 2, "a second change in the same tick of the clock would not show"


def test_a_missing_file_is_told_every_time(tmp_path: Path) -> None:
    facts = FileFacts(Cache(tmp_path))
    for _ in range(2):
        with pytest.raises(RecordingError, match="not there"):
            facts.sha256(tmp_path / "gone.wav")


def test_a_hash_learned_while_transcribing_is_not_worked_out_again(
    tmp_path: Path, read: list[Path]
) -> None:
    path = recording(tmp_path)
    facts = FileFacts(Cache(tmp_path))
    facts.learn_sha256(path, "f" * 64, read_from_ns=MONTHS_AGO_NS + 10**9)
    assert facts.sha256(path) == "f" * 64
    assert read == []
    facts.learn_sha256(path, "e" * 64, read_from_ns=MONTHS_AGO_NS - 1)
    assert facts.sha256(path) == "f" * 64, "it was modified after reading had begun"


def test_lengths_are_kept_beside_hashes(tmp_path: Path, read: list[Path]) -> None:
    path = recording(tmp_path)
    facts = FileFacts(Cache(tmp_path))
    lengths = iter((12.5, 99.0))
    assert facts.duration_s(path, lambda _: next(lengths)) == 12.5
    facts.sha256(path)
    assert facts.duration_s(path, lambda _: next(lengths)) == 12.5
