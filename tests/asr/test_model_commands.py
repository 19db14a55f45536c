"""`qc model list` and `qc model check`, as somebody types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.asr.tiny_model import scripted_model
from tests.in_process import invoke


@pytest.fixture(autouse=True)
def _own_homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QC_MODELS", "XDG_CACHE_HOME", "HF_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)


def test_list_shows_known_names_and_what_is_here(tmp_path: Path) -> None:
    scripted_model(tmp_path / "QC_MODELS" / "owner--own", "您好")
    plain = invoke("model", "list")
    assert plain.code == 0
    lines = plain.out.splitlines()
    assert lines[0].startswith("sample ")
    assert "not for real calls" in lines[0]
    assert any(line.split()[0] == "small" and "not on this machine" in line for line in lines)
    assert any(line.split()[0] == "owner/own" for line in lines)
    rows = json.loads(invoke("model", "list", "--json").out)
    own = next(r for r in rows if r["name"] == "owner/own")
    assert own["folder"] == str(tmp_path / "QC_MODELS" / "owner--own")


def test_check_tells_files_hash_and_languages(tmp_path: Path) -> None:
    folder = scripted_model(tmp_path / "m", "您好")
    plain = invoke("model", "check", str(folder))
    assert plain.code == 0
    assert "model.bin" in plain.out
    assert "languages: many" in plain.out
    body = json.loads(invoke("model", "check", str(folder), "--json").out)
    assert body["multilingual"] is True
    assert len(body["sha256"]) == 64


def test_check_of_a_name_that_is_not_here_is_bad_input(tmp_path: Path) -> None:
    done = invoke("model", "check", "small", "-C", str(tmp_path))
    assert done.code == 2
    assert "qc model fetch small" in done.err
