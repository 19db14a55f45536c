"""Recordings in, transcripts out: the one way the job listens.

Every job ends as a `Recognised` or a `Failure`, in the order of the jobs. What is heard in a
recording depends on the recording, the model and the options alone: not on which other recordings
are done in the same run, nor on how jobs are handed out to processes. Where it would (on a GPU, in
float32, or run plainly) a batch holds the windows of one recording, unless `[asr] mix_calls` gives
that up.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from qc_pipeline.asr.assemble import Recognised, finish
from qc_pipeline.asr.hear_calls import HELD, HeardVoices, ReadyCall, hear_calls, window_sound
from qc_pipeline.asr.language import AUTO, OF_CALLS, language_of_call
from qc_pipeline.asr.load import Recogniser
from qc_pipeline.asr.mouths import windows_of
from qc_pipeline.audio.decode import against_the_list, decode
from qc_pipeline.audio.speakers import find_voices
from qc_pipeline.call import Failure
from qc_pipeline.errors import RecordingError
from qc_pipeline.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class AsrJob:
    """One recording to listen to. `agent_channel`: left, right, mono or auto. `listed_s`: how long
    the call list says that it is.
    """

    recording_id: str
    path: Path
    agent_channel: str = "auto"
    language: str | None = None
    listed_s: float | None = None


def recognise(jobs: Iterable[AsrJob], recogniser: Recogniser) -> Iterator[Recognised | Failure]:
    """Listen to recordings, in their order."""
    waiting: list[ReadyCall | Failure] = []
    windows = 0
    enough = _enough(recogniser)
    for prepared in _prepare_all(jobs, recogniser):
        count = prepared.count if isinstance(prepared, ReadyCall) else 0
        if windows + count > enough:
            yield from _listen(waiting, recogniser)
            waiting, windows = [], 0
        waiting.append(prepared)
        windows += count
        if windows >= enough:
            yield from _listen(waiting, recogniser)
            waiting, windows = [], 0
    yield from _listen(waiting, recogniser)


def _prepare_all(jobs: Iterable[AsrJob], recogniser: Recogniser) -> Iterator[ReadyCall | Failure]:
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
    return HELD if recogniser.options.mix_calls else 1


def _prepare(job: AsrJob, recogniser: Recogniser) -> ReadyCall | Failure:
    language = (job.language or recogniser.options.language).split("-")[0].lower()
    if language != "en" and not recogniser.engine.multilingual:
        reason = Message.of("asr.english-only", language=language)
        return Failure(recording_id=job.recording_id, stage="asr", reason=reason)
    try:
        decoded = against_the_list(decode(job.path), job.listed_s)
        voices = find_voices(decoded, job.agent_channel, recogniser.separator)
    except RecordingError as error:
        return Failure(recording_id=job.recording_id, stage=error.stage, reason=error.reason)
    except MemoryError:
        reason = Message.of("audio.too-long")
        return Failure(recording_id=job.recording_id, stage="audio", reason=reason)
    windows = windows_of(voices, recogniser.window_s)
    call = ReadyCall(
        recording_id=job.recording_id, language=language, voices=voices, windows=windows
    )
    return call if language != AUTO else replace(call, language=_language(call, recogniser))


def _language(call: ReadyCall, recogniser: Recogniser) -> str:
    """The language of a call, by the window of each voice that has most speech."""
    spoken = []
    for voice in (0, 1):
        longest = max(call.windows[voice], key=lambda w: w.speech_s, default=None)
        if longest is not None:
            sound = window_sound(call, voice, longest, recogniser)
            probabilities = recogniser.engine.language_probabilities(sound)
            spoken.append((longest.speech_s, probabilities))
    return language_of_call(spoken, recogniser.options.languages or OF_CALLS)


def _listen(
    waiting: Sequence[ReadyCall | Failure], recogniser: Recogniser
) -> Iterator[Recognised | Failure]:
    heard: dict[int, HeardVoices | Failure] = {}
    prepared = [(n, item) for n, item in enumerate(waiting) if isinstance(item, ReadyCall)]
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
            recording_id=item.recording_id,
            language=item.language,
            voices=item.voices,
            heard=found,
            options=recogniser.options,
            identity=recogniser.identity,
        )


def _hear_safely(
    group: Sequence[tuple[int, ReadyCall]], language: str, recogniser: Recogniser
) -> dict[int, HeardVoices | Failure]:
    """What was heard; where the recogniser breaks down, by each recording on its own."""
    try:
        return dict(hear_calls(group, language, recogniser))
    except (RuntimeError, ValueError) as error:
        if len(group) == 1:
            number, item = group[0]
            reason = Message.of("asr.failed", error=" ".join(str(error).split())[:300])
            return {number: Failure(recording_id=item.recording_id, stage="asr", reason=reason)}
    return {
        number: result
        for row in group
        for number, result in _hear_safely([row], language, recogniser).items()
    }


__all__ = ["AsrJob", "Recognised", "recognise"]
