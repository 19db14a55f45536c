"""A drawn sample as lines of a terminal: strata, plan, tiers, who hears what, what was replaced.

Figures stand before names, so that a long stratum's name moves no column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from qc_pipeline.cli.card_text import plain
from qc_pipeline.cli.progress import told
from qc_pipeline.message import Message
from qc_pipeline.period.invalid_calls import counted
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.sampling.sample import Pick, PlanRow, Sample
from qc_pipeline.sampling.sample_tables import excluded_table, stratum_table

if TYPE_CHECKING:
    from qc_pipeline.call import Recording
    from qc_pipeline.sampling.replace_invalid import Replacement
    from qc_pipeline.store.replacements import KeptReplacement

ORIGINS = {"drawn": "at random", "mystery": "test calls", "forced": "put in by hand"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """How long the calls of a sample last: all, those drawn at random (which the budget is for),
    those heard in full, those of each inspector.

    `unknown` counts calls whose length nobody knows; they are in no sum.
    """

    whole: float
    drawn: float
    relistened: float
    by_inspector: Mapping[str, float]
    unknown: int

    def as_json(self) -> dict[str, Any]:
        return {
            "all": round(self.whole, 1),
            "drawn": round(self.drawn, 1),
            "relistened": round(self.relistened, 1),
            "by_inspector": {k: round(v, 1) for k, v in sorted(self.by_inspector.items())},
            "calls_of_unknown_length": self.unknown,
        }


def minutes_of(sample: Sample, calls: Mapping[str, Recording]) -> Minutes:
    """Minutes of the sample's calls; `calls` are their rows by id."""
    lengths = {k: r.duration_s / 60 for k, r in calls.items() if r.duration_s is not None}
    known = [p for p in sample.picks if p.recording_id in lengths]
    heard: Counter[str] = Counter()
    for pick in known:
        if pick.inspector is not None:
            heard[pick.inspector] += lengths[pick.recording_id]  # type: ignore[assignment]
    return Minutes(
        whole=sum(lengths[p.recording_id] for p in known),
        drawn=sum(lengths[p.recording_id] for p in known if p.origin == "drawn"),
        relistened=sum(lengths[p.recording_id] for p in known if p.relisten),
        by_inspector=dict(heard),
        unknown=len(sample.picks) - len(known),
    )


def sample_lines(
    sample: Sample,
    replacements: Sequence[KeptReplacement],
    minutes: Minutes,
    language: str,
    plan: Sequence[PlanRow] = (),
) -> Iterator[str]:
    """Everything an inspector asks of a draw; with `plan` the rates that were planned, else those
    of the calls that were drawn.
    """
    yield f"{sample.period}  seed {plain(sample.seed)}  plan {sample.plan_sha256[:12]}"
    yield from _strata(sample, plan)
    if sample.risk:
        yield from _risk(sample)
    yield from _counts(sample, {k.replacement.invalid for k in replacements})
    yield from _tiers(sample, minutes)
    yield from _inspectors(sample, minutes)
    yield from _replaced(replacements)
    t = Translator(language)
    for note in sample.notes:
        yield plain(t.told(note))


def _strata(sample: Sample, plan: Sequence[PlanRow]) -> Iterator[str]:
    rates: dict[str, list[float]] = {}
    for row in plan:
        rates.setdefault(row.stratum, []).extend((row.least_rate, row.most_rate))
    for pick in () if plan else sample.picks:
        if pick.probability is not None:
            rates.setdefault(pick.stratum, []).append(pick.probability)
    yield f"{'frame':>8}{'plan':>10}{'drawn':>8}{'rate':>16}  stratum"
    for stratum, frame, allocated, drawn, share, merged in stratum_table(sample):
        found = rates.get(stratum)
        rate = _range(min(found), max(found)) if found else share
        yield f"{frame:>8}{allocated:>10}{drawn:>8}{rate:>16}  {plain(stratum)}"
        if merged:
            yield f"{'':>44}merged from {plain(merged)}"


