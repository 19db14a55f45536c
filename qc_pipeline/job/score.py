"""The scoring stage: every transcribed recording of the sample gets its card."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

from qc_pipeline.call import Failure, Recording, content_sha256
from qc_pipeline.errors import UsageError
from qc_pipeline.job.automatic import stop_refuted, take_back_fallen
from qc_pipeline.job.progress import Progress, Tally
from qc_pipeline.job.recording_checks import heard_twice
from qc_pipeline.message import Message
from qc_pipeline.period.state import PeriodState, read_period
from qc_pipeline.period.transcript_lookup import load_transcriptions
from qc_pipeline.review.rejudge import rubrics_by_choice
from qc_pipeline.scoring.compile import CompiledRubric, compile_rubric
from qc_pipeline.scoring.decisions import NO_DECISIONS, Decision
from qc_pipeline.scoring.earned import Autonomy
from qc_pipeline.scoring.rubric.model import Rubric
from qc_pipeline.scoring.score import ENGINE_VERSION, ToScore, score_many
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.automatic import ON, KeptAutomatic, rows_in_force
from qc_pipeline.store.calls import keep_calls
from qc_pipeline.store.decisions import KeptDecision, Looked, keep_scored, looked_so_far
from qc_pipeline.store.outcomes import with_cards
from qc_pipeline.store.publications import standing_publication
from qc_pipeline.store.record import Record
from qc_pipeline.store.rubrics import keep_rubric
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.store.transcriptions import Transcription
from qc_pipeline.workspace.open_workspace import Workspace
from qc_pipeline.workspace.scoring_terms import ModelTerms, terms_for

SCORED = "scored"
"""In the cache: the card that stood after scoring, by all that it follows from."""


def score_stage(
    workspace: Workspace,
    record: Record,
    kept: KeptSample,
    *,
    progress: Progress,
    state: PeriodState | None = None,
) -> Tally:
    """Score every transcribed recording of the sample; keep how each recording stands.

    A recording that failed and is still not transcribed stays a failure. A published period
    stands as it is. `state` is the period as it was read just before, if it was.
    """
    if state is None:
        public = standing_publication(record, kept.sample.period)
        if public is not None:
            said = "progress.scores-final" if public.kind == "final" else "progress.scores-stand"
            progress.say(Message.of(said, period=kept.sample.period))
            return Tally(before=len(kept.sample.picks))
        state = read_period(workspace, record, kept)
    rubrics = _rubrics(workspace, record, state)
    with record.snapshot() as now:
        rows, looked = rows_in_force(now), looked_so_far(now)
        terms = _terms(workspace, now, state, rows)
    if _settle_standings(workspace, record, rubrics, rows, looked, progress):
        terms = _terms(workspace, record, state, rows_in_force(record))
    keys = {k: _scoring_key(workspace, state, k, rubrics[k], terms) for k in rubrics}
    known = workspace.cache.get(SCORED, keys.values())
    todo = [k for k, key in keys.items() if not _stands(state, k, known.get(key))]
    for message in heard_twice(record, state.transcriptions, told=True) if todo else ():
        progress.say(message)
    progress.stage("score", len(kept.sample.picks))
    results = _score(workspace, record, state, {k: rubrics[k] for k in todo}, progress)
    settled = {
        k
        for k in (p.recording_id for p in kept.sample.picks)
        if k in rubrics or _stands_unjudged(state, k)
    }
    for recording_id in sorted(settled - set(todo)):
        progress.step(recording_id)
    if not settled:
        raise UsageError(f"{state.period}: nothing is transcribed yet; `qc transcribe` first")
    changed = 0
    if results:
        with record.transaction() as tx:
            kept_now = keep_scored(
                tx,
                state.period,
                kept.seq,
                [results[p.recording_id] for p in kept.sample.picks if p.recording_id in results],
                standing=state.outcomes,
                decided=state.decided,
                adopted=state.adopted,
            )
        if kept_now is None:
            # Somebody decided or corrected while we scored: not to be lost under our cards.
            return score_stage(workspace, record, kept, progress=progress)
        changed = kept_now
        workspace.cache.put(SCORED, {keys[k]: card.sha256() for k, card in results.items()})
    failed = sum(
        (row := state.outcomes.get(k)) is not None and row.failure is not None
        for k in settled - rubrics.keys()
    )
    return Tally(done=changed, before=len(settled) - changed, failed=failed)


def _rubrics(workspace: Workspace, record: Record, state: PeriodState) -> Mapping[str, Rubric]:
    """The rubric of every transcribed recording of the sample, by id in the sample's order."""
    chosen = rubrics_by_choice(record, state.period) if state.adopted else {}
    return {
        k: chosen.get(k) or workspace.rubrics.choose(state.recordings[k])
        for k in sorted(p.recording_id for p in state.kept.sample.picks)
        if k in state.transcriptions
    }


def _terms(
    workspace: Workspace, record: Reads, state: PeriodState, standing: Sequence[KeptAutomatic]
) -> list[dict[str, Any]]:
    """The terms that cards of the period follow from: for words from elsewhere, and for those that
    the recogniser which is set has heard; and what is automatic or stopped with whatever model.
    """
    identity = state.identity.identity
    models = (None, None if identity is None else identity.model_sha256)
    terms = [terms_for(workspace.settings, record, model).as_json() for model in models]
    names = sorted((r.identity, r.model_sha256, r.engine, r.state) for r in standing)
    return [*terms, {"standing": names}] if names else terms


