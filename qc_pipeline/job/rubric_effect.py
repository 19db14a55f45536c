"""What a changed rubric would have made of a period: by what the record keeps, by all processes.

The machine's own cards, as if nobody had decided anything. A kept card that is still what scoring
gives tells the former rubric's side; of the new one only what changed is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

from qc_pipeline.call import Recording
from qc_pipeline.errors import UsageError
from qc_pipeline.job.score import to_score
from qc_pipeline.job.share import shares
from qc_pipeline.message import Message
from qc_pipeline.period.state import PeriodState
from qc_pipeline.period.transcript_lookup import TranscriptionRef, load_transcriptions
from qc_pipeline.scoring.compare_rubrics import Comparison, compare, together
from qc_pipeline.scoring.rubric.files import read_rubrics
from qc_pipeline.scoring.rubric_change import RubricChange
from qc_pipeline.store.outcomes import kept_where_any
from qc_pipeline.store.record import Record
from qc_pipeline.system.workers import run_inline, run_processes
from qc_pipeline.workspace.open_workspace import Workspace
from qc_pipeline.workspace.scoring_terms import terms_for
from qc_pipeline.workspace.settings import Settings

TOGETHER = 64
"""Calls of one task."""
WORTH_PROCESSES = 300
"""Calls from which on further processes save more than they take to start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCall:
    """A transcribed call: what is kept of it, by hashes; `card` the one that stands, if any."""

    recording: Recording
    transcription: TranscriptionRef
    card: str | None


def effect_of(
    workspace: Workspace, state: PeriodState, ids: Sequence[str], former: Path, rubric: Path
) -> Comparison:
    """Some transcribed calls of a period by two rubric files, in order; at least one call.

    Raises UsageError where a process died over them.
    """
    calls = [
        KeptCall(
            recording=state.recordings[i],
            transcription=state.transcriptions[i],
            card=None if (row := state.outcomes.get(i)) is None else row.card_sha256,
        )
        for i in ids
    ]
    tasks = [tuple(calls[at : at + TOGETHER]) for at in range(0, len(calls), TOGETHER)]
    settings = workspace.settings
    worker = partial(_worker, settings, former, rubric)
    processes = shares(settings)[0]
    if processes == 1 or len(calls) < WORTH_PROCESSES:
        return together([part for _, part in run_inline(tasks, worker)])
    found = dict(run_processes(tasks, worker, processes=processes, died=_died))
    return together([found[number] for number in range(len(tasks))])


def _died(_: Sequence[KeptCall], reason: Message) -> Comparison:
    raise UsageError(reason.text)


def _now() -> datetime:
    return datetime.now(UTC)


def _worker(
    settings: Settings, former: Path, rubric: Path
) -> Callable[[Sequence[KeptCall]], Comparison]:
    """Compares some calls; with a record of its own, for a process of its own."""
    record = Record(settings.store_url(), now=_now, who="")
    change = RubricChange(*read_rubrics(former, rubric))
    terms = cache(partial(terms_for, settings, record))

    def compared(calls: Sequence[KeptCall]) -> Comparison:
        heard = load_transcriptions(
            record, {c.recording.recording_id: c.transcription for c in calls}
        )
        with record.reading() as connection:
            cards = kept_where_any(connection, [c.card for c in calls if c.card is not None])
        kept = [None if c.card is None else cards.get(c.card) for c in calls]
        scored = tuple(
            to_score(((c.recording, heard[c.recording.recording_id], ()) for c in calls), terms)
        )
        before = change.before(kept, scored)
        return compare(before, change.after(before, scored))

    return compared
