"""3.4 本期录音监控集中扣分项分析: where points are lost, by group, against the last period."""

from __future__ import annotations

from qc_pipeline.report import formats, stats
from qc_pipeline.report.blocks import (
    Bar,
    BarChart,
    Block,
    Cell,
    Column,
    SectionView,
    Sentence,
    Table,
    without,
)
from qc_pipeline.report.material import Count, Material, count
from qc_pipeline.report.quotes import heard_words, span, standing
from qc_pipeline.scoring.scorecard import Verdict

CHART_BARS = 12
HEAT_ROWS = 15
HEAT_LEAST = 3
DRILL_ROWS = 300
SIGNIFICANT = 0.05
RAISE_SHARE = 0.2
LOWER_LEAST = 30


def build(material: Material) -> tuple[SectionView, ...]:
    if not material.audience.sees_groups:
        return ()
    t = material.words
    order = ranked(material)
    blocks: list[Block] = [Sentence(text=_meaning(material, order))]
    if order:
        blocks += [_chart(material, order), _table(material, order)]
        if len(material.teams) > 1:
            blocks.append(_heat(material, order[:HEAT_ROWS]))
        blocks.append(_drill(material, order))
    advice = _advice(material)
    if advice is not None:
        blocks.append(advice)
    return (
        SectionView(
            id="deductions", heading=t("deductions_heading"), level=3, blocks=tuple(blocks)
        ),
    )


def ranked(material: Material) -> list[str]:
    """Criteria that failed somewhere, by points lost, then by calls."""
    counts = material.counts
    return sorted(
        (c for c in counts if counts[c].failed),
        key=lambda c: (-round(counts[c].lost, 6), -counts[c].failed, c),
    )


def _chart(material: Material, order: list[str]) -> BarChart:
    t, counts = material.words, material.counts
    total = sum(counts[c].lost for c in order)
    bars: list[Bar] = []
    running = 0.0
    for criterion in order[:CHART_BARS]:
        entry = counts[criterion]
        running += entry.lost
        bars.append(
            Bar(
                label=material.title(criterion),
                value=entry.lost,
                text=t("pareto_bar", points=formats.points(entry.lost), n=entry.failed),
                href="#drill",
                cumulative=running / total if total else None,
            )
        )
    return BarChart(
        id="pareto",
        title=t("pareto_chart"),
        text=t(
            "pareto_text", n=len(bars), share=formats.percent(running / total if total else None)
        ),
        bars=tuple(bars),
        legend=(t("col_points_lost"), t("col_cumulative")),
    )


def _table(material: Material, order: list[str]) -> Table:
    t, counts = material.words, material.counts
    total = sum(counts[c].lost for c in order)
    verdicts = _changes(material, order)
    rows: list[tuple[Cell, ...]] = []
    running = 0.0
    for criterion in order:
        entry = counts[criterion]
        running += entry.lost
        before = material.former_counts.get(criterion, Count())
        low, high = stats.wilson(entry.failed, entry.judged)
        rows.append(
            (
                material.title(criterion),
                entry.lost,
                entry.lost / total if total else None,
                running / total if total else None,
                entry.failed,
                entry.judged,
                entry.share,
                f"{formats.percent(low, 0)}–{formats.percent(high, 0)}",
                before.share,
                verdicts[criterion],
            )
        )
    table = Table(
        id="deductions",
        title=t("deductions_title"),
        columns=(
            Column(key="title", label=t("col_criterion")),
            Column(key="lost", label=t("col_points_lost"), kind="points"),
            Column(key="points_share", label=t("col_points_share"), kind="percent"),
            Column(key="cumulative", label=t("col_cumulative"), kind="percent"),
            Column(key="calls", label=t("col_failed_calls"), kind="int"),
            Column(key="judged", label=t("col_checked"), kind="int"),
            Column(key="share", label=t("col_failed_share"), kind="percent", bar=True),
            Column(key="interval", label=t("col_margin")),
            Column(key="former", label=t("col_former_share"), kind="percent"),
            Column(key="change", label=t("col_change_test")),
        ),
        rows=tuple(rows),
        open_rows=15,
        note=t("deductions_note"),
    )
    return table if material.former is not None else without(table, {"former", "change"})


def _changes(material: Material, order: list[str]) -> dict[str, str]:
    """Whether an item's share of failing calls changed since the last period (Holm-corrected)."""
    t = material.words
    if material.former is None:
        return dict.fromkeys(order, t("no_former"))
    now, before = material.counts, material.former_counts
    compared = sorted(set(order) | {c for c in before if before[c].failed})
    raw = [
        stats.two_proportion_p(
            now.get(c, Count()).failed,
            now.get(c, Count()).judged,
            before.get(c, Count()).failed,
            before.get(c, Count()).judged,
        )
        for c in compared
    ]
    corrected = dict(zip(compared, stats.holm(raw), strict=True))
    verdicts: dict[str, str] = {}
    for criterion in order:
        p = corrected[criterion]
        share, former = now[criterion].share, before.get(criterion, Count()).share
        if p is None or share is None or former is None:
            verdicts[criterion] = t("no_former")
        elif p >= SIGNIFICANT:
            verdicts[criterion] = t("no_change")
        else:
            verdicts[criterion] = t("change_up" if share > former else "change_down")
    return verdicts


