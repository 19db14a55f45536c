"""Recordings in, transcripts out: the one way the job listens.

Every job ends as a `Recognised` or a `Failure`, in the order of the jobs. What is heard in a
recording depends on the recording, the model and the options alone: not on which other recordings
are done in the same run, nor on how jobs are handed out to processes. Where it would (on a GPU, in
float32) a batch holds the windows of one recording, unless `[asr] mix_calls` gives that up.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from qc_pipeline.asr.dither import dithered, leaves_holes
from qc_pipeline.asr.doubt import doubtful, settle
from qc_pipeline.asr.finish import Recognised, finish
from qc_pipeline.asr.language import OtherLanguage, other_language
from qc_pipeline.asr.models import (
    SAMPLE_NOTE,
    ModelPlace,
    find_model,
    model_sha256,
    weights_sha256,
)
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.asr.sides import evenly
from qc_pipeline.asr.whisper import (
    Heard,
    Machine,
    WhisperEngine,
    choose_machine,
    quiet_library,
)
from qc_pipeline.asr.windows import WHOLE_S, Window, pack, window_samples
from qc_pipeline.audio.decode import decode
from qc_pipeline.audio.diarize import Diarizer, diarizer_version
from qc_pipeline.audio.regions import DETECTOR_VERSION
from qc_pipeline.audio.resample import Float32
from qc_pipeline.audio.separate import Separator, separate
from qc_pipeline.audio.voices import Voices, find_voices
from qc_pipeline.call import AsrIdentity, Failure
from qc_pipeline.errors import RecordingError, UsageError
from qc_pipeline.runners import usable_cores

TEXT_VERSION = "2026.11/5"
"""Names our own rules between the recogniser's words and the turns. Raise it when they change."""

WINDOW_S = WHOLE_S
"""Whisper's own window: fewest windows, longest context."""
SAMPLE_WINDOW_S = 15.0
"""The sample model is small and hears short windows better; figures in docs/asr.md."""
SAMPLE_DITHER_DB = -27.0
"""The sample model stumbles over the holes that MP3 at a low rate leaves; figures there, too."""

