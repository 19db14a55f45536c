"""Invalid recordings of a drawn period: found, and followed by the next of the seeded reserve.

People find them (`qc review REC --invalid`), and the job does where nobody speaks. Which recording
follows is settled by the draw alone (see `qc_pipeline.sampling.replace_invalid`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from qc_pipeline.call import Transcript
from qc_pipeline.message import Message
from qc_pipeline.sampling.replace_invalid import REASONS, Replacement, replace_invalid
from qc_pipeline.scoring.decisions import DecisionVerdict
from qc_pipeline.store.calls import keep_calls
from qc_pipeline.store.decisions import KeptDecision, decisions_of
from qc_pipeline.store.publications import published
from qc_pipeline.store.record import Record
from qc_pipeline.store.replacements import KeptReplacement, keep_replacements
from qc_pipeline.store.samples import KeptSample, kept_sample
from qc_pipeline.workspace.open_workspace import Workspace

SILENT = "silent"
OTHER = "other"


def is_silent(transcript: Transcript) -> bool:
    """Whether the voice detector listened and heard nobody, and no word was recognised.

    A transcript from elsewhere that does not say where there is speech is never silent.
    """
    heard = any(end_s > start_s for spans in transcript.speech.values() for start_s, end_s in spans)
    return bool(transcript.speech) and not heard and not transcript.turns


def found_invalid(
    kept: KeptSample, decided: Mapping[str, Sequence[KeptDecision]]
) -> dict[str, KeptDecision]:
    """Recordings of the sample that a person found invalid, each with the decision in force;
    `decided` are the period's decisions.
    """
    picks = {p.recording_id for p in kept.sample.picks}
    found: dict[str, KeptDecision] = {}
    for recording_id, taken in decided.items():
        whole = [k for k in taken if k.decision.criterion is None]
        if (
            recording_id in picks
            and whole
            and whole[-1].decision.verdict is DecisionVerdict.INVALID
        ):
            found[recording_id] = whole[-1]
    return found


def replace_found(
    workspace: Workspace,
    record: Record,
    kept: KeptSample,
    *,
    silent: Collection[str] = (),
    say: Callable[[Message], None],
    decisions: Mapping[str, Sequence[KeptDecision]] | None = None,
) -> KeptSample:
    """The sample with the next of the reserve in place of what people, or the job, found invalid.

    `silent` are recordings in which nobody speaks; only those that were drawn at random leave
    for that. A published period stands as it is. `decisions` are those of a draft that were read
    before; where they are not given, the record is asked.
    """
    period = kept.sample.period
    if decisions is None:
        with record.snapshot() as now:
            if published(now, period) is not None:
                return kept
            decisions = decisions_of(now, period)
    decided = found_invalid(kept, decisions)
    drawn = {p.recording_id for p in kept.sample.picks if p.origin == "drawn"}
    reasons = {name: SILENT for name in silent if name in drawn}
    reasons |= {name: _reason(k) for name, k in decided.items()}
    if not reasons:
        return kept
    following = workspace.calls.find(kept.sample.reserve)
    done = replace_invalid(
        kept.sample,
        reasons,
        teams={name: team for name, r in following.items() if (team := r.text("team"))},
    )
    with record.transaction() as tx:
        keep_calls(tx, (following[r.by] for r in done.replacements if r.by in following))
        keep_replacements(
            tx,
            sample_seq=kept.seq,
            sample=done.sample,
            replacements=done.replacements,
            decisions={name: k.seq for name, k in decided.items()},
        )
    fresh = kept_sample(record, period)
    if fresh is None:
        raise RuntimeError("the sample just changed is not there")
    just_now = {r.invalid for r in done.replacements}
    for made in fresh.replacements:
        if made.replacement.invalid in just_now:
            say(who_follows(made))
            for quota in made.broken:
                say(quota.message)
    return fresh


def _reason(kept: KeptDecision) -> str:
    cause = kept.decision.cause
    return str(cause) if cause is not None and str(cause) in REASONS else OTHER


def who_follows(kept: KeptReplacement) -> Message:
    """Who is invalid, why, and who takes its place, or why nobody does."""
    one = kept.replacement
    why = Message.of(f"cause.{one.reason}")
    if one.by is None:
        code = "progress.not-replaced" if kept.apart else "progress.used-up"
        return Message.of(code, recording=one.invalid, why=why)
    return Message.of("progress.replaced", recording=one.invalid, why=why, by=one.by)


def counted(replacements: Iterable[Replacement]) -> tuple[tuple[str, int], ...]:
    """(reason, replacements for it), the most frequent first."""
    counts = Counter(r.reason for r in replacements)
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
