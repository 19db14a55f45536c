"""The periods before one: what a report compares its own figures with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from pydantic import ValidationError

from qc_pipeline.call_table import CallTable
from qc_pipeline.report.inputs import PastPeriod, past_call
from qc_pipeline.report.weighting import listened_weights, machine_weights, makes_personal_score
from qc_pipeline.review.published_report import state_of
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.sample import Sample
from qc_pipeline.sampling.strata import time_slots
from qc_pipeline.scoring.listened import is_listened
from qc_pipeline.store.calls import kept_calls
from qc_pipeline.store.card_sources import models_of
from qc_pipeline.store.decisions import cards_by_hash
from qc_pipeline.store.outcomes import outcome_rows_of
from qc_pipeline.store.publications import Publication, publications_of
from qc_pipeline.store.samples import KeptSample, drawn_periods, kept_samples
from qc_pipeline.store.transaction import Reads

PAST_PERIODS = 12


def past_periods(
    record: Reads, kept: KeptSample, calls: CallTable, *, until: datetime | None = None
) -> tuple[PastPeriod, ...]:
    """The twelve periods before `kept`, oldest first: as final, else as published, else as they
    stand. `calls` is today's list, which may still hold their days; what became final after `until`
    is told as it was published, so that a report made again says what it said.
    """
    earlier = [p for p in drawn_periods(record) if p[2] < kept.start_day][-PAST_PERIODS:]
    return told_periods(record, earlier, calls, until=until)


def told_periods(
    record: Reads,
    periods: Sequence[tuple[str, date, date]],
    calls: CallTable,
    *,
    until: datetime | None = None,
) -> tuple[PastPeriod, ...]:
    """Drawn periods (name, first and last day) as other periods' figures read them."""
    if not periods:
        return ()
    samples = kept_samples(record, [name for name, _, _ in periods])
    public = _told_by(record, until)
    hashes = _cards_in_force(record, samples, public)
    cards = cards_by_hash(record, sorted({h for found in hashes.values() for h in found.values()}))
    rows = kept_calls(record, {k for found in hashes.values() for k in found})
    models = models_of(
        record,
        {n: {cards[h].transcript_sha256 for h in found.values()} for n, found in hashes.items()},
    )
    past: list[PastPeriod] = []
    for name, start, end in periods:
        if name not in samples:
            continue
        sample = samples[name].sample
        picks = {p.recording_id: p for p in sample.picks}
        slots = slots_of(sample, calls.between(start, end))
        own = {
            k: cards[h]
            for k, h in hashes[name].items()
            if k in rows and not rows[k].mystery and cards[h].total is not None
        }
        weights = machine_weights(sample, own)
        listened = listened_weights(sample, [k for k, card in own.items() if is_listened(card)])
        past.append(
            PastPeriod(
                name=name,
                start=start,
                end=end,
                rubrics=tuple(sorted({cards[h].rubric_sha256 for h in hashes[name].values()})),
                models=models[name],
                state=state_of(public.get(name), decided=False),
                version=_version(public.get(name)),
                calls=tuple(
                    past_call(
                        rows[k],
                        cards[h],
                        picks[k],
                        weight=weights.of(k),
                        listened_weight=listened.of(k),
                        personal=makes_personal_score(sample, picks[k]),
                        slot=slots.get(k, ""),
                    )
                    for k, h in hashes[name].items()
                    if k in rows and k in picks
                ),
            )
        )
    return tuple(past)


def _told_by(record: Reads, until: datetime | None) -> Mapping[str, Publication]:
    """By period: what names the cards that it is told by. A final period is told as it is final,
    else a published one as it was published, whatever was corrected afterwards: the former report
    says the same figure.
    """
    found: dict[str, Publication] = {}
    for one in publications_of(record):
        late = until is not None and datetime.fromisoformat(one.at) > until
        if one.kind == "published" or (one.kind == "final" and not late):
            found[one.period] = one
    return found


def _version(public: Publication | None) -> int | None:
    return None if public is None else public.body.get("version")


def _cards_in_force(
    record: Reads, samples: Mapping[str, KeptSample], public: Mapping[str, Publication]
) -> Mapping[str, Mapping[str, str]]:
    """The cards of each period by recording, by hash."""
    standing = outcome_rows_of(
        record, [kept.seq for name, kept in samples.items() if name not in public]
    )
    found: dict[str, Mapping[str, str]] = {}
    for name, kept in samples.items():
        if name in public:
            found[name] = dict(sorted(public[name].body["cards"].items()))
        else:
            rows = standing.get(kept.seq, {})
            found[name] = {k: r.card_sha256 for k, r in rows.items() if r.card_sha256 is not None}
    return found


def slots_of(sample: Sample, rows: CallTable) -> Mapping[str, str]:
    """The time slot of each drawn call: worked out from its period's calls where today's list
    still has them, else that of the stratum it was drawn in, if that held one slot only.
    """
    picks = sample.picks
    listed = set(rows.ids.tolist())
    try:
        plan = SamplingPlan.from_json(sample.plan)
    except ValidationError:  # a plan of an earlier version of ours
        plan = None
    if plan is not None and len(rows) and all(p.recording_id in listed for p in picks):
        names, codes = time_slots(rows, plan)
        return {k: names[c] for k, c in zip(rows.ids.tolist(), codes.tolist(), strict=True)}
    own = {s.stratum: s.slot for s in sample.strata if "+" not in s.slot}
    return {p.recording_id: own.get(p.stratum, "") for p in picks}
