"""A loaded model with the options it is used with, and what names its transcripts."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from qc_pipeline.asr.changed_sound import SoundChange
from qc_pipeline.asr.execution import runs_plainly
from qc_pipeline.asr.models import (
    SAMPLE_NOTE,
    ModelPlace,
    find_model,
    model_sha256,
    weights_sha256,
)
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.asr.whisper import Machine, WhisperEngine, choose_machine
from qc_pipeline.asr.windows import WHOLE_S
from qc_pipeline.audio.diarize import Diarizer, diarizer_version
from qc_pipeline.audio.mono_separation import Separator, separate
from qc_pipeline.audio.speech_regions import DETECTOR_VERSION
from qc_pipeline.call import AsrIdentity
from qc_pipeline.errors import UsageError
from qc_pipeline.message import Message
from qc_pipeline.system.workers import usable_cores

TEXT_VERSION = "2026.11/6"
"""Names our own rules between the recogniser's words and the turns. Raise it when they change."""

WINDOW_S = WHOLE_S
"""Whisper's own window: fewest windows, longest context."""
SAMPLE_WINDOW_S = 15.0
"""The sample model is small and hears short windows better; figures in docs/asr.md."""
SAMPLE_DITHER_DB = -27.0
"""The sample model stumbles over the holes that MP3 at a low rate leaves; figures there, too."""

_PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recogniser:
    """A loaded model with the options it is used with.

    What is heard with a `change` of the sound is not what `identity` names, and never kept.
    """

    place: ModelPlace
    options: AsrOptions
    engine: WhisperEngine
    identity: AsrIdentity
    window_s: float
    dither_db: float | None = None
    separator: Separator = separate
    change: SoundChange | None = None

    @property
    def is_sample(self) -> bool:
        """Whether this is the sample model, which is not for real calls."""
        return self.place.is_sample

    def describe(self) -> Message:
        """One line for the screen: which model, where it runs, and what it is not for."""
        plain = self.identity.options.get("execution") == _PLAIN
        return _describe(self.place, self.options, self.engine.machine, plain=plain)


def load_recogniser(options: AsrOptions, root: Path) -> Recogniser:
    """Load the model that `options` name in the workspace `root`.

    Raises UsageError, within two seconds and without a connection, when it is not on this machine,
    not whole, or does not speak the language of the calls.
    """
    place = find_model(options.model, root)
    machine = _machine(options, place)
    # Takes a second, which the hash and the model's own files need as well.
    threading.Thread(target=import_module, args=("scipy.signal",)).start()
    plain = runs_plainly()
    identity = _identity(options, place, machine, root, plain=plain)
    separator = _separator(options, root, machine)
    try:
        engine = WhisperEngine(
            place.folder,
            machine,
            beam_size=options.beam_size,
            batch_size=options.batch_size,
            plain=plain,
        )
    except (ValueError, RuntimeError) as error:
        raise UsageError(f"the model {place.name} cannot be loaded: {error}") from error
    if options.language != "en" and not engine.multilingual:
        raise UsageError(
            f"the model {place.name} is English only, and `[asr] language` is "
            f"{options.language}; take a multilingual one."
        )
    return Recogniser(
        place=place,
        options=options,
        engine=engine,
        identity=identity,
        window_s=_window_s(options, place),
        dither_db=_dither_db(options, place),
        separator=separator,
    )


def check_models(options: AsrOptions, root: Path) -> None:
    """Raise UsageError, at once, where a model that `options` name is not on this machine."""
    find_model(options.model, root)
    _separation(options, root)


def identify(options: AsrOptions, root: Path) -> AsrIdentity:
    """The identity a recogniser would have, without loading its model.

    Raises UsageError when the model is not on this machine or not whole.
    """
    place = find_model(options.model, root)
    return _identity(options, place, _machine(options, place), root, plain=runs_plainly())


def _separator(options: AsrOptions, root: Path, machine: Machine) -> Separator:
    models = options.separation.models(root)
    if models is None:
        return separate
    return Diarizer(*models, threads=machine.threads).separate


def describe(options: AsrOptions, root: Path) -> Message:
    """What `Recogniser.describe` would say, without loading the model. Raises as `identify`."""
    place = find_model(options.model, root)
    return _describe(place, options, _machine(options, place), plain=runs_plainly())


def _describe(place: ModelPlace, options: AsrOptions, machine: Machine, *, plain: bool) -> Message:
    told = Message.of(
        "listens.model", model=place.name, folder=str(place.folder), machine=str(machine)
    )
    if plain:
        told = Message.of("listens.plain", what=told)
    if options.separation.named:
        told = Message.of("listens.separated", what=told, version=diarizer_version())
    if place.is_sample:
        told = Message.of("listens.sample", what=told, note=SAMPLE_NOTE)
    return told


def _machine(options: AsrOptions, place: ModelPlace) -> Machine:
    try:
        return choose_machine(options.device, options.precision, options.threads, usable_cores())
    except ValueError as error:
        raise UsageError(f"the model {place.name} cannot be loaded: {error}") from error


def _window_s(options: AsrOptions, place: ModelPlace) -> float:
    return options.window_s or (SAMPLE_WINDOW_S if place.is_sample else WINDOW_S)


def _dither_db(options: AsrOptions, place: ModelPlace) -> float | None:
    if options.dither_db is None and place.is_sample:
        return SAMPLE_DITHER_DB
    return options.dither_db


def _identity(
    options: AsrOptions, place: ModelPlace, machine: Machine, root: Path, *, plain: bool
) -> AsrIdentity:
    dither_db = _dither_db(options, place)
    return AsrIdentity(
        backend="faster-whisper",
        model=place.name,
        model_sha256=model_sha256(place.folder),
        options={
            **options.decoding(),
            "window_s": _window_s(options, place),
            "precision": machine.precision,
            "speech": DETECTOR_VERSION,
            "text": TEXT_VERSION,
            # Left out where there is none, or every transcript made before would be made again.
            **({} if dither_db is None else {"dither_db": dither_db}),
            # Its probabilities are others in their last digits.
            **({"execution": _PLAIN} if plain else {}),
            **_separation(options, root),
        },
    )


def _separation(options: AsrOptions, root: Path) -> dict[str, str]:
    """What stands in a transcript's identity for models of sherpa-onnx; nothing without them."""
    models = options.separation.models(root)
    if models is None:
        return {}
    version, (segmentation, embedding) = diarizer_version(), map(weights_sha256, models)
    return {"separation": f"sherpa-onnx {version}, {segmentation}, {embedding}"}