_HELD = 32
"""Windows whose sound is in memory together (2 MB each), or as many as keep the engine busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsrJob:
    """One recording to listen to. `agent_channel`: left, right, mono or auto."""

    recording_id: str
    path: Path
    agent_channel: str = "auto"
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recogniser:
    """A loaded model with the options it is used with."""

    place: ModelPlace
    options: AsrOptions
    engine: WhisperEngine
    identity: AsrIdentity
    window_s: float
    dither_db: float | None = None
    separator: Separator = separate

    @property
    def is_sample(self) -> bool:
        """Whether this is the sample model, which is not for real calls."""
        return self.place.is_sample

    def describe(self) -> str:
        """One line for the screen: which model, where it runs, and what it is not for."""
        return _describe(self.place, self.options, self.engine.machine)


def load_recogniser(options: AsrOptions, root: Path) -> Recogniser:
    """Load the model that `options` name in the workspace `root`.

    Raises UsageError, within two seconds and without a connection, when it is not on this machine,
    not whole, or does not speak the language of the calls.
    """
    place = find_model(options.model, root)
    machine = _machine(options, place)
    identity = _identity(options, place, machine, root)
    separator = _separator(options, root, machine)
    try:
        engine = WhisperEngine(
            place.folder,
            machine,
            beam_size=options.beam_size,
            batch_size=options.batch_size,
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
    return _identity(options, place, _machine(options, place), root)


def _separator(options: AsrOptions, root: Path, machine: Machine) -> Separator:
    models = options.separation.models(root)
    if models is None:
        return separate
    return Diarizer(*models, threads=machine.threads).separate


def describe(options: AsrOptions, root: Path) -> str:
    """What `Recogniser.describe` would say, without loading the model. Raises as `identify`."""
    place = find_model(options.model, root)
    return _describe(place, options, _machine(options, place))


def _describe(place: ModelPlace, options: AsrOptions, machine: Machine) -> str:
    line = f"{place.name} ({place.folder}) on {machine}"
    if options.separation.named:
        line += f"; mono calls separated by sherpa-onnx {diarizer_version()}"
    return f"{line}; {SAMPLE_NOTE}" if place.is_sample else line


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


def _identity(options: AsrOptions, place: ModelPlace, machine: Machine, root: Path) -> AsrIdentity:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A recording ready for the recogniser; `windows[v]` belong to voice v."""

    job: AsrJob
    language: str
    voices: Voices
    windows: tuple[tuple[Window, ...], tuple[Window, ...]]

    @property
    def count(self) -> int:
        return sum(len(windows) for windows in self.windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _HeardCall:
    """What was heard of each voice, and which voices seem to speak another language."""

    words: tuple[list[Heard], list[Heard]]
    languages: dict[int, OtherLanguage]


def recognise(jobs: Iterable[AsrJob], recogniser: Recogniser) -> Iterator[Recognised | Failure]:
    """Listen to recordings, in their order."""
    waiting: list[_Prepared | Failure] = []
    windows = 0
    enough = _enough(recogniser)
    for prepared in _prepare_all(jobs, recogniser):
        count = prepared.count if isinstance(prepared, _Prepared) else 0
        if windows + count > enough:
            yield from _listen(waiting, recogniser)
            waiting, windows = [], 0
        waiting.append(prepared)
        windows += count
        if windows >= enough:
            yield from _listen(waiting, recogniser)
            waiting, windows = [], 0
    yield from _listen(waiting, recogniser)


def _prepare_all(jobs: Iterable[AsrJob], recogniser: Recogniser) -> Iterator[_Prepared | Failure]:
    """The jobs made ready in their order, as many at once as the recogniser has sides."""
    sides = recogniser.engine.sides
    left = iter(jobs)
    while some := list(itertools.islice(left, sides.count)):
        yield from sides.do([partial(_prepare, job, recogniser) for job in some])


def _enough(recogniser: Recogniser) -> int:
    """How many windows are listened to together, or those of one call where it has more: calls
    share batches where that changes nothing, or where it is wanted all the same.
    """
    if recogniser.engine.exact:
        return recogniser.engine.at_once
    return _HELD if recogniser.options.mix_calls else 1


def _prepare(job: AsrJob, recogniser: Recogniser) -> _Prepared | Failure:
    language = (job.language or recogniser.options.language).split("-")[0].lower()
    if language != "en" and not recogniser.engine.multilingual:
        reason = f"the call's language is {language}, and the model is English only"
        return Failure(recording_id=job.recording_id, stage="asr", reason=reason)
    try:
        voices = find_voices(decode(job.path), job.agent_channel, recogniser.separator)
    except RecordingError as error:
        return Failure(recording_id=job.recording_id, stage=error.stage, reason=error.reason)
    except MemoryError:
        reason = "the recording is too long for this machine's memory"
        return Failure(recording_id=job.recording_id, stage="audio", reason=reason)
    duration_s = voices.decoded.duration_s
    first, second = (
        pack(voice.regions, voice.probabilities, duration_s, recogniser.window_s)
        for voice in voices.pair
    )
    return _Prepared(job=job, language=language, voices=voices, windows=(first, second))


def _listen(
    waiting: Sequence[_Prepared | Failure], recogniser: Recogniser
) -> Iterator[Recognised | Failure]:
    heard: dict[int, _HeardCall | Failure] = {}
    prepared = [(n, item) for n, item in enumerate(waiting) if isinstance(item, _Prepared)]
    for language in sorted({item.language for _, item in prepared}):
        group = [(n, item) for n, item in prepared if item.language == language]
        heard.update(_hear_safely(group, language, recogniser))
    for number, item in enumerate(waiting):
        if isinstance(item, Failure):
            yield item
            continue
        found = heard[number]
        if isinstance(found, Failure):
            yield found
            continue
        yield finish(
            recording_id=item.job.recording_id,
            language=item.language,
            voices=item.voices,
            windows=item.windows,
            heard=found.words,
            languages=found.languages,
            options=recogniser.options,
            identity=recogniser.identity,
        )


def _hear_safely(
    group: Sequence[tuple[int, _Prepared]], language: str, recogniser: Recogniser
) -> dict[int, _HeardCall | Failure]:
    """What was heard; where the recogniser breaks down, by each recording on its own."""
    try:
        return dict(_hear_group(group, language, recogniser))
    except (RuntimeError, ValueError) as error:
        if len(group) == 1:
            number, item = group[0]
            reason = f"the recogniser failed: {' '.join(str(error).split())[:300]}"
            return {number: Failure(recording_id=item.job.recording_id, stage="asr", reason=reason)}
    return {
        number: result
        for row in group
        for number, result in _hear_safely([row], language, recogniser).items()
    }


def _hear_group(
    group: Sequence[tuple[int, _Prepared]], language: str, recogniser: Recogniser
) -> dict[int, _HeardCall]:
    """What was heard in each recording of the group, by voice."""
    engine, options = recogniser.engine, recogniser.options
    hotwords = "，".join(options.hotwords) or None
    order = [
        (number, item, voice, window)
        for number, item in group
        for voice in (0, 1)
        for window in item.windows[voice]
    ]
    heard: dict[int, tuple[list[Heard], list[Heard]]] = {number: ([], []) for number, _ in group}

    parts = math.ceil(len(order) / max(_HELD, engine.at_once))
    with quiet_library():
        for part in evenly(order, parts):
            samples = [_sound(item, voice, window, recogniser) for _, item, voice, window in part]
            results = engine.hear(samples, language, hotwords)
            doubts = [
                place
                for place, ((*_, window), result) in enumerate(zip(part, results, strict=True))
                if doubtful(window, result, language)
            ]
            again = engine.hear_carefully([samples[place] for place in doubts], language, hotwords)
            for place, second in zip(doubts, again, strict=True):
                results[place] = settle(part[place][3], results[place], second, language)
            for (number, _, voice, _), result in zip(part, results, strict=True):
                heard[number][voice].append(result)
        return {
            number: _HeardCall(
                words=heard[number],
                languages=_languages(item, heard[number], language, recogniser),
            )
            for number, item in group
        }


def _sound(item: _Prepared, voice: int, window: Window, recogniser: Recogniser) -> Float32:
    """What the recogniser gets of a window."""
    decoded = item.voices.decoded
    sound = window_samples(window, decoded, item.voices.pair[voice].channel)
    if recogniser.dither_db is None or not leaves_holes(decoded.facts):
        return sound
    return dithered(sound, recogniser.dither_db)


def _languages(
    item: _Prepared,
    heard: tuple[list[Heard], list[Heard]],
    language: str,
    recogniser: Recogniser,
) -> dict[int, OtherLanguage]:
    if not recogniser.engine.multilingual:
        return {}
    found: dict[int, OtherLanguage] = {}
    for voice in (0, 1):

        def ask(window: Window, voice: int = voice) -> tuple[str, float]:
            return recogniser.engine.language_of(_sound(item, voice, window, recogniser))

        other = other_language(item.windows[voice], heard[voice], language, ask)
        if other is not None:
            found[voice] = other
    return found


__all__ = [
    "AsrJob",
    "Recognised",
    "Recogniser",
    "check_models",
    "describe",
    "identify",
    "load_recogniser",
    "recognise",
]
