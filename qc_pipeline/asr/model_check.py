"""Whether a model on disk is whole, speaks the calls' language, and really decodes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qc_pipeline.asr.models import MODEL_FILES, ModelPlace, find_model, model_sha256
from qc_pipeline.asr.whisper import WhisperEngine, choose_machine
from qc_pipeline.audio.decode import RECOGNISER_HZ
from qc_pipeline.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCheck:
    """What was found out about a model. `decode_s` is the time one second of sound took."""

    place: ModelPlace
    sha256: str
    files: tuple[tuple[str, int], ...]
    multilingual: bool
    machine: str
    load_s: float
    decode_s: float

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.place.name,
            "folder": str(self.place.folder),
            "sha256": self.sha256,
            "files": dict(self.files),
            "multilingual": self.multilingual,
            "machine": self.machine,
            "load_s": round(self.load_s, 2),
            "decode_s": round(self.decode_s, 2),
        }


def check_model(model: str, root: Path) -> ModelCheck:
    """Look at the files of a model, load it, and decode one second of a tone.

    Raises UsageError when it is not there, not whole, or cannot be loaded or decoded with.
    """
    place = find_model(model, root)
    files = tuple(
        (name, (place.folder / name).stat().st_size)
        for name in MODEL_FILES
        if (place.folder / name).is_file()
    )
    machine = choose_machine("auto", "auto", 0, 1)
    started = time.perf_counter()
    try:
        engine = WhisperEngine(place.folder, machine, beam_size=1, batch_size=1)
        loaded = time.perf_counter()
        seconds = np.arange(RECOGNISER_HZ) / RECOGNISER_HZ
        tone = (0.1 * np.sin(2 * np.pi * 440 * seconds)).astype(np.float32)
        engine.hear([tone], "zh" if engine.multilingual else "en", None)
    except (RuntimeError, ValueError, OSError) as error:
        raise UsageError(f"the model in {place.folder} does not work: {error}") from error
    return ModelCheck(
        place=place,
        sha256=model_sha256(place.folder),
        files=files,
        multilingual=engine.multilingual,
        machine=str(machine),
        load_s=loaded - started,
        decode_s=time.perf_counter() - loaded,
    )
