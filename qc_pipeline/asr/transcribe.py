"""Recordings in, transcripts out: the one way the job listens.

Every job ends as a `Recognised` or a `Failure`, in the order of the jobs. What is heard in a
recording depends on the recording, the model and the options alone: not on which other recordings
are done in the same run, nor on how jobs are handed out to processes. Where it would (on a GPU, in
float32, or run plainly) a batch holds the windows of one recording, unless `[asr] mix_calls` gives
that up.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from qc_pipeline.asr.assemble import Recognised, finish
from qc_pipeline.asr.dither import dithered, leaves_holes
from qc_pipeline.asr.language import OtherLanguage, other_language
from qc_pipeline.asr.load import Recogniser
from qc_pipeline.asr.mouths import windows_of
from qc_pipeline.asr.rehear import Spoken, hear_again
from qc_pipeline.asr.voice_levels import one_level
from qc_pipeline.asr.whisper import DecodedWindow, quiet_library
from qc_pipeline.asr.windows import AudioWindow, evenly, window_samples
from qc_pipeline.audio.decode import decode
from qc_pipeline.audio.resample import Float32
from qc_pipeline.audio.speakers import Voices, find_voices
from qc_pipeline.call import Failure
from qc_pipeline.errors import RecordingError
from qc_pipeline.message import Message

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
class _Prepared:
    """A recording ready for the recogniser; `windows[v]` belong to voice v (mono: 0 has all)."""

    job: AsrJob
    language: str
    voices: Voices
    windows: tuple[tuple[AudioWindow, ...], tuple[AudioWindow, ...]]

    @property
    def count(self) -> int:
        return sum(len(windows) for windows in self.windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _HeardCall:
    """What was heard of each voice, and which voices seem to speak another language."""

    words: tuple[list[DecodedWindow], list[DecodedWindow]]
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
    """The jobs made ready in their order, as many at once as batches are decoded in parallel."""
    execution = recogniser.engine.execution
    left = iter(jobs)
    while some := list(itertools.islice(left, execution.parallel_batches)):
        yield from execution.prepare([partial(_prepare, job, recogniser) for job in some])


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
        reason = Message.of("asr.english-only", language=language)
        return Failure(recording_id=job.recording_id, stage="asr", reason=reason)
    try:
        voices = find_voices(decode(job.path), job.agent_channel, recogniser.separator)
    except RecordingError as error:
        return Failure(recording_id=job.recording_id, stage=error.stage, reason=error.reason)
    except MemoryError:
        reason = Message.of("audio.too-long")
        return Failure(recording_id=job.recording_id, stage="audio", reason=reason)
    windows = windows_of(voices, recogniser.window_s)
    return _Prepared(job=job, language=language, voices=voices, windows=windows)


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
            reason = Message.of("asr.failed", error=" ".join(str(error).split())[:300])
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
    heard: dict[int, tuple[list[DecodedWindow], list[DecodedWindow]]] = {
        number: ([], []) for number, _ in group
    }

    parts = math.ceil(len(order) / max(_HELD, engine.at_once))
    with quiet_library():
        for part in evenly(order, parts):
            samples = [_sound(item, voice, window, recogniser) for _, item, voice, window in part]
            results = engine.hear(samples, language, hotwords)
            results = hear_again(
                [_spoken(item, voice, window) for _, item, voice, window in part],
                results,
                language,
                partial(_careful, part, recogniser, language, hotwords),
            )
            for (number, _, voice, _), result in zip(part, results, strict=True):
                heard[number][voice].append(result)
        return {
            number: _HeardCall(
                words=heard[number],
                languages=_languages(item, heard[number], language, recogniser),
            )
            for number, item in group
        }


def _spoken(item: _Prepared, voice: int, window: AudioWindow) -> Spoken:
    return Spoken(
        window=window,
        probabilities=item.voices.pair[voice].probabilities,
        duration_s=item.voices.decoded.duration_s,
    )


def _careful(
    part: Sequence[tuple[int, _Prepared, int, AudioWindow]],
    recogniser: Recogniser,
    language: str,
    hotwords: str | None,
    wanted: Sequence[tuple[int, AudioWindow]],
) -> list[DecodedWindow]:
    """Windows heard by the careful path; each belongs to the voice of a window of `part`."""
    samples = [_sound(*part[place][1:3], window, recogniser) for place, window in wanted]
    return recogniser.engine.hear_carefully(samples, language, hotwords)


def _sound(item: _Prepared, voice: int, window: AudioWindow, recogniser: Recogniser) -> Float32:
    """What the recogniser gets of a window."""
    decoded = item.voices.decoded
    sound = window_samples(window, decoded, item.voices.pair[voice].channel)
    if item.voices.divided is not None:
        sound = one_level(sound, window, item.voices.divided)
    if recogniser.dither_db is None or not leaves_holes(decoded.facts):
        return sound
    return dithered(sound, recogniser.dither_db)


def _languages(
    item: _Prepared,
    heard: tuple[list[DecodedWindow], list[DecodedWindow]],
    language: str,
    recogniser: Recogniser,
) -> dict[int, OtherLanguage]:
    if not recogniser.engine.multilingual:
        return {}
    found: dict[int, OtherLanguage] = {}
    for voice in (0, 1):

        def ask(window: AudioWindow, voice: int = voice) -> tuple[str, float]:
            return recogniser.engine.language_of(_sound(item, voice, window, recogniser))

        other = other_language(item.windows[voice], heard[voice], language, ask)
        if other is not None:
            found[voice] = other
    # The mix is heard as one: what it is in, both speak as far as anybody knows.
    return dict.fromkeys((0, 1), found[0]) if item.voices.mono and found else found


__all__ = ["AsrJob", "Recognised", "recognise"]