def _heat(material: Material, order: list[str]) -> Table:
    t = material.words
    by_team = {
        team: count(c for c in material.counted if c.team == team) for team in material.teams
    }
    return Table(
        id="heat",
        title=t("heat_title"),
        columns=(
            Column(key="title", label=t("col_criterion")),
            *(
                Column(key=f"team{i}", label=team, kind="heat")
                for i, team in enumerate(material.teams, start=1)
            ),
            Column(key="all", label=t("everybody"), kind="heat"),
        ),
        rows=tuple(
            (
                material.title(c),
                *(_shade(by_team[team].get(c, Count())) for team in material.teams),
                _shade(material.counts[c]),
            )
            for c in order
        ),
        note=t("heat_note"),
    )


def _shade(entry: Count) -> Cell:
    """The share of failing calls; of fewer than three only the count, without a colour."""
    if 0 < entry.judged < HEAT_LEAST:
        return f"{entry.failed}/{entry.judged}"
    return entry.share


def _drill(material: Material, order: list[str]) -> Table:
    """From the item to its calls, to the second."""
    t = material.words
    rank = {c: i for i, c in enumerate(order)}
    found = []
    for call in material.shown:
        for result in call.results:
            if result.verdict is not Verdict.FAIL or result.id not in rank or result.trial:
                continue
            evidence = result.evidence[0] if result.evidence else None
            anchor = "" if evidence is None else f"#t={max(0.0, evidence.start_s):.2f}"
            row: tuple[Cell, ...] = (
                call.recording.start_time.strftime("%m-%d %H:%M"),
                material.title(result.id),
                call.team,
                material.agent(call),
                standing(material, result)[2],
                "" if evidence is None else span(evidence),
                "" if evidence is None else heard_words(material, call, evidence)[:40],
            )
            found.append(
                (rank[result.id], -result.lost, call.recording_id, row, call.page + anchor)
            )
    found.sort(key=lambda f: f[:3])
    return Table(
        id="drill",
        title=t("drill_title"),
        columns=(
            Column(key="time", label=t("col_call")),
            Column(key="title", label=t("col_criterion")),
            Column(key="team", label=t("col_team")),
            Column(key="agent", label=t("col_agent")),
            Column(key="cost", label=t("col_cost")),
            Column(key="at", label=t("col_at")),
            Column(key="words", label=t("col_words")),
        ),
        rows=tuple(f[3] for f in found),
        links=tuple(f[4] for f in found),
        open_rows=10,
        search=True,
        filters=("title", "team"),
        page_rows=DRILL_ROWS,
        note=t("drill_more", n=len(found), most=DRILL_ROWS) if len(found) > DRILL_ROWS else "",
    )


def _meaning(material: Material, order: list[str]) -> str:
    t, counts = material.words, material.counts
    if not order:
        return t("deductions_none")
    total = sum(counts[c].lost for c in order)
    top = order[:3]
    part = sum(counts[c].lost for c in top)
    text = t(
        "deductions_sentence",
        titles=t.titles([material.title(c) for c in top]),
        share=formats.percent(part / total if total else None, 0),
        total=formats.points(total),
    )
    if material.former is not None:
        verdicts = _changes(material, order)
        rising = [material.title(c) for c in order if verdicts[c] == t("change_up")]
        if rising:
            text += t("sentence_gap") + t("deductions_rising", titles=t.titles(rising))
    return text


def _advice(material: Material) -> Table | None:
    """Weights: up where a fault is common, down where nobody fails; and what it would have done."""
    t = material.words
    calls = len(material.counted)
    rows: list[tuple[Cell, ...]] = []
    for criterion, facts in material.criteria.items():
        entry = material.counts.get(criterion, Count())
        share = entry.share
        if share is None or facts.severity == "fatal" or facts.points <= 0 or not calls:
            continue
        if share >= RAISE_SHARE and entry.failed >= 5:
            # One point more costs each call the same part of it that it lost of the old points.
            effect = -entry.lost / facts.points / calls
            rows.append((facts.title, facts.points, share, t("advice_raise"), effect))
        elif entry.failed == 0 and entry.judged >= LOWER_LEAST and facts.points > 1:
            rows.append((facts.title, facts.points, share, t("advice_lower"), 0.0))
    if not rows:
        return None
    return Table(
        id="weights",
        title=t("advice_title"),
        columns=(
            Column(key="title", label=t("col_criterion")),
            Column(key="points", label=t("col_points"), kind="points"),
            Column(key="share", label=t("col_failed_share"), kind="percent"),
            Column(key="advice", label=t("col_advice")),
            Column(key="effect", label=t("col_effect"), kind="change"),
        ),
        rows=tuple(rows),
        note=t("advice_note"),
        folded=True,
    )