def _risk(sample: Sample) -> Iterator[str]:
    yield "what raises or lowers the chance (product of those that hold, from 0.2 to 5):"
    for one in sample.risk:
        yield f"{one.frame:>8} calls of the frame  ×{one.multiplier:g}  {plain(one.name)}"
    yield f"{'frame':>8}{'plan':>10}{'rate':>24}  class  stratum"
    for row in sample.risk_plan:
        rate = _range(row.least_rate, row.most_rate)
        name = f"{row.risk_class or '×1':<7}"
        yield f"{row.frame:>8}{row.expected:>10.2f}{rate:>24}  {name}{plain(row.stratum)}"


def _range(low: float, high: float) -> str:
    return f"{low:.4f}" if f"{low:.4f}" == f"{high:.4f}" else f"{low:.4f}–{high:.4f}"


def _counts(sample: Sample, gone: Collection[str]) -> Iterator[str]:
    # What proved invalid after the draw had been in the frame; it is told of by itself.
    excluded = tuple(e for e in sample.excluded if e.recording_id not in gone)
    outside = excluded_table(replace(sample, excluded=excluded))
    reasons = ", ".join(f"{plain(told(reason))} {n}" for reason, n in outside)
    yield f"outside the frame {sum(n for _, n in outside)}" + (f": {reasons}" if reasons else "")
    origins = Counter(p.origin for p in sample.picks)
    parts = ", ".join(f"{word} {origins[key]}" for key, word in ORIGINS.items() if origins[key])
    yield f"in the sample {len(sample.picks)}" + (f": {parts}" if parts else "")
    agents = Counter(p.agent_id for p in sample.picks if p.origin == "drawn" and p.agent_id)
    if agents:
        low, high = min(agents.values()), max(agents.values())
        each = f"{low}" if low == high else f"{low} to {high}"
        yield f"agents {len(agents)}, {each} calls each at random"


def _tiers(sample: Sample, minutes: Minutes) -> Iterator[str]:
    heard = sum(p.relisten for p in sample.picks)
    people = max(1, len(sample.plan.get("inspectors") or ()))
    budget = sample.plan.get("budget_minutes")
    of = f", at random {minutes.drawn:.0f} of {budget * people:g}" if budget else ""
    unknown = f", {minutes.unknown} calls of unknown length" if minutes.unknown else ""
    yield f"minutes {minutes.whole:.0f}{of}{unknown}"
    yield (
        f"to be heard in full (re-listened) {heard} of {len(sample.picks)}, "
        f"{minutes.relistened:.0f} minutes"
    )


def _inspectors(sample: Sample, minutes: Minutes) -> Iterator[str]:
    groups: dict[str, list[Pick]] = {}
    for pick in sample.picks:
        if pick.inspector is not None:
            groups.setdefault(pick.inspector, []).append(pick)
    if groups:
        yield f"{'calls':>8}{'in full':>10}{'minutes':>9}  inspector"
    for name, picks in sorted(groups.items()):
        full = sum(p.relisten for p in picks)
        length = minutes.by_inspector.get(name, 0.0)
        yield f"{len(picks):>8}{full:>10}{length:>9.0f}  {plain(name)}"


def _replaced(replacements: Sequence[KeptReplacement]) -> Iterator[str]:
    made = [k.replacement for k in replacements]
    if made:
        yield f"invalid recordings {len(made)}: {causes(made)}"
    for kept in replacements:
        one = kept.replacement
        why = told(Message.of(f"cause.{one.reason}"))
        why += f": {plain(kept.text)}" if kept.text else ""
        follows = "nobody left in the reserve" if one.by is None else f"→ {plain(one.by)}"
        yield f"  {plain(one.invalid)} ({why}) {follows}"


def causes(replacements: Iterable[Replacement]) -> str:
    """ "silent 2, test 1", the most frequent first."""
    return ", ".join(f"{told(Message.of(f'cause.{c}'))} {n}" for c, n in counted(replacements))


def replaced_json(replacements: Sequence[KeptReplacement]) -> list[dict[str, Any]]:
    """Replacements in the order in which they were made."""
    return [
        {
            "recording_id": k.replacement.invalid,
            "reason": k.replacement.reason,
            "text": k.text,
            "by": k.replacement.by,
        }
        for k in replacements
    ]
