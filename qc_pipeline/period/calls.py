"""The calls of a period: its sample, and the rows of the recordings in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qc_pipeline.call import Recording
from qc_pipeline.errors import UsageError
from qc_pipeline.period.invalid_calls import who_follows
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.sampling.sample import Pick
from qc_pipeline.store.calls import kept_calls
from qc_pipeline.store.purging import purged_calls
from qc_pipeline.store.samples import KeptSample, drawn_periods, kept_sample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.open_workspace import Workspace


def find_kept(record: Reads, recording_id: str, period: str | None) -> KeptSample:
    """The draw that a recording is to be decided in: of the period named, else the last with it.

    Raises UsageError where it was not drawn.
    """
    names = [period] if period else [name for name, _, _ in reversed(drawn_periods(record))]
    for name in names:
        kept = kept_sample(record, name)
        for gone in () if kept is None else kept.replacements:
            if gone.replacement.invalid == recording_id:
                told = Translator("en").told(who_follows(gone))
                raise UsageError(f"{told}; it is no longer in {name}")
        if kept is not None and any(p.recording_id == recording_id for p in kept.sample.picks):
            return kept
    where = f"in {period}" if period else "in any period"
    raise UsageError(f"{recording_id!r} was not drawn {where}; `qc sample` shows the draw")


def recordings_of(
    workspace: Workspace,
    record: Reads,
    picks: Iterable[Pick],
    *,
    purged: Mapping[str, str] | None = None,
) -> Mapping[str, Recording]:
    """The call rows of drawn recordings: from today's list, else as kept when they were drawn; of
    purged ones (`purged`, read where it is not given) what is left of them, whatever the list still
    says.
    """
    gone = purged_calls(record) if purged is None else purged
    wanted = {p.recording_id for p in picks}
    found = dict(workspace.calls.find(wanted - gone.keys()))
    return {**found, **kept_calls(record, wanted - found.keys())}
