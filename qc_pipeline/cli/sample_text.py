"""A drawn sample in lines: strata, plan, tiers, who hears what, what was replaced.

Figures stand before names, so that a long stratum's name moves no column. At a terminal the tables
are drawn, with heads in the report's language, and lines are broken to fit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from qc_pipeline.cli.card_text import plain
from qc_pipeline.cli.progress import LANGUAGE, told
from qc_pipeline.cli.tables import TerminalRow, figures, ids, table_lines, texts
from qc_pipeline.cli.wrap import fitted
from qc_pipeline.message import Message
from qc_pipeline.period.invalid_calls import counted
from qc_pipeline.report.words.strata import stratum_label
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
    *,
    width: int | None = None,
) -> Iterator[str]:
    """Everything an inspector asks of a draw; with `plan` the rates that were planned, else those
    of the calls that were drawn. With a width (columns of a terminal) it is made to fit that.
    """
    t = Translator(language)
    # A drawn table is in the report's language, plain lines are in that of the command line.
    names = t if width is not None else Translator(LANGUAGE)
    yield from fitted(
        f"{sample.period}  seed {plain(sample.seed)}  plan {sample.plan_sha256[:12]}", width
    )
    yield from _strata(sample, plan, names, width)
    if sample.risk:
        yield from _risk(sample, names, width)
    for line in _counts(sample, {k.replacement.invalid for k in replacements}):
        yield from fitted(line, width)
    for line in _tiers(sample, minutes):
        yield from fitted(line, width)
    yield from _inspectors(sample, minutes, t, width)
    for line in _replaced(replacements, names):
        yield from fitted(line, width)
    for note in sample.notes:
        yield from fitted(plain(t.told(note)), width)


def _strata(
    sample: Sample, plan: Sequence[PlanRow], t: Translator, width: int | None
) -> Iterator[str]:
    rates: dict[str, list[float]] = {}
    for row in plan:
        rates.setdefault(row.stratum, []).extend((row.least_rate, row.most_rate))
    for pick in () if plan else sample.picks:
        if pick.probability is not None:
            rates.setdefault(pick.stratum, []).append(pick.probability)
    rows: list[TerminalRow] = []
    for stratum, frame, allocated, drawn, share, merged in stratum_table(sample):
        found = rates.get(stratum)
        rate = _range(min(found), max(found)) if found else share
        labels = [stratum_label(t, name) for name in merged.split("; ")] if merged else []
        below = (f"merged from {plain('; '.join(labels))}",) if merged else ()
        name = plain(stratum_label(t, stratum))
        cells = (f"{frame}", f"{allocated}", f"{drawn}", f"{rate}", name)
        rows.append(TerminalRow(cells=cells, below=below))
    if width is not None:
        counted_ = (t("in_frame"), t("col_allocated"), t("col_drawn"), t("col_drawn_share"))
        yield from table_lines((*figures(*counted_), *texts(t("col_stratum"))), rows, width)
        return
    yield f"{'frame':>8}{'plan':>10}{'drawn':>8}{'rate':>16}  stratum"
    for one in rows:
        yield "{:>8}{:>10}{:>8}{:>16}  {}".format(*one.cells)
        for line in one.below:
            yield f"{'':>44}{line}"


def _risk(sample: Sample, t: Translator, width: int | None) -> Iterator[str]:
    yield from fitted(
        "what raises or lowers the chance (product of those that hold, from 0.2 to 5):", width
    )
    raising: list[tuple[str, ...]] = [
        (f"{r.frame}", f"×{r.multiplier:g}", plain(r.name)) for r in sample.risk
    ]
    planned: list[tuple[str, ...]] = [
        (
            f"{r.frame}",
            f"{r.expected:.2f}",
            _range(r.least_rate, r.most_rate),
            r.risk_class or "×1",
            plain(stratum_label(t, r.stratum)),
        )
        for r in sample.risk_plan
    ]
    if width is not None:
        frame, times = t("in_frame"), t("col_multiplier")
        heads = (*figures(frame, times), *texts(t("col_risk_name")))
        yield from table_lines(heads, [TerminalRow(cells=c) for c in raising], width)
        rate = figures(frame, t("col_allocated"), t("col_drawn_share"))
        heads = (*rate, *ids(times), *texts(t("col_stratum")))
        yield from table_lines(heads, [TerminalRow(cells=c) for c in planned], width)
        return
    for cells in raising:
        yield "{:>8} calls of the frame  {}  {}".format(*cells)
    yield f"{'frame':>8}{'plan':>10}{'rate':>24}  class  stratum"
    for cells in planned:
        yield "{:>8}{:>10}{:>24}  {:<7}{}".format(*cells)


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
        f"{minutes.relistened:.0f} minutes{_parts(sample)}"
    )


def _parts(sample: Sample) -> str:
    """Of which parts the listened sample is, where it has two."""
    if not sample.has_parts:
        return ""
    counts = Counter(p.relisten_part for p in sample.picks if p.origin == "drawn")
    apart = sum(p.relisten and p.origin != "drawn" for p in sample.picks)
    told = f": {counts['random']} at random, {counts['targeted']} targeted"
    return told + (f", {apart} test calls and put in by hand" if apart else "")


def _inspectors(
    sample: Sample, minutes: Minutes, t: Translator, width: int | None
) -> Iterator[str]:
    groups: dict[str, list[Pick]] = {}
    for pick in sample.picks:
        if pick.inspector is not None:
            groups.setdefault(pick.inspector, []).append(pick)
    rows = [
        (
            f"{len(picks)}",
            f"{sum(p.relisten for p in picks)}",
            f"{minutes.by_inspector.get(name, 0.0):.0f}",
            plain(name),
        )
        for name, picks in sorted(groups.items())
    ]
    if width is not None:
        heads = figures(t("col_calls"), t("terminal.in_full"), t("terminal.minutes"))
        named = (*heads, *texts(t("terminal.inspector")))
        yield from table_lines(named, [TerminalRow(cells=cells) for cells in rows], width)
        return
    if rows:
        yield f"{'calls':>8}{'in full':>10}{'minutes':>9}  inspector"
    for cells in rows:
        yield "{:>8}{:>10}{:>9}  {}".format(*cells)


def _replaced(replacements: Sequence[KeptReplacement], t: Translator) -> Iterator[str]:
    made = [k.replacement for k in replacements]
    if made:
        yield f"invalid recordings {len(made)}: {causes(made)}"
    for kept in replacements:
        one = kept.replacement
        why = told(Message.of(f"cause.{one.reason}"))
        why += f": {plain(kept.text)}" if kept.text else ""
        follows = "nobody left in the reserve" if one.by is None else f"→ {plain(one.by)}"
        if kept.apart:
            follows = "not replaced, as no call is that was put in by hand or is a test call"
        yield f"  {plain(one.invalid)} ({why}) {follows}"
        for quota in kept.broken:
            yield f"    {plain(t.told(quota.message))}"


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
            "broken_quotas": [asdict(quota) for quota in k.broken],
        }
        for k in replacements
    ]
