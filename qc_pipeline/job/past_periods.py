"""The periods before one: what a report compares its own figures with."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from qc_pipeline.call import Failure
from qc_pipeline.call_table import CallTable
from qc_pipeline.report.inputs import PastPeriod, past_call
from qc_pipeline.review.published import published_cards
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.sample import Sample
from qc_pipeline.sampling.strata import time_slots
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.calls import kept_call
from qc_pipeline.store.card_sources import models_of
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.publications import published
from qc_pipeline.store.samples import KeptSample, drawn_periods, kept_sample
from qc_pipeline.store.transaction import Reads

PAST_PERIODS = 12


def past_periods(record: Reads, kept: KeptSample, calls: CallTable) -> tuple[PastPeriod, ...]:
    """The twelve periods before `kept`, oldest first: as published, else as they stand. `calls`
    is today's list, which may still hold their days.
    """
    earlier = [p for p in drawn_periods(record) if p[2] < kept.start_day][-PAST_PERIODS:]
    found = []
    for name, start, end in earlier:
        former = kept_sample(record, name)
        if former is None:
            continue
        picks = {p.recording_id: p for p in former.sample.picks}
        cards = _cards(record, former)
        slots = slots_of(former.sample, calls.between(start, end))
        past = []
        for recording_id, card in cards.items():
            recording, pick = kept_call(record, recording_id), picks.get(recording_id)
            if recording is not None and pick is not None:
                drawn = pick.origin == "drawn"
                past.append(
                    past_call(
                        recording,
                        card,
                        drawn=drawn,
                        relisten=pick.relisten,
                        slot=slots.get(recording_id, ""),
                    )
                )
        found.append(
            PastPeriod(
                name=name,
                start=start,
                end=end,
                rubrics=tuple(sorted({c.rubric_sha256 for c in cards.values()})),
                models=models_of(record, [c.transcript_sha256 for c in cards.values()]),
                calls=tuple(past),
            )
        )
    return tuple(found)


def _cards(record: Reads, former: KeptSample) -> Mapping[str, Scorecard]:
    """A published period compares as it was published, whatever was corrected afterwards: the
    former report says the same figure."""
    public = published(record, former.sample.period)
    if public is not None:
        return published_cards(record, public)
    outcomes = outcomes_of(record, former.seq)
    return {k: o for k, o in outcomes.items() if not isinstance(o, Failure)}


def slots_of(sample: Sample, rows: CallTable) -> Mapping[str, str]:
    """The time slot of each drawn call: worked out from its period's calls where today's list
    still has them, else that of the stratum it was drawn in, if that held one slot only.
    """
    picks = sample.picks
    listed = set(rows.ids.tolist())
    try:
        plan = SamplingPlan.model_validate(dict(sample.plan))
    except ValidationError:  # a plan of an earlier version of ours
        plan = None
    if plan is not None and len(rows) and all(p.recording_id in listed for p in picks):
        names, codes = time_slots(rows, plan)
        return {k: names[c] for k, c in zip(rows.ids.tolist(), codes.tolist(), strict=True)}
    own = {s.stratum: s.slot for s in sample.strata if "+" not in s.slot}
    return {p.recording_id: own.get(p.stratum, "") for p in picks}
