"""The scoring stage: every transcribed recording of the sample gets its card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.call import Failure, Recording
from qc_pipeline.errors import UsageError
from qc_pipeline.job.progress import Progress, Tally
from qc_pipeline.period.calls import recordings_of
from qc_pipeline.period.transcript_lookup import transcriptions_of
from qc_pipeline.review.rejudge import rubrics_by_choice
from qc_pipeline.scoring.compile import CompiledRubric, compile_rubric
from qc_pipeline.scoring.decisions import NO_DECISIONS, Decision
from qc_pipeline.scoring.rubric.model import Rubric
from qc_pipeline.scoring.score import ToScore, score_many
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.calls import keep_calls
from qc_pipeline.store.decisions import KeptDecision, decisions_of, keep_scored
from qc_pipeline.store.outcomes import outcomes_of, standing_seqs
from qc_pipeline.store.publications import published
from qc_pipeline.store.record import Record
from qc_pipeline.store.rubrics import keep_rubric
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transcriptions import Transcription
from qc_pipeline.workspace.open_workspace import Workspace


def score_stage(
    workspace: Workspace, record: Record, kept: KeptSample, *, progress: Progress
) -> Tally:
    """Score every transcribed recording of the sample; keep how each recording stands.

    A recording that failed and is still not transcribed stays a failure. A published period
    stands as it is.
    """
    if published(record, kept.sample.period) is not None:
        progress.say(f"{kept.sample.period} is published: its scores stand")
        return Tally(before=len(kept.sample.picks))
    # Before all else that is read: what people keep from here on is seen when we write.
    stands = standing_seqs(record, kept.seq)
    recordings = recordings_of(workspace, record, kept.sample.picks)
    heard = transcriptions_of(workspace, record, recordings)
    before = outcomes_of(record, kept.seq)
    period = kept.sample.period
    decided = decisions_of(record, period)
    adopted = rubrics_by_choice(record, period)
    rubrics = {k: adopted.get(k) or workspace.rubrics.choose(recordings[k]) for k in sorted(heard)}
    with record.transaction() as tx:
        keep_calls(tx, (recordings[k] for k in sorted(heard)))
        for rubric in {r.sha256: r for r in rubrics.values()}.values():
            keep_rubric(tx, source=rubric.source, rubric_id=rubric.rubric, version=rubric.version)
    progress.stage("score", len(kept.sample.picks))
    cards = _cards(workspace, rubrics, heard, recordings, decided, progress)
    results: list[Scorecard | Failure] = []
    for pick in kept.sample.picks:
        former = before.get(pick.recording_id)
        if pick.recording_id in heard:
            results.append(standing(cards[pick.recording_id], former))
            continue
        if isinstance(former, Failure) or (former is not None and former.purged):
            results.append(former)
        progress.step(pick.recording_id)
    if not results:
        raise UsageError(f"{kept.sample.period}: nothing is transcribed yet; `qc transcribe` first")
    chosen = {k: r.sha256 for k, r in adopted.items()}
    with record.transaction() as tx:
        changed = keep_scored(
            tx,
            period,
            kept.seq,
            results,
            standing=stands,
            decided=decided,
            adopted=chosen,
        )
    if changed is None:
        # Somebody decided or corrected while we scored: that is not to be lost under our cards.
        return score_stage(workspace, record, kept, progress=progress)
    failed = sum(isinstance(r, Failure) for r in results)
    return Tally(done=changed, before=len(results) - changed, failed=failed)


def standing(card: Scorecard, former: Scorecard | Failure | None) -> Scorecard:
    """The card that stands: the former where nothing but its parent differs; one that people's
    decisions made names the card it replaces; one by rules alone names none.
    """
    if not isinstance(former, Scorecard):
        return card
    if replace(card, parent=former.parent).sha256() == former.sha256():
        return former
    if card.inputs["decisions"] == NO_DECISIONS:
        return card
    return replace(card, parent=former.sha256())


def _cards(
    workspace: Workspace,
    rubrics: Mapping[str, Rubric],
    heard: Mapping[str, Transcription],
    recordings: Mapping[str, Recording],
    decided: Mapping[str, Sequence[KeptDecision]],
    progress: Progress,
) -> Mapping[str, Scorecard]:
    """The scorecards of transcribed recordings, each by its rubric of `rubrics`, by id."""
    calls: dict[str, list[str]] = {}
    for recording_id, rubric in rubrics.items():
        calls.setdefault(rubric.sha256, []).append(recording_id)
    cards: dict[str, Scorecard] = {}
    for ids in calls.values():
        made = score_transcribed(
            [(recordings[i], heard[i], [k.decision for k in decided.get(i, ())]) for i in ids],
            compile_rubric(rubrics[ids[0]]),
            workspace.settings.asr,
        )
        for recording_id, card in zip(ids, made, strict=True):
            cards[recording_id] = card
            progress.step(recording_id)
    return cards


def score_transcribed(
    calls: Iterable[tuple[Recording, Transcription, Sequence[Decision]]],
    rubric: CompiledRubric,
    options: AsrOptions,
) -> Iterator[Scorecard]:
    """Scorecards from stored values, in order."""
    return score_many(
        rubric,
        (
            ToScore(
                transcript=heard.transcript,
                call=recording,
                measures=heard.measures,
                decisions=decisions,
                known=heard.known,
            )
            for recording, heard, decisions in calls
        ),
        assumed_confidence=options.assumed_confidence,
    )
