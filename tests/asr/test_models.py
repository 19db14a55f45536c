"""Models on disk: found, checked, named – without ever waiting for a network."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from qc_pipeline.asr.fetch import fetch_model
from qc_pipeline.asr.load import load_recogniser
from qc_pipeline.asr.model_check import check_model
from qc_pipeline.asr.models import find_model, missing_files, model_sha256, models_here
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.errors import SurroundingsError, UsageError
from tests.asr.tiny_model import scripted_model


@pytest.fixture(autouse=True)
def _own_homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QC_MODELS", "XDG_CACHE_HOME", "HF_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)


def test_a_name_that_is_not_here_is_one_sentence_at_once(tmp_path: Path) -> None:
    started = time.perf_counter()
    with pytest.raises(UsageError) as caught:
        load_recogniser(AsrOptions(model="small"), tmp_path)
    assert time.perf_counter() - started < 2.0
    assert "the model 'small' is not on this machine" in str(caught.value)
    assert "qc model fetch small" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("wrong", ["models/none", "./none", "Systran/faster-whisper-small"])
def test_a_path_with_a_slash_is_not_taken_for_a_hub_name(tmp_path: Path, wrong: str) -> None:
    started = time.perf_counter()
    with pytest.raises(UsageError, match="there is no model folder"):
        load_recogniser(AsrOptions(model=wrong), tmp_path)
    assert time.perf_counter() - started < 2.0


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"names we know: tiny, base, small"):
        find_model("smal", tmp_path)


def test_a_folder_without_tokenizer_never_goes_online(tmp_path: Path) -> None:
    folder = scripted_model(tmp_path / "m", "您好")
    (folder / "tokenizer.json").unlink()
    (folder / "vocabulary.json").write_text("", encoding="utf-8")
    assert missing_files(folder) == ["tokenizer.json is missing", "vocabulary.json is empty"]
    with pytest.raises(UsageError, match=r"is not whole: tokenizer\.json is missing"):
        load_recogniser(AsrOptions(model=str(folder)), tmp_path)


def test_a_torn_model_file_is_told(tmp_path: Path) -> None:
    folder = scripted_model(tmp_path / "m", "您好")
    whole = (folder / "model.bin").read_bytes()
    (folder / "model.bin").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UsageError, match="the model m cannot be loaded"):
        load_recogniser(AsrOptions(model=str(folder)), tmp_path)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("tokenizer.json", '{"a": 1}'),
        ("preprocessor_config.json", "[]"),
        ("config.json", "[1, 2]"),
        ("vocabulary.json", "{}"),
    ],
)
def test_a_damaged_file_of_a_model_is_told(tmp_path: Path, file: str, content: str) -> None:
    folder = scripted_model(tmp_path / "m", "您好")
    (folder / file).write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"does not work|is not whole"):
        check_model(str(folder), tmp_path)
    with pytest.raises(UsageError, match=r"cannot be loaded|is not whole"):
        load_recogniser(AsrOptions(model=str(folder)), tmp_path)


def test_an_english_model_is_refused_for_chinese_calls(tmp_path: Path) -> None:
    folder = scripted_model(tmp_path / "m", "hi", multilingual=False)
    with pytest.raises(UsageError, match="English only"):
        load_recogniser(AsrOptions(model=str(folder)), tmp_path)


def test_fetched_models_are_found_by_name(tmp_path: Path) -> None:
    scripted_model(tmp_path / "QC_MODELS" / "small", "您好")
    assert find_model("small", tmp_path).folder == tmp_path / "QC_MODELS" / "small"
    row = next(r for r in models_here() if r.name == "small")
    assert row.folder == tmp_path / "QC_MODELS" / "small"


def test_models_of_the_hub_clients_cache_are_found_by_name(tmp_path: Path) -> None:
    home = tmp_path / "HF_HOME" / "hub" / "models--Systran--faster-whisper-base"
    scripted_model(home / "snapshots" / "abc", "您好")
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text("abc", encoding="utf-8")
    assert find_model("base", tmp_path).folder == home / "snapshots" / "abc"


def test_a_folder_of_the_workspace_is_relative_to_it(tmp_path: Path) -> None:
    scripted_model(tmp_path / "ours" / "m1", "您好")
    place = find_model("ours/m1", tmp_path)
    assert (place.name, place.is_sample) == ("m1", False)


def test_the_hash_names_the_content_and_is_kept(tmp_path: Path) -> None:
    first = scripted_model(tmp_path / "a", "您好")
    same = scripted_model(tmp_path / "b", "您好")
    other = scripted_model(tmp_path / "c", "再见")
    assert model_sha256(first) == model_sha256(same) != model_sha256(other)
    kept = json.loads(
        (tmp_path / "XDG_CACHE_HOME" / "qc-pipeline" / "model-hashes.json").read_text()
    )
    assert kept[str(first)]["sha256"] == model_sha256(first)
    before = model_sha256(other)
    (other / "preprocessor_config.json").write_text('{"feature_size": 80}', encoding="utf-8")
    assert model_sha256(other) != before


def test_check_loads_and_decodes(tmp_path: Path) -> None:
    folder = scripted_model(tmp_path / "m", "您好")
    found = check_model(str(folder), tmp_path)
    assert found.multilingual
    assert dict(found.files)["model.bin"] == (folder / "model.bin").stat().st_size
    assert found.decode_s > 0


def test_fetch_refuses_names_and_addresses_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no model is called 'huge'"):
        fetch_model("huge")
    with pytest.raises(UsageError, match="found ftp://x"):
        fetch_model("tiny", source="ftp://x")


def test_fetch_from_a_host_that_is_not_there_says_so(tmp_path: Path) -> None:
    # Port 9 of this machine: nobody listens, refused at once.
    with pytest.raises(SurroundingsError, match="does not answer"):
        fetch_model("tiny", source="http://127.0.0.1:9", to=tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_fetch_from_a_silent_host_gives_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr("qc_pipeline.asr.fetch._ANSWER_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        started = time.perf_counter()
        with pytest.raises(SurroundingsError, match="does not answer"):
            fetch_model("tiny", source=f"http://127.0.0.1:{port}", to=tmp_path / "m")
        assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("field", "value"),
    [("window_s", 31.0), ("precision", "int4"), ("model", ""), ("hotwords", ["", "x"]), ("x", 1)],
)
def test_options_that_cannot_be_are_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        AsrOptions.model_validate({field: value})


def test_lists_of_a_settings_file_are_taken() -> None:
    assert AsrOptions.model_validate({"hotwords": ["云闪付"]}).hotwords == ("云闪付",)
