"""A period of the record, read once: what a stage of the job needs to know of it.

Everything is read by rows and hashes in a few questions, whatever the number of calls; words and
cards are fetched, in bulk, where they are needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qc_pipeline.audio.survey import reader_of
from qc_pipeline.call import Recording
from qc_pipeline.errors import RecordingError
from qc_pipeline.period.calls import recordings_of
from qc_pipeline.period.file_hashes import FileFacts
from qc_pipeline.period.transcript_lookup import (
    RecogniserIdentity,
    TranscriptionRef,
    find_transcriptions,
    recogniser_identity,
)
from qc_pipeline.store.decisions import KeptDecision, decisions_of
from qc_pipeline.store.outcomes import OutcomeRow, outcome_rows
from qc_pipeline.store.publications import Publication, published
from qc_pipeline.store.purging import purged_calls
from qc_pipeline.store.record import Record
from qc_pipeline.store.rescorings import adopted_in
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.open_workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodState:
    """A drawn period as it stands, all of the same moment.

    `recordings` are the call rows of the sample, by id; `transcriptions` name what belongs to each
    of them; `outcomes` how each stands, `decided` and `adopted` (rubrics chosen by people, by hash)
    what people said: an act that writes compares these three with what it finds. `purged` gives the
    day of each purged recording.
    """

    kept: KeptSample
    publication: Publication | None
    recordings: Mapping[str, Recording]
    transcriptions: Mapping[str, TranscriptionRef]
    outcomes: Mapping[str, OutcomeRow]
    decided: Mapping[str, tuple[KeptDecision, ...]]
    adopted: Mapping[str, str]
    purged: Mapping[str, str]
    identity: RecogniserIdentity

    @property
    def period(self) -> str:
        return self.kept.sample.period


def read_period(workspace: Workspace, record: Record, kept: KeptSample) -> PeriodState:
    """Read a drawn period in one snapshot.

    Raises UsageError where the recogniser that is set is not on this machine.
    """
    with record.snapshot() as now:
        return period_in(workspace, now, kept)


def period_in(workspace: Workspace, reads: Reads, kept: KeptSample) -> PeriodState:
    """The same over what is being read already."""
    identity = recogniser_identity(workspace, reads)
    purged = purged_calls(reads)
    recordings = recordings_of(workspace, reads, kept.sample.picks, purged=purged)
    facts = FileFacts(workspace.cache)
    root = workspace.settings.recordings_root
    whole = {k: r for k, r in recordings.items() if k not in purged}
    facts.foresee(root / r.path for r in whole.values() if r.path)

    def audio_sha256(recording: Recording) -> str | None:
        try:
            return facts.sha256(root / (recording.path or ""))
        except RecordingError:
            return None

    def reader(recording: Recording) -> str:
        return facts.reader(root / (recording.path or ""), reader_of)

    return PeriodState(
        kept=kept,
        publication=published(reads, kept.sample.period),
        recordings=recordings,
        transcriptions=find_transcriptions(reads, whole.values(), identity, audio_sha256, reader),
        outcomes=outcome_rows(reads, kept.seq),
        decided=decisions_of(reads, kept.sample.period),
        adopted=adopted_in(reads, kept.sample.period),
        purged=purged,
        identity=identity,
    )


def recording_path(workspace: Workspace, recording: Recording) -> Path:
    """Where a recording lies."""
    return workspace.settings.recordings_root / (recording.path or "")
