"""Recogniser models on disk: where they are, whether they are whole, which one it is.

A model is a folder or a name. A name is looked up on this machine only; nothing here opens a
connection (`qc_pipeline.asr.fetch` does, when somebody asks for it). faster-whisper's own look-up
is not used: given a name that is not on disk it waits for the hub, for ever if the hub is silent.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qc_pipeline.errors import UsageError
from qc_pipeline.message import Message

SAMPLE_MODEL = "sample"
SAMPLE_NOTE = Message.of("listens.sample-note")

KNOWN_MODELS: dict[str, tuple[str, int]] = {
    "tiny": ("Systran/faster-whisper-tiny", 78),
    "base": ("Systran/faster-whisper-base", 148),
    "small": ("Systran/faster-whisper-small", 486),
    "medium": ("Systran/faster-whisper-medium", 1530),
    "large-v2": ("Systran/faster-whisper-large-v2", 3090),
    "large-v3": ("Systran/faster-whisper-large-v3", 3090),
    "turbo": ("mobiuslabsgmbh/faster-whisper-large-v3-turbo", 1620),
    "tiny.en": ("Systran/faster-whisper-tiny.en", 78),
    "base.en": ("Systran/faster-whisper-base.en", 148),
    "small.en": ("Systran/faster-whisper-small.en", 486),
    "medium.en": ("Systran/faster-whisper-medium.en", 1530),
}
"""Name → (repository on the hub, size in MB)."""

_NEEDED = ("model.bin", "config.json", "tokenizer.json")
_VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
_OPTIONAL = ("preprocessor_config.json",)
MODEL_FILES = (*_NEEDED, *_VOCABULARIES, *_OPTIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPlace:
    """A model that stands on this machine. `name` is how it is shown and stored."""

    name: str
    folder: Path

    @property
    def is_sample(self) -> bool:
        return self.name == SAMPLE_MODEL


def model_home() -> Path:
    """Where fetched models stand: QC_MODELS, else the user's data folder."""
    if given := os.environ.get("QC_MODELS"):
        return Path(given).expanduser()
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser() / "qc-pipeline" / "models"


def sample_model_dir() -> Path | None:
    """The folder of the sample model: in the installed package, else in the source tree."""
    package = Path(__file__).parents[1]
    for folder in (package / "_samples" / "model", package.parent / "samples" / "model"):
        if (folder / "model.bin").is_file():
            return folder
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """A model as `qc model list` shows it; `folder` None when it is not on this machine."""

    name: str
    size_mb: int
    folder: Path | None


def models_here() -> tuple[ModelRow, ...]:
    """The sample model, the known names, and whatever else was fetched."""
    rows = [ModelRow(name=SAMPLE_MODEL, size_mb=5, folder=sample_model_dir())]
    for name, (_, size_mb) in KNOWN_MODELS.items():
        here = (f for f in _candidates(name) if (f / "model.bin").is_file())
        rows.append(ModelRow(name=name, size_mb=size_mb, folder=next(here, None)))
    home = model_home()
    others = sorted(home.iterdir()) if home.is_dir() else []
    for folder in others:
        if folder.name not in KNOWN_MODELS and (folder / "model.bin").is_file():
            size_mb = round((folder / "model.bin").stat().st_size / 1e6)
            name = folder.name.replace("--", "/")
            rows.append(ModelRow(name=name, size_mb=size_mb, folder=folder))
    return tuple(rows)


def find_model(model: str, root: Path) -> ModelPlace:
    """The model that `model` means in the workspace `root`, every needed file there.

    Raises UsageError at once, with what to do, when it is not on this machine or not whole.
    """
    place = _place(model, root)
    faults = missing_files(place.folder)
    if faults:
        raise UsageError(
            f"the model folder {place.folder} is not whole: {'; '.join(faults)}. "
            "Fetch or convert the model again (`qc model fetch`, ct2-transformers-converter)."
        )
    return place


