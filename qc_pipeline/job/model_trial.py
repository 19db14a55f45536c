"""`qc model try`: a model on a few of the centre's own calls, before it judges any.

Every call is heard twice, as it is and slightly changed; the figures of the first are what the
model would give, the likeness of the two is how far it can be relied on. Nothing of the calls is
kept: the record gets the bounds, the figures and which calls they were measured on.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from qc_pipeline.asr.changed_sound import CHANGED
from qc_pipeline.asr.consistency import HeardTwice, compare
from qc_pipeline.asr.language import AUTO
from qc_pipeline.asr.load import describe
from qc_pipeline.asr.measured_bounds import MeasuredBounds, measured_bounds
from qc_pipeline.asr.model_fitness import fitness
from qc_pipeline.asr.models import find_model, model_sha256
from qc_pipeline.asr.transcribe import Recognised
from qc_pipeline.call import Failure, Recording, Speaker, Transcript, UnheardReason
from qc_pipeline.job.progress import Progress
from qc_pipeline.job.share import recognise_all
from qc_pipeline.job.transcribe import asr_job
from qc_pipeline.job.trial_calls import trial_calls, week_of
from qc_pipeline.job.trial_figures import Trial, TriedCall, figures_of, trial_json
from qc_pipeline.message import Message
from qc_pipeline.sampling.period import Period
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.evidence.hearing import hearing_of
from qc_pipeline.scoring.evidence.timing import length_s, union
from qc_pipeline.scoring.score import score
from qc_pipeline.store.model_trials import keep_trial
from qc_pipeline.store.record import Record
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.open_workspace import Workspace
from qc_pipeline.workspace.scoring_terms import terms_for

CALLS = 10
"""Calls of a trial, where nobody says another number."""


def try_model(
    workspace: Workspace,
    reads: Reads,
    period: Period,
    model: str,
    *,
    calls: int = CALLS,
    progress: Progress,
) -> Trial:
    """Listen to some of the period's calls with a model, twice each, and say what it is worth.

    Raises UsageError where the model is not on this machine or not whole, and where the period has
    no call whose recording is there.
    """
    options = workspace.settings.asr.model_copy(
        update={"model": model, "backend": "faster-whisper"}
    )
    place = find_model(model, workspace.root)
    settings = workspace.settings.model_copy(update={"asr": options})
    chosen = trial_calls(workspace, reads, period, calls, options.language)
    progress.say(describe(options, workspace.root))
    jobs = [asr_job(workspace, one) for one in chosen]
    progress.stage("transcribe", len(jobs))
    begun_s = time.perf_counter()
    first = _steps(recognise_all(settings, workspace.root, jobs), chosen, progress)
    taken_s = time.perf_counter() - begun_s
    progress.stage("hear again", len(jobs))
    again = _steps(recognise_all(settings, workspace.root, jobs, change=CHANGED), chosen, progress)
    audio_s = sum(r.transcript.duration_s for r in first if isinstance(r, Recognised))
    language = _language(options.language, first)
    compared = [
        compare(one.transcript, two.transcript)
        if isinstance(one, Recognised)
        and isinstance(two, Recognised)
        and one.transcript.language == language
        else {}
        for one, two in zip(first, again, strict=True)
    ]
    bounds = measured_bounds([words for one in compared for words in one.values()])
    tried = tuple(
        _tried(workspace, one, heard, words, bounds)
        for one, heard, words in zip(chosen, first, compared, strict=True)
    )
    figures = figures_of(tried)
    verdict, reasons = fitness(figures)
    return Trial(
        place=place,
        sha256=model_sha256(place.folder),
        machine=describe(options, workspace.root),
        language=language,
        period=period.name,
        calls=tried,
        bounds=bounds,
        figures=figures,
        fitness=verdict,
        reasons=reasons,
        seconds_an_hour=taken_s * 3600 / audio_s if audio_s else None,
        week=week_of(workspace, reads, period),
    )


def keep(record: Record, trial: Trial, person: str) -> int:
    """Put the trial's bounds in force; returns its number in the record."""
    with record.transaction() as tx:
        return keep_trial(
            tx,
            model_sha256=trial.sha256,
            language=trial.language,
            period=trial.period,
            person=person,
            fitness=trial.fitness,
            doubtful_below=trial.bounds.doubtful_below,
            least_confidence=trial.bounds.least_confidence,
            body=trial_json(trial),
        )


def _steps(
    results: Iterator[tuple[int, Recognised | Failure]],
    chosen: Sequence[Recording],
    progress: Progress,
) -> list[Recognised | Failure]:
    found: dict[int, Recognised | Failure] = {}
    for number, result in results:
        found[number] = result
        if isinstance(result, Failure):
            progress.step(
                Message.of(
                    "progress.failed",
                    recording=result.recording_id,
                    stage=result.stage,
                    why=result.reason,
                )
            )
        else:
            progress.step(chosen[number].recording_id)
    return [found[n] for n in range(len(chosen))]


def _language(wanted: str, heard: Sequence[Recognised | Failure]) -> str:
    """The language that is measured: the one set, else the commonest of the calls."""
    if wanted != AUTO:
        return wanted
    spoken = Counter(r.transcript.language for r in heard if isinstance(r, Recognised))
    return min(spoken, key=lambda k: (-spoken[k], k), default=AUTO)


def _tried(
    workspace: Workspace,
    recording: Recording,
    heard: Recognised | Failure,
    words: Mapping[Speaker, tuple[HeardTwice, ...]],
    measured: MeasuredBounds,
) -> TriedCall:
    if isinstance(heard, Failure):
        return TriedCall(recording=recording, failure=heard)
    usual = terms_for(workspace.settings, None, None).usual
    bounds = replace(usual.bounds, least_confidence=measured.least_confidence)
    card = score(
        workspace.rubrics.choose(recording),
        heard.transcript,
        recording,
        heard.measures,
        terms=replace(usual, bounds=bounds, doubtful_below=measured.doubtful_below),
    )
    verdicts = [c.verdict for c in card.criteria()]
    return TriedCall(
        recording=recording,
        transcript=heard.transcript,
        hearing=hearing_of(heard.transcript),
        unheard_s=_unheard_s(heard.transcript),
        words=words,
        not_judged=card.not_judged,
        held=verdicts.count(Verdict.HELD),
        criteria=len(verdicts),
    )


def _unheard_s(transcript: Transcript) -> Mapping[Speaker, Mapping[UnheardReason, float]]:
    """Seconds of each party's speech without words, by why."""
    found: dict[Speaker, dict[UnheardReason, float]] = {}
    for speaker, spans in (transcript.unheard or {}).items():
        reasons = sorted({u.reason for u in spans})
        found[speaker] = {
            r: length_s(union((u.start_s, u.end_s) for u in spans if u.reason is r))
            for r in reasons
        }
    return found