def _settle_standings(
    workspace: Workspace,
    record: Record,
    rubrics: Mapping[str, Rubric],
    rows: Sequence[KeptAutomatic],
    looked: Looked,
    progress: Progress,
) -> bool:
    """Take back what fell below what it had proved, stop what looks refuted, and say so; whether
    anything did. `rows` are in force, `looked` is what people have looked at so far.
    """
    settings = workspace.settings
    standing = tuple(r for r in rows if r.state == ON)
    fallen = take_back_fallen(record, settings, workspace.rubrics, standing)
    for one in fallen:
        stopped = one.earned.standing is Autonomy.STOPPED
        code = "progress.automatic-stopped" if stopped else "progress.automatic-fell"
        values = {"rubric": one.row.rubric, "criterion": one.row.criterion, "title": one.title}
        progress.say(Message.of(code, **values))
    used = {r.sha256: r for r in rubrics.values()}
    refuted = stop_refuted(record, settings, used.values(), looked, workspace.cache)
    for rubric, criterion in refuted:
        values = {"rubric": rubric.rubric, "criterion": criterion.id, "title": criterion.title}
        progress.say(Message.of("progress.criterion-stopped", **values))
    return bool(fallen or refuted)


def _scoring_key(
    workspace: Workspace,
    state: PeriodState,
    recording_id: str,
    rubric: Rubric,
    terms: Sequence[Mapping[str, Any]],
) -> str:
    """Names everything that a card follows from, without reading the words: see
    `Scorecard.inputs`.
    """
    ref = state.transcriptions[recording_id]
    decided = [k.decision.as_json() for k in state.decided.get(recording_id, ())]
    return content_sha256(
        {
            "recording": recording_id,
            "call": content_sha256(state.recordings[recording_id].as_json()),
            "transcript": ref.words_sha256,
            "measures": ref.measures_sha256,
            "rubric": rubric.sha256,
            "decisions": decided,
            "engine": ENGINE_VERSION,
            "terms": terms,
        }
    )


def _stands(state: PeriodState, recording_id: str, card_sha256: str | None) -> bool:
    """Whether the card that scoring would give is the one that stands."""
    row = state.outcomes.get(recording_id)
    return row is not None and row.card_sha256 is not None and row.card_sha256 == card_sha256


def _stands_unjudged(state: PeriodState, recording_id: str) -> bool:
    """Whether a recording without words stands all the same: a failure, or a purged card."""
    row = state.outcomes.get(recording_id)
    return row is not None and (row.failure is not None or recording_id in state.purged)


def _score(
    workspace: Workspace,
    record: Record,
    state: PeriodState,
    rubrics: Mapping[str, Rubric],
    progress: Progress,
) -> Mapping[str, Scorecard]:
    """Score calls anew, each by its rubric; their call rows and rubrics are kept beforehand."""
    if not rubrics:
        return {}
    with record.transaction() as tx:
        keep_calls(tx, (state.recordings[k] for k in rubrics))
        for rubric in {r.sha256: r for r in rubrics.values()}.values():
            keep_rubric(tx, source=rubric.source, rubric_id=rubric.rubric, version=rubric.version)
    refs = {k: state.transcriptions[k] for k in rubrics}
    words = load_transcriptions(record, refs)
    former = with_cards(record, {k: r for k, r in state.outcomes.items() if k in rubrics})
    cards = _cards(workspace, record, rubrics, words, state.recordings, state.decided, progress)
    return {k: standing(cards[k], former.get(k)) for k in rubrics}


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
    record: Record,
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
    terms = cache(partial(terms_for, workspace.settings, record))
    cards: dict[str, Scorecard] = {}
    for ids in calls.values():
        made = score_transcribed(
            [(recordings[i], heard[i], [k.decision for k in decided.get(i, ())]) for i in ids],
            compile_rubric(rubrics[ids[0]]),
            terms,
        )
        for recording_id, card in zip(ids, made, strict=True):
            cards[recording_id] = card
            progress.step(recording_id)
    return cards


def score_transcribed(
    calls: Iterable[tuple[Recording, Transcription, Sequence[Decision]]],
    rubric: CompiledRubric,
    terms: Callable[[str | None], ModelTerms],
) -> Iterator[Scorecard]:
    """Scorecards from stored values, in order; `terms` are those for the model that heard, by its
    hash.
    """
    return score_many(rubric, to_score(calls, terms))


def to_score(
    calls: Iterable[tuple[Recording, Transcription, Sequence[Decision]]],
    terms: Callable[[str | None], ModelTerms],
) -> Iterator[ToScore]:
    """Stored values as they are scored; see `score_transcribed`."""
    for recording, heard, decisions in calls:
        yield ToScore(
            transcript=heard.transcript,
            call=recording,
            measures=heard.measures,
            decisions=decisions,
            known=heard.known,
            terms=terms(heard.transcript.asr.model_sha256).of(heard.transcript.language),
        )