def _place(model: str, root: Path) -> ModelPlace:
    if model == SAMPLE_MODEL:
        folder = sample_model_dir()
        if folder is None:
            raise UsageError(
                "the sample model is not part of this installation; set `[asr] model` to the "
                "folder of a model, or fetch one with `qc model fetch small`."
            )
        return ModelPlace(name=SAMPLE_MODEL, folder=folder)
    folder = root / Path(model).expanduser()
    if folder.is_dir():
        return ModelPlace(name=folder.name, folder=folder.resolve())
    if model not in KNOWN_MODELS and ("/" in model or "\\" in model or model.startswith(".")):
        repository_home = model_home() / model.replace("/", "--")
        if repository_home.is_dir():
            return ModelPlace(name=model, folder=repository_home)
        raise UsageError(
            f"there is no model folder {folder}; set `[asr] model` to a folder that holds "
            "model.bin, or to one of the names `qc model list` shows."
        )
    for folder in _candidates(model):
        if (folder / "model.bin").is_file():
            return ModelPlace(name=model, folder=folder)
    known = "" if model in KNOWN_MODELS else f" (names we know: {', '.join(KNOWN_MODELS)})"
    raise UsageError(
        f"the model {model!r} is not on this machine{known}: fetch it once with "
        f"`qc model fetch {model}` where there is a network, or set `[asr] model` to its folder."
    )


def _candidates(name: str) -> Iterator[Path]:
    """Where a model of that name may stand: our own home, then the hub client's cache."""
    yield model_home() / name
    if name not in KNOWN_MODELS:
        return
    repository = KNOWN_MODELS[name][0].replace("/", "--")
    cache = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    home = Path(os.environ.get("HF_HOME") or "~/.cache/huggingface").expanduser()
    hub = Path(cache).expanduser() if cache else home / "hub"
    head = hub / f"models--{repository}" / "refs" / "main"
    if head.is_file():
        yield head.parents[1] / "snapshots" / head.read_text(encoding="utf-8").strip()


def missing_files(folder: Path) -> list[str]:
    """What a model folder lacks, one phrase each; empty when it is whole."""
    faults = [f"{name} is missing" for name in _NEEDED if not (folder / name).is_file()]
    faults += [
        f"{name} is empty"
        for name in MODEL_FILES
        if (folder / name).is_file() and (folder / name).stat().st_size == 0
    ]
    if not any((folder / name).is_file() for name in _VOCABULARIES):
        faults.append("vocabulary.json or vocabulary.txt is missing")
    for name in ("config.json", "tokenizer.json", *_OPTIONAL):
        path = folder / name
        if path.is_file() and path.stat().st_size:
            try:
                content = json.loads(path.read_bytes())
            except ValueError:
                faults.append(f"{name} is not JSON")
            else:
                if not isinstance(content, dict):
                    faults.append(f"{name} holds no JSON object")
    return faults


def model_sha256(folder: Path) -> str:
    """One hash over the model's files, by name and content."""
    files = [folder / name for name in sorted(MODEL_FILES) if (folder / name).is_file()]
    return _kept_sha256(folder, files)


def weights_sha256(path: Path) -> str:
    """The hash of a model that is one file. Raises UsageError when it is not there."""
    if not path.is_file():
        raise UsageError(f"there is no model {path}; name the .onnx file of the model.")
    return _kept_sha256(path, [path])


def _kept_sha256(place: Path, files: list[Path]) -> str:
    """One hash over files, by name and content.

    Kept beside the user's cache by size and time of change, so that a job does not read gigabytes
    only to name its model.
    """
    stamps = [[p.name, p.stat().st_size, p.stat().st_mtime_ns] for p in files]
    key = str(place.resolve())
    kept = _kept_hashes()
    entry = kept.get(key)
    if isinstance(entry, dict) and entry.get("files") == stamps:
        return str(entry["sha256"])
    whole = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{path.name}\0{digest}\n".encode())
    kept[key] = {"files": stamps, "sha256": whole.hexdigest()}
    _keep_hashes(kept)
    return whole.hexdigest()


def _hash_file() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "qc-pipeline" / "model-hashes.json"


def _kept_hashes() -> dict[str, object]:
    try:
        kept = json.loads(_hash_file().read_bytes())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _keep_hashes(kept: dict[str, object]) -> None:
    """Best effort: without a writable cache the hash is worked out again next time."""
    path = _hash_file()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(kept, file, indent=1, sort_keys=True)
        Path(name).replace(path)
